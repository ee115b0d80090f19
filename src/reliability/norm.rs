//! A norm of one's own, as the lines that an instrument file takes.

use std::fmt::Write as _;

use super::{IccForm, Retest, ScaleReliability};

/// Puts what was estimated in one's own people into the form of a `[[norms]]` table.
///
/// ```
/// use straingauge::num::{Deletion, ItemTable};
/// use straingauge::reliability::{NormDraft, ScaleReliability};
/// let mut keyed = ItemTable::new();
/// keyed.push("tired", [3, 1, 4, 2, 0, 3, 2, 4].map(Some))?;
/// keyed.push("tense", [2, 1, 4, 1, 0, 3, 3, 3].map(Some))?;
/// let scale = ScaleReliability::of(&keyed, Deletion::Listwise)?;
/// let norm = NormDraft::new("our-staff-2026", "strain").source("our-report").population("our staff").scale(&scale);
/// assert!(norm.to_toml().starts_with("[[norms]]\nid = \"our-staff-2026\"\nscale = \"strain\"\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NormDraft {
    id: String,
    scale: String,
    source: String,
    population: String,
    moments: Option<(u64, f64, f64)>,
    reliability: Vec<String>,
    shift: Option<f64>,
}

impl NormDraft {
    /// A norm of this id for a scale of the file.
    pub fn new(id: impl Into<String>, scale: impl Into<String>) -> Self {
        Self { id: id.into(), scale: scale.into(), ..Self::default() }
    }

    /// Who was measured.
    #[must_use]
    pub fn population(mut self, population: impl Into<String>) -> Self {
        self.population = population.into();
        self
    }

    /// Key of the source in the file's `[sources]`, which has to say where the data are described.
    #[must_use]
    pub fn source(mut self, key: impl Into<String>) -> Self {
        self.source = key.into();
        self
    }

    /// People, mean, standard deviation, alpha and, where it is defined, omega.
    #[must_use]
    pub fn scale(mut self, scale: &ScaleReliability) -> Self {
        self.moments = Some((scale.n(), scale.mean(), scale.sd()));
        self.add("alpha", scale.alpha().raw(), "");
        if let Ok(omega) = scale.omega() {
            self.add("omega", omega.total(), "");
        }
        self
    }

    /// Retest reliability for agreement, ICC(2,1), over so many days, and the mean shift.
    #[must_use]
    pub fn retest(mut self, retest: &Retest, days: f64) -> Self {
        let more = format!(", days = {days:?}, n = {}", retest.n());
        self.add("retest", retest.icc(IccForm::Agreement).value, &more);
        self.shift = Some(retest.mean_shift());
        self
    }

    /// A file takes reliabilities between 0 and 1 only; others are of no use there.
    fn add(&mut self, kind: &str, value: f64, more: &str) {
        if value > 0.0 && value < 1.0 {
            self.reliability.push(format!("{{ kind = \"{kind}\", value = {value:.6}{more} }}"));
        }
    }

    /// The lines for the instrument file.
    pub fn to_toml(&self) -> String {
        let mut text = String::from("[[norms]]\n");
        let mut line = |args: std::fmt::Arguments<'_>| {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{args}");
        };
        line(format_args!("id = {:?}", self.id));
        line(format_args!("scale = {:?}", self.scale));
        line(format_args!("population = {:?}", self.population));
        if let Some((n, mean, sd)) = self.moments {
            line(format_args!("n = {n}"));
            line(format_args!("mean = {mean:.6}"));
            line(format_args!("sd = {sd:.6}"));
        }
        if !self.reliability.is_empty() {
            line(format_args!("reliability = [{}]", self.reliability.join(", ")));
            line(format_args!("same-sample = true"));
        }
        if let Some(shift) = self.shift {
            line(format_args!("retest-mean-shift = {shift:.6}"));
        }
        line(format_args!(
            "basis = {{ source = {:?}, origin = \"later-study\", grade = \"A\" }}",
            self.source
        ));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instrument::Instrument;
    use crate::num::{Deletion, ItemTable};

    #[test]
    fn the_lines_load_in_a_file() {
        let mut keyed = ItemTable::new();
        for item in 0..4_i16 {
            let answers = (0..40_i16).map(|row| Some((row + row * item * 3 % 4) % 5));
            keyed.push(item.to_string(), answers).unwrap();
        }
        let scale = ScaleReliability::of(&keyed, Deletion::Listwise).unwrap();
        let first: Vec<Option<f64>> = (0..30).map(|row| Some(f64::from(row * 7 % 17))).collect();
        let second =
            first.iter().enumerate().map(|(row, x)| x.map(|x| x + f64::from(row % 3 == 0)));
        let retest = Retest::of(&[first.clone(), second.collect()]).unwrap();
        let norm = NormDraft::new("ours", "strain")
            .population("keepers of the \"north\"")
            .source("survey")
            .scale(&scale)
            .retest(&retest, 14.0);
        let file = include_str!("../../examples/definitions/worked-example.toml");
        let text = format!("{file}\n{}", norm.to_toml());
        let loaded = Instrument::parse(&text).unwrap();
        let norm = loaded.norm("ours").unwrap();
        assert_eq!((norm.n(), norm.population()), (Some(40), "keepers of the \"north\""));
        assert!((norm.sd().unwrap() - scale.sd()).abs() < 1e-6);
        let kinds: Vec<&str> = norm.reliability().iter().map(|r| r.kind().as_str()).collect();
        assert_eq!(kinds.last(), Some(&"retest"));
        assert!((norm.retest_mean_shift().unwrap() - 1.0 / 3.0).abs() < 1e-6);
    }
}
