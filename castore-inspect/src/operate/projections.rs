//! The commands `projections …`, which show and repair read models from any process that can access their database.

use std::sync::Arc;

use castore_core::error::error_chain;
use castore_core::log::EventLog;
use castore_core::wiring::Wiring;
use castore_projection::ProjectionRequest;
use castore_projection::engine::{ReadModelRegistry, ReadModelVersion};
use serde_json::{Value, json};

use super::arguments::Arguments;
use super::report::{Report, known_names, text_of};

/// A database with read models, and the log from which they are built.
pub(super) struct Projections {
    pub(super) registry: Arc<dyn ReadModelRegistry>,
    pub(super) log: Arc<dyn EventLog>,
}

/// A version of a read model, and its database.
struct Found<'a> {
    version: ReadModelVersion,
    registry: &'a dyn ReadModelRegistry,
}

/// Executes a command about projections. Returns `None` if the command is unknown.
///
/// # Errors
/// A text for the user that describes the failure.
pub(super) async fn execute<W: Wiring>(
    databases: &[Projections],
    command: &[&str],
    json: bool,
) -> Result<Option<Report>, String> {
    let arguments = Arguments::parse(command, &["--version"], &[])?;
    let version = arguments.value::<u32>("--version", "a version")?;
    Ok(Some(match (arguments.operands.as_slice(), version) {
        (["list"], None) => list::<W>(databases, json).await?,
        (["parked", name], version) => parked(&find::<W>(databases, name, version).await?, json).await?,
        (["retry", name, store, aggregate], version) => {
            retry(&find::<W>(databases, name, version).await?, name, store, aggregate).await?
        }
        (["rebuild", name], version) => rebuild(&find::<W>(databases, name, version).await?, name, version).await?,
        (["drop", name], Some(version)) => drop_version(&find::<W>(databases, name, Some(version)).await?).await?,
        (["drop", _], None) => return Err("`projections drop` needs `--version`".to_owned()),
        _ => return Ok(None),
    }))
}

async fn list<W: Wiring>(databases: &[Projections], json: bool) -> Result<Report, String> {
    let mut rows = Vec::new();
    for database in databases {
        let end = database.log.end().await.map_err(text)?;
        for version in database.registry.versions().await.map_err(text)? {
            rows.push(json!({
                "readModel": version.name,
                "version": version.version,
                "position": version.position,
                "lag": end.last_position.saturating_sub(version.position),
                "parked": version.parked,
                "live": version.live,
                "requests": version.requests,
            }));
        }
    }
    for model in W::describe().read_models {
        if !rows.iter().any(|row| row["readModel"] == model.name && row["version"] == model.version) {
            rows.push(json!({ "readModel": model.name, "version": model.version, "position": null }));
        }
    }
    Ok(Report::rows(&rows, json, |row| {
        let version = format!("{} version {}", text_of(row, "readModel"), row["version"]);
        match &row["position"] {
            Value::Null => format!("{version}: has never run"),
            position => format!(
                "{version}: position {position}, lag {}, {} parked, {} requests{}",
                row["lag"],
                row["parked"],
                row["requests"],
                if row["live"] == true { ", in use" } else { "" },
            ),
        }
    }))
}

