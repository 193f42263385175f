use std::cell::{Cell, RefCell};

use super::depth::{MAX_JSON_DEPTH, depth_of};
use super::error::{JsonError, JsonProblem};
use super::path::{JsonPath, Segment};

/// The progress of writing a value: the current depth and, after an error, the path from the error back to the root.
#[derive(Default)]
pub(super) struct Watch {
    depth: Cell<usize>,
    found: Cell<Option<Found>>,
    /// The path of an error, from the innermost value outward. Empty if there is no error.
    trail: RefCell<Vec<Segment>>,
    /// Whether the next text is JSON that is written unchanged.
    raw: Cell<bool>,
}

#[derive(Clone, Copy)]
enum Found {
    NotFinite,
    TooDeep,
}

impl Watch {
    pub(super) fn enter<E: serde::ser::Error>(&self) -> Result<(), E> {
        let depth = self.depth.get() + 1;
        if depth > MAX_JSON_DEPTH {
            return Err(self.too_deep());
        }
        self.depth.set(depth);
        Ok(())
    }

    pub(super) fn leave(&self) {
        self.depth.set(self.depth.get() - 1);
    }

    pub(super) fn expect_raw(&self) {
        self.raw.set(true);
    }

    /// Checks the depth of a text that is about to be written, if the text is marked as JSON. Any other text has no
    /// depth, because it is written as a string.
    pub(super) fn text<E: serde::ser::Error>(&self, text: &str) -> Result<(), E> {
        let is_raw = self.raw.get() && self.raw.take();
        if is_raw && self.depth.get() + depth_of(text) > MAX_JSON_DEPTH { Err(self.too_deep()) } else { Ok(()) }
    }

    #[cold]
    fn too_deep<E: serde::ser::Error>(&self) -> E {
        self.found.set(Some(Found::TooDeep));
        E::custom("nested too deeply")
    }

    #[cold]
    pub(super) fn not_finite<E: serde::ser::Error>(&self) -> E {
        self.found.set(Some(Found::NotFinite));
        E::custom("NaN or an infinity")
    }

    /// Records that the error came from this part of a value.
    #[cold]
    pub(super) fn passed<E>(&self, error: E, segment: Segment) -> E {
        self.trail.borrow_mut().push(segment);
        error
    }

    fn path(&self, root: &'static str) -> JsonPath {
        JsonPath { root, segments: self.trail.borrow().iter().rev().copied().collect() }
    }

    /// Returns the error for a value that could not be written. Its problem is the one that this watch has detected, or
    /// otherwise `source`.
    pub(super) fn error(&self, root: &'static str, source: serde_json::Error) -> JsonError {
        let path = self.path(root).to_string();
        self.found_at(path.clone()).unwrap_or(JsonError { path, problem: JsonProblem::Serialize(source) })
    }

    /// Returns the problem that caused the error, if this watch detected it.
    pub(super) fn own_error(&self, root: &'static str) -> Option<JsonError> {
        self.found_at(self.path(root).to_string())
    }

    fn found_at(&self, path: String) -> Option<JsonError> {
        let problem = match self.found.get()? {
            Found::NotFinite => JsonProblem::NotFinite,
            Found::TooDeep => JsonProblem::TooDeep,
        };
        Some(JsonError { path, problem })
    }
}
