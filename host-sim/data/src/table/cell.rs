//! What a cell says by itself, whatever the others of its column say.

use std::borrow::Cow;

/// What stands where a value is missing, in capital or small letters.
const MISSING: [&str; 7] = ["", "NA", "N/A", "NULL", "?", "nan", "-"];

const YES: [&str; 5] = ["true", "yes", "y", "t", "on"];
const NO: [&str; 5] = ["false", "no", "n", "f", "off"];

/// The minus of typesetters, U+2212.
pub(super) const MINUS: char = '\u{2212}';

pub(super) fn is_missing(text: &str) -> bool {
    among(&MISSING, text)
}

/// A number as Rust, C and Python write it; a Unicode minus is a minus.
pub(super) fn number(text: &str) -> Option<f64> {
    ascii(text).parse().ok()
}

/// [`number`] in 32 bits, rounded once.
pub(super) fn number_f32(text: &str) -> Option<f32> {
    ascii(text).parse().ok()
}

/// Digits that begin with 0, but for 0 itself: `00123` is the name of something.
pub(super) fn is_code(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && is_digits(text)
}

pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An integer of more digits than numbers of 64 bits surely keep.
pub(super) fn long_integer(text: &str) -> Option<i128> {
    if text.len() > 15 { text.parse().ok() } else { None }
}

/// As `0x1F`.
pub(super) fn is_hexadecimal(text: &str) -> bool {
    let digits = text.strip_prefix("0x").or(text.strip_prefix("0X"));
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A word for yes or no.
pub(super) fn is_boolean_word(text: &str) -> bool {
    among(&YES, text) || among(&NO, text)
}

/// A word for yes or no, or 1 or 0.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ if among(&YES, text) => Some(true),
        _ => among(&NO, text).then_some(false),
    }
}

fn among(words: &[&str], text: &str) -> bool {
    text.len() <= 5 && words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

fn ascii(text: &str) -> Cow<'_, str> {
    if text.contains(MINUS) { Cow::Owned(text.replace(MINUS, "-")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_has_many_names() {
        for text in ["", "NA", "na", "N/A", "n/a", "NULL", "null", "?", "nan", "NaN", "-"] {
            assert!(is_missing(text), "{text}");
        }
        assert!(["0", "none of it", "--", "nano"].iter().all(|text| !is_missing(text)));
    }

    #[test]
    fn numbers_codes_and_booleans() {
        assert_eq!(
            (number("-2.5e3"), number("\u{2212}5"), number("1e\u{2212}2")),
            (Some(-2500.0), Some(-5.0), Some(0.01))
        );
        assert!(["1_000", "50%", "0x1F", "1,234", "12a", ""].iter().all(|text| number(text).is_none()));
        assert!(["00123", "007", "00"].iter().all(|text| is_code(text)));
        assert!(["0", "0.5", "10", "-01", "0e1"].iter().all(|text| !is_code(text)));
        assert!(
            ["0x1F", "0Xff"].iter().all(|text| is_hexadecimal(text)) && !is_hexadecimal("0x") && !is_hexadecimal("1F")
        );
        assert!(["TRUE", "Yes", "y", "T", "on", "1"].iter().all(|text| boolean(text) == Some(true)));
        assert!(["False", "NO", "n", "f", "Off", "0"].iter().all(|text| boolean(text) == Some(false)));
        assert!(["maybe", "2", ""].iter().all(|text| boolean(text).is_none()) && !is_boolean_word("1"));
    }
}
