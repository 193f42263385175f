use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::attempt::{self, Call};
use super::{ChannelFilter, FilterPattern, HandlerState, MessageContext, ReceivedMessage};
use crate::channel::{MessageChannel, Ordered};
use crate::consumer::{FailureAction, HandlerError};
use crate::message::ChannelMessage;
use crate::metrics::{self, Meter};

/// A set of handlers for the messages of channel `C`, each with its own filter. Every consumer accepts such a set.
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
/// A consumer treats the set as one handler. If a message passes the filters of several handlers, these handlers are
/// called one after the other, in the order in which they were added. The message counts as handled when all of them
/// have succeeded. If a handler fails, the other handlers are still called. The message then fails with the most severe
/// error. From the most to the least severe, the actions of errors are stop, retry, park and skip. A retry calls all of
/// these handlers again. If a handler must not be called again because another handler failed, use a separate consumer
/// for each handler.
///
/// A message that passes no filter is acknowledged, unless [`otherwise`](Self::otherwise) sets a handler for such
/// messages.
#[must_use = "no handler is called until the listeners are passed to a consumer; use the returned value"]
pub struct Listeners<C: MessageChannel> {
    routes: Vec<Route<C::Message>>,
    otherwise: Option<Call<C::Message>>,
    /// The name of the set in the attributes, and the meter that records the durations of calls.
    metered: Option<(Arc<str>, Arc<dyn Meter>)>,
}

/// A predicate on a message and its replay flag.
type Passes<M> = Box<dyn Fn(&M, bool) -> bool + Send + Sync>;

struct Route<M> {
    passes: Passes<M>,
    patterns: Vec<FilterPattern>,
    handle: Call<M>,
}

impl<C: MessageChannel> Listeners<C> {
    /// Creates an empty set.
    pub fn new() -> Self {
        Self { routes: Vec::new(), otherwise: None, metered: None }
    }

    /// Requires a channel that guarantees the order of each aggregate's messages. A call for any other channel is a
    /// compile error.
    pub fn in_order(self) -> Self
    where
        C: Ordered,
    {
        self
    }

    /// Calls `handler` with each message that passes `filter`. See [`ChannelFilter`] for what a filter can be.
    pub fn on<F, M, H, Fut>(mut self, filter: F, handler: H) -> Self
    where
        // `M` is a type parameter of its own, so that a filter of another channel causes a single compile error, at the
        // filter.
        F: ChannelFilter<C, Message = M>,
        H: Fn(ReceivedMessage<M>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let patterns = filter.patterns();
        let filter = Arc::new(filter);
        let receives = filter.clone();
        let handle: Call<C::Message> = Arc::new(move |message, context| match receives.receive(message) {
            Some(message) => Box::pin(handler(message, context)),
            // The message belongs to another Rust type with the same event store id.
            None => Box::pin(std::future::ready(Ok(()))),
        });
        let passes = Box::new(move |message: &C::Message, replay| filter.passes(message, replay));
        self.routes.push(Route { passes, patterns, handle });
        self
    }

