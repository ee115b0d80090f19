//! Who, when, and under which id.

use super::error::FhirError;
use super::types::{Extension, Identifier, Reference};
use super::{ABSENT_EXTENSION, rules};
use crate::exchange::ExportOptions;
use crate::score::Scorer;

/// What a response and its observations say of the occasion. Everything may be left out.
///
/// ```
/// use straingauge::exchange::fhir::Occasion;
/// let occasion = Occasion::new().person("staff 17").id("r17")?.authored("2026-11-25")?;
/// assert!(Occasion::new().authored("25/11/2026").is_err());
/// # Ok::<(), straingauge::exchange::fhir::FhirError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Occasion {
    id: Option<String>,
    person: Option<String>,
    authored: Option<String>,
    base: Option<String>,
    rules: String,
}

impl Occasion {
    /// Nothing said.
    pub fn new() -> Self {
        Self::default()
    }

    /// The person, by an identifier of the caller's own. A blank one says that there is a person
    /// and that nobody knows which: so a table keeps its column of ids on the way out and back.
    #[must_use]
    pub fn person(mut self, identifier: impl Into<String>) -> Self {
        self.person = Some(identifier.into());
        self
    }

    /// The scorer, where it scores otherwise than the file: responses then name the questionnaire
    /// that computes so, by its version.
    #[must_use]
    pub fn scored_by(mut self, scorer: &Scorer) -> Self {
        self.rules = rules::other_rules(scorer);
        self
    }

    /// Id of the response; observations are derived from it.
    ///
    /// # Errors
    /// Not 1 to 64 letters, digits, dots or hyphens.
    pub fn id(mut self, id: impl Into<String>) -> Result<Self, FhirError> {
        let id = id.into();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        if !(1..=64).contains(&id.len()) || !id.bytes().all(fits) {
            return Err(FhirError::BadId { found: id.chars().take(80).collect() });
        }
        self.id = Some(id);
        Ok(self)
    }

    /// When it was answered: a day, or a time with its zone.
    ///
    /// # Errors
    /// Not of FHIR's form.
    pub fn authored(mut self, time: impl Into<String>) -> Result<Self, FhirError> {
        let time = time.into();
        if !is_time(&time) {
            return Err(FhirError::BadTime { found: time.chars().take(80).collect() });
        }
        self.authored = Some(time);
        Ok(self)
    }

    /// The address of the code systems; see [`ExportOptions::base`].
    #[must_use]
    pub fn base(mut self, address: impl Into<String>) -> Self {
        self.base = Some(address.into());
        self
    }

    pub(super) fn response_id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub(super) fn when(&self) -> Option<String> {
        self.authored.clone()
    }

    pub(super) fn base_address(&self) -> &str {
        self.base.as_deref().unwrap_or(ExportOptions::BASE)
    }

    pub(super) fn subject(&self) -> Option<Reference> {
        let person = self.person.clone()?;
        if person.trim().is_empty() {
            let unknown = Extension {
                value_code: Some("unknown".to_owned()),
                ..Extension::new(ABSENT_EXTENSION)
            };
            return Some(Reference { extension: vec![unknown], ..Reference::default() });
        }
        let identifier = Some(Identifier { system: None, value: Some(person) });
        Some(Reference { identifier, ..Reference::default() })
    }

    pub(super) fn rules(&self) -> &str {
        &self.rules
    }
}

/// `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, or the last with a time and its zone.
fn is_time(text: &str) -> bool {
    let (day, time) = text.split_once('T').map_or((text, None), |(day, time)| (day, Some(time)));
    let number = |text: &str, digits: usize, range: std::ops::RangeInclusive<u32>| {
        text.len() == digits
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && text.parse().is_ok_and(|number| range.contains(&number))
    };
    let parts: Vec<&str> = day.split('-').collect();
    let is_day = match parts.as_slice() {
        [year] => number(year, 4, 1..=9999),
        [year, month] => number(year, 4, 1..=9999) && number(month, 2, 1..=12),
        [year, month, day] => {
            number(year, 4, 1..=9999) && number(month, 2, 1..=12) && number(day, 2, 1..=31)
        }
        _ => false,
    };
    let clock = |text: &str| {
        text.split_once(':')
            .is_some_and(|(hour, minute)| number(hour, 2, 0..=23) && number(minute, 2, 0..=59))
    };
    let is_clock = |time: &str| {
        let zone = time.strip_suffix('Z').or_else(|| {
            let (time, zone) = time.rsplit_once(['+', '-'])?;
            clock(zone).then_some(time)
        });
        let Some(time) = zone else { return false };
        let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let second = time.get(6..).is_some_and(|second| number(second, 2, 0..=60));
        let start = time.get(..5).is_some_and(clock) && time.get(5..6) == Some(":");
        start && second && !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit())
    };
    is_day && time.is_none_or(|time| parts.len() == 3 && is_clock(time))
}

#[cfg(test)]
mod tests {
    use super::is_time;

    #[test]
    fn times_of_the_published_form_alone() {
        for good in [
            "2026",
            "2026-11",
            "2026-11-25",
            "2026-11-25T09:30:00Z",
            "2026-11-25T09:30:00.125+01:00",
            "2026-11-25T09:30:00-05:00",
        ] {
            assert!(is_time(good), "{good}");
        }
        for bad in [
            "",
            "26",
            "2026-13",
            "2026-11-32",
            "25/11/2026",
            "2026-11-25T09:30:00",
            "2026-11T09:30:00Z",
            "2026-11-25T9:30:00Z",
            "2026-11-25T09:30Z",
            "2026-11-25T09:30:00.Z",
            "2026-1-2",
            "2026-11-25 ",
            "2026-11-25T",
            "2026-11-25TZ",
            "é026",
        ] {
            assert!(!is_time(bad), "{bad}");
        }
    }
}
