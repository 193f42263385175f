//! Converting DynamoDB attributes to JSON text.

use aws_sdk_dynamodb::types::AttributeValue;

use super::number;

/// Converts an attribute to JSON. Keys are sorted, so that equal attributes give equal text. Sets become arrays.
/// Returns `None` for binary data, which JSON cannot represent, and for invalid numbers.
pub(super) fn json_of(value: &AttributeValue) -> Option<String> {
    let mut json = String::new();
    write(value, &mut json)?;
    Some(json)
}

fn write(value: &AttributeValue, json: &mut String) -> Option<()> {
    match value {
        AttributeValue::Null(_) => json.push_str("null"),
        AttributeValue::Bool(value) => json.push_str(if *value { "true" } else { "false" }),
        AttributeValue::N(number) => write_number(number, json)?,
        AttributeValue::S(text) => write_text(text, json)?,
        AttributeValue::L(elements) => write_list(elements, json, write)?,
        AttributeValue::Ss(texts) => write_list(texts, json, |text, json| write_text(text, json))?,
        AttributeValue::Ns(numbers) => write_list(numbers, json, |number, json| write_number(number, json))?,
        AttributeValue::M(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            json.push('{');
            for (index, (key, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    json.push(',');
                }
                write_text(key, json)?;
                json.push(':');
                write(value, json)?;
            }
            json.push('}');
        }
        _ => return None,
    }
    Some(())
}

fn write_list<T>(elements: &[T], json: &mut String, write: impl Fn(&T, &mut String) -> Option<()>) -> Option<()> {
    json.push('[');
    for (index, element) in elements.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        write(element, json)?;
    }
    json.push(']');
    Some(())
}

fn write_number(number: &str, json: &mut String) -> Option<()> {
    json.push_str(&number::json_of(number)?);
    Some(())
}

fn write_text(text: &str, json: &mut String) -> Option<()> {
    json.push_str(&serde_json::to_string(text).ok()?);
    Some(())
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::primitives::Blob;

    use super::*;

    #[test]
    fn sets_are_arrays() {
        let texts = AttributeValue::Ss(vec!["a\"".to_owned(), "b".to_owned()]);
        assert_eq!(json_of(&texts).as_deref(), Some(r#"["a\"","b"]"#));
        let numbers = AttributeValue::Ns(vec!["1".to_owned(), "2.5".to_owned()]);
        assert_eq!(json_of(&numbers).as_deref(), Some("[1,2.5]"));
    }

    #[test]
    fn what_json_has_no_form_for_is_none() {
        let binary = || AttributeValue::B(Blob::new(vec![1]));
        assert_eq!(json_of(&binary()), None);
        assert_eq!(json_of(&AttributeValue::Bs(vec![Blob::new(vec![1])])), None);
        assert_eq!(json_of(&AttributeValue::L(vec![binary()])), None);
        assert_eq!(json_of(&AttributeValue::N("NaN".to_owned())), None);
        assert_eq!(json_of(&AttributeValue::Ns(vec!["1,2".to_owned()])), None);
    }
}
