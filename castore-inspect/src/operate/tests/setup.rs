use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use castore_core::consumer::{ConsumerResource, ConsumerSetup, ConsumerSetupError, ResourceChange};
use castore_core::storage::{StorageError, StorageSchema};

use super::*;

/// A schema that records whether it was applied.
#[derive(Debug, Default)]
struct Schema {
    applied: AtomicBool,
    fails: bool,
}

#[async_trait]
impl StorageSchema for Schema {
    async fn sql(&self) -> Result<String, StorageError> {
        Ok("CREATE TABLE IF NOT EXISTS event ();".to_owned())
    }

    async fn apply(&self) -> Result<(), StorageError> {
        self.applied.store(true, Ordering::SeqCst);
        if self.fails { Err(StorageError::engine("permission denied")) } else { Ok(()) }
    }
}

#[tokio::test]
async fn schemas_are_printed_and_applied() {
    let schemas = [Arc::new(Schema::default()), Arc::new(Schema::default())];
    let operate = Operate::<Tasks>::new("1.0.0").schema(Arc::clone(&schemas[0])).schema(Arc::clone(&schemas[1]));
    let sql = "CREATE TABLE IF NOT EXISTS event ();";
    assert_eq!(text(&operate, "schema print").await, format!("{sql}\n\n{sql}"));
    assert!(schemas.iter().all(|schema| !schema.applied.load(Ordering::SeqCst)));
    assert_eq!(text(&operate, "schema apply").await, "the schemas of 2 storages are up to date");
    assert!(schemas.iter().all(|schema| schema.applied.load(Ordering::SeqCst)));
    assert!(text(&operate, "schema").await.contains("$schema"), "without another word, the JSON Schemas");
    assert!(refusal(&operate, "schema drop").await.contains("schema apply"));

    let failing = Schema { fails: true, ..Schema::default() };
    let operate = Operate::<Tasks>::new("1.0.0").schema(failing);
    assert!(refusal(&operate, "schema apply").await.ends_with("permission denied"));
    let without = Operate::<Tasks>::new("1.0.0");
    assert!(refusal(&without, "schema print").await.contains("call `schema(storage)`"));
}

/// A consumer with one resource. When the change of the resource is applied, the resource becomes unchanged.
#[derive(Debug)]
struct Durable {
    name: &'static str,
    change: Mutex<ResourceChange>,
    fails: bool,
}

impl Durable {
    fn new(name: &'static str, change: ResourceChange) -> Self {
        Self { name, change: Mutex::new(change), fails: false }
    }
}

#[async_trait]
impl ConsumerSetup for Durable {
    async fn plan(&self) -> Result<Vec<ConsumerResource>, ConsumerSetupError> {
        if self.fails {
            return Err(ConsumerSetupError::new("other filter subjects"));
        }
        Ok(vec![ConsumerResource::new(format!("durable {}", self.name), *self.change.lock().unwrap())])
    }

    async fn apply(&self) -> Result<Vec<ConsumerResource>, ConsumerSetupError> {
        let planned = self.plan().await?;
        *self.change.lock().unwrap() = ResourceChange::Unchanged;
        Ok(planned)
    }
}

#[tokio::test]
async fn consumers_are_listed_and_applied() {
    let operate = Operate::<Tasks>::new("1.0.0")
        .consumer("mailer", Durable::new("a", ResourceChange::Create))
        .consumer("search", Durable::new("b", ResourceChange::Update));
    let planned = "mailer: durable a: to be created\nsearch: durable b: to be updated";
    for command in ["consumers list", "consumers apply --dry-run"] {
        assert_eq!(text(&operate, command).await, planned);
    }
    let json: Value = serde_json::from_str(&text(&operate, "consumers list --json").await).unwrap();
    assert_eq!(json[0], json!({ "consumer": "mailer", "resource": "durable a", "change": "create" }));
    let applied = "mailer: durable a: created\nsearch: durable b: updated";
    assert_eq!(text(&operate, "consumers apply").await, applied);
    let after = "mailer: durable a: up to date\nsearch: durable b: up to date";
    assert_eq!(text(&operate, "consumers list").await, after);
    assert!(refusal(&operate, "consumers drop").await.contains("consumers apply"));

    let failing = Durable { fails: true, ..Durable::new("c", ResourceChange::Create) };
    let operate = operate.consumer("broken", failing);
    let refused = refusal(&operate, "consumers apply").await;
    assert!(refused.starts_with("broken: ") && refused.contains("other filter subjects"), "{refused}");
    assert!(refused.ends_with("2 of 3 consumers are set up"), "{refused}");
    let without = Operate::<Tasks>::new("1.0.0");
    assert!(refusal(&without, "consumers list").await.contains("call `consumer(name, setup)`"));
}
