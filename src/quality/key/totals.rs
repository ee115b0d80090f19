//! By which rule a stored total was made, where it is not the instrument's.

use super::codes::base_of;
use super::finding::{KeyFinding, KeyProblem, Likelihood};
use super::relations::KeyedForm;
use crate::instrument::{Item, ResponseOption, Term};
use crate::quality::QualityError;
use crate::score::{Scorer, items_behind};

/// Stored totals are often rounded to two decimals.
const ROUNDING: f64 = 0.005_1;

/// What becomes of a blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blank {
    /// As the instrument says.
    Own,
    Zero,
    /// As 0 before reversal, so that in a reverse-keyed item it counts most.
    ZeroFirst,
    CompleteOnly,
    Prorated,
}

/// One way in which a total may have been made.
#[derive(Debug, Clone, Copy)]
struct Rule {
    blank: Blank,
    reversed: bool,
    /// Added to what each item counts.
    more: i32,
    unit: f64,
}

/// One item of the scale in the file.
struct Part<'a> {
    at: usize,
    base: i16,
    codes: &'a [i16],
    values: Vec<i32>,
}

impl Part<'_> {
    /// What a code of 0 would count, on the line through the first two codes.
    fn at_zero(&self, reversed: bool) -> f64 {
        let ([first, second, ..], [low, high, ..]) = (self.codes, self.values.as_slice()) else {
            return 0.0;
        };
        let step = f64::from(high - low) / f64::from(second - first);
        if reversed { f64::from(*low) - step * f64::from(*first) } else { 0.0 }
    }
}

pub(super) fn check(
    scorer: &Scorer,
    form: &KeyedForm,
    (scale, stored): (&str, &[Option<f64>]),
) -> Result<Option<KeyFinding>, QualityError> {
    let instrument = scorer.instrument();
    let (source, unit) = items_behind(instrument, scale)?;
    let mut parts = Vec::new();
    let mut open = Vec::new();
    for term in source.key().terms() {
        let Some(item) = instrument.items().get(term.item()) else { continue };
        match form.items.iter().position(|known| known.id == item.id()) {
            Some(at) => parts.extend(form.items.get(at).map(|known| Part {
                at,
                base: base_of(form, at),
                codes: &known.codes,
                values: by_code(term, instrument.items().get(term.item())),
            })),
            None => open.push(item.id()),
        }
    }
    if !open.is_empty() {
        let (scale, items) = (scale.to_owned(), open.join(", "));
        return Err(crate::score::KeyedError::NotAsked { scale, items }.into());
    }
    let needs = source.needs();
    let own = Rule { blank: Blank::Own, reversed: true, more: 0, unit };
    let matches = |rule: Rule| -> Vec<bool> {
        let row = |(row, total): (usize, &Option<f64>)| {
            let total = (*total)?;
            let made = rule.total(form, (&parts, needs), row);
            Some(made.is_some_and(|made| (made - total).abs() <= ROUNDING))
        };
        stored.iter().enumerate().filter_map(row).collect()
    };
    let count = |matches: &[bool]| matches.iter().filter(|m| **m).count();
    let by_own = matches(own);
    let (compared, agreed) = (by_own.len(), count(&by_own));
    if agreed == compared {
        return Ok(None);
    }
    // Plainer rules come first, so that of two that explain as much the plainer is named.
    let mut best = (agreed, Vec::new());
    for (rule, names) in candidates(own, &parts) {
        let explained = count(&matches(rule));
        if explained > best.0 {
            best = (explained, names);
        }
    }
    let (explained, names) = best;
    let likelihood = match (names.is_empty(), explained == compared, compared - agreed) {
        (true, ..) => Likelihood::Certain,
        (false, true, 10..) => Likelihood::VeryLikely,
        (false, true, 3..) => Likelihood::Likely,
        (false, false, _) if 20 * (explained - agreed) >= 19 * (compared - agreed) => {
            Likelihood::Likely
        }
        _ => Likelihood::Possible,
    };
    let problem =
        if names.is_empty() { KeyProblem::TotalUnexplained } else { KeyProblem::TotalDiffers };
    let mut finding = KeyFinding::new(problem, likelihood, Vec::new())
        .scale(scale)
        .with("compared", compared as f64)
        .with("differ", (compared - agreed) as f64)
        .with("explained", explained as f64);
    for name in names {
        finding = finding.fits(name);
    }
    Ok(Some(finding))
}

