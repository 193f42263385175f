use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use castore_core::future::BoxFuture;
use tokio::sync::OnceCell;

/// The name of an AWS resource, for example the URL of a queue. The name is either known, or a function resolves it
/// when it is first needed.
///
/// Clones share the resolved name. This type is for authors of adapters.
#[derive(Clone)]
pub struct ResourceName(Arc<Source>);

enum Source {
    Given(String),
    Resolved { resolve: Box<Resolve>, resolved: OnceCell<String> },
}

type Resolve = dyn Fn() -> BoxFuture<'static, Result<String, Box<dyn Error + Send + Sync>>> + Send + Sync;

impl ResourceName {
    /// Creates a resource name with a known value.
    pub fn given(name: impl Into<String>) -> Self {
        Self(Arc::new(Source::Given(name.into())))
    }

    /// Creates a resource name that the given function resolves. The function is called when the name is first needed.
    /// If the function fails, it is called again when the name is next needed.
    pub fn resolved_by<F, Fut, E>(resolve: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<String, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let resolve = Box::new(move || -> BoxFuture<'static, _> {
            let name = resolve();
            Box::pin(async move { name.await.map_err(Into::into) })
        });
        Self(Arc::new(Source::Resolved { resolve, resolved: OnceCell::new() }))
    }

    /// Returns the name. Calls the function unless a previous call has succeeded.
    ///
    /// # Errors
    /// The error that the function returned.
    pub async fn get(&self) -> Result<&str, Box<dyn Error + Send + Sync>> {
        match &*self.0 {
            Source::Given(name) => Ok(name),
            Source::Resolved { resolve, resolved } => resolved.get_or_try_init(resolve).await.map(String::as_str),
        }
    }
}

impl fmt::Debug for ResourceName {
    /// Prints the name, or `not resolved yet` if no call of the function has succeeded.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Source::Given(name) => name.fmt(formatter),
            Source::Resolved { resolved, .. } => {
                resolved.get().map_or("not resolved yet", String::as_str).fmt(formatter)
            }
        }
    }
}

/// Implements `From<&str>`, `From<String>` and `From<&String>` for a type with a function `given`:
/// `from_text!(QueueUrl)`. This macro is for authors of adapters.
#[macro_export]
macro_rules! from_text {
    ($name:ident) => {
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::given(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::given(text)
            }
        }

        impl From<&String> for $name {
            fn from(text: &String) -> Self {
                Self::given(text)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn name_is_resolved_once_and_again_after_a_failure() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let name = ResourceName::resolved_by(move || {
            let call = counted.fetch_add(1, Ordering::SeqCst);
            async move { if call == 0 { Err("not now") } else { Ok("my-bus".to_owned()) } }
        });
        assert_eq!(format!("{name:?}"), "\"not resolved yet\"");
        assert_eq!(name.get().await.unwrap_err().to_string(), "not now");
        let clone = name.clone();
        for _ in 0..3 {
            assert_eq!(clone.get().await.unwrap(), "my-bus");
        }
        assert_eq!(calls.load(Ordering::SeqCst), 2);
        assert_eq!(format!("{name:?}"), "\"my-bus\"");
    }

    #[tokio::test]
    async fn given_name_is_not_resolved() {
        let name = ResourceName::given("my-bus");
        assert_eq!((name.get().await.unwrap(), format!("{name:?}")), ("my-bus", "\"my-bus\"".to_owned()));
    }
}
