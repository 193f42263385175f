//! Tests of rules that hold for all texts.

use crate::cases::{Case, cases};
use crate::says::SAYS;

/// Cases with more than one error, and the reason. The first error always names the mistake.
const SEVERAL_ERRORS: &[(&str, usize, &str)] = &[
    // Several mistakes, or one mistake that is marked at two locations.
    ("channel/attribute-several-mistakes", 6, "five mistakes, one marked at both places"),
    ("channel/several-mistakes", 6, "five mistakes, one marked at both places"),
    ("command/several-mistakes", 5, "five mistakes"),
    ("event-store/several-mistakes", 3, "three mistakes"),
    ("event/several-mistakes", 5, "five mistakes"),
    ("channel/store-listed-twice", 2, "marked at both places"),
    ("channel/two-stores-of-one-name", 2, "marked at both places"),
    ("channel/two-stores-of-one-name-with-state", 2, "marked at both places"),
    ("event-store/duplicate-id", 2, "marked at both places"),
    ("event/two-variants-of-one-type", 2, "marked at both places"),
    ("event/type-of-another-variant", 2, "marked at both places"),
    ("evolution/retired-twice", 2, "marked at both places"),
    ("channel/not-an-event-store-in-two-channels", 2, "marked at both places"),
    ("channel/two-of-one-name", 2, "marked at both places"),
    ("channel/words-of-the-original", 2, "two mistakes"),
    ("event-store/words-of-the-original", 3, "three mistakes"),
    ("command/words-of-the-original", 2, "two mistakes"),
    // A mistake that a macro cannot detect causes an error in each generated item that depends on it.
    (
        "channel/two-of-one-name-in-two-calls",
        21,
        "each generated item that there is twice; a macro sees only its own call",
    ),
    ("channel/message-name-taken", 5, "each item of the name, which the compiler confuses with the other"),
    ("channel/store-listed-twice-by-alias", 4, "each impl that there is twice, and the id"),
    ("event-subset/of-no-event-enum", 2, "the type, and the use of its variants"),
    // The compiler checks each bound of a trait, and each use of a type, separately.
    ("command/called-with-another-store", 3, "a call of an `async fn`, its future and its `.await`"),
    ("event-store/reducer-without-store", 3, "each use of the type as an event store, in the user's own code"),
    ("listen/error-without-class", 2, "a call that returns a closure, and the use of the closure"),
    ("connect/swapped-arguments", 2, "both arguments"),
    ("state/not-clone", 2, "the state, and the user's own impl for it"),
    ("state/not-shared", 3, "the state, and the user's own impl for it, with `Send` and `Sync`"),
];

/// Cases in which the compiler's own text is good: it uses the user's names, and is about the user's code.
const IN_THE_COMPILERS_WORDS: &[(&str, &str)] = &[
    ("channel/missing-source", "missing field `trainer`"),
    ("channel/no-sources-given", "this function takes 1 argument"),
    ("channel/source-of-another-store", "mismatched types"),
    ("channel/store-listed-twice-by-alias", "conflicting implementations of trait"),
    ("command/called-with-another-input", "mismatched types"),
    ("command/called-without-context", "this function takes 3 arguments"),
    ("command/hook-of-another-error", "mismatched types"),
    ("command/option-instead-of-result", "mismatched types"),
    ("command/value-is-not-clone", "the trait bound `Ball: Clone` is not satisfied"),
    ("event-store/reducer-misses-an-event", "non-exhaustive patterns"),
    ("event-store/reducer-of-another-event", "mismatched types"),
    ("event-subset/field-of-another-type", "mismatched types"),
    ("event-subset/match-misses-an-event", "non-exhaustive patterns"),
    ("event-subset/not-clone", "the trait bound `Mailed: Clone` is not satisfied"),
    ("event-subset/unknown-field", "variant `PokemonEvent::Appeared` does not have a field"),
    ("event-subset/unknown-variant", "no variant named `GainedLevel`"),
    ("event/not-clone", "the trait bound `OrderEvent: Clone` is not satisfied"),
    ("evolution/pushed", "mismatched types"),
    ("group/answer-of-a-third-element", "mismatched types"),
    ("group/answer-of-another-store", "no field `victories`"),
    ("group/event-of-another-store", "mismatched types"),
    ("listen/function-of-another-store", "type mismatch in function arguments"),
    ("listen/handler-of-another-store", "type mismatch in closure arguments"),
    ("listen/handler-of-another-store-one-store", "type mismatch in closure arguments"),
    ("listen/listeners-of-another-channel", "mismatched types"),
    ("listen/method-of-another-store", "type mismatch in function arguments"),
    ("listen/method-with-borrowed-self", "type mismatch in function arguments"),
    ("listen/worker-of-another-channel", "type mismatch in closure arguments"),
    ("channel/connected-store-as-source", "mismatched types"),
    ("publish/aggregate-of-another-store", "mismatched types"),
    ("publish/state-carrying-without-aggregate", "missing field `aggregate`"),
    ("push/event-of-another-store", "mismatched types"),
    ("push/event-of-another-store-connected", "mismatched types"),
    ("push/metadata-of-a-store-without", "mismatched types"),
    ("push/negative-version", "cannot apply unary operator"),
    ("push/next-aggregate-without-check", "no field `level` on type"),
    ("push/next-event-of-another-store", "mismatched types"),
    ("push/no-version", "this function takes 3 arguments"),
    ("push/payload-of-another-store", "mismatched types"),
    ("push/payload-without-a-field", "missing field `name`"),
    ("push/simulated-events-of-another-store", "type mismatch resolving"),
    ("push/undeclared-event", "no variant or associated item named `Fainted`"),
    ("snapshots/snapshots-of-another-store", "mismatched types"),
];

