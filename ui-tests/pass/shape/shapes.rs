#![allow(unused)]

include!("../../game/stores.rs");

mod generic {
    use super::*;

    #[derive(Serialize, Deserialize, Shape)]
    struct Page {
        entries: Vec<String>,
    }
}

mod union {
    use super::*;

    #[derive(Shape)]
    struct Bits {
        low: u8,
    }
}

mod of_an_unknown_type {
    use super::*;

    fn shape() -> castore::describe::JsonShape {
        <Vec<Team> as castore::describe::Shape>::shape()
    }

    #[derive(Shape)]
    pub struct Team;
}
