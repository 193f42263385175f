/// The whole game.
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
pub struct Game;
#[allow(dead_code)]
impl Game {
    /// The name of the consumer of `AppBus`.
    pub const SCREEN: &'static str = "screen";
}
const _: () = {
    const STORES: &[::castore::__private::StoreEntry] = &[
        ::castore::__private::StoreEntry::of::<Pokemon>("Pokemon"),
    ];
    const CHANNELS: &[::castore::__private::ChannelEntry] = &[
        ::castore::__private::ChannelEntry::of::<AppBus>("AppBus"),
    ];
    const READ_MODELS: &[::castore::__private::ReadModelEntry] = &[];
    const CONSUMED_0: ::castore::__private::ChannelEntry = ::castore::__private::ChannelEntry::of::<
        AppBus,
    >("AppBus");
    const CONSUMERS: &[::castore::__private::ConsumerEntry] = &[
        ::castore::__private::ConsumerEntry::new("screen", CONSUMED_0, false),
    ];
    const RELAYS: &[::castore::__private::RelayEntry] = &[];
    #[automatically_derived]
    impl ::castore::Wiring for Game {
        const NAME: &'static str = "Game";
        const STORES: &'static [::castore::__private::StoreEntry] = STORES;
        const CHANNELS: &'static [::castore::__private::ChannelEntry] = CHANNELS;
        const CONSUMERS: &'static [::castore::__private::ConsumerEntry] = CONSUMERS;
        const COMMANDS: &'static [&'static str] = &[];
        const READ_MODELS: &'static [::castore::__private::ReadModelEntry] = READ_MODELS;
        const RELAYS: &'static [::castore::__private::RelayEntry] = RELAYS;
    }
    const _: () = {
        struct Wiring<const IS_COMPLETE: bool>;
        #[allow(dead_code)]
        impl Wiring<true> {
            const CHECKED: () = ();
        }
        #[allow(dead_code)]
        impl Wiring<false> {
            #[deprecated(
                note = "no message channel of `Game` carries event store `Pokemon`; add it to the sources of a channel, or to `elsewhere` if its events are not published here"
            )]
            const CHECKED: () = ();
        }
        Wiring::<{ ::castore::__private::is_carried(&STORES[0], CHANNELS) }>::CHECKED
    };
    const _: () = ::castore::__private::assert_sources_listed(
        "Game",
        &CHANNELS[0],
        STORES,
    );
    const _: () = {
        struct Wiring<const IS_COMPLETE: bool>;
        #[allow(dead_code)]
        impl Wiring<true> {
            const CHECKED: () = ();
        }
        #[allow(dead_code)]
        impl Wiring<false> {
            #[deprecated(
                note = "message channel `AppBus` has no consumer in `Game`; list one, or add the channel to `elsewhere` if another program consumes it"
            )]
            const CHECKED: () = ();
        }
        Wiring::<{ ::castore::__private::is_consumed(&CHANNELS[0], CONSUMERS) }>::CHECKED
    };
    const _: () = ::castore::__private::assert_consumed_channel_listed(
        "Game",
        &CONSUMERS[0],
        CHANNELS,
    );
};
