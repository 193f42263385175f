//! What the postgres adapter promises beyond the conformance kit, and the kit itself.
