//! A civil date: the day of a check-in, a consent or a review.
//!
//! Scores are dated by day, never by time of day: that is all a course needs, and less is kept
//! about a person. Written and read as `YYYY-MM-DD` (ISO 8601) and nothing else, because every
//! other spelling is somebody's day-month confusion.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, de};

/// A day of the Gregorian calendar, from 0001-01-01 to 9999-12-31.
///
/// ```
/// use straingauge::date::Date;
///
/// let first: Date = "2024-02-01".parse()?;
/// let second = Date::new(2024, 3, 1)?;
/// assert_eq!(first.days_until(second), 29);
/// assert_eq!(first.plus_days(29), Some(second));
/// assert!("2023-02-29".parse::<Date>().is_err());
/// # Ok::<(), straingauge::date::DateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(jiff::civil::Date);

/// A text or a triple of numbers that is no date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DateError {
    /// The text is not of the form `YYYY-MM-DD`.
    #[error("`{found}` is not a date of the form YYYY-MM-DD, such as 2024-02-29")]
    Form {
        /// What was read.
        found: String,
    },
    /// The form is right, and the calendar has no such day.
    #[error(
        "there is no day {year:04}-{month:02}-{day:02}: months are 01 to 12, years 0001 to 9999"
    )]
    NoSuchDay {
        /// Year as given.
        year: i16,
        /// Month as given.
        month: i8,
        /// Day as given.
        day: i8,
    },
}

impl Date {
    /// The day `day` (1 to 31) of month `month` (1 to 12) of year `year` (1 to 9999).
    ///
    /// # Errors
    /// [`DateError::NoSuchDay`] where the calendar has none.
    pub fn new(year: i16, month: i8, day: i8) -> Result<Self, DateError> {
        let wrong = DateError::NoSuchDay { year, month, day };
        if !(1..=9999).contains(&year) {
            return Err(wrong);
        }
        jiff::civil::Date::new(year, month, day).map(Self).map_err(|_| wrong)
    }

    /// Reads the day of a cell that may also hold a time of day, which survey tools write:
    /// `2024-02-29`, `2024-02-29 08:15`, `2024-02-29T08:15:00.000+01:00`. The day is the one that is
    /// written there, whatever the offset.
    ///
    /// ```
    /// use straingauge::date::Date;
    /// assert_eq!(Date::parse_day("2024-02-29 23:50:10")?, "2024-02-29".parse()?);
    /// assert!(Date::parse_day("2024-02-29 late").is_err());
    /// # Ok::<(), straingauge::date::DateError>(())
    /// ```
    ///
    /// # Errors
    /// A text that is no day, or a day followed by something that is no time.
    pub fn parse_day(text: &str) -> Result<Self, DateError> {
        let text = text.trim();
        match text.split_once(['T', 't', ' ']) {
            Some((day, time)) if is_time(time.trim_start()) => day.parse(),
            _ => text.parse(),
        }
    }

    /// Year, 1 to 9999.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// Month, 1 to 12.
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// Day of the month, 1 to 31.
    pub fn day(self) -> i8 {
        self.0.day()
    }

    /// Days from this date to `later`; negative where `later` is earlier.
    pub fn days_until(self, later: Self) -> i32 {
        later.number() - self.number()
    }

    /// The date `days` after this one (before it, where negative), or `None` outside the calendar.
    pub fn plus_days(self, days: i32) -> Option<Self> {
        let moved = self.0.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
        (moved.year() >= 1).then_some(Self(moved))
    }

    /// Days since 1970-01-01, the number that slopes are computed on.
    pub fn number(self) -> i32 {
        let hours = self.0.duration_since(jiff::civil::date(1970, 1, 1)).as_hours();
        // At most 3.7 million days in either direction.
        i32::try_from(hours / 24).unwrap_or(i32::MAX)
    }
}

/// `08:15`, `8:15:00`, `08:15:00.000`, each perhaps with AM or PM and an offset from UTC.
fn is_time(text: &str) -> bool {
    let text = text.trim_end();
    let text = text.strip_suffix(['Z', 'z']).unwrap_or(text).trim_end();
    let text = text.split_once(['+', '-']).map_or(text, |(time, offset)| {
        let digits = offset.bytes().all(|b| b.is_ascii_digit() || b == b':');
        if digits && !offset.is_empty() { time.trim_end() } else { text }
    });
    let half = ["AM", "PM", "am", "pm"].into_iter().find_map(|half| text.strip_suffix(half));
    let mut parts = half.map_or(text, str::trim_end).split(':');
    let mut below = |limit: u8| {
        let part = parts.next().filter(|part| matches!(part.len(), 1 | 2))?;
        part.parse::<u8>().ok().filter(|number| *number < limit)
    };
    let (Some(_), Some(_)) = (below(25), below(60)) else { return false };
    let rest: Vec<&str> = parts.collect();
    match rest.as_slice() {
        [] => true,
        [seconds] => {
            let (whole, fraction) = seconds.split_once(['.', ',']).unwrap_or((seconds, ""));
            whole.len() == 2
                && whole.parse::<u8>().is_ok_and(|seconds| seconds <= 60)
                && fraction.bytes().all(|b| b.is_ascii_digit())
        }
        _ => false,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}-{:02}-{:02}", self.year(), self.month(), self.day()))
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let wrong = || DateError::Form { found: text.chars().take(40).collect() };
        let mut parts = text.split('-');
        let mut number = |digits: usize| {
            let part = parts.next().filter(|p| p.len() == digits)?;
            part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<i16>().ok())?
        };
        let (Some(year), Some(month), Some(day)) = (number(4), number(2), number(2)) else {
            return Err(wrong());
        };
        if parts.next().is_some() {
            return Err(wrong());
        }
        let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else {
            return Err(wrong());
        };
        Self::new(year, month, day)
    }
}

