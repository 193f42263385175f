//! castore
