// An event store whose events must have metadata.

#[derive(Debug, Clone, PartialEq, Event)]
pub enum OrderEvent {
    Placed,
    Paid,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    pub user: String,
}

impl Audit {
    pub fn by(user: &str) -> Self {
        Self { user: user.to_owned() }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "ORDERS", event = OrderEvent, metadata(required) = Audit)]
pub struct Order {}

impl Reducer for Order {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self {})
    }
}

message_channel! {
    pub type ShopBus = NotificationMessageBus<Order>;
}
