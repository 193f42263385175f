use std::error::Error;
use std::fmt;
use std::future::Future;

use castore_aws::ResourceName;

/// The name or the ARN of an event bus. The name is either known, or looked up when it is first needed.
///
/// A `&str` or a `String` can be converted into an `EventBusName` with a known name. Clones share the name that was
/// looked up.
#[derive(Clone)]
pub struct EventBusName(ResourceName);

impl EventBusName {
    /// Creates an `EventBusName` with a known name or ARN.
    pub fn given(name: impl Into<String>) -> Self {
        Self(ResourceName::given(name))
    }

    /// Creates an `EventBusName` that the given function resolves, for example by reading a parameter store. The
    /// function is called when the name is first needed. If the function fails or returns an invalid name, it is called
    /// again when the name is next needed.
    pub fn resolved_by<F, Fut, E>(resolve: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<String, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self(ResourceName::resolved_by(move || {
            let name = resolve();
            async move {
                let name = name.await.map_err(|error| EventBusNameError::Resolve(error.into()))?;
                // The name is checked here, so that an invalid name is not cached.
                if is_legal(&name) { Ok(name) } else { Err(EventBusNameError::Illegal { name }) }
            }
        }))
    }

    /// Returns the name. Looks up the name unless a previous lookup has succeeded.
    pub(crate) async fn get(&self) -> Result<&str, EventBusNameError> {
        let name = self.0.get().await.map_err(|error| match error.downcast::<EventBusNameError>() {
            Ok(error) => *error,
            Err(error) => EventBusNameError::Resolve(error),
        })?;
        // With an invalid name, EventBridge would reject every message.
        if is_legal(name) { Ok(name) } else { Err(EventBusNameError::Illegal { name: name.to_owned() }) }
    }
}

/// Returns whether a text has a valid length and contains only characters that are valid in names and ARNs.
fn is_legal(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"/.-_:".contains(&byte);
    !name.is_empty() && name.len() <= 1600 && name.bytes().all(legal)
}

/// The error returned if the name of an event bus is invalid or could not be resolved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventBusNameError {
    /// The function of [`EventBusName::resolved_by`] failed.
    #[error("the function that resolves the name of the event bus failed")]
    Resolve(#[source] Box<dyn Error + Send + Sync>),
    /// The name is not valid.
    #[error("{name:?} is not a valid event bus name or ARN; use up to 1600 letters, digits and `/.-_:`")]
    Illegal {
        /// The name.
        name: String,
    },
}

castore_aws::from_text!(EventBusName);

impl fmt::Debug for EventBusName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("EventBusName").field(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn names_and_arns_are_legal() {
        for name in ["default", "my.bus/with-all_0", "arn:aws:events:eu-west-1:123456789012:event-bus/my-bus"] {
            assert_eq!(EventBusName::from(name).get().await.unwrap(), name);
        }
        for name in ["", "my bus", "büs", "a\n", &"x".repeat(1601)] {
            let error = EventBusName::from(name).get().await.unwrap_err();
            assert!(matches!(error, EventBusNameError::Illegal { .. }), "{error}");
        }
    }

    #[tokio::test]
    async fn name_is_resolved_once_and_again_after_a_failure() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let name = EventBusName::resolved_by(move || {
            let call = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                match call {
                    0 => Err("not now"),
                    1 => Ok("no bus".to_owned()),
                    _ => Ok("my-bus".to_owned()),
                }
            }
        });
        assert_eq!(format!("{name:?}"), "EventBusName(\"not resolved yet\")");
        let error = name.get().await.unwrap_err();
        assert!(matches!(&error, EventBusNameError::Resolve(source) if source.to_string() == "not now"), "{error:?}");
        assert!(matches!(name.get().await, Err(EventBusNameError::Illegal { .. })));
        for _ in 0..3 {
            assert_eq!(name.get().await.unwrap(), "my-bus");
        }
        assert_eq!(calls.load(Ordering::SeqCst), 3);
        assert_eq!(format!("{:?}", name.clone()), "EventBusName(\"my-bus\")");
    }
}
