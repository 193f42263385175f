//! The EventBridge message bus adapter of castore.
#![forbid(unsafe_code)]
