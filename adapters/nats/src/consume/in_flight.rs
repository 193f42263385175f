use std::sync::Arc;
use std::time::Duration;

use async_nats::Subject;
use async_nats::jetstream::{AckKind, Message};
use castore_core::consumer::{InFlightMessage, InFlightMessages};
use castore_core::error::error_chain;

use crate::connection::Connection;

/// A delivery that is not yet acknowledged or handed back.
pub(super) struct InFlight {
    connection: Arc<Connection>,
    /// The entry of the message in the set of messages that get heartbeats, or `None` for a message that does not come
    /// from JetStream. The entry must be released before the acknowledgement, because a later heartbeat would count for
    /// the next delivery.
    message: Option<InFlightMessage<Subject>>,
}

/// The time limit for the confirmation of an acknowledgement.
const CONFIRMATION: Duration = Duration::from_secs(5);

impl InFlight {
    pub(super) fn new(
        connection: Arc<Connection>,
        message: &Message,
        in_flight: &Arc<InFlightMessages<Subject>>,
    ) -> Self {
        Self { connection, message: message.reply.clone().map(|reply| in_flight.hold(reply)) }
    }

    /// Acknowledges the message.
    pub(super) async fn done(self, confirm: bool) {
        let Some(message) = self.message else { return };
        let reply = message.release().await;
        if !confirm {
            return publish(&self.connection, reply, AckKind::Ack).await;
        }
        let answer = self.connection.client.request(reply, AckKind::Ack.into());
        if !matches!(tokio::time::timeout(CONFIRMATION, answer).await, Ok(Ok(_))) {
            tracing::warn!("an acknowledgement was not confirmed");
        }
    }

    /// Hands the message back, so that the server delivers it again after the given time.
    pub(super) async fn hand_back(self, after: Duration) {
        let Some(message) = self.message else { return };
        let reply = message.release().await;
        publish(&self.connection, reply, AckKind::Nak(Some(after).filter(|after| !after.is_zero()))).await;
    }
}

/// Sends a heartbeat for each message in flight, so that the server does not deliver it again.
pub(super) async fn heartbeat(connection: &Connection, in_flight: &InFlightMessages<Subject>) {
    for reply in in_flight.due(Duration::ZERO).await.iter() {
        publish(connection, reply.clone(), AckKind::Progress).await;
    }
}

async fn publish(connection: &Connection, reply: Subject, kind: AckKind) {
    if let Err(error) = connection.client.publish(reply, kind.into()).await {
        // The server delivers the message again after `ack_wait`.
        tracing::warn!(error = error_chain(&error), "could not send an acknowledgement");
    }
}
