use std::future::Future;
use std::ops::ControlFlow;

use super::{Parameter, Prepared};
use crate::driver::{DriverError, Row};

/// A function that receives rows as they arrive.
pub(crate) type Visit<'a> = dyn FnMut(Row) -> ControlFlow<()> + Send + 'a;

/// A connection, inside or outside of a transaction.
///
/// Dropping the future of a statement is safe: either it was not sent, or the server completes it, and the next user of
/// the connection waits until then.
pub(crate) trait Session: Sync {
    /// A flag that is `true` if two statements can be sent in one round trip. In this case, the server executes the
    /// second statement even if the first one fails, unless a transaction is open.
    const PIPELINES: bool;

    /// Prepares a statement under a name that the connection remembers. Preparing writes nothing to the database.
    fn prepare<'a>(&self, sql: &'a str) -> impl Future<Output = Result<Prepared<'a>, DriverError>> + Send;

    /// Executes a statement, and passes the rows to `visit` as they arrive. Returns the number of changed rows.
    fn run(
        &self,
        statement: &Prepared<'_>,
        parameters: &[&dyn Parameter],
        visit: &mut Visit<'_>,
    ) -> impl Future<Output = Result<u64, DriverError>> + Send;

    /// Executes several statements without parameters, as one transaction, unless the statements themselves begin or
    /// end a transaction.
    fn batch(&self, sql: &str) -> impl Future<Output = Result<(), DriverError>> + Send;
}