    /// Calls `handler` with a clone of `state` and each message that passes `filter`.
    ///
    /// Use this method for handlers that need services, such as a connection pool or an event store. The handler can be
    /// a method of a struct, a closure or an async closure. A method receives the struct as `self: Arc<Self>`, because
    /// the future of a handler cannot borrow from the state. A closure can also receive a tuple of several values.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
    /// use castore::consumer::Listeners;
    ///
    /// struct Mailer {
    ///     sender: String,
    /// }
    ///
    /// impl Mailer {
    ///     async fn on_trainer(
    ///         self: Arc<Self>,
    ///         message: ReceivedMessage<NotificationMessage<Trainer>>,
    ///         _: MessageContext,
    ///     ) -> Result<(), HandlerError> {
    ///         println!("from {}: welcome, {}", self.sender, message.event.aggregate_id);
    ///         Ok(())
    ///     }
    /// }
    ///
    /// # fn main() {
    /// # let app_bus = AppBus::new();
    /// let mailer = Arc::new(Mailer { sender: "oak@example.com".to_owned() });
    /// let listeners = Listeners::<AppBus>::new()
    ///     .on_with_state(Filter::store::<Trainer>(), mailer.clone(), Mailer::on_trainer)
    ///     .on_with_state(Filter::store::<Pokemon>(), mailer, async |mailer, message, _| {
    ///         println!("from {}: {} has changed", mailer.sender, message.event.aggregate_id);
    ///         Ok(())
    ///     });
    /// InMemoryMessageBusAdapter::attach_to(&app_bus).listen(listeners);
    /// # }
    /// ```
    pub fn on_with_state<F, M, S, H, Fut>(self, filter: F, state: S, handler: H) -> Self
    where
        // `M` is separate from `F`, as in `on`.
        F: ChannelFilter<C, Message = M>,
        M: Send + Sync + 'static,
        S: HandlerState,
        H: Fn(S, ReceivedMessage<M>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.on(filter, move |message, context| handler(state.clone(), message, context))
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

    /// Calls `handler` with a clone of `state` and each message that passes no filter. See
    /// [`on_with_state`](Self::on_with_state). In a set without filters, the handler receives all messages of the
    /// channel.
    pub fn otherwise_with_state<S, H, Fut>(self, state: S, handler: H) -> Self
    where
        S: HandlerState,
        H: Fn(S, ReceivedMessage<C::Message>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.otherwise(move |message, context| handler(state.clone(), message, context))
    }

    /// Makes `meter` record the duration of each call of the set, as the instrument `messaging.process.duration`.
    /// `listener` is the name of the set, for the attribute `messaging.consumer.group.name`. By default, no durations
    /// are recorded.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
    /// use castore::consumer::Listeners;
    /// use castore::metrics::Meter;
    ///
    /// # fn example(app_bus: AppBus, meter: Arc<dyn Meter>) {
    /// let mails = Listeners::<AppBus>::new()
    ///     .on(Filter::store::<Pokemon>(), |_, _| async move { Ok(()) })
    ///     .metered("mails", meter);
    /// InMemoryMessageBusAdapter::attach_to(&app_bus).listen(mails);
    /// # }
    /// # fn main() {}
    /// ```
    pub fn metered(mut self, listener: impl Into<Arc<str>>, meter: Arc<dyn Meter>) -> Self {
        self.metered = Some((listener.into(), meter));
        self
    }

    /// Returns the filters as data, for brokers that can filter messages. A broker must deliver a message if it passes
    /// at least one of the patterns. If [`otherwise`](Self::otherwise) is set, there is a single pattern, which all
    /// messages pass, including replays.
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
        let metered = self.metered.clone();
        let call: Call<C::Message> = Arc::new(move |message, context| {
            let listeners = self.clone();
            Box::pin(async move { listeners.handle(message, context).await })
        });
        match metered {
            Some((listener, meter)) => metrics::metered(call, C::ID, listener, meter),
            None => call,
        }
    }

    async fn handle(&self, message: Arc<C::Message>, context: MessageContext) -> Result<(), HandlerError> {
        let mut called = false;
        let mut gravest: Option<HandlerError> = None;
        let wanted = self.routes.iter().filter(|route| (route.passes)(&message, context.replay));
        for handle in wanted.map(|route| &route.handle) {
            called = true;
            let Err(error) = attempt::catching_panics(handle, message.clone(), context.clone()).await else { continue };
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

/// Returns the precedence of an action. From the highest to the lowest precedence, the actions are stop, retry, park
/// and skip. Skip has the lowest precedence, because a message that one handler skips may still matter to another
/// handler.
fn gravity(action: FailureAction) -> u8 {
    match action {
        FailureAction::Skip => 0,
        FailureAction::Park => 1,
        FailureAction::Retry => 2,
        FailureAction::Stop => 3,
    }
}

/// Logs an error that is not returned to the consumer.
fn log<C: MessageChannel>(message: &C::Message, error: &HandlerError) {
    let about = message.as_message();
    tracing::warn!(
        channel = C::ID,
        event_store = about.event_store_id(),
        aggregate_id = about.aggregate_id(),
        version = about.version(),
        action = ?error.action(),
        error = error.words(),
        "a handler failed"
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
