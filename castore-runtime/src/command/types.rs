//! The traits with which the generated module of a command names the types in the command's signature.

/// The types in the signature of a command. `#[command]` implements this trait for the marker type in the command's
/// module. The impl is in the same scope as the function, because the type names that the user wrote are certainly
/// valid there.
pub trait CommandTypes {
    /// The type of the parameter `input`.
    type Input: ?Sized;

    /// The type of the parameter `context`.
    type Context: ?Sized;

    /// The type that the function returns.
    type Outcome;
}

/// The types in a `Result`, including a `Result` that is named through an alias.
pub trait CommandResult {
    /// The type of the `Ok` value.
    type Output;
    /// The type of the error.
    type Error;
}

impl<T, E> CommandResult for Result<T, E> {
    type Output = T;
    type Error = E;
}
