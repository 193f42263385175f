//! Tests of the number of runs of a command, and of the arguments of its hook.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use castore::command::{CommandBackoff, find_event_already_exists};
use castore::prelude::*;
use castore::store::AggregateNotFoundError;
use serde_json::{Value, json};

use super::domain::*;
use crate::support::{Log, error_text, golden, object, original_text};

#[derive(Debug, thiserror::Error)]
enum CatchError {
    #[error(transparent)]
    Push(#[from] PushEventError),
    #[error(transparent)]
    Read(#[from] EventStoreError),
    #[error("conflict {}", .0.version)]
    Conflict(#[source] EventAlreadyExists),
    #[error("other error")]
    Other,
}

/// The configuration of a recorded case: the number of attempts that conflict, whether the next attempt fails with
/// another error, and a counter of the attempts.
#[derive(Clone)]
struct Script {
    conflicts: u32,
    then_other_error: bool,
    attempts: Arc<AtomicU32>,
}

tokio::task_local! {
    /// The log of the hook, which has no access to the arguments of the command.
    static HOOK: Log<Value>;
}

async fn log_conflict(error: &EventAlreadyExists, attempt: u32, retries_left: u32) {
    let text = match error.event_store_id.as_str() {
        "SCRIPT" => format!("conflict {}", error.version),
        _ => error.to_string(),
    };
    HOOK.with(|log| log.add(json!([text, {"attemptNumber": attempt, "retriesLeft": retries_left}])));
}

fn attempt(script: &Script, input: &str) -> Result<Value, CatchError> {
    let attempt = script.attempts.fetch_add(1, Ordering::SeqCst) + 1;
    if attempt <= script.conflicts {
        return Err(CatchError::Conflict(EventAlreadyExists::new("SCRIPT".to_owned(), "a".to_owned(), attempt.into())));
    }
    if script.then_other_error { Err(CatchError::Other) } else { Ok(json!({"attempt": attempt, "input": input})) }
}

macro_rules! commands {
    ($($name:ident $retries:literal;)+) => {$(
        #[command(id = "SCRIPTED", retries = $retries, backoff = CommandBackoff::NONE, on_event_already_exists = log_conflict)]
        async fn $name(input: &str, _pokemons: &impl Store<Pokemon>, script: &Script) -> Result<Value, CatchError> {
            attempt(script, input)
        }
    )+};
}

commands! {
    never 0;
    twice 2;
    five_times 5;
}

/// A command with the default options. The defaults differ from those of the original, which retries twice and without
/// a delay, so that concurrent commands on one aggregate give up too early.
#[command(id = "SCRIPTED")]
async fn by_default(input: &str, _pokemons: &impl Store<Pokemon>, script: &Script) -> Result<Value, CatchError> {
    attempt(script, input)
}

#[tokio::test]
async fn command_retries_match_the_recording() {
    let golden = golden("command");
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let mut seen = 0;
    for (case, recorded) in object(&golden["cases"]) {
        // Skips cases without a valid number of retries, which is unsigned in castore. Also skips cases in which the
        // hook fails, because a hook returns nothing in castore.
        let Some(retries) = recorded.get("retries").and_then(Value::as_u64) else { continue };
        if case.starts_with("hook throws") {
            continue;
        }
        let hook = recorded["onEventAlreadyExistsCalls"].as_array().unwrap();
        let script = Script {
            conflicts: hook.len() as u32,
            then_other_error: recorded["result"].get("error").is_some_and(|error| error["message"] == "other error"),
            attempts: Arc::default(),
        };
        let log = Log::new();
        let run = async {
            match retries {
                0 => never("in", &pokemons, &script).await,
                2 => twice("in", &pokemons, &script).await,
                5 => five_times("in", &pokemons, &script).await,
                other => panic!("no command with {other} retries"),
            }
        };
        let outcome = HOOK.scope(log.clone(), run).await;
        assert_eq!(script.attempts.load(Ordering::SeqCst), recorded["handlerCalls"].as_u64().unwrap() as u32, "{case}");
        assert_eq!(&log.entries(), hook, "{case}");
        match outcome {
            Ok(answer) => assert_eq!(answer, recorded["result"]["ok"], "{case}"),
            Err(error) => assert_eq!(error.to_string(), error_text(&recorded["result"]), "{case}"),
        }
        seen += 1;
    }
    assert_eq!(seen, 8);
    assert_eq!((never::ID, never::RETRIES, by_default::RETRIES, five_times::RETRIES), ("SCRIPTED", 0, 10, 5));
}

/// Yields between the read and the push, so that all concurrent runs read before any run pushes, as in the recorded
/// case.
#[command(id = "LEVEL_UP", retries = 2, backoff = CommandBackoff::NONE, on_event_already_exists = log_conflict)]
async fn level_up(id: &str, pokemons: &impl Store<Pokemon>) -> Result<Value, CatchError> {
    let pokemon = pokemons.get_existing_aggregate(id).await?.aggregate;
    tokio::task::yield_now().await;
    let pushed = pokemons.push_event(pokemon.next_event(PokemonEvent::LeveledUp)).await?;
    let next = pushed.next_aggregate.unwrap();
    Ok(json!({"level": next.level, "version": next.version}))
}

async fn outcome(pokemons: &EventStore<Pokemon>) -> Value {
    match level_up(PIKACHU, pokemons).await {
        Ok(answer) => json!({"ok": answer}),
        Err(error) => json!({"error": original_text(&error)}),
    }
}

#[tokio::test]
async fn concurrent_runs_match_the_recording() {
    let golden = golden("command");
    let three = &golden["cases"]["three concurrent runs of one command"];
    let four = &golden["cases"]["four concurrent runs: the fourth runs out of retries"];
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    pokemons.push_event(pikachu_appeared()).await.unwrap();
    let log = Log::new();
    let versions = async || -> Value {
        let events = pokemons.get_events(PIKACHU).await.unwrap();
        json!(events.iter().map(|event| event.version).collect::<Vec<_>>())
    };

    let results = HOOK
        .scope(log.clone(), async { tokio::join!(biased; outcome(&pokemons), outcome(&pokemons), outcome(&pokemons)) })
        .await;
    assert_eq!(json!([results.0, results.1, results.2]), three["results"]);
    assert_eq!(versions().await, three["finalVersions"]);

    let results = HOOK
        .scope(log.clone(), async {
            tokio::join!(biased; outcome(&pokemons), outcome(&pokemons), outcome(&pokemons), outcome(&pokemons))
        })
        .await;
    let mut wanted = four["results"].clone();
    wanted[3]["error"] = json!(error_text(&wanted[3]));
    assert_eq!(json!([results.0, results.1, results.2, results.3]), wanted);
    assert_eq!(versions().await, four["finalVersions"]);
    // The recorded log contains both commands.
    assert_eq!(Value::from(log.entries()), three["hook"]);
}

/// A conflict is found at any position in the chain of sources, but not if the event is stored.
#[test]
fn conflict_is_found_in_any_error_chain() {
    let conflict = EventAlreadyExists::new("S".to_owned(), "a".to_owned(), 3);
    let error = CatchError::Push(PushEventError::EventAlreadyExists(conflict.clone()));
    assert_eq!(find_event_already_exists(&error), Some(&conflict));
    let missing = AggregateNotFoundError { event_store_id: "S", aggregate_id: "a".to_owned() };
    assert_eq!(find_event_already_exists(&CatchError::Read(missing.into())), None);
}

#[command(id = "ARGUMENTS")]
async fn with_arguments(
    input: Vec<u32>,
    pokemons: &impl Store<Pokemon>,
    trainers: &impl Store<Trainer>,
    context: &Mutex<Vec<u32>>,
    note: String,
) -> Result<(usize, String), PushEventError> {
    let _ = (pokemons, trainers);
    context.lock().unwrap().extend(&input);
    Ok((input.len(), note))
}

/// Input, stores and context are passed unchanged.
#[tokio::test]
async fn arguments_are_passed_unchanged() {
    let storage = InMemoryEventStorageAdapter::new();
    let (pokemons, trainers) = (EventStore::<Pokemon>::new(storage.clone()), EventStore::<Trainer>::new(storage));
    let context = Mutex::new(vec![0]);
    let answer = with_arguments(vec![1, 2], &pokemons, &trainers, &context, "note".to_owned()).await.unwrap();
    assert_eq!(answer, (2, "note".to_owned()));
    assert_eq!(*context.lock().unwrap(), [0, 1, 2]);
}

/// The aliases name the types that the user wrote, even if the command and its types are local to a function, or if the
/// result type is an alias.
#[test]
fn module_names_the_types_of_a_command() {
    type Outcome<T> = Result<T, PushEventError>;
    struct Local;

    #[command(id = "LOCAL")]
    async fn local(input: &Local, pokemons: &impl Store<Pokemon>, context: &str) -> Outcome<u8> {
        let _ = (input, pokemons, context);
        Ok(0)
    }

    fn same<A: ?Sized, B: ?Sized>() -> bool {
        std::any::type_name::<A>() == std::any::type_name::<B>()
    }
    let pokemons = EventStore::<Pokemon>::without_adapter();
    drop(local(&Local, &pokemons, "context"));
    assert!(same::<local::Input, Local>() && same::<local::Context, str>());
    assert!(same::<local::Output, u8>() && same::<local::Error, PushEventError>());
    assert!(same::<with_arguments::Input, Vec<u32>>() && same::<with_arguments::Context, Mutex<Vec<u32>>>());
    assert!(same::<with_arguments::Output, (usize, String)>());
}

#[tokio::test(start_paused = true)]
async fn command_runs_again_ten_times_by_default_with_pauses() {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let begin = tokio::time::Instant::now();
    for (conflicts, runs_through) in [(10, true), (11, false)] {
        let script = Script { conflicts, then_other_error: false, attempts: Arc::default() };
        let outcome = by_default("in", &pokemons, &script).await;
        assert_eq!((outcome.is_ok(), script.attempts.load(Ordering::SeqCst)), (runs_through, 11), "{outcome:?}");
    }
    // Each command pauses ten times, for random times that add up to at most 4.27 seconds.
    assert!(begin.elapsed() > std::time::Duration::from_millis(100), "{:?}", begin.elapsed());
}
