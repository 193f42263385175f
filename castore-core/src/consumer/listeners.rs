use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::attempt::{self, Call};
use super::{ChannelFilter, FilterPattern, MessageContext, ReceivedMessage};
use crate::channel::{MessageChannel, Ordered};
use crate::consumer::{FailureAction, HandlerError};
use crate::message::ChannelMessage;

/// Handlers of the messages of channel `C`, each with its filter: one way to consume, whatever the broker.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// use castore::consumer::Listeners;
///
/// # fn main() {
/// # let app_bus = AppBus::new();
/// let listeners = Listeners::<AppBus>::new()
///     .on(Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared), |message, _| async move {
///         println!("a wild pokemon: {}", message.event.aggregate_id);
///         Ok(())
///     })
///     .on(Filter::store::<Trainer>(), |message, _| async move {
///         println!("a trainer: {}", message.event.aggregate_id);
///         Ok(())
///     });
/// InMemoryMessageBusAdapter::attach_to(&app_bus).listen(listeners);
/// # }
/// ```
///
/// A consumer takes it as one handler: a message is done when all whose filter it passes are done with it, one after
/// the other, in the order in which they were added. If one fails the others are called all the same, and the message
/// fails with the gravest of the errors; when it is tried again, all are called again. Handlers that must not repeat one
/// another's work belong to consumers of their own.
///
/// Messages that pass no filter are acknowledged, unless [`otherwise`](Self::otherwise) takes them.
#[must_use = "listeners are called only once a consumer has them"]
pub struct Listeners<C: MessageChannel> {
    routes: Vec<Route<C::Message>>,
    otherwise: Option<Call<C::Message>>,
}

/// Whether a message, published as a replay or not, is for a handler.
type Passes<M> = Box<dyn Fn(&M, bool) -> bool + Send + Sync>;

struct Route<M> {
    passes: Passes<M>,
    patterns: Vec<FilterPattern>,
    handle: Call<M>,
}

impl<C: MessageChannel> Listeners<C> {
    /// None yet.
    pub fn new() -> Self {
        Self { routes: Vec::new(), otherwise: None }
    }

    /// Says that the handlers need the messages of each aggregate in their order. Does not compile for a channel that
    /// does not promise it.
    pub fn in_order(self) -> Self
    where
        C: Ordered,
    {
        self
    }

    /// Calls `handler` with each message that passes `filter`. See [`ChannelFilter`] for what a filter can be.
    pub fn on<F, M, H, Fut>(mut self, filter: F, handler: H) -> Self
    where
        // `M` apart from `F`, so that a filter of another channel is the compiler's one complaint, at the filter.
        F: ChannelFilter<C, Message = M>,
        H: Fn(ReceivedMessage<M>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let patterns = filter.patterns();
        let filter = Arc::new(filter);
        let receives = filter.clone();
        let handle: Call<C::Message> = Arc::new(move |message, context| match receives.receive(message) {
            Some(message) => Box::pin(handler(message, context)),
            // Two Rust types with one event store id: the message is of the other.
            None => Box::pin(std::future::ready(Ok(()))),
        });
        let passes = Box::new(move |message: &C::Message, replay| filter.passes(message, replay));
        self.routes.push(Route { passes, patterns, handle });
        self
    }

    /// Calls `handler` with each message that passes no filter.
    pub fn otherwise<H, Fut>(mut self, handler: H) -> Self
    where
        H: Fn(ReceivedMessage<C::Message>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.otherwise =
            Some(Arc::new(move |message, context| Box::pin(handler(ReceivedMessage::new(message), context))));
        self
    }

    /// The messages that a broker has to deliver, as far as it can tell them apart: a message is wanted if any one of
    /// these lets it pass. All of them, replays too, where [`otherwise`](Self::otherwise) wants the rest.
    pub fn patterns(&self) -> Vec<FilterPattern> {
        if self.otherwise.is_some() {
            return vec![FilterPattern::all().on_replay(true)];
        }
        self.routes.iter().flat_map(|route| route.patterns.iter().cloned()).collect()
    }

    /// Returns whether a message is for one of the handlers.
    #[doc(hidden)]
    pub fn wants(&self, message: &C::Message, replay: bool) -> bool {
        self.otherwise.is_some() || self.routes.iter().any(|route| (route.passes)(message, replay))
    }

    /// Combines the handlers into one.
    #[doc(hidden)]
    pub fn into_call(self: Arc<Self>) -> Call<C::Message> {
        Arc::new(move |message, context| {
            let listeners = self.clone();
            Box::pin(async move { listeners.handle(message, context).await })
        })
    }

    async fn handle(&self, message: Arc<C::Message>, context: MessageContext) -> Result<(), HandlerError> {
        let mut called = false;
        let mut gravest: Option<HandlerError> = None;
        let wanted = self.routes.iter().filter(|route| (route.passes)(&message, context.replay));
        for handle in wanted.map(|route| &route.handle) {
            called = true;
            let Err(error) = attempt::handle(handle, message.clone(), context.clone()).await else { continue };
            match &gravest {
                Some(graver) if gravity(graver.action()) >= gravity(error.action()) => {
                    log::<C>(&message, &error);
                }
                _ => {
                    if let Some(lesser) = gravest.replace(error) {
                        log::<C>(&message, &lesser);
                    }
                }
            }
        }
        if let (false, Some(handle)) = (called, &self.otherwise) {
            return handle(message, context).await;
        }
        match gravest {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

/// A message that is tried again is no dead letter yet; one that one handler skipped may matter to another.
fn gravity(action: FailureAction) -> u8 {
    match action {
        FailureAction::Skip => 0,
        FailureAction::Park => 1,
        FailureAction::Retry => 2,
        FailureAction::Stop => 3,
    }
}

/// The consumer is told of one error alone.
fn log<C: MessageChannel>(message: &C::Message, error: &HandlerError) {
    let about = message.as_message();
    tracing::warn!(
        message_channel = C::ID,
        event_store = about.event_store_id(),
        aggregate_id = about.aggregate_id(),
        version = about.version(),
        action = ?error.action(),
        error = error.words(),
        "one of several handlers failed"
    );
}

impl<C: MessageChannel> Default for Listeners<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: MessageChannel> fmt::Debug for Listeners<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Listeners")
            .field("channel", &C::ID)
            .field("patterns", &self.patterns())
            .finish_non_exhaustive()
    }
}
