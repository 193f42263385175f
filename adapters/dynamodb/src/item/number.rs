//! The range and precision of DynamoDB's numbers.

use std::ops::RangeInclusive;

/// The maximum number of significant digits.
const MAX_DIGITS: usize = 38;
/// The permitted exponents of the first digit: the absolute value of a number is at least 1E-130 and less than 1E+126.
const EXPONENTS: RangeInclusive<i64> = -130..=125;

/// The exact value of a JSON number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    negative: bool,
    /// The digits without leading and trailing zeros; empty for zero.
    digits: String,
    /// The exponent of the first digit.
    magnitude: i64,
}

impl Number {
    /// Parses a JSON number. Returns `None` if the text is not a JSON number.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
            None => (text, 0),
        };
        let (negative, unsigned) = match mantissa.strip_prefix('-') {
            Some(unsigned) => (true, unsigned),
            None => (false, mantissa),
        };
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (unsigned, ""),
        };
        let all = format!("{whole}{fraction}");
        let padded = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || padded || !all.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let trimmed = all.trim_start_matches('0');
        // The conversions cannot overflow, because these are lengths of a text in memory.
        let first = whole.len() as i64 - 1 - (all.len() - trimmed.len()) as i64;
        let digits = trimmed.trim_end_matches('0').to_owned();
        Some(Self { negative, digits, magnitude: exponent.saturating_add(first) })
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Returns whether DynamoDB stores the number exactly. DynamoDB rejects or rounds other numbers.
    pub(super) fn fits(&self) -> bool {
        self.is_zero() || (self.digits.len() <= MAX_DIGITS && EXPONENTS.contains(&self.magnitude))
    }

    /// Returns the number in decimal notation. Numbers that exceed all integer types, and very small fractions, are
    /// written with an exponent, because some parsers lose the last bit of a float if the text has many zeros.
    fn canonical(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let (first, rest) = self.digits.split_at_checked(1).unwrap_or(("0", ""));
        match (self.magnitude, self.digits.len() as i64) {
            _ if self.is_zero() => "0".to_owned(),
            (-5..0, _) => format!("{sign}0.{:0>1$}", self.digits, self.digits.len() + (-1 - self.magnitude) as usize),
            (0..39, length) if length <= self.magnitude + 1 => {
                format!("{sign}{:0<1$}", self.digits, (self.magnitude + 1) as usize)
            }
            (0..39, _) => {
                let (whole, fraction) = self.digits.split_at((self.magnitude + 1) as usize);
                format!("{sign}{whole}.{fraction}")
            }
            (magnitude, 1) => format!("{sign}{first}e{magnitude}"),
            (magnitude, _) => format!("{sign}{first}.{rest}e{magnitude}"),
        }
    }
}

/// Converts a number from DynamoDB to JSON. Returns `None` if the text is not a number.
pub(super) fn json_of(text: &str) -> Option<String> {
    let number = Number::parse(text)?;
    let as_it_is = (-5..39).contains(&number.magnitude) && !text.contains(['e', 'E']);
    Some(if as_it_is { text.to_owned() } else { number.canonical() })
}

fn exponent_of(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // An exponent that overflows is out of DynamoDB's range anyway.
    let exponent = digits.parse().unwrap_or(i64::MAX / 2);
    Some(if negative { -exponent } else { exponent })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(text: &str) -> bool {
        Number::parse(text).unwrap().fits()
    }

    #[test]
    fn numbers_of_38_digits_fit() {
        let digits = "12345678901234567890123456789012345678";
        for text in ["1", "-1", "0.1", "1e3", "1E+3", "1.50e-7", "18446744073709551615", "1e125", "9.9e125", "1e-130"] {
            assert!(fits(text), "{text}");
        }
        assert!(fits(digits));
        assert!(fits(&format!("-{digits}000.000")));
        assert!(fits(&format!("0.000{digits}")));
        assert!(!fits(&format!("{digits}9")));
        assert!(!fits(&format!("0.{digits}9")));
    }

    #[test]
    fn numbers_out_of_range_do_not_fit() {
        for text in ["1e126", "10e125", "1e-131", "0.1e-130", "1e400", "5e-324", "1e99999999999999999999"] {
            assert!(!fits(text), "{text}");
        }
        assert!(fits("0.0001e-126"));
        assert!(fits("1000e122"));
    }

    #[test]
    fn zero_is_zero_however_it_is_written() {
        for text in ["0", "-0", "0.0", "-0.0e5", "0e400", "0E-99999999999999999999"] {
            assert!(Number::parse(text).unwrap().is_zero(), "{text}");
            assert!(fits(text), "{text}");
        }
    }

    #[test]
    fn numbers_that_json_cannot_hold_are_errors() {
        for text in ["", "-", "+1", "01", "1.", ".5", "1e", "1e+", "1e1.5", "NaN", "0x1", "1 ", "1.5.2", "1e1e1"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }

    #[test]
    fn integers_are_written_as_integers() {
        let zeros = "0".repeat(38);
        for (text, json) in [
            ("1", "1"),
            ("18446744073709551615", "18446744073709551615"),
            ("1E+3", "1000"),
            ("-1.5E1", "-15"),
            ("1.25E1", "12.5"),
            ("0.00001", "0.00001"),
            ("1.5E-5", "0.000015"),
            ("1.5E-1", "0.15"),
            ("0E-5", "0"),
            ("0.0000015", "1.5e-6"),
            (&format!("1{zeros}"), &format!("1{zeros}")),
            (&format!("-1{zeros}0"), "-1e39"),
            (&format!("12{zeros}"), "1.2e39"),
        ] {
            assert_eq!(json_of(text).as_deref(), Some(json), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn floats_keep_their_value(float in -1e120_f64..1e120, exponent in -100_i32..100) {
            for float in [float, float * 10_f64.powi(exponent - 120)] {
                for text in [format!("{float}"), format!("{float:e}"), serde_json::to_string(&float).unwrap()] {
                    let number = Number::parse(&text).unwrap();
                    proptest::prop_assert!(number.fits());
                    proptest::prop_assert_eq!(json_of(&text).unwrap().parse::<f64>().unwrap(), float);
                    proptest::prop_assert_eq!(number.canonical().parse::<f64>().unwrap(), float);
                    let canonical = Number::parse(&number.canonical()).unwrap();
                    proptest::prop_assert!(canonical == number || number.is_zero());
                }
            }
        }

        #[test]
        fn integers_keep_their_text(integer in proptest::num::i128::ANY, digits in 0_u32..38) {
            let text = (integer / 10_i128.pow(digits)).to_string();
            proptest::prop_assert_eq!(json_of(&text).unwrap(), text.clone());
            proptest::prop_assert_eq!(Number::parse(&text).unwrap().canonical(), text);
        }
    }
}
