use std::error::Error;
use std::time::Duration;

use super::{InboxError, InboxKey, NameRules};
use crate::message::AnyMessage;

/// The limits of a database for an inbox. Each adapter has one constant of this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InboxRules {
    /// The name of the database system, for example `Postgres`, for error texts.
    pub engine: &'static str,
    /// The database's rules for table names.
    pub names: NameRules,
    /// Whether text may contain NUL characters.
    pub nul_in_text: bool,
    /// The unit in which the adapter's SQL computes ages.
    pub age_unit: AgeUnit,
    /// The greatest age, in `age_unit`, that the database can subtract from the current time. Longer ages are reduced
    /// to this age.
    pub longest_age: i64,
}

/// The unit of an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgeUnit {
    /// Thousandths of a second.
    Milliseconds,
    /// Millionths of a second.
    Microseconds,
}

impl InboxRules {
    /// Returns the key of the row with which an inbox records that `consumer` has handled `message`.
    ///
    /// # Errors
    /// [`InboxError::Unsupported`] if the database cannot store the key: it contains a NUL character, or the version is
    /// too large.
    pub fn key<'a, E: Error + 'static>(
        &self,
        consumer: &'a str,
        message: &dyn AnyMessage,
    ) -> Result<InboxKey<'a>, InboxError<E>> {
        self.check_consumer(consumer)?;
        let event_store_id = message.event_store_id();
        let aggregate_id = message.aggregate_id();
        self.check_text("a message of an event store whose id has a NUL character", event_store_id)?;
        self.check_text("a message of an aggregate whose id has a NUL character", &aggregate_id)?;
        let version = message.version().unwrap_or(0);
        let version =
            i64::try_from(version).map_err(|_| self.unsupported(format!("a message of version {version}")))?;
        Ok(InboxKey { consumer, event_store_id, aggregate_id, version })
    }

    /// Checks that the database can store the name of a consumer.
    ///
    /// # Errors
    /// [`InboxError::Unsupported`] if the database cannot store the name.
    pub fn check_consumer<E: Error + 'static>(&self, consumer: &str) -> Result<(), InboxError<E>> {
        self.check_text("a consumer whose name has a NUL character", consumer)
    }

    /// Converts `age`, the minimum age of the rows that an inbox deletes, into the unit [`age_unit`](Self::age_unit).
    /// The result is at most [`longest_age`](Self::longest_age).
    pub fn age(&self, age: Duration) -> i64 {
        let units = match self.age_unit {
            AgeUnit::Milliseconds => age.as_millis(),
            AgeUnit::Microseconds => age.as_micros(),
        };
        i64::try_from(units).unwrap_or(self.longest_age).min(self.longest_age)
    }

    /// Returns the error for a value that the table cannot store. `what` describes the value.
    pub fn unsupported<E: Error + 'static>(&self, what: impl Into<String>) -> InboxError<E> {
        InboxError::Unsupported { engine: self.engine, what: what.into() }
    }

    fn check_text<E: Error + 'static>(&self, what: &str, text: &str) -> Result<(), InboxError<E>> {
        if !self.nul_in_text && text.contains('\0') {
            return Err(self.unsupported(what));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    const ANY_NAME: NameRules = NameRules { max_bytes: None, reserved_prefix: None };
    const MILLIS: InboxRules = InboxRules {
        engine: "TestDb",
        names: ANY_NAME,
        nul_in_text: true,
        age_unit: AgeUnit::Milliseconds,
        longest_age: i64::MAX / 2,
    };
    const MICROS: InboxRules =
        InboxRules { nul_in_text: false, age_unit: AgeUnit::Microseconds, longest_age: 1_000_000, ..MILLIS };

    struct TestMessage(&'static str, &'static str, Option<u64>);

    impl AnyMessage for TestMessage {
        fn event_store_id(&self) -> &'static str {
            self.0
        }

        fn aggregate_id(&self) -> String {
            self.1.to_owned()
        }

        fn version(&self) -> Option<u64> {
            self.2
        }

        fn event_type(&self) -> Option<&str> {
            None
        }
    }

    fn key(rules: InboxRules, consumer: &str, message: TestMessage) -> Result<InboxKey<'_>, String> {
        rules.key::<io::Error>(consumer, &message).map_err(|error| {
            assert!(matches!(error, InboxError::Unsupported { .. }), "{error:?}");
            error.to_string()
        })
    }

    #[test]
    fn key_has_the_identity_of_the_message() {
        let expected = InboxKey { consumer: "mailer", event_store_id: "S", aggregate_id: "a".to_owned(), version: 3 };
        assert_eq!(key(MILLIS, "mailer", TestMessage("S", "a", Some(3))), Ok(expected.clone()));
        assert_eq!(key(MILLIS, "mailer", TestMessage("S", "a", None)), Ok(InboxKey { version: 0, ..expected }));
    }

    #[test]
    fn key_with_too_great_version_is_unsupported() {
        let greatest = u64::try_from(i64::MAX).unwrap();
        assert_eq!(key(MILLIS, "", TestMessage("S", "a", Some(greatest))).unwrap().version, i64::MAX);
        let error = key(MILLIS, "", TestMessage("S", "s3cret", Some(greatest + 1))).unwrap_err();
        assert_eq!(error, "TestDb cannot record a message of version 9223372036854775808");
    }

    #[test]
    fn key_with_nul_is_unsupported_where_text_cannot_have_it() {
        assert!(key(MILLIS, "\0", TestMessage("\0", "\0", None)).is_ok());
        for (consumer, store, aggregate) in [("s3cret\0", "S", "a"), ("c", "s3cret\0", "a"), ("c", "S", "s3cret\0")] {
            let error = key(MICROS, consumer, TestMessage(store, aggregate, None)).unwrap_err();
            assert!(error.contains("NUL") && !error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn age_is_in_the_unit_of_the_database_and_limited() {
        assert_eq!(MILLIS.age(Duration::from_micros(2_999)), 2);
        assert_eq!(MICROS.age(Duration::from_micros(2_999)), 2_999);
        assert_eq!(MILLIS.age(Duration::ZERO), 0);
        assert_eq!(MICROS.age(Duration::from_secs(2)), 1_000_000);
        assert_eq!(MILLIS.age(Duration::MAX), i64::MAX / 2);
        assert_eq!(MICROS.age(Duration::MAX), 1_000_000);
    }
}
