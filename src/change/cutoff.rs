//! Clinically significant change: beyond error, and across a line between two reference groups.

use serde::Serialize;

use super::error::{finite, positive};
use super::{ChangeError, ChangeNumbers, Verdict};
use crate::instrument::Direction;

/// Mean and SD of a named group of people.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceGroup {
    name: String,
    mean: f64,
    sd: f64,
}

impl ReferenceGroup {
    /// A group of this name.
    ///
    /// # Errors
    /// A mean that is not finite, an SD that is not above 0, an empty name.
    pub fn new(name: impl Into<String>, mean: f64, sd: f64) -> Result<Self, ChangeError> {
        let name = name.into();
        if name.trim().is_empty() {
            return Err(ChangeError::Unnamed);
        }
        Ok(Self { name, mean: finite("mean", mean)?, sd: positive("sd", sd)? })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Lines between a strained and a well reference group (Jacobson & Truax 1991,
/// doi:10.1037/0022-006X.59.1.12).
///
/// The formulas are the published ones. Some software takes the strained group's SD for line `b`;
/// that is a slip, and line `b` here rests on the well group alone.
///
/// ```
/// use straingauge::change::{CutLines, ReferenceGroup};
/// use straingauge::instrument::Direction;
/// let strained = ReferenceGroup::new("people in treatment", 40.0, 7.5)?;
/// let well = ReferenceGroup::new("general population", 60.0, 7.5)?;
/// let lines = CutLines::between(Some(&strained), Some(&well), Direction::HigherIsBetter)?;
/// assert_eq!((lines.a, lines.b, lines.c), (Some(55.0), Some(45.0), Some(50.0)));
/// # Ok::<(), straingauge::change::ChangeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CutLines {
    /// Two SDs from the strained group's mean, towards the well group.
    pub a: Option<f64>,
    /// Two SDs from the well group's mean, towards the strained group.
    pub b: Option<f64>,
    /// The point that lies equally many SDs from both means.
    pub c: Option<f64>,
    /// The line that the authors advise: `c` where both groups are known and overlap, `b` where
    /// they do not overlap or only the well group is known, else `a`.
    pub advised: f64,
    /// Which line that is.
    pub advised_line: CutLine,
    /// Names of the groups, strained first.
    pub groups: (Option<String>, Option<String>),
    /// Which way the scale points.
    pub direction: Direction,
}

/// One of the three lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum CutLine {
    /// Away from the strained group.
    A,
    /// Inside the well group.
    B,
    /// Between both.
    C,
}

impl CutLines {
    /// The lines that the known groups give.
    ///
    /// # Errors
    /// No group at all, a neutral scale, or a strained group that lies on the well side.
    pub fn between(
        strained: Option<&ReferenceGroup>,
        well: Option<&ReferenceGroup>,
        direction: Direction,
    ) -> Result<Self, ChangeError> {
        let toward_well = match direction {
            Direction::HigherIsBetter => 1.0,
            Direction::HigherIsWorse => -1.0,
            _ => return Err(ChangeError::NoDirection),
        };
        let a = strained.map(|group| group.mean + toward_well * 2.0 * group.sd);
        let b = well.map(|group| group.mean - toward_well * 2.0 * group.sd);
        let (c, apart) = match (strained, well) {
            (Some(s), Some(w)) => {
                if (w.mean - s.mean) * toward_well <= 0.0 {
                    return Err(ChangeError::GroupsSwapped {
                        strained: s.name.clone(),
                        well: w.name.clone(),
                    });
                }
                let c = (s.sd * w.mean + w.sd * s.mean) / (s.sd + w.sd);
                (Some(c), (w.mean - s.mean).abs() >= 2.0 * (s.sd + w.sd))
            }
            _ => (None, false),
        };
        let (advised_line, advised) = match (a, b, c) {
            (_, _, Some(c)) if !apart => (CutLine::C, c),
            (_, Some(b), _) => (CutLine::B, b),
            (Some(a), _, _) => (CutLine::A, a),
            _ => return Err(ChangeError::NoGroup),
        };
        let name = |group: Option<&ReferenceGroup>| group.map(|group| group.name.clone());
        let groups = (name(strained), name(well));
        Ok(Self { a, b, c, advised, advised_line, groups, direction })
    }
}

/// To which side a score that equals the line belongs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AtTheLine {
    /// To the strained side, so that every score has a side.
    #[default]
    Strained,
    /// To neither, as in some software: such a score can neither start nor end a recovery.
    Neither,
}

/// What a change amounts to when a line between two groups is considered too.
///
/// Names say what was observed. The literature's labels (recovered, improved, unchanged,
/// deteriorated, harmed) read as diagnoses, and a first score on the well side can never be
/// "recovered" at all: count those who were [`eligible`](CourseClass::eligible).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CourseClass {
    /// Reliably worse, better, or neither.
    pub verdict: Verdict,
    /// The first score lay on the strained side.
    pub began_strained: bool,
    /// The last score lies on the well side.
    pub ended_well: bool,
}

impl CourseClass {
    /// Places a judged change against a line.
    ///
    /// # Errors
    /// A neutral scale, or a line that is not finite.
    pub fn of(
        change: &ChangeNumbers,
        (line, rule): (f64, AtTheLine),
        direction: Direction,
    ) -> Result<Self, ChangeError> {
        let line = finite("line", line)?;
        let beyond = |score: f64| match direction {
            Direction::HigherIsWorse => Ok(score - line),
            Direction::HigherIsBetter => Ok(line - score),
            _ => Err(ChangeError::NoDirection),
        };
        let began = beyond(change.first)?;
        Ok(Self {
            verdict: change.verdict,
            began_strained: began > 0.0 || (began == 0.0 && rule == AtTheLine::Strained),
            ended_well: beyond(change.last)? < 0.0,
        })
    }

    /// Whether the first score left room to cross to the well side.
    pub fn eligible(self) -> bool {
        self.began_strained
    }

    /// One of four classes: `better-across-line` (recovered), `better`, `no-reliable-change`,
    /// `worse`.
    pub fn four(self) -> &'static str {
        match self.verdict {
            Verdict::Better if self.began_strained && self.ended_well => "better-across-line",
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            _ => "no-reliable-change",
        }
    }

    /// One of five classes: as [`four`](Self::four), with `worse-across-line` (harmed) apart.
    pub fn five(self) -> &'static str {
        if self.verdict == Verdict::Worse && !self.began_strained && !self.ended_well {
            "worse-across-line"
        } else {
            self.four()
        }
    }
}
