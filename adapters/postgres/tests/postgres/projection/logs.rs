use castore_core::log::EventLog;
use castore_postgres::projection::PostgresReadModels;
use castore_projection::ProjectionError;

use super::{Counts, SOON, options};
use crate::conformance::{DATABASES, database};
use crate::support::{A, Schema, push};

#[tokio::test]
async fn a_read_model_follows_one_log_only() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let other = schema.created(schema.builder().table("other")).await;
    let models = adapter.read_models();
    let last = push(&adapter, A, 1).await.unwrap();
    let running = models.start(Counts::<1>::default(), adapter.clone(), options()).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    running.shutdown().await.unwrap();
    let error = models.start(Counts::<1>::default(), other.clone(), options()).await.unwrap_err();
    let ProjectionError::OtherLog { expected, found, .. } = error else { panic!("{error:?}") };
    assert_eq!((expected, found), (adapter.log_id().await.unwrap(), other.log_id().await.unwrap()));
    schema.run("UPDATE castore_projection SET position = 7").await;
    let error = models.start(Counts::<1>::default(), adapter.clone(), options()).await.unwrap_err();
    assert!(matches!(error, ProjectionError::LogTakenBack { position: 7, end: 1, .. }), "{error:?}");
}

#[tokio::test]
async fn elsewhere_a_checkpoint_is_of_an_event_that_was_read() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let elsewhere = Schema::in_database("models", database(DATABASES[0]).await).await;
    let pool = elsewhere.open(elsewhere.builder()).await.pool().clone();
    let models = PostgresReadModels::from_pool(pool).schema(&elsewhere.name).unwrap();
    let here = adapter.read_models();
    let last = push(&adapter, A, 1).await.unwrap();
    // These ids are allocated without events.
    schema.run("SELECT nextval('event_id_seq') FROM generate_series(1, 20000)").await;
    let end = adapter.end().await.unwrap().last_position;
    assert_eq!(end, last + 20_000);
    for (models, schema, checkpoint) in [(&models, &elsewhere, last), (&here, &schema, end)] {
        let running = models.start(Counts::<1>::default(), adapter.clone(), options()).await.unwrap();
        // The projection has read the log up to `end`, so the wait ends, even if the checkpoint is lower.
        running.wait_for(end, SOON).await.unwrap();
        running.shutdown().await.unwrap();
        let kept: i64 = schema.value("SELECT position FROM castore_projection").await;
        assert_eq!(u64::try_from(kept).unwrap(), checkpoint);
        assert_eq!(schema.value::<i64>("SELECT sum(count)::int8 FROM counts").await, 1);
    }
}
