//! Replays for [castore](https://docs.rs/castore): use that crate, which re-exports this one.
#![forbid(unsafe_code)]
