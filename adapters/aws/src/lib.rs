//! What the adapters of castore for services of AWS share.
#![forbid(unsafe_code)]
