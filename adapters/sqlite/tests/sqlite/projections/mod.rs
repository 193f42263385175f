mod conformance;
mod failing;
mod following;
mod killing;
mod support;
mod versions;
