use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{ListAggregateIdsOptions, StorageError};
use crate::time::Timestamp;

/// A page token in the format of the TypeScript package Castore: the options that were applied and the last aggregate
/// of the page, as JSON. Programs in both languages can read each other's tokens.
///
/// `K` is the type that identifies the last aggregate of a page: [`LastEvaluatedKey`], unless the engine has its own
/// format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageToken<K = LastEvaluatedKey> {
    /// The value of [`ListAggregateIdsOptions::limit`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The value of [`ListAggregateIdsOptions::initial_event_after`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_event_after: Option<Timestamp>,
    /// The value of [`ListAggregateIdsOptions::initial_event_before`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_event_before: Option<Timestamp>,
    /// The value of [`ListAggregateIdsOptions::reverse`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverse: Option<bool>,
    /// The last aggregate of the page. The next page starts after this aggregate, whether or not the aggregate still
    /// exists.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub last_evaluated_key: Option<K>,
}

/// The last aggregate of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastEvaluatedKey {
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// The timestamp of the aggregate's event of version 1.
    pub initial_event_timestamp: Timestamp,
}

impl<K: Serialize + DeserializeOwned> PageToken<K> {
    /// Combines the options of a call with the options in its page token. The options of the call take precedence.
    ///
    /// # Errors
    /// [`StorageError::InvalidPageToken`] if the options contain a token that cannot be read.
    pub fn resolve(options: &ListAggregateIdsOptions) -> Result<Self, StorageError> {
        let token: Self = match &options.page_token {
            // serde would also accept an array.
            Some(text) if !text.trim_start().starts_with('{') => return Err(StorageError::InvalidPageToken),
            Some(text) => serde_json::from_str(text).map_err(|_| StorageError::InvalidPageToken)?,
            None => Self {
                limit: None,
                initial_event_after: None,
                initial_event_before: None,
                reverse: None,
                last_evaluated_key: None,
            },
        };
        Ok(Self {
            limit: options.limit.or(token.limit),
            initial_event_after: options.initial_event_after.or(token.initial_event_after),
            initial_event_before: options.initial_event_before.or(token.initial_event_before),
            reverse: options.reverse.or(token.reverse),
            last_evaluated_key: token.last_evaluated_key,
        })
    }

    /// Returns the token of the page that starts after `key`, with the same options.
    pub fn next(self, key: K) -> String {
        let token = Self { last_evaluated_key: Some(key), ..self };
        // Text, numbers and booleans can always be serialized.
        serde_json::to_string(&token).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(page_token: &str) -> ListAggregateIdsOptions {
        ListAggregateIdsOptions::default().page_token(page_token.to_owned())
    }

    #[test]
    fn token_contains_the_options() {
        let asked = ListAggregateIdsOptions::default().limit(2).reverse(true);
        let key = LastEvaluatedKey {
            aggregate_id: "a".to_owned(),
            initial_event_timestamp: "2022-01-01T00:00:00.000Z".parse().unwrap(),
        };
        let token = PageToken::resolve(&asked).unwrap().next(key.clone());
        assert_eq!(
            token,
            r#"{"limit":2,"reverse":true,"lastEvaluatedKey":{"aggregateId":"a","initialEventTimestamp":"2022-01-01T00:00:00.000Z"}}"#
        );
        let next = PageToken::resolve(&options(&token)).unwrap();
        assert_eq!(next, PageToken { last_evaluated_key: Some(key), ..PageToken::resolve(&asked).unwrap() });
    }

    #[test]
    fn options_override_the_token() {
        let asked = options(r#"{"limit":1,"reverse":true}"#).limit(5).reverse(false);
        let resolved: PageToken = PageToken::resolve(&asked).unwrap();
        assert_eq!((resolved.limit, resolved.reverse), (Some(5), Some(false)));
    }

    #[test]
    fn invalid_tokens_are_rejected() {
        for text in ["garbage", "", "null", "[]", "[1,null,null,null,null]", r#"{"limit":"x"}"#] {
            assert!(matches!(
                PageToken::<LastEvaluatedKey>::resolve(&options(text)),
                Err(StorageError::InvalidPageToken)
            ));
        }
        assert!(PageToken::<LastEvaluatedKey>::resolve(&options("{}")).is_ok());
    }
}
