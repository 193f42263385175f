use crate::statement::Session;

/// A connection of sqlx: the `PgConnection` of sqlx 0.8 or 0.9. A connection of a pool dereferences to this type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `PgConnection` of sqlx 0.8 or 0.9",
    label = "not a `PgConnection`",
    note = "pass `&mut` a `PgConnection`: write `&mut *connection` for a connection of a pool"
)]
#[allow(private_bounds, reason = "the trait is sealed")]
pub trait SqlxConnection: Sealed {}

/// A transaction of sqlx: the `Transaction<'_, Postgres>` of sqlx 0.8 or 0.9.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Postgres transaction of sqlx 0.8 or 0.9",
    label = "not a `Transaction<'_, Postgres>`",
    note = "begin a transaction, and pass `&mut transaction`"
)]
#[allow(private_bounds, reason = "the trait is sealed")]
pub trait SqlxTransaction: Sealed {}

/// The part of [`SqlxConnection`] and [`SqlxTransaction`] that only this crate can implement.
pub(crate) trait Sealed: Send {
    fn session(&mut self) -> impl Session + Send;
}

macro_rules! connections {
    ($($feature:literal, $version:ident, $sqlx:ident;)+) => {$(
        #[cfg(feature = $feature)]
        impl SqlxConnection for $sqlx::PgConnection {}

        #[cfg(feature = $feature)]
        impl Sealed for $sqlx::PgConnection {
            fn session(&mut self) -> impl Session + Send {
                super::$version::SqlxSession::new(self)
            }
        }

        #[cfg(feature = $feature)]
        impl SqlxTransaction for $sqlx::Transaction<'_, $sqlx::Postgres> {}

        #[cfg(feature = $feature)]
        impl Sealed for $sqlx::Transaction<'_, $sqlx::Postgres> {
            fn session(&mut self) -> impl Session + Send {
                super::$version::SqlxSession::new(&mut **self)
            }
        }
    )+};
}

connections! {
    "sqlx-0_8", v08, sqlx_08;
    "sqlx-0_9", v09, sqlx_09;
}
