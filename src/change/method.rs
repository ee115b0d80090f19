//! The published ways to judge a change, as one table over two choices: which retest score to
//! expect, and how far from it error alone can carry a score.

use serde::{Deserialize, Serialize};

/// What the second score would be if nothing had changed.
///
/// Notation: `X1` first score, `M1`, `s1`, `r` mean, SD and reliability of the norm, `M2`, `s2`
/// mean and SD at its retest, `r12` correlation of the two occasions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// The first score itself.
    First,
    /// The first score plus the mean shift at retest, `X1 + (M2 - M1)`.
    FirstShifted,
    /// Kelley's estimate of the true score, `M1 + r (X1 - M1)`.
    TrueScore,
    /// The same around the retest mean, `M2 + r (X1 - M1)`.
    TrueScoreShifted,
    /// The regression of the second score on the first, `M2 + r12 (s2 / s1) (X1 - M1)`.
    Regression,
    /// The mean of the norm, whatever the first score.
    NormMean,
}

/// The standard error of the difference between the second score and the expected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorTerm {
    /// Measurement error on both occasions alike, `s1 sqrt(2 (1 - r))`.
    BothOccasions,
    /// Measurement error of each occasion by its own SD, `sqrt(s1² (1 - r) + s2² (1 - r))`.
    EachOccasion,
    /// SD of the differences, `sqrt(s1² + s2² - 2 r12 s1 s2)`: fluctuation counts as noise.
    Differences,
    /// Error of prediction, `s1 sqrt(1 - r²)`.
    Prediction,
    /// Measurement error of the second occasion only, `s1 sqrt(1 - r)`.
    SecondOccasion,
    /// Error of the true score and of the retest, `sqrt(r² s1² (1 - r) + s1² (1 - r2))`.
    TrueScoreAndRetest,
    /// Error of the regression in a large population, `s2 sqrt(1 - r12²)`.
    RegressionPopulation,
    /// Residual SD of the regression in a sample, with n - 2.
    RegressionSample,
    /// Residual SD widened for a new case, `s_yx sqrt(1 + 1/n + (X1 - M1)² / Sxx)`, judged by t.
    RegressionNewCase,
    /// SD of a small norm widened for its size, `s1 sqrt((n + 1) / n)`, judged by t.
    SmallNorm,
    /// No error term: the difference is compared with a published number of points.
    Published,
}

/// A way to judge a change between two scores of one person.
///
/// Written in kebab-case, in results, policies and on the command line: `jacobson-truax`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Method {
    /// Jacobson & Truax 1991: the difference against measurement error on both occasions.
    #[default]
    JacobsonTruax,
    /// Christensen & Mendoza 1986: the difference against the SD of differences.
    ChristensenMendoza,
    /// Chelune et al. 1993: practice-adjusted difference, Jacobson-Truax error.
    Chelune,
    /// Iverson 2001: practice-adjusted difference, each occasion's own error.
    Iverson,
    /// Temkin et al. 1999: practice-adjusted difference, SD of differences.
    Temkin,
    /// Gulliksen-Lord-Novick: Kelley's estimate, error of prediction.
    GulliksenLordNovick,
    /// Hsu-Linn-Lord: Kelley's estimate around the retest mean, error of prediction.
    HsuLinnLord,
    /// Speer 1992 (Edwards-Nunnally): Kelley's estimate, one occasion's error.
    Speer,
    /// Nunnally & Kotsch 1983: Kelley's estimate, its error and the retest's.
    NunnallyKotsch,
    /// McSweeny et al. 1993: regression, population error.
    Srb,
    /// The same from a control sample, residual SD with n - 2.
    SrbSample,
    /// Crawford & Garthwaite 2006: regression from a control sample, for a new case.
    SrbNewCase,
    /// Crawford & Howell 1998: the second score alone against a small norm.
    CrawfordHowell,
    /// No norm: a published smallest change, named as what it is.
    PublishedChange,
}

/// One row of the table of methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preset {
    /// The method.
    pub method: Method,
    /// Its name as it is written.
    pub name: &'static str,
    /// Other spellings that are read.
    pub aliases: &'static [&'static str],
    /// The expected second score.
    pub expected: Expected,
    /// The error term.
    pub error: ErrorTerm,
    /// Where it was published.
    pub source: &'static str,
}

