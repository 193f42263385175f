use std::sync::Arc;
use std::time::Duration;

use async_nats::Subject;
use async_nats::jetstream::{AckKind, Message};
use tokio::sync::Mutex;

use crate::connection::Connection;

/// A message that the server waits to hear of.
pub(super) struct InHand {
    connection: Arc<Connection>,
    reply: Option<Subject>,
    /// Whether the server was told what became of it. What is said after that would count for the next delivery.
    told: Mutex<bool>,
}

/// How long a confirmation is waited for.
const CONFIRMATION: Duration = Duration::from_secs(5);

impl InHand {
    pub(super) fn new(connection: Arc<Connection>, message: &Message) -> Self {
        Self { connection, reply: message.reply.clone(), told: Mutex::new(false) }
    }

    /// Says that it is being handled.
    pub(super) async fn keep(&self) {
        // Where it is locked, the server is being told something better.
        if let Ok(told) = self.told.try_lock()
            && !*told
        {
            self.publish(AckKind::Progress).await;
        }
    }

    /// Says that it is done.
    pub(super) async fn done(&self, confirm: bool) {
        let mut told = self.told.lock().await;
        *told = true;
        let Some(reply) = self.reply.clone().filter(|_| confirm) else {
            return self.publish(AckKind::Ack).await;
        };
        let answer =
            tokio::time::timeout(CONFIRMATION, self.connection.client.request(reply, AckKind::Ack.into())).await;
        if !matches!(answer, Ok(Ok(_))) {
            tracing::warn!("NATS did not confirm an acknowledgement: the message may come again");
        }
    }

    /// Hands it back, to come again after a while.
    pub(super) async fn hand_back(&self, after: Duration) {
        let mut told = self.told.lock().await;
        *told = true;
        self.publish(AckKind::Nak(Some(after).filter(|after| !after.is_zero()))).await;
    }

    async fn publish(&self, kind: AckKind) {
        let Some(reply) = self.reply.clone() else { return };
        if let Err(error) = self.connection.client.publish(reply, kind.into()).await {
            // It comes again when the server has waited for long enough.
            tracing::warn!(error = %error, "NATS could not be told what became of a message");
        }
    }
}
