//! The size of an item by DynamoDB's rules: the bytes of names and values.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// The maximum size of an item, in bytes (400 KB).
pub(crate) const MAX_ITEM: usize = 400 * 1024;
/// The maximum total size of the items of a transaction, in bytes (4 MB).
pub(crate) const MAX_TRANSACTION: usize = 4 * 1024 * 1024;

/// Returns the size of an item in bytes. DynamoDB documents the size of numbers only approximately; the result is never
/// less than the documented size.
pub(crate) fn size_of(item: &HashMap<String, AttributeValue>) -> usize {
    item.iter().map(|(name, value)| name.len() + size_of_value(value)).sum()
}

fn size_of_value(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number_size(number),
        AttributeValue::L(elements) => 3 + elements.iter().map(|element| 1 + size_of_value(element)).sum::<usize>(),
        AttributeValue::M(members) => {
            3 + members.iter().map(|(key, value)| 1 + key.len() + size_of_value(value)).sum::<usize>()
        }
        // NULL and BOOL: this crate writes no other types.
        _ => 1,
    }
}

/// Returns the maximum size of a number: one byte per two digits, one for the exponent, and one for a minus sign.
fn number_size(number: &str) -> usize {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count().min(38);
    digits.div_ceil(2) + 1 + usize::from(mantissa.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_dynamodb_documents() {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let item =
            HashMap::from([("ab".to_owned(), text("é🦀")), ("n".to_owned(), AttributeValue::N("-123".to_owned()))]);
        assert_eq!(size_of(&item), 2 + 6 + 1 + 4);
        let list = AttributeValue::L(vec![text("abc"), AttributeValue::Null(true)]);
        assert_eq!(size_of_value(&list), 3 + (1 + 3) + (1 + 1));
        let map = AttributeValue::M(HashMap::from([("key".to_owned(), AttributeValue::Bool(true))]));
        assert_eq!(size_of_value(&map), 3 + (1 + 3 + 1));
    }
}
