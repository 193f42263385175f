use std::time::Duration;

use castore_core::error::error_chain;
use castore_core::storage::StorageError;

use super::end::End;
use super::runner::{Runner, Taken};
use super::term::Term;
use crate::engine::{Backoff, Publisher, catch_panic};

/// Runs a relay until it is shut down or must stop: acquires the lease, publishes while it holds the lease, and starts
/// again after the lease was lost. `first` is the position at which a new relay starts. `taken` is the lease, if it was
/// already acquired when the relay was started.
///
/// # Errors
/// The text of the error that stopped the relay.
pub(super) async fn run(
    mut runner: Runner,
    mut publisher: Publisher,
    first: u64,
    taken: Option<Taken>,
) -> Result<(), String> {
    let mut next = taken;
    let mut backoff = Backoff::new(runner.options.outage_backoff);
    while !runner.shutdown.is_sent() {
        let led = match next.take() {
            Some(taken) => Some(lead(&mut runner, &mut publisher, taken).await),
            None => None,
        };
        let wait = match led {
            Some(End::Shutdown) => break,
            Some(End::Stopped(error)) => {
                let error = error_chain(&error);
                runner.status.report(&error);
                return Err(error);
            }
            Some(End::Lost(reason)) => {
                runner.status.report(reason);
                Duration::ZERO
            }
            Some(End::Panicked(panic)) => {
                runner.status.report(&panic);
                backoff.next_delay()
            }
            None => match catch_panic(runner.stand_by(first))
                .await
                .unwrap_or_else(|panic| Err(StorageError::engine(format!("the storage of the relay {panic}"))))
            {
                Ok(Some(taken)) => {
                    backoff.reset();
                    next = Some(taken);
                    continue;
                }
                Ok(None) => continue,
                Err(error) => {
                    runner.status.report(&error_chain(&error));
                    backoff.next_delay()
                }
            },
        };
        runner.status.stand_by(None);
        tokio::select! {
            () = runner.shutdown.sent() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
    Ok(())
}

/// Publishes until the lease is lost, the relay is shut down, or an error or a panic stops it.
async fn lead(runner: &mut Runner, publisher: &mut Publisher, taken: Taken) -> End {
    let name = runner.options.name.clone();
    tracing::info!(
        relay = name,
        token = taken.lease.token,
        position = taken.checkpoint.position,
        "a relay became the leader"
    );
    let lease = taken.lease.clone();
    let term = catch_panic(async {
        match Term::begin(runner, publisher, taken).await {
            Ok(mut term) => term.run().await,
            Err(end) => end,
        }
    });
    let end = term.await.unwrap_or_else(End::Panicked);
    match &end {
        End::Lost(reason) => tracing::warn!(relay = name, error = reason, "a relay lost its lease"),
        End::Shutdown | End::Stopped(_) | End::Panicked(_) => {
            // If the lease cannot be released, it expires.
            if let Err(error) = runner.state.release(&lease).await {
                tracing::warn!(relay = name, error = error_chain(&error), "a relay could not release its lease");
            }
        }
    }
    end
}