impl Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Date;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date of the form YYYY-MM-DD")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Date, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Date {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "date",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_one_spelling_only() {
        for text in ["0001-01-01", "1970-01-01", "2000-02-29", "2024-12-31", "9999-12-31"] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "2024",
            "2024-1-1",
            "20240101",
            "01-02-2024",
            "2024/01/02",
            "2024-01-02T00:00",
            "2024-01-02 ",
            " 2024-01-02",
            "-024-01-02",
            "+024-01-02",
            "2024-01-02-03",
            "2024-0a-01",
            "２０２４-01-02",
            "02024-01-02",
        ] {
            let error = text.parse::<Date>().unwrap_err();
            assert!(matches!(error, DateError::Form { .. }), "{text}: {error}");
        }
        for text in ["0000-01-01", "2023-02-29", "2024-13-01", "2024-00-10", "2024-04-31"] {
            let error = text.parse::<Date>().unwrap_err();
            assert!(matches!(error, DateError::NoSuchDay { .. }), "{text}: {error}");
        }
    }

    #[test]
    fn says_what_it_found() {
        assert_eq!(
            "3.2.2024".parse::<Date>().unwrap_err().to_string(),
            "`3.2.2024` is not a date of the form YYYY-MM-DD, such as 2024-02-29"
        );
        assert_eq!(
            "2023-02-29".parse::<Date>().unwrap_err().to_string(),
            "there is no day 2023-02-29: months are 01 to 12, years 0001 to 9999"
        );
    }

    #[test]
    fn counts_days_over_leap_years_and_centuries() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(day("1970-01-01").number(), 0);
        assert_eq!(day("1969-12-31").number(), -1);
        assert_eq!(day("2000-03-01").number(), 11_017);
        assert_eq!(day("1900-02-28").days_until(day("1900-03-01")), 1);
        assert_eq!(day("2000-02-28").days_until(day("2000-03-01")), 2);
        assert_eq!(day("2024-05-01").days_until(day("2024-04-01")), -30);
        assert_eq!(day("0001-01-01").days_until(day("9999-12-31")), 3_652_058);
        for step in [-400_000, -366, -1, 0, 1, 59, 365, 400_000] {
            let moved = day("2024-01-31").plus_days(step).unwrap();
            assert_eq!(day("2024-01-31").days_until(moved), step);
        }
        assert_eq!(day("9999-12-31").plus_days(1), None);
        assert_eq!(day("0001-01-01").plus_days(-1), None);
        assert_eq!(day("2024-01-01").plus_days(i32::MAX), None);
    }

    #[test]
    fn is_a_string_in_json() {
        let date: Date = serde_json::from_str("\"2024-02-29\"").unwrap();
        assert_eq!(serde_json::to_string(&date).unwrap(), "\"2024-02-29\"");
        assert!(serde_json::from_str::<Date>("\"2024-02-30\"").is_err());
        assert!(serde_json::from_str::<Date>("20240229").is_err());
    }

    #[test]
    fn a_time_of_day_is_set_aside_and_nothing_else() {
        let day = Date::new(2024, 2, 29).unwrap();
        for text in [
            "2024-02-29",
            " 2024-02-29 ",
            "2024-02-29 08:15",
            "2024-02-29 8:15:59",
            "2024-02-29T08:15:00Z",
            "2024-02-29T23:59:59.123+01:00",
            "2024-02-29T00:00:00-0800",
            "2024-02-29 08:15 PM",
        ] {
            assert_eq!(Date::parse_day(text), Ok(day), "{text}");
        }
        for text in [
            "",
            "2024-02-29 ",
            "2024-02-29 later",
            "2024-02-29 08",
            "2024-02-29 08:75",
            "2024-02-29T",
            "29.02.2024 08:15",
            "2024-02-30 08:15",
            "2024-02-29 to 2024-03-01",
            "2024-02-29 1+",
            "2024-02-29 08:15:00:00",
        ] {
            let read = Date::parse_day(text);
            assert_eq!(read.is_ok(), text.trim() == "2024-02-29", "{text}: {read:?}");
        }
    }
}
