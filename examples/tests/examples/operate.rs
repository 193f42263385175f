//! Tests of the operator's command line of the example `web`.

use castore::storage::{EventStorageAdapter, PushOptions, RawEvent};
use serde_json::value::RawValue;

use crate::support::{Place, on_storage, run};

/// Creates a database with two tasks.
fn with_tasks() -> Place {
    let place = Place::new();
    on_storage(place.db(), async |storage| {
        for id in ["1", "2"] {
            let event = RawEvent {
                aggregate_id: id.to_owned(),
                version: 1,
                event_type: "ADDED".into(),
                timestamp: crate::support::TIMESTAMP.parse().unwrap(),
                payload: Some(RawValue::from_string(r#"{"title":"Tea for Ash"}"#.to_owned()).unwrap()),
                metadata: None,
            };
            storage.push_event("TASKS", event, PushOptions::new()).await.unwrap();
        }
    });
    place
}

fn operate(place: &Place, command: &str) -> (i32, String, String) {
    let db = place.db();
    let arguments: Vec<&str> = [db.as_str()].into_iter().chain(command.split(' ')).collect();
    let said = run("operate", &arguments, b"");
    (said.code, said.out, said.err)
}

fn printed(place: &Place, command: &str) -> String {
    let (code, out, err) = operate(place, command);
    assert_eq!(code, 0, "{command}: {out}{err}");
    out
}

#[test]
fn stored_events_are_verified_and_replayed() {
    let place = with_tasks();
    assert_eq!(printed(&place, "events verify"), "TASKS: 2 aggregates, 2 events\n");
    assert_eq!(printed(&place, "projections"), "open_tasks version 1: has never run\n");
    let dry = printed(&place, "replay --store TASKS --dry-run TASK_BUS");
    assert_eq!(dry, "2 events of TASKS would be replayed on TASK_BUS\nADDED: 2\n");
    let replayed = printed(&place, "replay --store TASKS TASK_BUS");
    for line in ["1: ADDED\n", "2: ADDED\n", "2 events of TASKS were replayed on TASK_BUS\n"] {
        assert!(replayed.contains(line), "{replayed}");
    }
    let (code, _, err) = operate(&place, "replay --store TASKS MAIL_BUS");
    assert_eq!(code, 1);
    assert!(err.ends_with("it can replay: --store TASKS TASK_BUS\n"), "{err}");
}

#[test]
fn personal_data_is_forgotten() {
    let place = with_tasks();
    let dry = printed(&place, "events forget TASKS 1 --dry-run");
    assert!(dry.starts_with("TASKS 1: 1 of 1 events would be rewritten"), "{dry}");
    assert_eq!(place.stored("TASKS", "1")[0]["event"]["payload"]["title"], "Tea for Ash");
    let report = printed(&place, "events forget TASKS 1");
    for place in ["read model open_tasks version 1", "channel TASK_BUS", "backups"] {
        assert!(report.contains(place), "{report}");
    }
    assert_eq!(place.stored("TASKS", "1")[0]["event"]["payload"]["title"], "forgotten");
    assert_eq!(place.stored("TASKS", "2")[0]["event"]["payload"]["title"], "Tea for Ash");
}
