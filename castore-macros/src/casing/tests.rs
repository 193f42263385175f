use super::{Casing, ident, screaming_snake_case, snake_case, text};
use proc_macro2::Span;

#[test]
fn variants_are_renamed_as_serde_does() {
    let expected = [
        ("lowercase", "caughtbytrainer", "xmlread"),
        ("UPPERCASE", "CAUGHTBYTRAINER", "XMLREAD"),
        ("PascalCase", "CaughtByTrainer", "XMLRead"),
        ("camelCase", "caughtByTrainer", "xMLRead"),
        ("snake_case", "caught_by_trainer", "x_m_l_read"),
        ("SCREAMING_SNAKE_CASE", "CAUGHT_BY_TRAINER", "X_M_L_READ"),
        ("kebab-case", "caught-by-trainer", "x-m-l-read"),
        ("SCREAMING-KEBAB-CASE", "CAUGHT-BY-TRAINER", "X-M-L-READ"),
    ];
    assert_eq!(Casing::NAMES, expected.map(|(name, ..)| name));
    for (name, caught, read) in expected {
        let casing = Casing::from_name(name).unwrap_or_else(|| unreachable!("{name} is a casing"));
        assert_eq!(casing.of_variant("CaughtByTrainer"), caught);
        assert_eq!(casing.of_variant("XMLRead"), read);
    }
    assert_eq!(Casing::from_name("Snake_Case"), None);
}

#[test]
fn fields_are_renamed_as_serde_does() {
    let renamed = Casing::ALL.map(|(_, casing)| casing.of_field("aggregate_id"));
    assert_eq!(
        renamed,
        [
            "aggregate_id",
            "AGGREGATE_ID",
            "AggregateId",
            "aggregateId",
            "aggregate_id",
            "AGGREGATE_ID",
            "aggregate-id",
            "AGGREGATE-ID"
        ]
    );
}

#[test]
fn our_own_names_keep_acronyms_together() {
    for (name, expected) in [
        ("AppBus", "app_bus"),
        ("SQSQueue", "sqs_queue"),
        ("HTTP", "http"),
        ("Pokemon", "pokemon"),
        ("Store2Go", "store2_go"),
        ("already_snake", "already_snake"),
    ] {
        assert_eq!(snake_case(name), expected);
    }
    assert_eq!(screaming_snake_case("AppBus"), "APP_BUS");
}

#[test]
fn keywords_become_raw_identifiers() {
    assert_eq!(ident("pokemon", Span::call_site()).to_string(), "pokemon");
    assert_eq!(ident("type", Span::call_site()).to_string(), "r#type");
    assert_eq!(ident("crate", Span::call_site()).to_string(), "crate_");
    assert_eq!(text(&ident("type", Span::call_site())), "type");
}
