use std::fs;

use crate::support::{Place, pokemon_line, run};

#[test]
fn help_is_printed() {
    let said = run("pokemon", &["--help"], b"").ok();
    for word in ["--db PATH", "import FILE", "standard input", "line N: reason", "Exit status"] {
        assert!(said.out.contains(word), "{word}");
    }
}

#[test]
fn wrong_usage_exits_with_2() {
    for arguments in [&["--frobnicate"][..], &["--db"], &["import"], &["import", "a", "b"], &["dance"]] {
        let said = run("pokemon", arguments, b"");
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{arguments:?}");
        assert!(said.err.starts_with("error: ") && said.err.contains("Usage: pokemon"), "{}", said.err);
    }
}

#[test]
fn missing_file_is_reported_and_no_database_is_created() {
    let place = Place::new();
    let (db, missing) = (place.db(), place.path("missing.jsonl"));
    let said = run("pokemon", &["--db", &db, "import", &missing], b"");
    assert_eq!(said.code, 1);
    assert!(said.err.starts_with(&format!("error: cannot read {missing}: ")), "{}", said.err);
    assert!(!fs::exists(db).unwrap());
}

#[test]
fn importing_a_directory_is_rejected() {
    let place = Place::new();
    let folder = place.path("folder");
    fs::create_dir(&folder).unwrap();
    let said = run("pokemon", &["--db", &place.db(), "import", &folder], b"");
    assert_eq!(said.code, 1);
    assert_eq!(said.err, format!("error: cannot read {folder}: is a directory\n"));
}

#[test]
fn invalid_database_file_is_not_changed() {
    let place = Place::new();
    let folder = place.path("folder");
    fs::create_dir(&folder).unwrap();
    let said = run("pokemon", &["--db", &folder], b"");
    assert_eq!((said.code, said.err), (1, format!("error: {folder} is not a file; use the path of a database file\n")));

    let text = place.path("text");
    fs::write(&text, "dear diary, ".repeat(1000)).unwrap();
    let said = run("pokemon", &["--db", &text, "import", "-"], pokemon_line("p", 1).as_bytes());
    assert_eq!((said.code, said.err), (1, format!("error: {text} is not an SQLite database; use another file\n")));
    assert_eq!(fs::read_to_string(&text).unwrap(), "dear diary, ".repeat(1000));

    let lost = place.path("no/such/folder/game.db");
    let said = run("pokemon", &["--db", &lost], b"");
    assert_eq!((said.code, said.err), (1, format!("error: the folder of {lost} does not exist; create it first\n")));
}
