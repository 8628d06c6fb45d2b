//! Dates and times as numbers: seconds.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What comes first in dates such as 03/04/2024.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// The third of April
    DayFirst,
    /// The fourth of March
    MonthFirst,
}

/// How all dates of a column are written: chrono's pattern, or `rfc3339` for those with an offset from UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DateFormat(String);

const RFC3339: &str = "rfc3339";
const RFC2822: &str = "rfc2822";
const DAYS: [&str; 6] = ["%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y", "%d-%B-%Y"];
const NAMED: [&str; 3] = ["%d %B %Y", "%B %d, %Y", "%d-%B-%y"];
const TIMES: [&str; 5] = ["%H:%M:%S%.f", "%H:%M", "%I:%M:%S %p", "%I:%M:%S%p", "%I:%M %p"];
/// Of a place on earth, as PostgreSQL, Python and web servers write them.
const WITH_OFFSET: [&str; 4] =
    ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f %#z", "%Y-%m-%dT%H:%M:%S%.f%#z", "%d/%b/%Y:%H:%M:%S %#z"];
const UTC: [&str; 2] = ["%Y-%m-%d %H:%M:%S%.f UTC", "%Y-%m-%dT%H:%M:%S%.fUTC"];

static ALL: LazyLock<Vec<DateFormat>> = LazyLock::new(|| {
    let days = ["-", "/", "."].iter().flat_map(|mark| DAYS.map(|day| day.replace('-', mark)));
    let days: Vec<_> = days.chain(NAMED.map(String::from)).collect();
    let mut all = [RFC3339, RFC2822].map(String::from).to_vec();
    all.extend(WITH_OFFSET.into_iter().chain(UTC).map(String::from));
    all.extend(days.iter().cloned());
    for mark in [" ", "T", ", "] {
        all.extend(days.iter().flat_map(|day| TIMES.map(|time| format!("{day}{mark}{time}"))));
    }
    all.extend(TIMES.map(String::from));
    all.into_iter().map(DateFormat).collect()
});

impl DateFormat {
    /// Every format in which this cell is a date or a time.
    pub(super) fn all_of(text: &str, order: Option<DateOrder>) -> Vec<Self> {
        let bytes = text.as_bytes();
        let digit = |byte: &u8| byte.is_ascii_digit();
        let likely = (4..=40).contains(&bytes.len()) && bytes.iter().filter(|byte| digit(byte)).count() >= 3;
        if !(likely && bytes[0].is_ascii_alphanumeric()) {
            return Vec::new();
        }
        let other = match order {
            None => None,
            Some(DateOrder::DayFirst) => Some(DateOrder::MonthFirst),
            Some(DateOrder::MonthFirst) => Some(DateOrder::DayFirst),
        };
        let formats = ALL.iter().filter(|format| other.is_none() || format.order() != other);
        formats.filter(|format| format.read(text).is_some()).cloned().collect()
    }

    /// Seconds since 1970, or since midnight if there is no date.
    pub(super) fn read(&self, text: &str) -> Option<f64> {
        let pattern = &*self.0;
        if !self.has_usual_lengths(text) {
            return None;
        }
        let with_offset = match pattern {
            RFC3339 => Some(DateTime::parse_from_rfc3339(text)),
            RFC2822 => Some(DateTime::parse_from_rfc2822(text)),
            _ => pattern.ends_with("%#z").then(|| DateTime::parse_from_str(text, pattern)),
        };
        if let Some(time) = with_offset {
            return of_date_time(time.ok()?.naive_utc());
        }
        let (dated, timed) = (pattern.contains("%d"), pattern.contains(":%M"));
        match (dated, timed) {
            (true, true) => of_date_time(NaiveDateTime::parse_from_str(text, pattern).ok()?),
            (true, false) => of_date_time(NaiveDate::parse_from_str(text, pattern).ok()?.into()),
            _ => {
                let time = NaiveTime::parse_from_str(text, pattern).ok()?;
                Some(f64::from(time.num_seconds_from_midnight()) + f64::from(time.nanosecond()) * 1e-9)
            }
        }
    }

