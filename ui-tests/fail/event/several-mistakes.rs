include!("../../game/stores.rs");

#[derive(Clone, Event)]
#[event(rename_all = "loud", color = "red")]
enum OrderEvent {
    Placed(u32, String),
    #[event(type = "__REPLAYED__")]
    Paid,
    #[event(type = "")]
    Sent,
}

fn main() {}
