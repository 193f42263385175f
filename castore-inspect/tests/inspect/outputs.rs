//! Tests that compare the outputs of the game with golden files. `BLESS=1` writes the files.

use std::path::Path;

use castore::inspect::Inspect;

use crate::game::Game;

fn assert_golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inspect/golden").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == found, "{name} differs; if this is intended, run the test with BLESS=1\n\n{found}");
}

#[test]
fn graph_is_a_mermaid_flowchart() {
    assert_golden("game.mmd", &Game::graph().mermaid());
}

#[test]
fn graph_is_a_page() {
    let page = Game::graph().html();
    assert!(!page.contains("<script") && !page.contains("href"), "self-contained");
    assert_golden("game.html", &page);
}

#[test]
fn asyncapi_lists_channels_operations_and_messages() {
    assert_golden("asyncapi.json", &format!("{:#}\n", Game::asyncapi("1.0.0")));
}

#[test]
fn json_schema_defines_events_and_aggregates() {
    assert_golden("schema.json", &format!("{:#}\n", Game::json_schema()));
}

#[test]
fn description_is_json() {
    assert_golden("game.json", &format!("{:#}\n", Game::to_json()));
}

#[test]
fn catalog_has_a_page_for_each_event() {
    let files = Game::catalog("1.0.0");
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert!(names.contains(&"events/POKEMONS.APPEARED/schema.json"), "{names:?}");
    for (name, text) in &files {
        assert_golden(&format!("catalog/{name}"), text);
    }
}