    /// chrono reads versions (1.2.3) as dates and ratios (16:9) as times: a year at the end and minutes have two digits, and so have
    /// day and month between points.
    fn has_usual_lengths(&self, text: &str) -> bool {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let year = match self.0.split_once("%y").and_then(|(before, _)| before.chars().next_back()) {
            Some(mark) => {
                let groups: Vec<_> = text.split(mark).map(digits).collect();
                groups.get(2) == Some(&2) && (mark != '.' || groups.starts_with(&[2, 2]))
            }
            None => true,
        };
        year && text.split(':').skip(1).all(|rest| digits(rest) >= 2)
    }

    /// What comes first where day and month are both numbers and the year comes last.
    pub(super) fn order(&self) -> Option<DateOrder> {
        match self.0.get(..2) {
            Some("%d") if self.0.contains("%m") => Some(DateOrder::DayFirst),
            Some("%m") => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }

    /// For people.
    pub fn describe(&self) -> String {
        let words = [
            ("%Y", "YYYY"),
            ("%y", "YY"),
            ("%m", "MM"),
            ("%d", "DD"),
            ("%B", "month"),
            ("%H", "hh"),
            ("%I", "hh"),
            ("%M", "mm"),
            ("%S", "ss"),
            ("%.f", ""),
            ("%p", "AM/PM"),
            ("%b", "month"),
            ("%#z", "+hh:mm"),
            (RFC3339, "ISO 8601 with an offset"),
            (RFC2822, "as in e-mails"),
        ];
        words.iter().fold(self.0.clone(), |text, (from, to)| text.replace(from, to))
    }
}

/// Years before 1000 are those of two digits that were taken for four.
fn of_date_time(time: NaiveDateTime) -> Option<f64> {
    let utc = time.and_utc();
    (time.year() >= 1000).then(|| utc.timestamp() as f64 + f64::from(utc.timestamp_subsec_nanos()) * 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_seconds() {
        for (text, seconds) in [
            ("1970-01-02", 86_400.0),
            ("2024-02-29", 1_709_164_800.0),
            ("2024-02-29T12:30:00Z", 1_709_209_800.0),
            ("2024-02-29T12:30:00+02:00", 1_709_202_600.0),
            ("2024-02-29 12:30:00.5", 1_709_209_800.5),
            ("2024-02-29 12:30:00+0000", 1_709_209_800.0),
            ("2024-02-29 12:30:00.000 +02", 1_709_202_600.0),
            ("2024-02-29 12:30:00 UTC", 1_709_209_800.0),
            ("29/Feb/2024:12:30:00 +0000", 1_709_209_800.0),
            ("Thu, 29 Feb 2024 12:30:00 +0000", 1_709_209_800.0),
            ("29.2.2024", 1_709_164_800.0),
            ("29/02/24 12:30", 1_709_209_800.0),
            ("2/29/2024 12:30 PM", 1_709_209_800.0),
            ("29 Feb 2024", 1_709_164_800.0),
            ("February 29, 2024", 1_709_164_800.0),
            ("00:01:30", 90.0),
            ("9:05", 32_700.0),
        ] {
            let formats = DateFormat::all_of(text, None);
            assert!(!formats.is_empty(), "{text}");
            for format in formats {
                assert_eq!(format.read(text), Some(seconds), "{text} {format:?}");
            }
        }
        for text in ["2023-02-29", "tcp", "12.5", "1.2.3", "16:9", "10-20", "192.168.0.1", "31/31/2024", ""] {
            assert_eq!(DateFormat::all_of(text, None), [], "{text}");
        }
    }

    #[test]
    fn day_and_month_may_be_either_unless_the_user_says() {
        let orders = |order| {
            let formats = DateFormat::all_of("03/04/2024", order);
            formats.iter().map(|format| format.order().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(orders(None), [DateOrder::DayFirst, DateOrder::MonthFirst]);
        assert_eq!(orders(Some(DateOrder::MonthFirst)), [DateOrder::MonthFirst]);
        assert_eq!(DateFormat::all_of("13/04/2024", None)[0].describe(), "DD/MM/YYYY");
    }

    #[test]
    fn formats_that_a_file_of_weights_makes_up_read_nothing() {
        for pattern in ["", "%y", "%", "%d%y", "%Q:%M", "%d:%M%#z"] {
            assert_eq!(DateFormat(pattern.into()).read("2024-02-29"), None, "{pattern}");
        }
    }
}
