//! The HTTP API.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use castore::RelayedEventStore;
use castore::context::{EventContext, TraceContext};
use castore::prelude::*;
use castore::projection::RunningProjection;
use castore::service::{Health, Service};
use castore::sqlite::rusqlite;
use castore::storage::StorageError;
use serde::{Deserialize, Serialize};

use crate::task::{Task, TaskBus, TaskEvent};

/// An error of the API. The text of a server error is not sent to the client.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error(transparent)]
    Read(#[from] EventStoreError),
    #[error(transparent)]
    Push(#[from] PushEventError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
}

impl axum::response::IntoResponse for ApiError {
    fn into_response(self) -> axum::response::Response {
        match self {
            Self::Push(PushEventError::EventAlreadyExists(_)) => (StatusCode::CONFLICT, "try again").into_response(),
            Self::Push(PushEventError::Reduce(_)) => (StatusCode::CONFLICT, "not possible now").into_response(),
            Self::Read(EventStoreError::AggregateNotFound(_)) => {
                (StatusCode::NOT_FOUND, "no such task").into_response()
            }
            error => {
                eprintln!("{error}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// The state that all request handlers share. Clones are cheap.
#[derive(Clone)]
pub struct App {
    sqlite: SqliteEventStorageAdapter,
    tasks: RelayedEventStore<Task, TaskBus>,
    open_tasks: RunningProjection,
    service: Service,
}

#[derive(Deserialize)]
struct NewTask {
    title: String,
}

#[derive(Serialize)]
struct OpenTask {
    id: String,
    title: String,
}

impl App {
    pub async fn new(
        sqlite: SqliteEventStorageAdapter,
        tasks: RelayedEventStore<Task, TaskBus>,
        open_tasks: RunningProjection,
        service: Service,
    ) -> Result<Self, Box<dyn Error>> {
        let create = "CREATE TABLE IF NOT EXISTS request (key TEXT PRIMARY KEY) WITHOUT ROWID";
        sqlite.transaction(move |own| -> Result<(), ApiError> { Ok(own.execute_batch(create)?) }).await?;
        Ok(Self { sqlite, tasks, open_tasks, service })
    }

    pub fn router(self) -> Router {
        Router::new()
            .route("/tasks", get(list))
            .route("/tasks/{id}", post(add))
            .route("/tasks/{id}/done", post(done))
            .route("/health/live", get(live))
            .route("/health/ready", get(is_ready))
            .layer(middleware::from_fn(in_context))
            .with_state(Arc::new(self))
    }

    /// Waits until the read model contains the event, so that the next query of the client finds what it has written.
    async fn shown(&self, pushed: &PushedEvent<Task>) {
        if let Some(position) = pushed.position {
            // The event is stored. If the read model is late, the client sees it later.
            let _ = self.open_tasks.wait_for(position, Duration::from_secs(2)).await;
        }
    }
}

/// Handles a request in its context: all events that the request pushes get the id of the request and the trace of the
/// client. With `castore-otel`, the trace continues in OpenTelemetry.
async fn in_context(request: Request, next: Next) -> Response {
    let context = context_of(request.headers());
    context.scope(next.run(request)).await
}

fn context_of(headers: &HeaderMap) -> EventContext {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut context = EventContext::new();
    // The id comes from the client, so its length is limited.
    if let Some(id) = header("x-request-id").filter(|id| id.len() <= 64) {
        context = context.with_correlation_id(id);
    }
    if let Some(traceparent) = header("traceparent") {
        context = context.with_trace(TraceContext::new(traceparent, header("tracestate")));
    }
    context
}

/// Adds a task. A client that repeats a request with the same `idempotency-key` adds the task once: the key and the event
/// are stored in one transaction.
async fn add(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(task): Json<NewTask>,
) -> Result<StatusCode, ApiError> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let tasks = app.tasks.clone();
    let transaction = app.sqlite.transaction(move |own| -> Result<Option<PushedEvent<Task>>, ApiError> {
        if let Some(key) = key
            && own.execute("INSERT OR IGNORE INTO request VALUES (?1)", [key])? == 0
        {
            return Ok(None);
        }
        let added = NewEvent::new(id, 1, TaskEvent::Added { title: task.title });
        Ok(Some(tasks.push_event(added).within_blocking(own)?))
    });
    match transaction.await? {
        Some(pushed) => {
            app.shown(&pushed).await;
            Ok(StatusCode::CREATED)
        }
        None => Ok(StatusCode::OK),
    }
}

async fn done(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let task = app.tasks.get_existing_aggregate(&id).without_events().await?;
    let pushed = app.tasks.push_event(task.next_event(TaskEvent::Done)).await?;
    app.shown(&pushed).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn list(State(app): State<Arc<App>>) -> Result<Json<Vec<OpenTask>>, ApiError> {
    let read = app.sqlite.transaction(|own| -> Result<Vec<OpenTask>, ApiError> {
        let mut query = own.prepare_cached("SELECT id, title FROM open_tasks ORDER BY id")?;
        let tasks = query.query_map([], |row| Ok(OpenTask { id: row.get(0)?, title: row.get(1)? }))?;
        Ok(tasks.collect::<Result<_, _>>()?)
    });
    Ok(Json(read.await?))
}

/// Handles the liveness probe of an orchestrator, which restarts the process if the probe fails.
async fn live(State(app): State<Arc<App>>) -> (StatusCode, Json<Health>) {
    let health = app.service.health().await;
    (status(health.live), Json(health))
}

/// Handles the readiness probe of an orchestrator, which sends requests only to processes that are ready. The details
/// contain error texts, so a public proxy should not forward requests for these two paths.
async fn is_ready(State(app): State<Arc<App>>) -> (StatusCode, Json<Health>) {
    let health = app.service.health().await;
    (status(health.ready), Json(health))
}

fn status(is_good: bool) -> StatusCode {
    if is_good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}
