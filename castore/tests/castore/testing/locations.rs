//! Tests that the assertions of the test tools report a line of the calling test when they fail.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use castore::prelude::*;
use castore::testing::{MockEventStore, Scenario, assert_round_trip, given, mute_event_store};

use crate::store::readable::{Weather, WeatherEvent};
use crate::support::timestamp;

thread_local! {
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `test`, which must panic, and returns the file that the panic reports.
fn panics_in(test: impl FnOnce()) -> String {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let file = info.location().map(|location| location.file().to_owned());
            LAST_PANIC.with(|last| *last.borrow_mut() = file);
            previous(info);
        }));
    });
    panic::catch_unwind(AssertUnwindSafe(test)).unwrap_err();
    LAST_PANIC.with(|last| last.borrow_mut().take()).unwrap()
}

#[track_caller]
fn assert_here(test: impl FnOnce()) {
    let file = panics_in(test);
    assert!(file.ends_with("testing/locations.rs"), "{file}");
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum VisitEvent {
    Started,
}

#[derive(Debug, Clone, PartialEq)]
#[event_store(id = "VISITS", event = VisitEvent, aggregate_id = uuid::Uuid)]
pub struct Visit;

impl Reducer for Visit {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        if event.version == 1 { Ok(Self) } else { Err(event.unexpected()) }
    }
}

fn id() -> uuid::Uuid {
    uuid::Uuid::nil()
}

#[test]
fn given_panics_at_the_test() {
    assert_here(|| given::<Visit>([VisitEvent::Started]).then(Visit));
    assert_here(|| given::<Visit>([VisitEvent::Started]).then_state(|_| {}));
    assert_here(|| drop(given::<Visit>([VisitEvent::Started]).then_refused()));
    assert_here(|| drop(given::<Visit>([VisitEvent::Started]).aggregate_id(id()).then_refused()));
    assert_here(|| given::<Visit>([]).aggregate_id(id()).then(Visit));
    assert_here(|| given::<Visit>([VisitEvent::Started]).aggregate_id(id()).when(VisitEvent::Started).then(Visit));
    assert_here(|| given::<Weather>([WeatherEvent::Measured { celsius: f64::NAN }]).then_state(|_| {}));
    let measured = WeatherEvent::Measured { celsius: 1.0 };
    let panics = || {
        let aggregate = given::<Weather>([measured]).aggregate().unwrap().unwrap();
        given::<Weather>([WeatherEvent::Cleared { by: None }]).then(aggregate.state);
    };
    assert_here(panics);
}

#[test]
fn tools_panic_at_the_test() {
    let unreadable = || WeatherEvent::Renamed { name: Some(None) };
    let detail = || EventDetail::<Weather>::new("w".to_owned(), 1, timestamp("2024-01-01"), unreadable());
    assert_here(|| assert_round_trip(unreadable()));
    assert_here(|| drop(MockEventStore::new([detail()])));
    assert_here(|| mute_event_store(&MockEventStore::<Weather>::new([]), [detail()]));
    let scenario = Scenario::new();
    assert_here(|| drop(scenario.given::<Weather>("w", [unreadable()])));
}
