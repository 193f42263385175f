//! The table of parked aggregates.

use std::collections::HashMap;

use super::ParkedProjectionAggregate;
use super::registry::{Registry, VersionKey, signed, unsigned};
use crate::driver::{DriverError as Error, Row};
use crate::statement::{Session, query_once};

impl Registry {
    /// Returns the position of the first event that is not applied yet, for each parked aggregate. The keys are pairs
    /// of event store id and aggregate id.
    pub(super) async fn parked_positions(
        &self,
        client: &impl Session,
        key: VersionKey,
    ) -> Result<HashMap<(String, String), u64>, Error> {
        let parked = self.parked(client, key.name, key.version).await?;
        Ok(parked.into_iter().map(|one| ((one.event_store_id, one.aggregate_id), one.next_position)).collect())
    }

    pub(super) async fn parked(
        &self,
        client: &impl Session,
        name: &str,
        version: u32,
    ) -> Result<Vec<ParkedProjectionAggregate>, Error> {
        let sql = format!(
            "SELECT event_store_id, aggregate_id, next_position, event_version, attempts, error FROM {}
             WHERE name = $1 AND version = $2 ORDER BY next_position",
            self.parked
        );
        let rows = self.statements.rows(client, &sql, &[&name, &i64::from(version)]).await?;
        rows.iter().map(parked_of).collect()
    }

    /// Parks an aggregate, or updates the row of an aggregate that is already parked.
    pub(super) async fn park(
        &self,
        client: &impl Session,
        key: VersionKey,
        aggregate: &ParkedProjectionAggregate,
    ) -> Result<(), Error> {
        let sql = format!(
            "INSERT INTO {} VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (name, version, event_store_id, aggregate_id) DO UPDATE SET
                next_position = EXCLUDED.next_position, event_version = EXCLUDED.event_version,
                attempts = EXCLUDED.attempts, error = EXCLUDED.error",
            self.parked
        );
        query_once(
            client,
            &sql,
            &[
                &key.name,
                &key.version(),
                &aggregate.event_store_id,
                &aggregate.aggregate_id,
                &signed(aggregate.next_position),
                &signed(aggregate.version),
                &i64::from(aggregate.attempts),
                &crate::storage::without_nul(&aggregate.error),
            ],
        )
        .await
        .map(drop)
    }

    /// Moves a parked aggregate to the position from which it continues. If `next_position` is `None`, unparks the
    /// aggregate.
    pub(super) async fn advance_parked(
        &self,
        client: &impl Session,
        key: VersionKey,
        aggregate: &(String, String),
        next_position: Option<u64>,
    ) -> Result<(), Error> {
        let at = "name = $1 AND version = $2 AND event_store_id = $3 AND aggregate_id = $4";
        let rows = match next_position {
            Some(next) => {
                let sql = format!("UPDATE {} SET next_position = $5 WHERE {at}", self.parked);
                query_once(client, &sql, &[&key.name, &key.version(), &aggregate.0, &aggregate.1, &signed(next)]).await
            }
            None => {
                let sql = format!("DELETE FROM {} WHERE {at}", self.parked);
                query_once(client, &sql, &[&key.name, &key.version(), &aggregate.0, &aggregate.1]).await
            }
        };
        rows.map(drop)
    }
}

fn parked_of(row: &Row) -> Result<ParkedProjectionAggregate, Error> {
    Ok(ParkedProjectionAggregate {
        event_store_id: row.try_get(0)?,
        aggregate_id: row.try_get(1)?,
        next_position: unsigned(row.try_get(2)?),
        version: unsigned(row.try_get(3)?),
        attempts: u32::try_from(row.try_get::<i64>(4)?).unwrap_or(u32::MAX),
        error: row.try_get(5)?,
    })
}
