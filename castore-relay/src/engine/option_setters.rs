/// Generates the option setters that all relay builders have in common, with their documentation. The builder must have
/// the field `options`.
#[doc(hidden)]
#[macro_export]
macro_rules! relay_option_setters {
    () => {
        /// Sets a name for this process, shown as the lease owner. Defaults to the process id with a random number. Use
        /// a different name for each start, so that a crashed process can be distinguished from its replacement.
        pub fn owner(mut self, owner: impl ::std::convert::Into<::std::string::String>) -> Self {
            self.options.owner = owner.into();
            self
        }

        /// Sets the time limit for each call of the channel's adapter, and for loading an aggregate. The limit must be
        /// shorter than the lease, and long enough for one message: after a call that took longer, the next calls have
        /// fewer messages. Defaults to 10 seconds.
        pub fn publish_timeout(mut self, publish_timeout: ::std::time::Duration) -> Self {
            self.options.publish_timeout = publish_timeout;
            self
        }

        /// Sets the backoff during an outage: the first delay is `base`, and the delay doubles after each failure, up
        /// to `max`. Each delay is shortened by up to half at random. Defaults to 100 milliseconds and 10 seconds.
        pub fn outage_backoff(mut self, base: ::std::time::Duration, max: ::std::time::Duration) -> Self {
            self.options.outage_backoff = (base, max);
            self
        }

        /// Sets the backoff between the attempts to publish a parked aggregate: the first delay is `base`, and the
        /// delay doubles after each failure, up to `max`. Each delay is shortened by up to half at random. Defaults to
        /// 1 second and 5 minutes.
        pub fn parked_backoff(mut self, base: ::std::time::Duration, max: ::std::time::Duration) -> Self {
            self.options.parked_backoff = (base, max);
            self
        }
    };
}
