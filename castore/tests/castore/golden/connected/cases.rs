//! Tests of the recorded cases of connected stores, one by one.

use super::*;

#[tokio::test(start_paused = true)]
async fn connected_stores_behave_as_recorded() {
    let golden = golden("connected");
    let cases = object(&golden["cases"]);
    assert_eq!(cases.len(), 28);
    for (case, recorded) in cases {
        run(case, recorded).await;
    }
}

async fn run(case: &str, recorded: &Value) {
    let world = World::new();
    let log = recorded["log"].clone();
    match case {
        "notification: version 1" | "message options given to the adapter" => {
            let store = world.pokemons.connect(world.notification_pq());
            let answered = |outcome: Outcome| match case {
                "notification: version 1" => outcome,
                _ => outcome.map(|_| json!({"replay": false})),
            };
            let run = || async { answered(single(store.push_event(pikachu_appeared()).await)) };
            assert!(check(&world, recorded, log, run).await.is_none());
        }
        "notification: version 2 without prevAggregate (no read)" => {
            world.before([pikachu_appeared()]).await;
            let store = world.pokemons.connect(world.notification_pq());
            let run = || async { single(store.push_event(pikachu_caught()).await) };
            assert!(check(&world, recorded, log, run).await.is_none());
        }
        "stateCarrying: version 1 (aggregate from the push, no read)" => {
            let store = world.pokemons.connect(world.state_pq());
            let run = || async { single(store.push_event(pikachu_appeared()).await) };
            assert!(check(&world, recorded, log, run).await.is_none());
        }
        "stateCarrying: version 2 with prevAggregate (no read)" => {
            world.before([pikachu_appeared()]).await;
            let before = world.pokemons.get_existing_aggregate(PIKACHU).await.unwrap().aggregate;
            world.log.take();
            let store = world.pokemons.connect(world.state_pq());
            let run = || async { single(store.push_event(pikachu_caught()).prev_aggregate(before).await) };
            assert!(check(&world, recorded, log, run).await.is_none());
        }
        "stateCarrying: version 2 without prevAggregate (reads up to version 2)" => {
            world.before([pikachu_appeared()]).await;
            let store = world.pokemons.connect(world.state_pq());
            let run = || async { single(store.push_event(pikachu_caught()).await) };
            assert!(check(&world, recorded, log, run).await.is_none());
        }
        "stateCarrying: version 2 forced while version 3 exists (aggregate at version 2)" => {
            world.before([pikachu_appeared(), pikachu_caught(), pikachu_leveled_up()]).await;
            let store = world.pokemons.connect(world.state_pq());
            let run = || async { single(store.push_event(pikachu_caught()).force(true).await) };
            assert!(check(&world, recorded, log, run).await.is_none());
        }
        // In castore, both cases are compile errors: connecting a store to an aggregate-exists channel, and connecting
        // it to a channel that does not carry the store.
        "aggregateExists channel: nothing is published" | "channel does not know the store: event stays stored" => {}
        "original store has onEventPushed: hook first, then publish" => {
            world.hook();
            let store = world.pokemons.connect(world.notification_pq());
            let run = || async { single(store.push_event(pikachu_appeared()).await) };
            assert!(check(&world, recorded, log, run).await.is_none());
        }
        "pushing on the original store publishes nothing" => {
            world.hook();
            let _connected = world.pokemons.connect(world.notification_pq());
            let run = || async { single(world.pokemons.push_event(pikachu_appeared()).await) };
            assert!(check(&world, recorded, log, run).await.is_none());
        }
        "setting onEventPushed on the connected store sets it on the original and keeps publishing" => {
            world.hook();
            let store = world.pokemons.connect(world.notification_pq());
            let hook_log = world.log.clone();
            store.event_store().on_event_pushed(move |_| {
                hook_log.add(json!(["override called"]));
                async { Ok(()) }
            });
            let run = || async {
                store.push_event(pikachu_appeared()).await?;
                world.pokemons.push_event(pikachu_caught()).await?;
                Ok(recorded["result"]["ok"].clone())
            };
            assert!(check(&world, recorded, log, run).await.is_none());
        }
        "hook throws: stored, not published, caller sees the hook's error" => {
            let hook_log = world.log.clone();
            world.pokemons.on_event_pushed(move |pushed| {
                log_hook(&hook_log, "pokemons.onEventPushed", &pushed);
                async { Err(HandlerError::new("hook failed")) }
            });
            let store = world.pokemons.connect(world.notification_pq());
            let run = || async { single(store.push_event(pikachu_appeared()).await) };
            let error = check(&world, recorded, log, run).await.unwrap();
            let error = stored_but_not_published(error, error_text(&recorded["result"]));
            assert_eq!(error.pushed::<Pokemon>().next().unwrap().event.version, 1);
            assert!(matches!(error.failures()[0].step, castore::store::AfterPushStep::OnEventPushed(_)));
        }
        "storage refuses the event: nothing published" => {
            world.before([pikachu_appeared()]).await;
            let store = world.pokemons.connect(world.notification_pq());
            let run = || async { single(store.push_event(pikachu_appeared()).await) };
            let error = check(&world, recorded, log, run).await.unwrap();
            assert_eq!(original_text(&error), error_text(&recorded["result"]));
            assert!(matches!(error, PushEventError::EventAlreadyExists(_)));
        }
        "channel fails: event stays stored, caller sees the channel's error" => {
            let channel = NotificationPq::new();
            let adapter = watched(&world.log, "pq");
            adapter.break_down();
            channel.set_adapter(adapter);
            let store = world.pokemons.connect(channel);
            let run = || async { single(store.push_event(pikachu_appeared()).await) };
            let error = check(&world, recorded, log, run).await.unwrap();
            let error = stored_but_not_published(error, error_text(&recorded["result"]));
            let pushed = error.pushed::<Pokemon>().next().unwrap();
            assert_eq!(pushed.event, happened(pikachu_appeared()));
        }
        "channel has no adapter: event stays stored" => {
            let store = world.pokemons.connect(NotificationPq::new());
            let run = || async { single(store.push_event(pikachu_appeared()).await) };
            let error = check(&world, recorded, log, run).await.unwrap();
            stored_but_not_published(error, error_text(&recorded["result"]));
        }
        "force passes through" => {
            world.before([pikachu_appeared()]).await;
            let store = world.pokemons.connect(world.notification_pq());
            let run = || async { single(store.push_event(pikachu_appeared()).force(true).await) };
            assert!(check(&world, recorded, log, run).await.is_none());
        }
        "group across two connected stores (first slow)" => {
            world.before([ash_started()]).await;
            let channel = NotificationPq::new();
            channel.set_adapter(watched(&world.log, "pq").slow(Duration::from_millis(20)));
            let pokemons = world.pokemons.connect(channel);
            let trainers = world.trainers.connect(world.trainer_bus.clone());
            let run = || async {
                let elements = (pokemons.group_event(pikachu_appeared()), trainers.group_event(now(ash_caught())));
                group(push_event_group(elements).await)
            };
            let log = in_order(&log, &[0, 4, 1, 2, 3]);
            assert!(check(&world, &at_one_moment(recorded), log, run).await.is_none());
        }
        "group: prevAggregate of a grouped event is used for the state-carrying message" => {
            world.before([ash_started()]).await;
            let ash = EventStore::<Trainer>::new(world.inner.clone()).get_existing_aggregate(ASH).await.unwrap();
            let pokemons = world.pokemons.connect(world.notification_pq());
            let trainers = world.trainers.connect(world.trainer_bus.clone());
            let run = || async {
                let ash = trainers.group_event(now(ash_caught())).prev_aggregate(ash.aggregate);
                group(push_event_group((pokemons.group_event(pikachu_appeared()), ash)).await)
            };
            let log = in_order(&log, &[0, 2, 1, 3]);
            assert!(check(&world, &at_one_moment(recorded), log, run).await.is_none());
        }
        "group: storage refuses one event: nothing published, all rolled back" => {
            world.before([ash_started()]).await;
            let pokemons = world.pokemons.connect(world.notification_pq());
            let trainers = world.trainers.connect(world.trainer_bus.clone());
            let run = || async {
                let elements = (pokemons.group_event(pikachu_appeared()), trainers.group_event(now(ash_started())));
                group(push_event_group(elements).await)
            };
            let error = check(&world, recorded, log, run).await.unwrap();
            assert_eq!(original_text(&error), error_text(&recorded["result"]));
        }
        "group: first channel fails while the second is slow: caller sees the error before the second is done" => {
            let channel = NotificationPq::new();
            let adapter = watched(&world.log, "pq");
            adapter.break_down();
            channel.set_adapter(adapter);
            world.trainer_bus.set_adapter(watched(&world.log, "tb").slow(Duration::from_millis(20)));
            let pokemons = world.pokemons.connect(channel);
            let trainers = world.trainers.connect(world.trainer_bus.clone());
            let run = || async {
                let elements = (pokemons.group_event(pikachu_appeared()), trainers.group_event(now(ash_started())));
                let outcome = group(push_event_group(elements).await);
                world.log.add(json!(["caller returned"]));
                outcome
            };
            // After the first publish fails, the second is attempted, too. The push returns when all publishes are
            // done.
            let log = in_order(&log, &[0, 2, 1, 4, 3]);
            let error = check(&world, recorded, log, run).await.unwrap();
            let error = stored_but_not_published(error, error_text(&recorded["result"]["ok"]));
            assert_eq!(error.failures().len(), 1);
            assert_eq!((error.pushed::<Pokemon>().count(), error.pushed::<Trainer>().count()), (1, 1));
        }
        "group: hook on one store and publishes of both" => {
            world.hook();
            let pokemons = world.pokemons.connect(world.notification_pq());
            let trainers = world.trainers.connect(world.trainer_bus.clone());
            let run = || async {
                let elements = (pokemons.group_event(pikachu_appeared()), trainers.group_event(now(ash_started())));
                group(push_event_group(elements).await)
            };
            let log = in_order(&log, &[0, 2, 4, 1, 3]);
            assert!(check(&world, &at_one_moment(recorded), log, run).await.is_none());
        }
        "group: a connected and a plain store" => {
            let pokemons = world.pokemons.connect(world.notification_pq());
            let run = || async {
                let elements =
                    (pokemons.group_event(pikachu_appeared()), world.trainers.group_event(now(ash_started())));
                group(push_event_group(elements).await)
            };
            assert!(check(&world, &at_one_moment(recorded), log, run).await.is_none());
        }
        "group: two versions of one aggregate, state-carrying, no prevAggregate" => {
            world.before([pikachu_appeared()]).await;
            let pokemons = world.pokemons.connect(world.state_pq());
            let run = || async {
                let elements =
                    (pokemons.group_event(pikachu_caught()), pokemons.group_event(now(pikachu_leveled_up())));
                group(push_event_group(elements).await)
            };
            let log = in_order(&log, &[0, 2, 4, 1, 3, 5]);
            assert!(check(&world, &at_one_moment(recorded), log, run).await.is_none());
        }
        "group: two versions of one aggregate, first publish slower than second" => {
            world.before([pikachu_appeared()]).await;
            let channel = NotificationPq::new();
            let delivered = world.log.clone();
            let adapter = Watched::<NotificationPqMessage>::new().slow(Duration::from_millis(20));
            channel.set_adapter(adapter.telling(move |message, _, what| {
                if what == "done" {
                    delivered.add(json!(["delivered", message.as_message().version()]));
                }
            }));
            use castore::message::ChannelMessage as _;
            let pokemons = world.pokemons.connect(channel);
            let run = || async {
                let elements =
                    (pokemons.group_event(pikachu_caught()), pokemons.group_event(now(pikachu_leveled_up())));
                group(push_event_group(elements).await)
            };
            assert_eq!(log, json!([["delivered", 3], ["delivered", 2]]));
            let log = in_order(&log, &[1, 0]);
            assert!(check(&world, &at_one_moment(recorded), log, run).await.is_none());
        }
        "connected store around a connected store publishes to both, inner first" => {
            let second = Second::new();
            second.set_adapter(watched(&world.log, "second"));
            let store = world.pokemons.connect(world.notification_pq()).connect(second);
            let run = || async {
                store.push_event(pikachu_appeared()).await?;
                world.log.add(json!(["--- now a group"]));
                push_event_group((store.group_event(pikachu_caught()),)).await?;
                Ok(recorded["result"]["ok"].clone())
            };
            let mut recorded = recorded.clone();
            recorded["result"]["ok"] = json!(null);
            let run = || async { run().await.map(|_| json!(null)) };
            assert!(check(&world, &recorded, log, run).await.is_none());
        }
        "reads go straight to the original" => {
            world.before([pikachu_appeared(), pikachu_caught()]).await;
            let store = world.pokemons.connect(world.notification_pq());
            let run = || async {
                let loaded = store.get_aggregate(PIKACHU).await.unwrap();
                let ids = store.list_aggregate_ids().await.unwrap().aggregate_ids.len();
                let adapters = [store.event_store(), &world.pokemons].map(EventStore::event_storage_adapter);
                let [one, other] = adapters.map(Option::unwrap);
                Ok(json!({
                    "id": store.event_store_id(),
                    "aggregate": as_json(&loaded.aggregate.unwrap()),
                    "ids": ids,
                    "sameAdapter": Arc::ptr_eq(&one, &other),
                }))
            };
            assert!(check(&world, recorded, log, run).await.is_none());
        }
        "changing the adapter on the connected store changes the original" => {
            let store = world.pokemons.connect(world.notification_pq());
            let other = Arc::new(InMemoryEventStorageAdapter::new());
            store.event_store().set_event_storage_adapter(Some(other.clone()));
            let run = || async {
                let id = world.pokemons.event_storage_adapter().unwrap().storage_id();
                use castore::storage::EventStorageAdapter as _;
                let same = id == other.storage_id();
                Ok(json!({"original": same, "getter": same}))
            };
            assert!(check(&world, recorded, log, run).await.is_none());
        }
        other => panic!("unknown case {other:?}"),
    }
}
