use std::error::Error;

use crate::future::guarded_text;

/// Returns the text of an error, followed by the texts of its sources, for example
/// `could not connect: connection refused`.
///
/// The text of an error of castore does not contain the text of its source, because tools that print whole error chains
/// would then print this text twice. Use this function where an error must become a single string, for example in a log
/// field or in a stored status. The errors of some other libraries do repeat their source, so a source whose text is
/// already part of the result is omitted. If rendering an error panics, a fixed text is used.
pub fn error_chain(error: &(dyn Error + 'static)) -> String {
    let mut text = guarded_text(error);
    for source in std::iter::successors(error.source(), |&error| error.source()) {
        let source = guarded_text(source);
        if !text.contains(&source) {
            text.push_str(": ");
            text.push_str(&source);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;
    use crate::storage::{EventAlreadyExists, StorageError};

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Layer>>);

    impl fmt::Display for Layer {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            assert_ne!(self.0, "panic");
            formatter.write_str(self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|source| source as _)
        }
    }

    fn chain(texts: &[&'static str]) -> String {
        let layer = texts.iter().rev().fold(None, |source, text| Some(Box::new(Layer(text, source))));
        error_chain(&*layer.unwrap())
    }

    #[test]
    fn sources_follow_the_error() {
        assert_eq!(chain(&["not published", "no answer", "timed out"]), "not published: no answer: timed out");
        assert_eq!(chain(&["alone"]), "alone");
    }

    #[test]
    fn repeated_text_is_left_out() {
        assert_eq!(chain(&["failed: no answer", "no answer", "timed out"]), "failed: no answer: timed out");
        assert_eq!(chain(&["same", "same"]), "same");
    }

    #[test]
    fn panic_of_a_text_is_caught() {
        assert_eq!(
            chain(&["failed", "panic", "timed out"]),
            "failed: an error whose `Display` implementation panics: timed out"
        );
    }

    #[test]
    fn storage_errors_do_not_repeat_their_source() {
        let conflict = EventAlreadyExists::new("STORE".to_owned(), "a".to_owned(), 2);
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
