//! The subjects of messages, and the subject filters of consumers.

mod filter;
mod layout;
mod token;

pub(crate) use filter::{filter_subjects, matches_any};
pub(crate) use layout::{Layout, MAX_SUBJECT_LEN};
