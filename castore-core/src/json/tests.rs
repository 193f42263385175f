use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::*;

#[derive(Serialize)]
struct Weather {
    celsius: f64,
    gust: Option<f32>,
    hours: Vec<(u8, f64)>,
    by_place: BTreeMap<String, f64>,
    sky: Sky,
}

#[derive(Serialize)]
enum Sky {
    Clear,
    Cover(f64),
    Rain { millimeters: f64 },
    Storm(u8, f64),
}

fn weather() -> Weather {
    Weather { celsius: 20.5, gust: None, hours: vec![], by_place: BTreeMap::new(), sky: Sky::Clear }
}

fn text(value: &impl Serialize) -> String {
    to_json("payload", value).unwrap().get().to_owned()
}

fn error(value: &impl Serialize) -> String {
    to_json("payload", value).unwrap_err().to_string()
}

#[test]
fn text_is_that_of_serde_json() {
    let by_place = BTreeMap::from([("here".to_owned(), -0.0)]);
    for sky in [Sky::Clear, Sky::Cover(0.1), Sky::Rain { millimeters: 1e300 }, Sky::Storm(1, 2.5)] {
        let weather = Weather { gust: Some(1.5), hours: vec![(1, 2.0)], by_place: by_place.clone(), sky, ..weather() };
        assert_eq!(text(&weather), serde_json::to_string(&weather).unwrap());
    }
    assert_eq!(
        text(&(u128::MAX, i64::MIN, 'c', "t", ())),
        r#"[340282366920938463463374607431768211455,-9223372036854775808,"c","t",null]"#
    );
    let raw = RawValue::from_string(r#"{ "a": [1.10] }"#.to_owned()).unwrap();
    assert_eq!(text(&[&raw]), r#"[{ "a": [1.10] }]"#);
}

#[test]
fn not_finite_numbers_are_refused_with_their_path() {
    let nan = f64::NAN;
    for (value, path) in [
        (Weather { celsius: nan, ..weather() }, "payload.celsius"),
        (Weather { celsius: f64::NEG_INFINITY, ..weather() }, "payload.celsius"),
        (Weather { gust: Some(f32::INFINITY), ..weather() }, "payload.gust"),
        (Weather { hours: vec![(0, 0.0), (1, nan)], ..weather() }, "payload.hours[1][1]"),
        (Weather { by_place: BTreeMap::from([("s3cr3t".to_owned(), nan)]), ..weather() }, "payload.by_place.*"),
        (Weather { sky: Sky::Cover(nan), ..weather() }, "payload.sky.Cover"),
        (Weather { sky: Sky::Rain { millimeters: nan }, ..weather() }, "payload.sky.Rain.millimeters"),
        (Weather { sky: Sky::Storm(1, nan), ..weather() }, "payload.sky.Storm[1]"),
    ] {
        assert_eq!(error(&value), format!("`{path}` is NaN or infinite, which JSON cannot represent"));
    }
    assert_eq!(error(&nan), "`payload` is NaN or infinite, which JSON cannot represent");
}

#[derive(Serialize)]
struct Tree {
    kids: Vec<Tree>,
}

fn tree(depth: usize) -> Tree {
    (1..depth).fold(Tree { kids: vec![] }, |tree, _| Tree { kids: vec![tree] })
}

#[test]
fn deep_nesting_is_refused() {
    let text = text(&tree(MAX_JSON_DEPTH / 2));
    // Messages and brokers add further levels.
    let wrapped = format!("[[[[[[[{text}]]]]]]]");
    serde_json::from_str::<Value>(&wrapped).unwrap();
    assert_eq!(
        error(&tree(MAX_JSON_DEPTH / 2 + 1)),
        "`payload.kids[0].kids[0].kids[0].kids[0]…` is nested deeper than 120 levels of arrays and objects"
    );
}

#[test]
fn depth_counts_variants_and_raw_json() {
    #[derive(Serialize)]
    enum Nested {
        End,
        One(Box<Nested>),
        Tuple(Box<Nested>, u8),
        Named { inner: Box<Nested> },
    }
    type Wrap = fn(Box<Nested>) -> Nested;
    let wraps: [(Wrap, usize); 3] =
        [(Nested::One, 1), (|inner| Nested::Tuple(inner, 0), 2), (|inner| Nested::Named { inner }, 2)];
    for (wrap, levels) in wraps {
        let nested = |times: usize| (0..times).fold(Nested::End, |inner, _| wrap(Box::new(inner)));
        text(&nested(MAX_JSON_DEPTH / levels));
        assert!(error(&nested(MAX_JSON_DEPTH / levels + 1)).contains("nested deeper"));
    }
    let raw = |levels: usize| {
        let text = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        [RawValue::from_string(text).unwrap()]
    };
    text(&raw(MAX_JSON_DEPTH - 2));
    assert!(error(&raw(MAX_JSON_DEPTH)).contains("nested deeper"));
}

#[test]
fn depth_is_not_that_of_siblings() {
    let siblings: Vec<Tree> = (0..500).map(|_| tree(3)).collect();
    text(&siblings);
    let skies = (0..500).flat_map(|_| [Sky::Storm(1, 1.0), Sky::Rain { millimeters: 1.0 }, Sky::Cover(1.0)]);
    text(&skies.collect::<Vec<_>>());
}

#[test]
fn errors_of_types_have_their_path() {
    struct Refuses;
    impl Serialize for Refuses {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("refused"))
        }
    }
    let error = to_json("metadata", &[None, Some(Refuses)]).unwrap_err();
    assert_eq!(error.to_string(), "`metadata[1]` cannot be written as JSON");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "refused");
}

#[test]
fn other_serializers_are_as_strict() {
    let strict = serde_json::to_value(Strict { root: "state", value: &Weather { celsius: f64::NAN, ..weather() } });
    assert_eq!(strict.unwrap_err().to_string(), "`state.celsius` is NaN or infinite, which JSON cannot represent");
}
