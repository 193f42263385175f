//! A `tracing` subscriber that renders the log lines with the level `WARN` or above and discards the text.
//!
//! Rendering the log lines of an adapter runs user code, for example the `Display` implementation of a handler's error.
//! Without a subscriber, the kit would never run that code.

use std::fmt::{Debug, Write};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Metadata, Subscriber};

struct Rendering;

/// Renders the log lines of the current thread until the guard is dropped. The global subscriber of the process is
/// not changed.
pub(crate) fn render_logs_of_this_thread() -> DefaultGuard {
    tracing::subscriber::set_default(Rendering)
}

impl Subscriber for Rendering {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::WARN
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // `WARN` is a usual level in production. More verbose levels would slow down tests with thousands of messages.
        Some(LevelFilter::WARN)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Text(String::new()));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, "{field}={value:?} ");
    }
}
