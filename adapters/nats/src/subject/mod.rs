//! The subjects of messages, and the subject filters of consumers.

mod filter;
mod layout;
mod token;

pub(crate) use filter::filter_subjects;
pub(crate) use layout::{Layout, MAX_SUBJECT_LEN};
