//! The commands `dead-letters …`, which show, redrive (deliver again) and remove the stored dead letters of consumers.

use std::sync::Arc;

use castore_core::consumer::{DeadLetters, DeadLettersError, StoredDeadLetter};
use castore_core::error::error_chain;
use serde_json::{Value, json};

use super::report::{Report, text_of};

/// The maximum number of dead letters that a command lists or redrives.
const LIMIT: usize = 1_000;

/// Executes a command about dead letters. Returns `None` if the command is unknown.
///
/// # Errors
/// A text for the user that describes the failure.
pub(super) async fn execute(
    consumers: &[(String, Arc<dyn DeadLetters>)],
    command: &[&str],
    json: bool,
) -> Result<Option<Report>, String> {
    Ok(Some(match command {
        ["list", consumer] => {
            let letters = of(consumers, consumer)?.list(LIMIT).await.map_err(text)?;
            let rows: Vec<Value> = letters.iter().map(to_json).collect();
            Report::rows(&rows, json, |row| {
                format!("{}  {} attempts, {}", text_of(row, "id"), text_of(row, "attempts"), text_of(row, "errorClass"))
            })
        }
        ["show", consumer, id] => match of(consumers, consumer)?.get(id).await.map_err(text)? {
            Some(letter) if json => Report::good(format!("{:#}", to_json(&letter))),
            Some(letter) => Report::good(letter.body),
            None => return Err(unknown(consumer, id)),
        },
        ["redrive", consumer, "--all"] => {
            let letters = of(consumers, consumer)?;
            let mut redriven = 0;
            for letter in letters.list(LIMIT).await.map_err(text)? {
                redriven += usize::from(letters.redrive(&letter.id).await.map_err(text)?);
            }
            Report::good(format!("{redriven} dead letters were handed to {consumer} again"))
        }
        ["redrive", consumer, id] => {
            let found = of(consumers, consumer)?.redrive(id).await.map_err(text)?;
            done(found, "the dead letter was handed to its consumer again", consumer, id)?
        }
        ["drop", consumer, id] => {
            let found = of(consumers, consumer)?.remove(id).await.map_err(text)?;
            done(found, "the dead letter was removed", consumer, id)?
        }
        _ => return Ok(None),
    }))
}

fn of<'a>(consumers: &'a [(String, Arc<dyn DeadLetters>)], name: &str) -> Result<&'a dyn DeadLetters, String> {
    if consumers.is_empty() {
        return Err("the binary `operate` has no dead letters: call `dead_letters(consumer, letters)`".to_owned());
    }
    consumers.iter().find(|(of, _)| of == name).map(|(_, letters)| &**letters).ok_or_else(|| {
        let known: Vec<&str> = consumers.iter().map(|(name, _)| name.as_str()).collect();
        format!("the binary `operate` has no consumer {name}; its consumers are {}", known.join(", "))
    })
}

fn to_json(letter: &StoredDeadLetter) -> Value {
    // A body that is not JSON is shown as text.
    let body = serde_json::from_str(&letter.body).unwrap_or_else(|_| Value::String(letter.body.clone()));
    json!({
        "id": letter.id,
        "attempts": letter.attempts,
        "errorClass": letter.error_class,
        "replay": letter.replay,
        "body": body,
    })
}

fn done(found: bool, what: &str, consumer: &str, id: &str) -> Result<Report, String> {
    if found { Ok(Report::good(what)) } else { Err(unknown(consumer, id)) }
}

fn unknown(consumer: &str, id: &str) -> String {
    format!("{consumer} has no dead letter {id}")
}

fn text(error: DeadLettersError) -> String {
    error_chain(&error)
}
