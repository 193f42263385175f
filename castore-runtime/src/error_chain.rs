use std::error::Error;
use std::fmt;
use std::iter::successors;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Renders an error and its sources, joined with `: `. For logs and statuses, which keep text instead of the error.
///
/// The errors of this workspace do not repeat their sources. Others may: a source whose text is already there is skipped. A
/// text that panics is replaced.
#[doc(hidden)]
pub fn error_chain(error: &(dyn Error + 'static)) -> String {
    let mut chain = String::new();
    for error in successors(Some(error), |&error| error.source()) {
        let text = guarded_text(error);
        if chain.is_empty() {
            chain = text;
        } else if !chain.contains(&text) {
            chain.push_str(": ");
            chain.push_str(&text);
        }
    }
    chain
}

/// Renders an error, or another value whose `Display` is code of a user, which may panic.
#[doc(hidden)]
pub fn guarded_text(value: &(impl fmt::Display + ?Sized)) -> String {
    catch_unwind(AssertUnwindSafe(|| value.to_string())).unwrap_or_else(|_| "an error whose text panics".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{EventAlreadyExists, StorageError};

    #[test]
    fn each_text_occurs_once() {
        let error = StorageError::engine(std::io::Error::other("disk on fire"));
        assert_eq!(error_chain(&error), "the storage engine failed: disk on fire");
        let repeats = Repeats(StorageError::engine("disk on fire"));
        assert_eq!(error_chain(&repeats), "cannot load: the storage engine failed: disk on fire");
        assert_eq!(error_chain(&std::fmt::Error), std::fmt::Error.to_string());
    }

    #[derive(Debug, thiserror::Error)]
    #[error("cannot load: {0}")]
    struct Repeats(#[source] StorageError);

    #[derive(Debug)]
    struct Panics;

    impl fmt::Display for Panics {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("a bug in the text of an error")
        }
    }

    impl Error for Panics {}

    #[test]
    fn text_that_panics_is_replaced() {
        assert_eq!(error_chain(&StorageError::engine(Panics)), "the storage engine failed: an error whose text panics");
    }

    #[test]
    fn storage_errors_do_not_repeat_their_source() {
        let conflict =
            EventAlreadyExists { event_store_id: "STORE".to_owned(), aggregate_id: "a".to_owned(), version: 2 };
        for error in [
            StorageError::engine("disk on fire"),
            StorageError::UnknownOutcome("disk on fire".into()),
            StorageError::EventAlreadyExists(conflict),
        ] {
            let source = error.source().unwrap().to_string();
            assert!(!error.to_string().contains(&source), "{error}");
        }
    }
}
