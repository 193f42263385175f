include!("../../game/stores.rs");

#[derive(Clone)]
#[event_store(id = "ORDERS", event = TrainerEvent)]
struct Order(std::rc::Rc<str>);

impl Reducer for Order {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self("".into()))
    }
}

fn main() {}
