//! What the dynamodb adapter promises beyond the conformance kit, and the kit itself.
