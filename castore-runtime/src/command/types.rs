//! The types of a command, which its generated module names.

/// The types of a command. Implemented for the marker type in the module of the command, in the scope of the function,
/// where the types have the names that the user wrote.
pub trait CommandTypes {
    /// The type of the parameter `input`.
    type Input: ?Sized;

    /// The type of the parameter `context`.
    type Context: ?Sized;

    /// The type that the function returns.
    type Outcome;
}

/// The types in a `Result`, also if it is named through an alias.
pub trait CommandResult {
    /// The type of the result.
    type Output;
    /// The type of the error.
    type Error;
}

impl<T, E> CommandResult for Result<T, E> {
    type Output = T;
    type Error = E;
}
