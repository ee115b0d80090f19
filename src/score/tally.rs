//! Counting a row of answers against a rule, answer by answer: the reference that `columns` must equal.

use super::rule::Rule;
use crate::answers::{Answer, MissingKind};

/// What the answers to the items of one scale add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Sum of the keyed values of the answers.
    pub(super) sum: i32,
    /// Answers that are codes.
    pub(super) answered: u16,
    pub(super) not_asked: u16,
    pub(super) unreadable: u16,
    pub(super) not_applicable: u16,
    /// Least that the open items could add.
    pub(super) open_low: i32,
    /// Most that they could add.
    pub(super) open_high: i32,
}

const NOT_ASKED: u8 = Answer::Missing(MissingKind::NotAsked).to_byte();
const UNREADABLE: u8 = Answer::Missing(MissingKind::Unreadable).to_byte();
const NOT_APPLICABLE: u8 = Answer::Missing(MissingKind::NotApplicable).to_byte();

/// Counts one row; `byte` gives the answer to the item at a position of the form.
pub(super) fn tally(rule: &Rule, byte: impl Fn(usize) -> u8) -> Tally {
    let mut tally = Tally::default();
    for term in &rule.terms {
        let answer = byte(term.item);
        if let Some(value) = term.value(answer) {
            tally.sum += value;
            tally.answered += 1;
            continue;
        }
        tally.not_asked += u16::from(answer == NOT_ASKED);
        tally.unreadable += u16::from(answer == UNREADABLE);
        tally.not_applicable += u16::from(answer == NOT_APPLICABLE);
        if !(rule.drops && answer == NOT_APPLICABLE) {
            tally.open_low += term.low;
            tally.open_high += term.high;
        }
    }
    tally
}
