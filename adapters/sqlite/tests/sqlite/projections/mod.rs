mod conformance;
mod failing;
mod following;
mod killing;
pub(crate) mod support;
mod versions;
