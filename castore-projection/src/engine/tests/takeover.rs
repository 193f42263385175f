use std::time::Duration;

use castore_core::error::error_chain;

use super::support::{Counts, SOON, World, map, options, parking};
use crate::ProjectionError;

#[tokio::test(start_paused = true)]
async fn readers_see_the_old_version_until_the_new_one_has_caught_up() {
    let world = World::default();
    let mut last = 0;
    for version in 1..=20 {
        last = world.push("a", version, "HAPPENED").await;
    }
    let old = world.start(Counts::<1>::default(), options()).await;
    old.wait_for(last, SOON).await.unwrap();
    // The new version cannot apply this last event until the fault is removed, so it does not catch up.
    last = world.push("a", 21, "POISON").await;
    let new = Counts::<2>::default();
    let patient = options().attempts(u32::MAX);
    let running = world.start(new.clone(), patient).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!running.status().await.unwrap().live);
    assert_eq!(world.models.get::<Counts<2>>().unwrap().get("a"), Some(&20), "readers use version 1");
    new.heal();
    running.wait_for(last, SOON).await.unwrap();
    while !running.status().await.unwrap().live {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(world.counts(), map(&[("a", 21)]));
    let live: Vec<_> = world.models.versions(&world.log).await.unwrap().iter().map(|one| one.live).collect();
    assert_eq!(live, [false, true]);
}

#[tokio::test(start_paused = true)]
async fn an_older_version_that_starts_later_does_not_take_over() {
    let world = World::default();
    let last = world.push("a", 1, "HAPPENED").await;
    let new = world.start(Counts::<2>::default(), options()).await;
    new.wait_for(last, SOON).await.unwrap();
    let old = world.start(Counts::<1>::default(), options()).await;
    old.wait_for(last, SOON).await.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!old.status().await.unwrap().live);
    assert!(new.status().await.unwrap().live);
}

#[tokio::test(start_paused = true)]
async fn a_version_that_readers_use_cannot_be_dropped_and_dropping_another_stops_its_projection() {
    let world = World::default();
    let last = world.push("a", 1, "HAPPENED").await;
    let old = world.start(Counts::<1>::default(), options()).await;
    old.wait_for(last, SOON).await.unwrap();
    assert!(matches!(world.models.drop_version("counts", 1), Err(ProjectionError::Setup { .. })));
    let new = world.start(Counts::<2>::default(), options()).await;
    new.wait_for(last, SOON).await.unwrap();
    while !new.status().await.unwrap().live {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(world.models.drop_version("counts", 1).unwrap());
    assert!(!world.models.drop_version("counts", 1).unwrap());
    world.push("a", 2, "HAPPENED").await;
    let error = old.finished().await.unwrap_err();
    assert!(error_chain(&*error).contains("version 1 of the read model was dropped"), "{error:?}");
}

/// An aggregate that one version has parked is not parked for another version.
#[tokio::test(start_paused = true)]
async fn versions_park_on_their_own() {
    let world = World::default();
    world.push("a", 1, "PERMANENT").await;
    let last = world.push("b", 1, "HAPPENED").await;
    let old = world.start(Counts::<1>::default(), parking()).await;
    old.wait_for(last, SOON).await.unwrap();
    let new = Counts::<2>::default();
    new.heal();
    let new = world.start(new, parking()).await;
    new.wait_for(last, SOON).await.unwrap();
    assert_eq!((world.models.parked("counts", 1).len(), world.models.parked("counts", 2).len()), (1, 0));
}