/// Values in the order of rising codes.
fn by_code(term: &Term, item: Option<&Item>) -> Vec<i32> {
    let options = item.map_or(&[][..], |item| item.responses().options());
    let mut values: Vec<(u8, i32)> =
        options.iter().map(ResponseOption::code).zip(term.values().iter().copied()).collect();
    values.sort_unstable();
    values.into_iter().map(|(_, value)| value).collect()
}

fn candidates(own: Rule, parts: &[Part<'_>]) -> Vec<(Rule, Vec<&'static str>)> {
    let k = parts.len() as f64;
    let lowest = |code: i16| parts.iter().all(|part| part.codes.first() == Some(&code));
    let blanks = [
        (Blank::Own, None),
        (Blank::Zero, Some("blank-as-zero")),
        (Blank::ZeroFirst, Some("blank-as-zero-first")),
        (Blank::CompleteOnly, Some("complete-only")),
        (Blank::Prorated, Some("prorated")),
    ];
    let mut bases = vec![(0, None)];
    bases.extend(lowest(0).then_some((1, Some("counted-from-one"))));
    bases.extend(lowest(1).then_some((-1, Some("counted-from-zero"))));
    let units = [(own.unit, None), (1.0, Some("sum")), (1.0 / k, Some("mean"))];
    let mut all = Vec::new();
    for (unit, unit_name) in units {
        if unit_name.is_some() && (unit - own.unit).abs() < 1e-12 {
            continue;
        }
        for (more, base_name) in &bases {
            for (reversed, key_name) in [(true, None), (false, Some("not-reversed"))] {
                for (blank, blank_name) in blanks {
                    let names: Vec<&'static str> = [blank_name, key_name, *base_name, unit_name]
                        .into_iter()
                        .flatten()
                        .collect();
                    if !names.is_empty() {
                        all.push((Rule { blank, reversed, more: *more, unit }, names));
                    }
                }
            }
        }
    }
    all.sort_by_key(|(_, names)| names.len());
    all
}

impl Rule {
    fn total(
        self,
        form: &KeyedForm,
        (parts, needs): (&[Part<'_>], usize),
        row: usize,
    ) -> Option<f64> {
        let counted = |part: &Part<'_>| -> Option<i32> {
            let stored = form.stored.value(row, part.at)?;
            let code = stored.checked_sub(part.base)?;
            let at = part.codes.binary_search(&code).ok()?;
            let value = if self.reversed { *part.values.get(at)? } else { i32::from(code) };
            Some(value + self.more)
        };
        let values: Vec<i32> = parts.iter().filter_map(counted).collect();
        let (answered, all) = (values.len(), parts.len());
        let least = match self.blank {
            Blank::Own => needs,
            Blank::Zero | Blank::ZeroFirst => 0,
            Blank::CompleteOnly => all,
            Blank::Prorated => 1,
        };
        if answered < least {
            return None;
        }
        let sum = f64::from(values.iter().sum::<i32>());
        Some(match self.blank {
            Blank::Zero => self.unit * sum,
            Blank::ZeroFirst => {
                let blank = |part: &&Part<'_>| counted(part).is_none();
                let blanks = parts.iter().filter(blank).map(|part| part.at_zero(self.reversed));
                self.unit * (sum + blanks.sum::<f64>())
            }
            _ => self.unit * sum * all as f64 / answered as f64,
        })
    }
}
