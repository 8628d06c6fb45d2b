//! Numbers as people write them: with a currency, a unit, separated thousands, a decimal comma, brackets for a minus.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::cell::{MINUS, is_digits};

/// What stands before the fraction of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Decimal {
    /// `1.5`
    Point,
    /// `1,5`
    Comma,
}

/// How all numbers of a column are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberFormat {
    /// Before the digits: a currency.
    pub prefix: String,
    /// After the digits: a unit, `%` or a currency.
    pub suffix: String,
    /// Between each three digits.
    pub thousands: Option<char>,
    /// Before the fraction.
    pub decimal: char,
}

const CURRENCIES: &str = "$€£¥₹₩₽₺₿₫₪₴₦฿¢";
const CURRENCY_CODES: [&str; 25] = [
    "USD", "EUR", "GBP", "JPY", "CHF", "CNY", "INR", "KRW", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK",
    "HUF", "BRL", "MXN", "ZAR", "TRY", "RUB", "SGD", "HKD", "ILS",
];
/// Longest unit.
const UNIT: usize = 8;
/// Between thousands; among them the two spaces that do not break.
const THOUSANDS: [char; 8] = [',', '.', ' ', '\u{a0}', '\u{202f}', '\'', '\u{2019}', '_'];

/// A cell cut into its parts.
struct Parts<'a> {
    negative: bool,
    prefix: &'a str,
    digits: &'a str,
    suffix: &'a str,
}

impl NumberFormat {
    /// Every format in which this cell is a number; the simplest comes first.
    pub(super) fn all_of(text: &str) -> Vec<Self> {
        let Some(parts) = Parts::of(text) else { return Vec::new() };
        let thousands = [None].into_iter().chain(THOUSANDS.map(Some));
        let marks = thousands.flat_map(|thousands| [(thousands, '.'), (thousands, ',')]);
        let fits = |(thousands, decimal): &(Option<char>, char)| value(parts.digits, *thousands, *decimal).is_some();
        let format = |(thousands, decimal)| {
            let (prefix, suffix) = (parts.prefix.to_string(), parts.suffix.to_string());
            Self { prefix, suffix, thousands, decimal }
        };
        marks.filter(|(thousands, decimal)| *thousands != Some(*decimal)).filter(fits).map(format).collect()
    }

    /// The number that a cell is in this format.
    pub(super) fn read(&self, text: &str) -> Option<f64> {
        let parts = Parts::of(text).filter(|parts| parts.prefix == self.prefix && parts.suffix == self.suffix)?;
        let value = value(parts.digits, self.thousands, self.decimal)?;
        Some(if parts.negative { -value } else { value })
    }

    /// Nothing but digits, a point, and brackets for a minus.
    pub(super) fn is_bare(&self) -> bool {
        self.prefix.is_empty() && self.suffix.is_empty() && self.thousands.is_none() && self.decimal == '.'
    }

    /// In words, for people.
    pub fn describe(&self) -> String {
        let mut marks = Vec::new();
        marks.extend(
            [&self.prefix, &self.suffix].into_iter().filter(|mark| !mark.is_empty()).map(|mark| format!("`{mark}`")),
        );
        marks.extend(self.thousands.map(|mark| format!("thousands by `{mark}`")));
        marks.extend((self.decimal == ',').then(|| "decimal comma".to_string()));
        if marks.is_empty() { "brackets as minus".into() } else { marks.join(", ") }
    }
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        if text.len() > 64 || !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (outer, text) = without_sign(text)?;
        let prefix_end = text.find(|c: char| c.is_ascii_digit() || "+-.(".contains(c) || c == MINUS)?;
        let (prefix, rest) = (text[..prefix_end].trim_end(), text[prefix_end..].trim_start());
        let (inner, rest) = without_sign(rest)?;
        let digits_end = rest.rfind(|c: char| c.is_ascii_digit())? + 1;
        let (digits, suffix) = (&rest[..digits_end], rest[digits_end..].trim_start());
        let fits = is_currency(prefix) && is_unit(suffix) && !(outer && inner);
        fits.then_some(Self { negative: outer || inner, prefix, digits, suffix })
    }
}

