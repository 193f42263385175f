//! The macros of castore.
