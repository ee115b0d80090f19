//! What a cell's number says, by the format in which the workbook shows it.

use std::{collections::HashMap, io::Read};

use super::{
    SurveyError,
    part::{Part, Piece},
};
use crate::date::Date;

/// Seconds of a day.
const DAY_SECONDS: i64 = 86_400;
/// Excel counts a 29 February 1900 that never was, as day 60.
const NO_DAY: f64 = 60.0;
/// A day beyond the year 9999.
const DAYS_END: f64 = 3_000_000.0;

/// Which formats of cells show a date, in the order in which cells name them.
pub(super) struct Dates {
    formats: Vec<bool>,
    from_1904: bool,
}

impl Dates {
    /// No format shows a date yet; days count from 1904 or from 1900.
    pub(super) fn new(from_1904: bool) -> Self {
        Self { formats: Vec::new(), from_1904 }
    }

    /// Adds the formats of the part with the workbook's styles.
    pub(super) fn read<R: Read>(&mut self, mut part: Part<R>) -> Result<(), SurveyError> {
        let mut own = HashMap::new();
        let mut of_cells = false;
        while let Some(piece) = part.next()? {
            let element = match piece {
                Piece::Start(element) => element,
                Piece::End(tag) => {
                    of_cells &= tag.local_name().into_inner() != "cellXfs";
                    continue;
                }
                Piece::Text(_) => continue,
            };
            let name = element.name();
            of_cells |= name == "cellXfs";
            if !(name == "numFmt" || (name == "xf" && of_cells)) {
                continue;
            }
            let id = element.number("numFmtId")?;
            if name == "numFmt" {
                let date = is_date(&element.attribute("formatCode")?.unwrap_or_default());
                own.extend(id.map(|id: u32| (id, date)));
            } else {
                let id = id.unwrap_or(0);
                self.formats.push(own.get(&id).copied().unwrap_or_else(|| is_built_in_date(id)));
            }
        }
        Ok(())
    }

    /// How many formats there are; a workbook without any shows no dates.
    pub(super) fn formats(&self) -> usize {
        self.formats.len()
    }

    /// The text of a number in a format. Digits stay as they are, so that no identifier is rounded;
    /// what is no number stays as well, for whoever reads the cell to report.
    pub(super) fn text(&self, held: String, format: usize) -> String {
        let dated = self.formats.get(format).copied().unwrap_or(false);
        if !dated && held.bytes().all(|byte| byte.is_ascii_digit()) {
            return held;
        }
        match held.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => {
                let date = if dated { date(number, self.from_1904) } else { None };
                // No minus sign before nothing.
                date.unwrap_or_else(|| (number + 0.0).to_string())
            }
            _ => held,
        }
    }
}

/// The built-in number formats that show a date or a time of day, by their ids (ECMA-376-1, 18.8.30).
fn is_built_in_date(id: u32) -> bool {
    matches!(id, 14..=22 | 27..=36 | 45 | 47 | 50..=58)
}

/// Whether a format's first section shows a date or a time of day. What stands in quotation marks,
/// behind a backslash or in brackets is no part of it; hours beyond a day are a duration, and a format for some numbers only is none.
fn is_date(format: &str) -> bool {
    let mut date = false;
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        match character.to_ascii_lowercase() {
            ';' => break,
            '"' => while characters.next().is_some_and(|c| c != '"') {},
            '\\' | '!' | '_' | '*' => drop(characters.next()),
            '[' => {
                let inside: String = characters.by_ref().take_while(|c| *c != ']').collect();
                let unit = inside.to_ascii_lowercase();
                let elapsed =
                    !unit.is_empty() && unit.chars().all(|c| matches!(c, 'h' | 'm' | 's'));
                if elapsed || unit.contains(['<', '>', '=']) {
                    return false;
                }
            }
            'd' | 'm' | 'y' | 'h' | 's' => date = true,
            _ => {}
        }
    }
    date
}

/// A day number as ISO 8601, to the second: a date, a date with a time, or below 1 a time of day.
/// Nothing where it names no day.
fn date(number: f64, from_1904: bool) -> Option<String> {
    let day = number.floor();
    if !(0.0..DAYS_END).contains(&day) || (day == NO_DAY && !from_1904) {
        return None;
    }
    // Below 2^38, and a whole number.
    #[allow(clippy::cast_possible_truncation)]
    let seconds = (number * DAY_SECONDS as f64).round() as i64;
    let seconds = if number < 1.0 { seconds.min(DAY_SECONDS - 1) } else { seconds };
    let (days, second) = (seconds / DAY_SECONDS, seconds % DAY_SECONDS);
    let first = match (from_1904, day < NO_DAY) {
        (true, _) => Date::new(1904, 1, 1),
        (false, true) => Date::new(1899, 12, 31),
        (false, false) => Date::new(1899, 12, 30),
    };
    let date = first.ok()?.plus_days(i32::try_from(days).ok()?)?;
    let time = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    Some(match second {
        0 if number < 1.0 && !from_1904 => time,
        0 => date.to_string(),
        _ if number < 1.0 => time,
        _ => format!("{date}T{time}"),
    })
}

#[cfg(test)]
mod tests {
    use super::{date, is_built_in_date, is_date};

    /// Days as ECMA-376-1 (18.17.4) and Excel itself count them.
    #[test]
    fn days() {
        for (number, from_1904, text) in [
            (1.0, false, Some("1900-01-01")),
            (59.0, false, Some("1900-02-28")),
            (60.0, false, None),
            (61.0, false, Some("1900-03-01")),
            (39_448.0, false, Some("2008-01-01")),
            (37_986.0, true, Some("2008-01-01")),
            (0.0, true, Some("1904-01-01")),
            (46_083.377_777_777_78, false, Some("2026-03-02T09:04:00")),
            (0.5, false, Some("12:00:00")),
            (0.5, true, Some("12:00:00")),
            (0.0, false, Some("00:00:00")),
            (0.999_999_9, false, Some("23:59:59")),
            (1.999_999_9, false, Some("1900-01-02")),
            (2_958_465.0, false, Some("9999-12-31")),
            (2_958_466.0, false, None),
            (-1.0, false, None),
            (1e300, false, None),
        ] {
            assert_eq!(date(number, from_1904).as_deref(), text, "{number}");
        }
    }

    #[test]
    fn formats() {
        for format in
            ["yyyy-mm-dd", "m/d/yy h:mm;@", "[$-409]mmm", "hh:mm AM/PM", "[Red]d", "[$-F800]d"]
        {
            assert!(is_date(format), "{format}");
        }
        for format in [
            "General",
            "0.00",
            "[Red]0",
            "0 \"days\"",
            "0\\d",
            "0!d",
            "[h]:mm",
            "0;yyyy",
            "[<1]h:mm;0",
            "0.0E+00",
            "",
        ] {
            assert!(!is_date(format), "{format}");
        }
    }

    /// ECMA-376-1, 18.8.30, those of Chinese, Japanese and Korean included; 46 is a duration.
    #[test]
    fn built_in_formats() {
        let dates: Vec<u32> = (0..=60).filter(|id| is_built_in_date(*id)).collect();
        let named = [14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36];
        assert_eq!(dates[..19], named);
        assert_eq!(dates[19..], [45, 47, 50, 51, 52, 53, 54, 55, 56, 57, 58]);
    }
}
