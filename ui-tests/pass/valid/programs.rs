// Programs with unusual names, conditions and attributes. They compile without warnings about generated code.
#![allow(dead_code)]
#![deny(deprecated, unused_imports, unused_variables, non_camel_case_types)]
mod err {
    use castore::prelude::*;
    #[derive(Clone, Debug, Event)]
    pub enum ResultEvent {
        Ok,
        Err,
        Error { ok: bool },
        Output(u8),
        Event,
        EventType,
        Some(u8),
        None,
    }
    #[derive(Clone)]
    #[event_store(id = "R", event = ResultEvent)]
    pub struct V;
    impl Reducer for V {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(V)
        }
    }
    #[derive(Clone, Debug, Event)]
    pub enum TEvent {
        A,
    }
    #[derive(Clone)]
    #[event_store(id = "T", event = TEvent)]
    pub struct T;
    impl Reducer for T {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(T)
        }
    }
    message_channel! { pub type A = NotificationMessageBus<V, T>; pub type S = AggregateExistsMessageQueue<T>; }
}
mod units {
    #![allow(non_camel_case_types)]
    use castore::prelude::*;
    pub struct state;
    pub struct event;
    pub struct message;
    pub struct visitor;
    pub struct input;
    pub struct text;
    pub struct formatter;
    pub struct serializer;
    pub struct deserializer;
    pub struct sources;
    pub struct adapter;
    pub struct attempt;
    pub struct core;
    pub struct payload;
    pub struct channel;
    #[derive(Clone, Debug, Event)]
    pub enum E {
        A { x: u8 },
        B(u8),
    }
    #[derive(Clone, serde::Serialize, serde::Deserialize)]
    #[event_store(id = "S", event = E)]
    pub struct St {
        n: u8,
    }
    impl Reducer for St {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(St { n: 1 })
        }
    }
    message_channel! { pub type A = NotificationMessageBus<St>; pub type Q = StateCarryingMessageQueue<St>; }
    #[derive(Clone, EventSubset)]
    #[event_subset(of = E)]
    pub enum Sub {
        A { x: u8 },
        B(u8),
    }
}
mod cfgs {
    use castore::prelude::*;
    #[derive(Clone, Debug, Event)]
    pub enum E {
        A {
            #[cfg(any())]
            x: Missing,
            y: u8,
        },
        #[cfg(any())]
        B(Missing),
        #[cfg_attr(any(), serde(made_up))]
        C,
    }
    #[derive(Clone)]
    #[event_store(id = "S", event = E)]
    pub struct St {
        #[cfg(any())]
        version: Missing,
        n: u8,
        #[cfg_attr(any(), serde(rename = "version"))]
        x: u8,
    }
    impl Reducer for St {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(St { n: 1, x: 0 })
        }
    }
    #[derive(Clone)]
    #[event_store(id = "S2", event = E2)]
    pub enum St2 {
        #[cfg(any())]
        B {
            version: Missing,
        },
        C,
    }
    #[derive(Clone, Debug, Event)]
    pub enum E2 {
        A,
    }
    impl Reducer for St2 {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(St2::C)
        }
    }
    #[derive(Clone, EventSubset)]
    #[event_subset(of = E)]
    pub enum Sub {
        A {
            #[cfg(any())]
            x: Missing,
            y: u8,
        },
        #[cfg(any())]
        B(Missing),
    }
}
mod deprecated {
    use castore::prelude::*;
    #[deprecated]
    #[derive(Clone, Debug, Event)]
    pub enum E {
        A {
            #[deprecated]
            x: u8,
        },
        #[deprecated]
        B,
    }
    #[deprecated]
    #[derive(Clone, serde::Serialize, serde::Deserialize)]
    #[event_store(id = "S", event = E)]
    pub struct St {
        n: u8,
    }
    #[allow(deprecated)]
    impl Reducer for St {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(St { n: 1 })
        }
    }
    message_channel! { #[deprecated] pub type A = NotificationMessageBus<St>; #[deprecated(note = "x")] pub type Q = StateCarryingMessageQueue<St>; }
    #[allow(deprecated)]
    #[derive(Clone, EventSubset)]
    #[event_subset(of = E)]
    pub enum Sub {
        B,
    }
}
mod both {
    use castore::prelude::*;
    #[derive(Clone, Debug, Event, serde::Serialize, serde::Deserialize)]
    #[event(rename_all = "UPPERCASE")]
    pub enum E {
        A { x: u8 },
        B,
    }
}
fn in_a_function() {
    use castore::prelude::*;
    #[derive(Clone, Debug, Event)]
    pub enum E {
        A { x: u8 },
        B(u8),
    }
    #[derive(Clone, serde::Serialize, serde::Deserialize)]
    #[event_store(id = "S", event = E)]
    pub struct St {
        n: u8,
    }
    impl Reducer for St {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(St { n: 1 })
        }
    }
    message_channel! { pub type A = NotificationMessageBus<St>; pub type Q = StateCarryingMessageQueue<St>; }
    let _ = A::new();
    let _ = EType::B;
}
