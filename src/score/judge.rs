//! Criteria under missing answers: undetermined exactly if two completions of the sheet disagree.

use super::rule::Rule;
use super::scores::Outcome;
use super::tally::tally;
use super::value::{Valued, of_items, of_scales};
use crate::answers::Answer;
use crate::instrument::entangle::{self, Shared};
use crate::instrument::{Instrument, Part};

/// A criterion to be decided, with the items that tie its tests together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judged {
    pub(super) criterion: usize,
    shared: Vec<Shared>,
}

impl Judged {
    pub(super) fn new(
        instrument: &Instrument,
        criterion: usize,
        scale_items: &[Vec<usize>],
    ) -> Self {
        let tests = entangle::tests(criterion, instrument.criteria());
        let shared = entangle::shared(&tests, scale_items, instrument.items());
        Self { criterion, shared }
    }
}

/// What a test or criterion can still turn out to be.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Can {
    hold: bool,
    fail: bool,
}

impl Can {
    const fn be(holds: bool) -> Self {
        Self { hold: holds, fail: !holds }
    }

    const fn or(self, other: Self) -> Self {
        Self { hold: self.hold || other.hold, fail: self.fail || other.fail }
    }
}

/// One row, with codes assumed for some of its missing answers.
struct Row<'a, F> {
    instrument: &'a Instrument,
    rules: &'a [Rule],
    byte: F,
    assumed: &'a [(usize, u8)],
}

impl<F: Fn(usize) -> u8> Row<'_, F> {
    /// The answer that holds, every missing kind alike: what is missing could have been answered.
    fn byte(&self, item: usize) -> u8 {
        let own = (self.byte)(item);
        if Answer::from_byte(own).code().is_some() {
            return own;
        }
        let assumed = self.assumed.iter().find(|(at, _)| *at == item);
        assumed.map_or(
            const { Answer::Missing(crate::answers::MissingKind::Skipped).to_byte() },
            |(_, code)| *code,
        )
    }

    fn valued(&self, scale: usize) -> Option<Valued> {
        let rule = self.rules.get(scale)?;
        if rule.terms.is_empty() {
            return Some(of_scales(rule, |at| {
                let rule = self.rules.get(at).filter(|rule| !rule.terms.is_empty())?;
                Some(of_items(rule, &tally(rule, |item| self.byte(item))))
            }));
        }
        Some(of_items(rule, &tally(rule, |item| self.byte(item))))
    }

    fn can(&self, part: &Part) -> Can {
        match part {
            Part::Criterion(at) => self.criterion(*at),
            Part::Item { item, op, number } => {
                if let Answer::Code(code) = Answer::from_byte(self.byte(*item)) {
                    return Can::be(op.holds(i64::from(code), *number));
                }
                let options = self.instrument.items().get(*item).map(|i| i.responses().options());
                let each = options.unwrap_or_default().iter();
                each.map(|option| Can::be(op.holds(i64::from(option.code()), *number)))
                    .fold(Can { hold: false, fail: false }, Can::or)
            }
            Part::Scale { scale, op, number } => match self.valued(*scale).and_then(|v| v.bounds) {
                // Both ends are reached by a completion, and the test is a threshold.
                Some((low, high)) => {
                    Can::be(op.holds(low, *number)).or(Can::be(op.holds(high, *number)))
                }
                None => Can { hold: true, fail: true },
            },
        }
    }

    /// Independent parts: every count between the surest and the most hopeful can come about.
    fn criterion(&self, at: usize) -> Can {
        let Some(criterion) = self.instrument.criteria().get(at) else {
            return Can { hold: true, fail: true };
        };
        let (low, high) = criterion.counts();
        let (mut least, mut most) = (0, 0);
        for part in criterion.parts() {
            let can = self.can(part);
            least += u32::from(!can.fail);
            most += u32::from(can.hold);
        }
        Can { hold: least <= high && most >= low, fail: least < low || most > high }
    }
}

/// Decides a criterion for one row; `byte` gives the answer that holds for an item.
pub(super) fn judge(
    instrument: &Instrument,
    rules: &[Rule],
    judged: &Judged,
    byte: impl Fn(usize) -> u8,
) -> Outcome {
    let missing = |(item, _): &&Shared| Answer::from_byte(byte(*item)).code().is_none();
    let open: Vec<&Shared> = judged.shared.iter().filter(missing).collect();
    // An odometer over the codes of the shared items that are missing.
    let mut wheels = vec![0_usize; open.len()];
    let mut assumed: Vec<(usize, u8)> = Vec::with_capacity(open.len());
    let mut can = Can { hold: false, fail: false };
    loop {
        assumed.clear();
        let codes = open.iter().zip(&wheels);
        assumed.extend(codes.filter_map(|((item, codes), at)| Some((*item, *codes.get(*at)?))));
        let row = Row { instrument, rules, byte: &byte, assumed: &assumed };
        can = can.or(row.criterion(judged.criterion));
        if can.hold && can.fail {
            return Outcome::Undetermined;
        }
        let mut turned = false;
        for (wheel, (_, codes)) in wheels.iter_mut().zip(&open) {
            *wheel += 1;
            if *wheel < codes.len() {
                turned = true;
                break;
            }
            *wheel = 0;
        }
        if !turned {
            break;
        }
    }
    if can.hold { Outcome::Met } else { Outcome::NotMet }
}
