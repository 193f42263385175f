use crate::support::{Place, TIMESTAMP, counts, pokemon_line};

/// Returns bad lines, each with the start of its report.
fn bad_lines() -> Vec<(Vec<u8>, &'static str)> {
    let event = |rest: &str| {
        format!(r#"{{"eventStoreId":"POKEMONS","event":{{"aggregateId":"bad","timestamp":"{TIMESTAMP}",{rest}}}}}"#)
    };
    let text = |line: &str| line.as_bytes().to_vec();
    let pokemon = |rest: &str| event(rest).into_bytes();
    vec![
        (text("not json"), "expected ident (column 2)"),
        (text("42"), "invalid type: integer `42`, expected a message with an eventStoreId"),
        (text("null"), "invalid type: null, expected a message with an eventStoreId"),
        (text("[]"), "invalid type: sequence, expected a message with an eventStoreId"),
        (text("{}"), "missing field `eventStoreId`"),
        (text(r#"{"eventStoreId":"POKEMONS""#), "EOF while parsing"),
        (text(r#"{"eventStoreId":"POKEMONS"}"#), "missing field `event`"),
        (text(r#"{"eventStoreId":7,"event":{}}"#), "invalid type: integer `7`, expected a string"),
        (text(r#"{"eventStoreId":"GYMS","event":{}}"#), "event store GYMS is not a source of the message channel"),
        (
            text(r#"{"eventStoreId":"POKEMONS","aggregateId":"bad","initialEventTimestamp":"2024-02-29"}"#),
            "missing field `event`",
        ),
        (format!("{} {}", pokemon_line("bad", 1), "again").into_bytes(), "trailing characters"),
        (
            text(r#"{"eventStoreId":"POKEMONS","event":{"version":1,"type":"LEVELED_UP"}}"#),
            "missing field `aggregateId`",
        ),
        (pokemon(r#""type":"LEVELED_UP""#), "missing field `version`"),
        (pokemon(r#""version":2"#), "missing field `type`"),
        (pokemon(r#""version":2,"type":"EVOLVED""#), "unknown event type"),
        // An event type of another event store.
        (pokemon(r#""version":2,"type":"GAME_STARTED","payload":{"trainerName":"Ash"}"#), "unknown event type"),
        (pokemon(r#""version":1,"type":"APPEARED""#), "missing"),
        (pokemon(r#""version":1,"type":"APPEARED","payload":{"name":"Pikachu"}"#), "missing field `level`"),
        (pokemon(r#""version":1,"type":"APPEARED","payload":{"name":"Pikachu","level":"2"}"#), "invalid type: string"),
        (pokemon(r#""version":1,"type":"APPEARED","payload":{"name":"Pikachu","level":-2}"#), "invalid value"),
        (pokemon(r#""version":0,"type":"LEVELED_UP""#), "POKEMONS aggregate bad cannot have version 0"),
        (pokemon(r#""version":-1,"type":"LEVELED_UP""#), "invalid value"),
        (pokemon(r#""version":1.5,"type":"LEVELED_UP""#), "invalid type: floating point"),
        (
            pokemon(r#""version":18446744073709551615,"type":"LEVELED_UP""#),
            "POKEMONS aggregate bad cannot have version",
        ),
        (pokemon(r#""version":18446744073709551616,"type":"LEVELED_UP""#), "invalid type: floating point"),
        (
            pokemon(r#""version":1,"type":"LEVELED_UP""#),
            "event LEVELED_UP cannot be version 1 of POKEMONS aggregate bad",
        ),
        (
            text(
                r#"{"eventStoreId":"POKEMONS","event":{"aggregateId":"bad","version":2,"type":"LEVELED_UP","timestamp":"yesterday"}}"#,
            ),
            "invalid value: other text, expected an ISO 8601 timestamp",
        ),
        (
            text(r#"{"eventStoreId":"POKEMONS","event":{"aggregateId":"bad","version":2,"type":"LEVELED_UP"}}"#),
            "missing field `timestamp`",
        ),
        (pokemon(r#""version":2,"type":"LEVELED_UP","metadata":{"trigger":"boredom"}"#), "unknown variant `boredom`"),
        (b"\xff\xfe{\0}\0".to_vec(), "not UTF-8"),
        (pokemon(&format!(r#""version":2,"type":"{}""#, "x".repeat(2 << 20))), "longer than 1048576 bytes"),
        (format!("{{\"deep\":{}", "[".repeat(100_000)).into_bytes(), "EOF while parsing a list"),
        (
            pokemon(&format!(
                r#""version":1,"type":"APPEARED","payload":{{"name":"Pikachu","level":{}1{}}}"#,
                "[".repeat(100_000),
                "]".repeat(100_000)
            )),
            "invalid type: sequence, expected u32",
        ),
        (b"\0".to_vec(), "expected value"),
        (text("{\"eventStoreId\":\"\\u001b[2J\"}"), "event store \u{fffd}[2J is not a source"),
    ]
}

#[test]
fn bad_lines_are_reported_and_the_import_continues() {
    let place = Place::new();
    let bad = bad_lines();
    let mut text = Vec::new();
    for (number, (line, _)) in bad.iter().enumerate() {
        // There is a good line before each bad line, and no line end after the last line.
        text.extend(pokemon_line("good", number as u64 + 1).as_bytes());
        text.push(b'\n');
        text.extend(line);
        text.push(b'\n');
    }
    let said = place.import(text).ok();
    assert_eq!(said.counts(), counts(bad.len(), 0, bad.len()), "{}", said.err);
    let reports: Vec<&str> = said.err.lines().collect();
    assert_eq!(reports.len(), bad.len(), "{}", said.err);
    for (number, ((line, why), report)) in bad.iter().zip(reports).enumerate() {
        let expected = format!("line {}: {why}", 2 * (number + 1));
        let line = String::from_utf8_lossy(&line[..line.len().min(200)]);
        assert!(report.starts_with(&expected), "{line}\n  expected {expected}\n  found    {report}");
        assert!(report.len() < 700 && !report.contains(char::is_control), "{report}");
    }
    assert_eq!(place.listed("POKEMONS"), ["good"]);
    assert!(place.stored("POKEMONS", "bad").is_empty());
}

#[test]
fn binary_file_is_one_bad_line() {
    let place = Place::new();
    let said = place.import(vec![0; 20 << 20]).ok();
    assert_eq!(said.counts(), counts(0, 0, 1));
    assert_eq!(said.err, "line 1: longer than 1048576 bytes\n");
}
