use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use castore_core::future::BoxFuture;
use tokio::sync::OnceCell;

/// The name or the ARN of an event bus: given, or found out when it is needed first, and kept then.
///
/// A `&str` or `String` is one that is given.
#[derive(Clone)]
pub struct EventBusName(Arc<Source>);

struct Source {
    kind: Kind,
    found: OnceCell<String>,
}

type Resolve = dyn Fn() -> BoxFuture<'static, Result<String, Box<dyn Error + Send + Sync>>> + Send + Sync;

enum Kind {
    Given(String),
    Resolved(Box<Resolve>),
}

impl EventBusName {
    fn new(kind: Kind) -> Self {
        Self(Arc::new(Source { kind, found: OnceCell::new() }))
    }

    /// This name or ARN.
    pub fn given(name: impl Into<String>) -> Self {
        Self::new(Kind::Given(name.into()))
    }

    /// The name that a function finds out, from a parameter store for example. After a failure it is called again when
    /// the name is needed next.
    pub fn resolved_by<F, Fut, E>(resolve: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<String, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self::new(Kind::Resolved(Box::new(move || {
            let name = resolve();
            Box::pin(async move { name.await.map_err(Into::into) })
        })))
    }

    /// The name.
    pub(crate) async fn get(&self) -> Result<&str, EventBusNameError> {
        let name = match &self.0.kind {
            Kind::Given(name) => name,
            Kind::Resolved(resolve) => {
                let found = self.0.found.get_or_try_init(|| async {
                    let name = resolve().await.map_err(EventBusNameError::Resolve)?;
                    if is_legal(&name) { Ok(name) } else { Err(EventBusNameError::Illegal { name }) }
                });
                found.await?
            }
        };
        // EventBridge would refuse every message for it.
        if is_legal(name) { Ok(name) } else { Err(EventBusNameError::Illegal { name: name.clone() }) }
    }
}

/// The characters of names, and of ARNs, in which the account and so on come before the name.
fn is_legal(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"/.-_:".contains(&byte);
    !name.is_empty() && name.len() <= 1600 && name.bytes().all(legal)
}

/// The name of an event bus could not be found out, or is none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventBusNameError {
    /// The function of [`EventBusName::resolved_by`] failed.
    #[error("the name of the event bus could not be found out: {0}")]
    Resolve(#[source] Box<dyn Error + Send + Sync>),
    /// No event bus can be named so.
    #[error("{name:?} is neither the name nor the ARN of an event bus")]
    Illegal {
        /// The name.
        name: String,
    },
}

impl From<&str> for EventBusName {
    fn from(name: &str) -> Self {
        Self::given(name)
    }
}

impl From<String> for EventBusName {
    fn from(name: String) -> Self {
        Self::given(name)
    }
}

impl From<&String> for EventBusName {
    fn from(name: &String) -> Self {
        Self::given(name)
    }
}

impl fmt::Debug for EventBusName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = match &self.0.kind {
            Kind::Given(name) => name,
            Kind::Resolved(_) => self.0.found.get().map_or("not known yet", String::as_str),
        };
        formatter.debug_tuple("EventBusName").field(&shown).finish()
    }
}

#[cfg(test)]
mod tests {
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
    async fn a_name_is_found_out_once_and_after_a_failure_again() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let name = EventBusName::resolved_by(move || {
            let call = counted.fetch_add(1, Ordering::SeqCst);
            async move { if call == 0 { Err("not now") } else { Ok("my-bus".to_owned()) } }
        });
        assert_eq!(format!("{name:?}"), "EventBusName(\"not known yet\")");
        assert!(matches!(name.get().await, Err(EventBusNameError::Resolve(_))));
        for _ in 0..3 {
            assert_eq!(name.get().await.unwrap(), "my-bus");
        }
        assert_eq!(calls.load(Ordering::SeqCst), 2);
        assert_eq!(format!("{:?}", name.clone()), "EventBusName(\"my-bus\")");
    }
}
