use std::fmt::Debug;
use std::time::Duration;

use async_nats::jetstream::context::{CreateStreamErrorKind, GetStreamErrorKind};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use async_nats::jetstream::{Context, ErrorCode};

use crate::NatsError;
use crate::subject::Layout;

/// The key in the metadata of a stream for the number of partitions.
const PARTITIONS: &str = "castore-partitions";

/// The default duplicate window.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreamTopology {
    Queue,
    Bus,
}

/// The options of streams. An option that is `None` has its default value in a new stream, and is not compared with an
/// existing stream.
#[derive(Debug, Clone, Default)]
pub(crate) struct StreamOptions {
    pub(crate) storage: Option<StorageType>,
    pub(crate) replicas: Option<usize>,
    pub(crate) duplicate_window: Option<Duration>,
    pub(crate) max_age: Option<Duration>,
}

/// Creates the stream of a channel and the stream of its dead letters, or compares existing streams with the expected
/// settings.
pub(crate) async fn set_up_streams(
    jetstream: &Context,
    name: &str,
    layout: &Layout,
    topology: StreamTopology,
    options: &StreamOptions,
) -> Result<(), NatsError> {
    let messages = messages(name, layout, topology, options);
    set_up(jetstream, messages, |found, expected| differs(name, found, expected, options)).await?;
    let dead_letters = dead_letters(name, layout, options);
    let name = dead_letters.name.clone();
    set_up(jetstream, dead_letters, |found, expected| {
        compare(&name, "subjects", &found.subjects, &expected.subjects)?;
        // The stream of dead letters has no consumers. With another retention, the server would delete the messages.
        compare(&name, "retention", &found.retention, &expected.retention)
    })
    .await
}

fn messages(name: &str, layout: &Layout, topology: StreamTopology, options: &StreamOptions) -> Config {
    let max_age = options.max_age.unwrap_or_default();
    let window = options.duplicate_window.unwrap_or(DUPLICATE_WINDOW);
    // The server rejects a window that is longer than the maximum age of messages.
    let fits = options.duplicate_window.is_some() || max_age.is_zero();
    Config {
        subjects: vec![layout.all(None)],
        retention: match topology {
            StreamTopology::Queue => RetentionPolicy::WorkQueue,
            StreamTopology::Bus => RetentionPolicy::Interest,
        },
        // A full stream must reject new messages, which makes publishing fail. It must not silently drop old messages.
        discard: DiscardPolicy::New,
        duplicate_window: if fits { window } else { window.min(max_age) },
        max_age,
        metadata: layout
            .partitions
            .map(|partitions| (PARTITIONS.to_owned(), partitions.to_string()))
            .into_iter()
            .collect(),
        ..any(name.to_owned(), options)
    }
}

fn dead_letters(name: &str, layout: &Layout, options: &StreamOptions) -> Config {
    Config {
        subjects: vec![layout.dead_letters()],
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        duplicate_window: DUPLICATE_WINDOW,
        ..any(format!("{name}_DEAD"), options)
    }
}

fn any(name: String, options: &StreamOptions) -> Config {
    Config {
        name,
        storage: options.storage.unwrap_or(StorageType::File),
        num_replicas: options.replicas.unwrap_or(1),
        ..Config::default()
    }
}

async fn set_up(
    jetstream: &Context,
    expected: Config,
    check: impl Fn(&Config, &Config) -> Result<(), NatsError>,
) -> Result<(), NatsError> {
    if let Some(found) = found(jetstream, &expected.name).await? {
        return check(&found, &expected);
    }
    match jetstream.create_stream(&expected).await {
        Ok(_) => Ok(()),
        // Another process has created the stream in the meantime.
        Err(error) if is(&error.kind(), ErrorCode::STREAM_NAME_EXIST) => {
            match found(jetstream, &expected.name).await? {
                Some(found) => check(&found, &expected),
                None => Err(NatsError::request(format_args!("creating stream {}", expected.name), error)),
            }
        }
        Err(error) => Err(NatsError::request(format_args!("creating stream {}", expected.name), error)),
    }
}

fn is(kind: &CreateStreamErrorKind, code: ErrorCode) -> bool {
    matches!(kind, CreateStreamErrorKind::JetStream(error) if error.error_code() == code)
}

async fn found(jetstream: &Context, name: &str) -> Result<Option<Config>, NatsError> {
    match jetstream.get_stream(name).await {
        Ok(stream) => Ok(Some(stream.cached_info().config.clone())),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(refusal) if refusal.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
            _ => Err(NatsError::request(format_args!("looking for stream {name}"), error)),
        },
    }
}

/// Compares the fixed settings, and the settings for which an option was set.
fn differs(name: &str, found: &Config, expected: &Config, options: &StreamOptions) -> Result<(), NatsError> {
    let partitions = |config: &Config| config.metadata.get(PARTITIONS).map_or("none".to_owned(), Clone::clone);
    compare(name, "retention", &found.retention, &expected.retention)?;
    // The partitions are compared before the subjects, which would differ as well.
    if partitions(found) != partitions(expected) {
        return Err(mismatch(name, "partitions", partitions(found), partitions(expected)));
    }
    compare(name, "subjects", &found.subjects, &expected.subjects)?;
    compare(name, "discard policy", &found.discard, &expected.discard)?;
    // Without acknowledgements, a publisher could not know whether a message was stored.
    compare(name, "no_ack", &found.no_ack, &expected.no_ack)?;
    if options.storage.is_some() {
        compare(name, "storage", &found.storage, &expected.storage)?;
    }
    if options.replicas.is_some() {
        compare(name, "replicas", &found.num_replicas, &expected.num_replicas)?;
    }
    if options.duplicate_window.is_some() {
        compare(name, "duplicate window", &found.duplicate_window, &expected.duplicate_window)?;
    }
    if options.max_age.is_some() {
        compare(name, "max age", &found.max_age, &expected.max_age)?;
    }
    Ok(())
}

fn compare<T: PartialEq + Debug>(stream: &str, field: &'static str, found: &T, expected: &T) -> Result<(), NatsError> {
    if found == expected { Ok(()) } else { Err(mismatch(stream, field, format!("{found:?}"), format!("{expected:?}"))) }
}

fn mismatch(stream: &str, field: &'static str, found: String, expected: String) -> NatsError {
    NatsError::StreamMismatch { stream: stream.to_owned(), field, found, expected }
}
