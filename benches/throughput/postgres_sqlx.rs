use std::time::Duration;

use castore::postgres::sqlx_09::postgres::{PgConnectOptions, PgPoolOptions};
use castore::postgres::tokio_postgres::config::{Config, Host};
use castore::prelude::*;
use tokio::runtime::Runtime;

use crate::measure::Report;
use crate::postgres::{Bench, Failure};

/// Measures the adapter with a pool of sqlx, compared with the native driver on the same table.
pub(crate) fn measure(bench: &Bench, runtime: &Runtime, report: &mut Report) -> Result<(), Failure> {
    const PUSHES: u64 = 1_000;
    let options = options(&std::env::var("CASTORE_TEST_DATABASE_URL")?)?;
    let storage = runtime.block_on(async {
        let pool = PgPoolOptions::new()
            .max_connections(16)
            .acquire_timeout(Duration::from_secs(30))
            .test_before_acquire(false)
            .connect_with(options)
            .await?;
        let builder = PostgresEventStorageAdapter::builder().schema("castore_bench");
        Ok::<_, Failure>(builder.from_pool(pool).await?)
    })?;
    let pokemons = EventStore::new(storage);
    report.case(
        "postgres: push with sqlx, 1 at a time",
        "",
        &mut || bench.pushes(&pokemons, runtime, 1, PUSHES),
        "the native driver",
        &mut || bench.pushes(&bench.pokemons, runtime, 1, PUSHES),
    )?;
    report.case(
        "postgres: push with sqlx, 16 at a time",
        "",
        &mut || bench.pushes(&pokemons, runtime, 16, PUSHES * 4),
        "the native driver",
        &mut || bench.pushes(&bench.pokemons, runtime, 16, PUSHES * 4),
    )
}

/// Returns the options for a connection string of the native driver.
fn options(url: &str) -> Result<PgConnectOptions, Failure> {
    let config: Config = url.parse()?;
    let mut options = PgConnectOptions::new();
    options = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => options.host(host),
        Some(Host::Unix(path)) => options.socket(path),
        None => options,
    };
    if let Some(port) = config.get_ports().first() {
        options = options.port(*port);
    }
    if let Some(user) = config.get_user() {
        options = options.username(user);
    }
    if let Some(password) = config.get_password() {
        options = options.password(std::str::from_utf8(password)?);
    }
    if let Some(database) = config.get_dbname() {
        options = options.database(database);
    }
    Ok(options)
}
