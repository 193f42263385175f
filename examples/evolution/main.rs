//! A store of parcels, and four versions of a program that uses this store with different event types.
//!
//! ```text
//! cargo run --example evolution
//! ```
//!
//! A program normally contains only its newest version. This example also contains the earlier versions. They store
//! events in the earlier forms, and show what a program reads that is not updated yet. The newest version declares the
//! payloads of the earlier versions, with conversions.
//!
//! * `v1.rs`: three event types
//! * `v2.rs`: a new field (`SENT_V2`), and a new name for `STAMPED`
//! * `v3.rs`: a field with another shape (`SENT_V3`), an event type that is no longer pushed, and a variant for the
//!   event types of newer programs
//! * `v4.rs`: an event type that is split into two
#![allow(unreachable_pub, reason = "a program exports nothing; `pub` marks the items for other modules")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod v1;
mod v2;
mod v3;
mod v4;

use std::error::Error;
use std::fmt::Debug;
use std::process::ExitCode;

use castore::prelude::*;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", castore::error::error_chain(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let storage = InMemoryEventStorageAdapter::new();
    push_v1(&EventStore::new(storage.clone())).await?;
    push_v2(&EventStore::new(storage.clone())).await?;
    push_v3(&EventStore::new(storage.clone())).await?;
    push_v4(&EventStore::new(storage.clone())).await?;

    println!("version 4 reads");
    let parcels = EventStore::<v4::Parcel>::new(storage.clone());
    for id in ["first", "second", "third", "fourth"] {
        print_parcel(&parcels, id).await?;
    }
    println!("version 3, which is still running, reads");
    print_parcel(&EventStore::<v3::Parcel>::new(storage), "fourth").await?;
    Ok(())
}

/// Prints each event of a parcel with its stored type and its type in the program, and then the state of the parcel.
async fn print_parcel<S>(parcels: &EventStore<S>, id: &str) -> Result<(), Box<dyn Error>>
where
    S: EventSourced<AggregateId = String> + Debug,
{
    for stored in parcels.get_events(id).with_raw().await? {
        println!("  {id} {}: {} is {:?}", stored.version, stored.raw().event_type, stored.event_type());
    }
    println!("  {id} is {:?}", parcels.get_existing_aggregate(id).await?.aggregate.state);
    Ok(())
}

async fn push_v1(parcels: &EventStore<v1::Parcel>) -> Result<(), PushEventError> {
    use v1::ParcelEvent::{Closed, Sent, Stamped};
    parcels.push_event(NewEvent::new("first", 1, Sent { to: "Ada, London".to_owned() })).await?;
    parcels.push_event(NewEvent::new("first", 2, Stamped { office: "Soho".to_owned() })).await?;
    parcels.push_event(NewEvent::new("first", 3, Closed { problem: None })).await?;
    Ok(())
}

async fn push_v2(parcels: &EventStore<v2::Parcel>) -> Result<(), PushEventError> {
    use v2::ParcelEvent::{CheckedIn, Closed, Sent};
    parcels.push_event(NewEvent::new("second", 1, Sent { to: "Grace, Arlington".to_owned(), grams: 250 })).await?;
    parcels.push_event(NewEvent::new("second", 2, CheckedIn { office: "Dock".to_owned() })).await?;
    parcels.push_event(NewEvent::new("second", 3, Closed { problem: Some("no such street".to_owned()) })).await?;
    Ok(())
}

async fn push_v3(parcels: &EventStore<v3::Parcel>) -> Result<(), PushEventError> {
    use v3::ParcelEvent::Sent;
    parcels.push_event(NewEvent::new("third", 1, Sent(sent("Tony", "Oxford", 500)))).await?;
    Ok(())
}

async fn push_v4(parcels: &EventStore<v4::Parcel>) -> Result<(), PushEventError> {
    use v4::ParcelEvent::{Delivered, Sent};
    parcels.push_event(NewEvent::new("fourth", 1, Sent(sent("Barbara", "Boston", 750)))).await?;
    parcels.push_event(NewEvent::new("fourth", 2, Delivered)).await?;
    Ok(())
}

fn sent(name: &str, city: &str, grams: u32) -> v3::Sent {
    v3::Sent { to: v3::Address { name: name.to_owned(), city: city.to_owned() }, grams }
}
