use serde_json::Value;

use crate::support::{Place, counts, pokemon_line, run};

#[test]
fn repeated_import_changes_nothing() {
    let place = Place::new();
    let text: String = (1..=3).map(|version| pokemon_line("p", version) + "\n").collect();
    let said = place.import(&text).ok();
    assert_eq!((said.counts(), said.err.as_str()), (counts(3, 0, 0).as_str(), ""));
    let stored = place.stored("POKEMONS", "p");
    assert_eq!(place.import(&text).ok().counts(), counts(0, 3, 0));
    assert_eq!(place.stored("POKEMONS", "p"), stored);
    // If the file has grown, only its new lines are imported.
    let text = text + &pokemon_line("p", 4) + "\n" + &pokemon_line("q", 1);
    assert_eq!(place.import(&text).ok().counts(), counts(2, 3, 0));
}

#[test]
fn import_keeps_ids_versions_timestamps_payloads_and_metadata() {
    let place = Place::new();
    let lines: Vec<String> = (1..=3).map(|version| pokemon_line("a#b ポケモン", version)).collect();
    place.import(lines.join("\n")).ok();
    let expected: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(place.stored("POKEMONS", "a#b ポケモン"), expected);
}

#[test]
fn import_reads_standard_input() {
    let place = Place::new();
    let text = [pokemon_line("p", 1), pokemon_line("p", 2)].join("\n");
    let said = run("pokemon", &["--db", &place.db(), "import", "-"], text.as_bytes()).ok();
    assert_eq!(said.counts(), counts(2, 0, 0));
    let said = run("pokemon", &["--db", &place.db(), "import", "-"], b"").ok();
    assert_eq!(said.counts(), counts(0, 0, 0));
}

#[test]
fn progress_is_hidden_without_a_terminal() {
    let place = Place::new();
    let said = place.import(pokemon_line("p", 1)).ok();
    assert_eq!(said.err, "");
    assert_eq!(said.out.lines().count(), 2, "{}", said.out);
}

#[test]
fn other_line_ends_byte_order_marks_and_blank_lines_are_accepted() {
    let place = Place::new();
    let text = format!("\u{feff}{}\r\n\r\n   \n\t\n{}\r\n\n{}", pokemon_line("p", 1), pokemon_line("p", 2), "bad");
    let said = place.import(text).ok();
    assert_eq!(said.counts(), counts(2, 0, 1));
    assert!(said.err.starts_with("line 7: "), "{}", said.err);
}

#[test]
fn many_lines_of_many_aggregates_keep_their_order() {
    const LINES: u64 = 20_000;
    const AGGREGATES: u64 = 997;
    let place = Place::new();
    // The aggregates alternate, so that the events of an aggregate are far apart. Some lines are bad.
    let mut text = String::new();
    for line in 0..LINES {
        text += &pokemon_line(&format!("p{}", line % AGGREGATES), line / AGGREGATES + 1);
        text += "\n";
        if line % 5_000 == 4_999 {
            text += "bad\n";
        }
    }
    let said = place.import(&text).ok();
    assert_eq!(said.counts(), counts(20_000, 0, 4));
    let numbers: Vec<&str> = said.err.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(numbers, ["line 5001", "line 10002", "line 15003", "line 20004"]);
    assert_eq!(place.listed("POKEMONS").len() as u64, AGGREGATES);
    for aggregate in [0, 1, 500, AGGREGATES - 1] {
        let versions: Vec<u64> = place
            .stored("POKEMONS", &format!("p{aggregate}"))
            .iter()
            .map(|message| message["event"]["version"].as_u64().unwrap())
            .collect();
        let expected = LINES / AGGREGATES + u64::from(aggregate < LINES % AGGREGATES);
        assert_eq!(versions, (1..=expected).collect::<Vec<_>>());
    }
    assert_eq!(place.import(&text).ok().counts(), counts(0, 20_000, 4));
}