async fn parked(versions: &[Found<'_>], json: bool) -> Result<Report, String> {
    let mut rows = Vec::new();
    for Found { version, registry } in versions {
        let requests = registry.requests(&version.name, version.version).await.map_err(text)?;
        for parked in registry.parked(&version.name, version.version).await.map_err(text)? {
            let retry = ProjectionRequest::retry_parked(&*parked.event_store_id, &*parked.aggregate_id);
            rows.push(json!({
                "readModelVersion": version.version,
                "eventStore": parked.event_store_id,
                "aggregateId": parked.aggregate_id,
                "position": parked.next_position,
                "version": parked.version,
                "attempts": parked.attempts,
                "retryRequested": requests.contains(&retry),
                "error": parked.error,
            }));
        }
    }
    Ok(Report::rows(&rows, json, |row| {
        format!(
            "{} {}: version {} at position {}, {} attempts{}, in version {} of the read model: {}",
            text_of(row, "eventStore"),
            text_of(row, "aggregateId"),
            row["version"],
            row["position"],
            row["attempts"],
            if row["retryRequested"] == true { ", retry requested" } else { "" },
            row["readModelVersion"],
            text_of(row, "error"),
        )
    }))
}

/// Requests a retry in each version that has parked the aggregate.
async fn retry(versions: &[Found<'_>], name: &str, store: &str, aggregate: &str) -> Result<Report, String> {
    let mut requested = Vec::new();
    for Found { version, registry } in versions {
        let request = ProjectionRequest::retry_parked(store, aggregate);
        if registry.request(&version.name, version.version, request).await.map_err(text)? {
            requested.push(version.version.to_string());
        }
    }
    if requested.is_empty() {
        return Err(format!("{store} {aggregate} is not parked in read model {name}"));
    }
    let requested = requested.join(", ");
    Ok(Report::good(format!("a retry of {store} {aggregate} is requested from projection {name}, version {requested}")))
}

/// Requests a rebuild of the given version. Without a version, requests a rebuild of the version that readers use.
async fn rebuild(versions: &[Found<'_>], name: &str, version: Option<u32>) -> Result<Report, String> {
    let found = versions.iter().find(|found| version.is_some() || found.version.live);
    let Some(Found { version, registry }) = found else {
        return Err(format!("readers use no version of read model {name}; choose one with `--version`"));
    };
    let number = version.version;
    if !registry.request(name, number, ProjectionRequest::Rebuild).await.map_err(text)? {
        return Err(format!("version {number} of read model {name} was dropped by another process"));
    }
    Ok(Report::good(format!("a rebuild is requested from projection {name}, version {number}")))
}

async fn drop_version(versions: &[Found<'_>]) -> Result<Report, String> {
    let mut dropped = Vec::new();
    for Found { version, registry } in versions {
        registry.drop_version(&version.name, version.version).await.map_err(|error| error_chain(&error))?;
        dropped.push(format!("version {} of read model {} was dropped", version.version, version.name));
    }
    Ok(Report::good(dropped.join("\n")))
}

/// Returns the given version of a read model, or all versions if none is given. Rejects unknown names, because a
/// misspelled name would otherwise look like a read model without parked aggregates.
async fn find<'a, W: Wiring>(
    databases: &'a [Projections],
    name: &str,
    version: Option<u32>,
) -> Result<Vec<Found<'a>>, String> {
    let (mut found, mut known) = (Vec::new(), Vec::new());
    for database in databases {
        let registry = &*database.registry;
        for entry in registry.versions().await.map_err(text)? {
            if entry.name == name {
                found.push(Found { version: entry, registry });
            } else if !known.contains(&entry.name) {
                known.push(entry.name);
            }
        }
    }
    if found.is_empty() {
        if W::READ_MODELS.iter().any(|model| model.name() == name) {
            return Err(format!("read model {name} has never run"));
        }
        let mut known: Vec<&str> = known.iter().map(String::as_str).collect();
        for model in W::READ_MODELS {
            if !known.contains(&model.name()) {
                known.push(model.name());
            }
        }
        return Err(format!("{} has no read model {name}{}", W::NAME, known_names("its read models", &known)));
    }
    let versions: Vec<String> = found.iter().map(|found| found.version.version.to_string()).collect();
    found.retain(|found| version.is_none_or(|version| found.version.version == version));
    match (found.is_empty(), version) {
        (true, Some(version)) => {
            Err(format!("{name} has no version {version}; its versions are {}", versions.join(", ")))
        }
        _ => Ok(found),
    }
}

fn text(error: castore_core::storage::StorageError) -> String {
    error_chain(&error)
}
