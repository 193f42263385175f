/// Adds the setters of a [`RequestPolicy`](crate::RequestPolicy) to a builder. The arguments are `self` and the field
/// with the policy: `request_options!(self, self.policy)`. This macro is for authors of adapters.
#[macro_export]
macro_rules! request_options {
    ($builder:ident, $($policy:ident).+) => {
        /// Sets the maximum number of times that a request, or an entry of a batch, is sent. Defaults to 10.
        pub fn attempts(mut $builder, attempts: u32) -> Self {
            $($policy).+ = $($policy).+.attempts(attempts);
            $builder
        }

        /// Sets the backoff between attempts. Each pause is a random duration below an upper bound, which starts at
        /// `first` and doubles with each attempt, up to `longest`. Defaults to 25 milliseconds and 2 seconds.
        pub fn backoff(mut $builder, first: ::std::time::Duration, longest: ::std::time::Duration) -> Self {
            $($policy).+ = $($policy).+.backoff(first, longest);
            $builder
        }

        /// Sets the time limit for one response of the service. Defaults to 10 seconds.
        pub fn timeout(mut $builder, timeout: ::std::time::Duration) -> Self {
            $($policy).+ = $($policy).+.timeout(timeout);
            $builder
        }
    };
}
