//! Tests of the generated enum of event types.

use std::collections::{BTreeSet, HashSet};

use castore::prelude::*;

use crate::support::json as as_json;

#[derive(Debug, Clone, Event)]
#[event(rename_all = "snake_case")]
#[allow(dead_code)]
pub enum GardenEvent {
    RosePlanted {
        color: String,
    },
    #[event(type = "urn:garden/Watered #1")]
    Watered(u32),
    HTTPCalled,
}

#[test]
fn event_type_names_round_trip() {
    let names: Vec<&str> = GardenEventType::ALL.iter().map(|event_type| event_type.as_str()).collect();
    assert_eq!(names, ["rose_planted", "urn:garden/Watered #1", "h_t_t_p_called"], "as serde's casings");
    for event_type in GardenEventType::ALL {
        let name = event_type.as_str();
        assert_eq!(event_type.to_string(), name);
        assert_eq!(format!("{event_type:>30}"), format!("{name:>30}"));
        assert_eq!(name.parse::<GardenEventType>().unwrap(), *event_type);
        assert_eq!(as_json(event_type), name);
        assert_eq!(serde_json::from_value::<GardenEventType>(name.into()).unwrap(), *event_type);
        let text = serde_json::to_string(name).unwrap();
        assert_eq!(serde_json::from_reader::<_, GardenEventType>(text.as_bytes()).unwrap(), *event_type);
    }
    let error = "RosePlanted".parse::<GardenEventType>().unwrap_err();
    assert!(error.to_string().contains("rose_planted, urn:garden/Watered #1"), "{error}");
    assert!(error.to_string().contains("\"RosePlanted\""), "{error}");
    assert!(serde_json::from_str::<GardenEventType>("1").is_err());
}

#[test]
fn events_return_their_type() {
    assert_eq!(GardenEvent::RosePlanted { color: "red".into() }.event_type(), GardenEventType::RosePlanted);
    assert_eq!(GardenEvent::Watered(1).event_type(), GardenEventType::Watered);
    assert_eq!(GardenEvent::HTTPCalled.event_type(), GardenEventType::HTTPCalled);
}

#[test]
fn event_types_are_plain_values() {
    fn is<T: Copy + Ord + std::hash::Hash + std::fmt::Debug + Send + Sync + 'static>() {}
    is::<GardenEventType>();
    assert!(GardenEventType::RosePlanted < GardenEventType::Watered, "in the order of the variants");
    assert_eq!(GardenEventType::ALL.iter().collect::<HashSet<_>>().len(), 3);
    assert_eq!(GardenEventType::ALL.iter().collect::<BTreeSet<_>>().len(), 3);
    assert_eq!(format!("{:?}", GardenEventType::Watered), "Watered");
    const NAMES: &[GardenEventType] = GardenEventType::ALL;
    assert!(NAMES.contains(&GardenEventType::HTTPCalled));
}
