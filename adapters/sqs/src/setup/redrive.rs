use serde::{Deserialize, Deserializer};
use serde_json::json;

/// The highest `maxReceiveCount` of a redrive policy.
pub(super) const HIGHEST_RECEIVE_COUNT: u32 = 1_000;

/// The number of deliveries beyond the attempts of the retry policy, if the redrive policy itself moves the dead
/// letters of the worker. SQS delivers each dead letter this many times before it moves the message, so the number is
/// low.
const LOST_DELIVERIES: u32 = 10;

/// The redrive policy of a queue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RedrivePolicy {
    dead_letter_target_arn: String,
    #[serde(deserialize_with = "number")]
    pub(super) max_receive_count: u32,
}

impl RedrivePolicy {
    pub(super) fn new(dead_letter_queue_arn: String, max_receive_count: u32) -> Self {
        Self { dead_letter_target_arn: dead_letter_queue_arn, max_receive_count }
    }

    pub(super) fn to_json(&self) -> String {
        json!({ "deadLetterTargetArn": self.dead_letter_target_arn, "maxReceiveCount": self.max_receive_count })
            .to_string()
    }

    pub(super) fn with_max_receive_count(self, max_receive_count: u32) -> Self {
        Self { max_receive_count, ..self }
    }

    /// Returns whether both policies have the same effect.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.dead_letter_queue() == other.dead_letter_queue() && self.max_receive_count == other.max_receive_count
    }

    /// Returns the name of the dead-letter queue. Both queues are in the same account and region, so the name
    /// identifies the dead-letter queue, even if it does not exist.
    pub(super) fn dead_letter_queue(&self) -> &str {
        self.dead_letter_target_arn.rsplit(':').next().unwrap_or_default()
    }
}

/// SQS returns the number as it was set: as a number or as text.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Number(u32),
        Text(String),
    }
    match Number::deserialize(deserializer)? {
        Number::Number(number) => Ok(number),
        Number::Text(text) => text.parse().map_err(serde::de::Error::custom),
    }
}

/// The limits of the `maxReceiveCount` for a worker.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReceiveCounts {
    /// The value of a new redrive policy.
    pub(super) wanted: u32,
    /// The lowest value of an existing redrive policy with which the worker can use all of its attempts.
    pub(super) lowest: u32,
}

impl ReceiveCounts {
    /// `attempts` is the number of attempts of the retry policy. `moves_dead_letters` says whether the worker itself
    /// moves dead letters, so that the redrive policy only concerns messages that were delivered too often.
    pub(super) fn new(attempts: u32, is_fifo: bool, moves_dead_letters: bool, option: Option<u32>) -> Self {
        let above_attempts = attempts.saturating_add(1).min(HIGHEST_RECEIVE_COUNT);
        // On a FIFO queue, SQS also counts deliveries in which a message only waits for an earlier message.
        let lowest = if is_fifo && moves_dead_letters { HIGHEST_RECEIVE_COUNT } else { above_attempts };
        // If the worker itself moves dead letters, the redrive policy is only needed for messages that end the process
        // of the worker. SQS counts all deliveries, also those in which the worker does not attempt to handle the
        // message: during an outage of the claim check there is such a delivery every 30 seconds with the default retry
        // policy, and every second with immediate retries. With the highest number, an outage may last 8 hours (or 16
        // minutes) before SQS moves healthy messages. A lower number would only reduce the restarts of a process that a
        // message ends, which operators notice anyway.
        let default = if moves_dead_letters {
            HIGHEST_RECEIVE_COUNT
        } else {
            attempts.saturating_add(LOST_DELIVERIES).min(HIGHEST_RECEIVE_COUNT)
        };
        Self { wanted: option.unwrap_or(default), lowest: option.map_or(lowest, |option| option.min(lowest)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_standard_queues_exceed_the_attempts() {
        let counts = ReceiveCounts::new(3, false, true, None);
        assert_eq!((counts.wanted, counts.lowest), (1_000, 4), "an outage may cause many deliveries");
        let counts = ReceiveCounts::new(3, false, false, None);
        assert_eq!((counts.wanted, counts.lowest), (13, 4), "the redrive policy moves dead letters");
        let counts = ReceiveCounts::new(u32::MAX, false, false, None);
        assert_eq!((counts.wanted, counts.lowest), (1_000, 1_000));
        let counts = ReceiveCounts::new(3, false, true, Some(50));
        assert_eq!((counts.wanted, counts.lowest), (50, 4));
    }

    #[test]
    fn counts_of_fifo_queues_are_the_highest() {
        let counts = ReceiveCounts::new(3, true, true, None);
        assert_eq!((counts.wanted, counts.lowest), (1_000, 1_000));
        let counts = ReceiveCounts::new(3, true, true, Some(50));
        assert_eq!((counts.wanted, counts.lowest), (50, 50));
        let counts = ReceiveCounts::new(3, true, false, None);
        assert_eq!(counts.lowest, 4, "without a dead-letter queue, the redrive policy moves dead letters");
    }

    #[test]
    fn policy_is_read_with_a_number_or_a_text() {
        for count in ["5", "\"5\""] {
            let json = format!(r#"{{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:1:dead","maxReceiveCount":{count}}}"#);
            let policy: RedrivePolicy = serde_json::from_str(&json).unwrap();
            assert_eq!((policy.dead_letter_queue(), policy.max_receive_count), ("dead", 5));
            let again: RedrivePolicy = serde_json::from_str(&policy.to_json()).unwrap();
            assert_eq!(again, policy);
        }
        assert!(serde_json::from_str::<RedrivePolicy>("{}").is_err());
    }
}