/// Whether it begins with a minus or stands in brackets, and the rest.
fn without_sign(text: &str) -> Option<(bool, &str)> {
    match text.strip_prefix(['-', MINUS]) {
        Some(rest) => Some((true, rest.trim_start())),
        None => match text.strip_prefix('(') {
            Some(rest) => rest.strip_suffix(')').map(|rest| (true, rest.trim())),
            None => Some((false, text.strip_prefix('+').unwrap_or(text))),
        },
    }
}

fn is_currency(text: &str) -> bool {
    let short = text.strip_suffix(|c| CURRENCIES.contains(c));
    let country = |text: &str| text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    text.is_empty() || CURRENCY_CODES.contains(&text) || short.is_some_and(country)
}

fn is_unit(text: &str) -> bool {
    let mark = |c: char| c.is_alphabetic() || "%‰°/²³ ".contains(c) || CURRENCIES.contains(c);
    text.chars().count() <= UNIT && text.chars().all(mark)
}

/// The number of digits in groups of three, or in none if there are fewer than four; with a fraction or without.
fn value(digits: &str, thousands: Option<char>, decimal: char) -> Option<f64> {
    let (whole, fraction) = digits.split_once(decimal).map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    if fraction.is_some_and(|fraction| !is_digits(fraction)) {
        return None;
    }
    let joined = match thousands {
        None => whole.to_string(),
        Some(mark) => {
            let mut groups = whole.split(mark);
            let first = groups.next().filter(|first| first.len() <= 3 && (is_digits(first) || first.is_empty()))?;
            let even = |group: &&str| group.len() == 3 && is_digits(group);
            let rest = groups.map(|group| Some(group).filter(even)).collect::<Option<Vec<_>>>()?;
            if first.starts_with('0') && !rest.is_empty() {
                return None;
            }
            format!("{first}{}", rest.concat())
        }
    };
    let whole = if joined.is_empty() && fraction.is_some() { "0" } else { &joined };
    if !is_digits(whole) {
        return None;
    }
    format!("{whole}.{}", fraction.unwrap_or("0")).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<(f64, String)> {
        let formats = NumberFormat::all_of(text);
        formats.first().map(|format| (format.read(text).unwrap(), format.describe()))
    }

    #[test]
    fn decorations_are_taken_off() {
        for (text, value, format) in [
            ("$5", 5.0, "`$`"),
            ("-$1,234.50", -1234.5, "`$`, thousands by `,`"),
            ("($7)", -7.0, "`$`"),
            ("$(7.5)", -7.5, "`$`"),
            ("(12)", -12.0, "brackets as minus"),
            ("EUR 5", 5.0, "`EUR`"),
            ("US$ 1.5", 1.5, "`US$`"),
            ("50%", 50.0, "`%`"),
            ("\u{2212}3 kg", -3.0, "`kg`"),
            ("20.5°C", 20.5, "`°C`"),
            ("5 m/s²", 5.0, "`m/s²`"),
            ("1,5", 1.5, "decimal comma"),
            ("1.234.567,5 €", 1_234_567.5, "`€`, thousands by `.`, decimal comma"),
            ("1_000", 1000.0, "thousands by `_`"),
            ("12 345", 12_345.0, "thousands by ` `"),
            ("1'234.5", 1234.5, "thousands by `'`"),
        ] {
            assert_eq!(first(text), Some((value, format.into())), "{text}");
        }
        for text in [
            "0x1F",
            "1-2",
            "tcp",
            "12,34,5",
            "1e3x4",
            "CVE 5",
            "(5",
            "-(-5)",
            "10:30",
            "1,23,456.7",
            "",
            "$",
            "0,123,456",
        ] {
            assert_eq!(first(text), None, "{text}");
        }
    }

    #[test]
    fn one_comma_before_three_digits_has_two_meanings() {
        let formats = NumberFormat::all_of("1,234");
        let values: Vec<_> = formats.iter().map(|format| format.read("1,234").unwrap()).collect();
        assert!(values.contains(&1.234) && values.contains(&1234.0), "{formats:?}");
        assert!(formats.iter().any(|format| format.thousands == Some(',') && format.decimal == '.'));
        let thousands = NumberFormat::all_of("$1,234,567").pop().unwrap();
        assert_eq!((thousands.read("$1234"), thousands.read("$999"), thousands.read("999")), (None, Some(999.0), None));
    }
}