/// The first words of the compiler's own errors.
const COMPILERS_WORDS: [&str; 12] = [
    "mismatched types",
    "type mismatch",
    "the trait bound",
    "the method `",
    "no method named",
    "no function or associated item",
    "no variant or associated item",
    "no field",
    "missing field",
    "this function takes",
    "type annotations needed",
    "conflicting implementations",
];

#[test]
fn one_mistake_is_one_error() {
    for case in cases() {
        let found = case.errors().len();
        let exception = SEVERAL_ERRORS.iter().find(|(name, ..)| *name == case.name);
        let expected = exception.map_or(1, |(_, errors, _)| *errors);
        assert_eq!(found, expected, "errors of {}", case.name);
    }
    check_names(SEVERAL_ERRORS.iter().map(|(name, ..)| *name));
}

#[test]
fn first_error_has_a_text_of_the_library() {
    for case in cases() {
        let headline = case.headline().split_once(": ").map_or("", |(_, headline)| headline);
        match IN_THE_COMPILERS_WORDS.iter().find(|(name, _)| *name == case.name) {
            Some((_, words)) => assert!(headline.starts_with(words), "{} says: {headline}", case.name),
            None => assert!(
                !COMPILERS_WORDS.iter().any(|words| headline.starts_with(words)),
                "{} says in the compiler's words: {headline}",
                case.name
            ),
        }
    }
    check_names(IN_THE_COMPILERS_WORDS.iter().map(|(name, _)| *name));
}

#[test]
fn every_text_contains_the_required_parts() {
    let cases = cases();
    let mut used = vec![false; SAYS.len()];
    for case in &cases {
        let rows: Vec<usize> = (0..SAYS.len()).filter(|row| matches(SAYS[*row].0, case)).collect();
        assert!(!rows.is_empty(), "no text is required of {}: add it to `SAYS`", case.name);
        let errors = case.errors();
        // Errors after the first one are not checked, except in cases with several mistakes.
        let text = if case.name.ends_with("several-mistakes") { errors.concat() } else { errors[0].to_owned() };
        for row in rows {
            used[row] = true;
            for words in SAYS[row].1 {
                assert!(text.contains(words), "{} does not say `{words}`:\n{text}", case.name);
            }
        }
    }
    for (row, used) in SAYS.iter().zip(used) {
        assert!(used, "no case is called {}", row.0);
    }
}

#[test]
fn every_case_has_a_twin_that_compiles() {
    // A case with several mistakes differs in more lines.
    const DIFFERENT_LINES: usize = 4;
    for case in cases() {
        let twin = case.twin();
        let twin = twin.unwrap_or_else(|| panic!("{} has no twin of its name in pass/", case.name));
        let twin: Vec<&str> = twin.lines().map(str::trim).collect();
        let wrong = code(&case.source).filter(|line| !twin.contains(line)).count();
        assert!(wrong <= DIFFERENT_LINES, "{} and its twin differ in more than the mistake", case.name);
        let right = twin.iter().filter(|line| !code(&case.source).any(|wrong| wrong == **line)).count();
        assert!(wrong + right > 0, "{} and its twin are the same", case.name);
    }
}

#[test]
fn texts_are_the_same_on_every_machine() {
    for case in cases() {
        for path in ["/rustc/", "$RUST/", env!("CARGO_MANIFEST_DIR")] {
            assert!(!case.text.contains(path), "{} quotes {path}", case.name);
        }
    }
}

/// Returns the lines of a case, without the lines that all cases share.
fn code(source: &str) -> impl Iterator<Item = &str> {
    let lines = source.lines().map(str::trim);
    lines.filter(|line| !["include!", "#![", "fn main()", "use "].iter().any(|start| line.starts_with(start)))
}

/// Returns whether the pattern is the case's name, or a prefix of it before a `*`.
fn matches(pattern: &str, case: &Case) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => case.name.starts_with(start),
        None => case.name == pattern,
    }
}

fn check_names<'a>(names: impl Iterator<Item = &'a str>) {
    let cases = cases();
    for name in names {
        assert!(cases.iter().any(|case| case.name == name), "no case is called {name}");
    }
}

/// The README shows the beginning of a recorded text.
#[test]
fn the_readme_shows_a_real_error() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let readme = std::fs::read_to_string(format!("{root}/README.md")).expect("the README");
    let shown = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block of text");
    let file = format!("{root}/ui-tests/fail/connect/store-not-carried.stderr");
    let recorded = std::fs::read_to_string(file).expect("the recorded error");
    assert!(recorded.starts_with(shown), "the README shows\n{shown}\nbut the error is\n{recorded}");
}