/// Every method, one row each.
const PRESETS: [Preset; 14] = {
    use ErrorTerm as E;
    use Expected as X;
    use Method as M;
    const fn row(
        method: Method,
        names: (&'static str, &'static [&'static str]),
        choice: (Expected, ErrorTerm),
        source: &'static str,
    ) -> Preset {
        Preset {
            method,
            name: names.0,
            aliases: names.1,
            expected: choice.0,
            error: choice.1,
            source,
        }
    }
    [
        row(
            M::JacobsonTruax,
            ("jacobson-truax", &["jt"]),
            (X::First, E::BothOccasions),
            "Jacobson & Truax 1991, doi:10.1037/0022-006X.59.1.12",
        ),
        row(
            M::ChristensenMendoza,
            ("christensen-mendoza", &["cm"]),
            (X::First, E::Differences),
            "Christensen & Mendoza 1986, Behav Ther 17:305-308",
        ),
        row(
            M::Chelune,
            ("chelune", &["practice-adjusted"]),
            (X::FirstShifted, E::BothOccasions),
            "Chelune et al. 1993, Neuropsychology 7:41-52",
        ),
        row(
            M::Iverson,
            ("iverson", &[]),
            (X::FirstShifted, E::EachOccasion),
            "Iverson 2001, Arch Clin Neuropsychol 16:183-191",
        ),
        row(
            M::Temkin,
            ("temkin", &[]),
            (X::FirstShifted, E::Differences),
            "Temkin et al. 1999, J Int Neuropsychol Soc 5:357-369",
        ),
        row(
            M::GulliksenLordNovick,
            ("gulliksen-lord-novick", &["gln"]),
            (X::TrueScore, E::Prediction),
            "Gulliksen, Lord and Novick, as in Hsu 1989, Behav Assess 11:459-467",
        ),
        row(
            M::HsuLinnLord,
            ("hsu-linn-lord", &["hll"]),
            (X::TrueScoreShifted, E::Prediction),
            "Hsu, Linn and Lord, as in Hsu 1989, Behav Assess 11:459-467",
        ),
        row(
            M::Speer,
            ("speer", &["en", "edwards-nunnally"]),
            (X::TrueScore, E::SecondOccasion),
            "Speer 1992, J Consult Clin Psychol 60:402-408",
        ),
        row(
            M::NunnallyKotsch,
            ("nunnally-kotsch", &["nk"]),
            (X::TrueScore, E::TrueScoreAndRetest),
            "Nunnally & Kotsch 1983, Br J Clin Psychol 22:83-93",
        ),
        row(
            M::Srb,
            ("srb", &["mcsweeny"]),
            (X::Regression, E::RegressionPopulation),
            "McSweeny et al. 1993, Clin Neuropsychol 7:300-312",
        ),
        row(
            M::SrbSample,
            ("srb-sample", &[]),
            (X::Regression, E::RegressionSample),
            "McSweeny et al. 1993, Clin Neuropsychol 7:300-312",
        ),
        row(
            M::SrbNewCase,
            ("srb-new-case", &["crawford-garthwaite"]),
            (X::Regression, E::RegressionNewCase),
            "Crawford & Garthwaite 2006, Neuropsychology 20:259-271",
        ),
        row(
            M::CrawfordHowell,
            ("crawford-howell", &["ch"]),
            (X::NormMean, E::SmallNorm),
            "Crawford & Howell 1998, Clin Neuropsychol 12:482-486",
        ),
        row(
            M::PublishedChange,
            ("published-change", &[]),
            (X::First, E::Published),
            "the source of the published change",
        ),
    ]
};

impl Method {
    /// Every method with its two choices, name and source.
    pub const ALL: &[Preset] = &PRESETS;

    /// The row of this method.
    pub fn preset(self) -> &'static Preset {
        // Every variant has a row (a test counts them), so the fallback is never read.
        PRESETS.iter().find(|preset| preset.method == self).unwrap_or(&PRESETS[0])
    }

    /// The name as it is written, such as `jacobson-truax`.
    pub fn name(self) -> &'static str {
        self.preset().name
    }

    /// The method of a name or alias, such as `jt`.
    ///
    /// ```
    /// use straingauge::change::Method;
    /// assert_eq!(Method::named("gln"), Some(Method::GulliksenLordNovick));
    /// assert_eq!(Method::named("no such"), None);
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        PRESETS
            .iter()
            .find(|preset| preset.name == name || preset.aliases.contains(&name))
            .map(|preset| preset.method)
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_has_one_row_and_its_serde_name() {
        for preset in Method::ALL {
            assert_eq!(preset.method.preset(), preset);
            let json = serde_json::to_string(&preset.method).unwrap();
            assert_eq!(json, format!("\"{}\"", preset.name));
            assert_eq!(serde_json::from_str::<Method>(&json).unwrap(), preset.method);
            for name in preset.aliases.iter().chain([&preset.name]) {
                assert_eq!(Method::named(name), Some(preset.method));
            }
        }
        let mut pairs: Vec<_> =
            Method::ALL.iter().map(|p| format!("{:?}/{:?}", p.expected, p.error)).collect();
        pairs.sort();
        pairs.dedup();
        assert_eq!(pairs.len(), Method::ALL.len(), "no two methods are the same two choices");
    }
}
