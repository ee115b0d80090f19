//! Which codes occur, against which are offered.

use std::collections::BTreeMap;

use super::finding::{KeyFinding, KeyProblem, Likelihood};
use super::groups::rows_of;
use super::relations::{FormItem, KeyedForm};

/// Cells of one item that tell two codings apart.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    cells: u64,
    /// Offered by the instrument, but not in the other coding.
    only_offered: u64,
    /// In the other coding, but not offered.
    only_other: u64,
    /// Not offered.
    outside: u64,
}

/// The codings that are told apart: positions of the options, counted from 0 or 1.
const OTHERS: [(KeyProblem, i16); 2] =
    [(KeyProblem::CodesFromZero, 0), (KeyProblem::CodesFromOne, 1)];

/// Fewest cells with a code of the other coding that make an item's case.
const LEAST_CELLS: u64 = 3;

pub(super) fn check(form: &KeyedForm, groups: Option<&[Option<String>]>) -> Vec<KeyFinding> {
    // Items with the same codes share a case: one file is coded one way.
    let mut sets: BTreeMap<&[i16], Vec<usize>> = BTreeMap::new();
    for (at, item) in form.items.iter().enumerate() {
        sets.entry(&item.codes).or_default().push(at);
    }
    let mut findings = Vec::new();
    for items in sets.values() {
        let all: Vec<usize> = (0..form.stored.rows()).collect();
        let mut found = shifted(form, items, &all);
        if found.is_empty()
            && let Some(groups) = groups
        {
            for (group, rows) in rows_of(groups) {
                found.extend(shifted(form, items, &rows).into_iter().map(|f| f.group(&group)));
            }
        }
        if found.is_empty() {
            found.extend(outside(form, items));
        }
        findings.extend(found);
    }
    findings
}

/// What to take off an item's stored codes: 1 or -1 where they are shifted, else 0.
pub(super) fn base_of(form: &KeyedForm, at: usize) -> i16 {
    let rows: Vec<usize> = (0..form.stored.rows()).collect();
    let lowest = form.items.get(at).and_then(|item| item.codes.first()).copied().unwrap_or(0);
    let base = OTHERS.iter().find_map(|(_, first)| {
        let found = tally(form, at, (*first, &rows));
        is_shifted(&found).then(|| first - lowest)
    });
    base.filter(|base| base.abs() == 1).unwrap_or(0)
}

/// Stray cells happen in any file: twenty to one is a case, and so are fewer where the code that only
/// the instrument has never occurs among many.
const fn is_shifted(tally: &Tally) -> bool {
    let many = tally.only_other >= LEAST_CELLS && tally.only_other >= 20 * tally.only_offered;
    many || (tally.only_other > 0 && tally.only_offered == 0 && tally.cells >= 30)
}

fn tally(form: &KeyedForm, at: usize, (first, rows): (i16, &[usize])) -> Tally {
    let Some(item) = form.items.get(at) else { return Tally::default() };
    let other = other_codes(item, first);
    let mut tally = Tally::default();
    for value in rows.iter().filter_map(|row| form.stored.value(*row, at)) {
        let offered = item.codes.binary_search(&value).is_ok();
        let in_other = other.contains(&value);
        tally.cells += 1;
        tally.only_offered += u64::from(offered && !in_other);
        tally.only_other += u64::from(in_other && !offered);
        tally.outside += u64::from(!offered);
    }
    tally
}

fn other_codes(item: &FormItem, first: i16) -> std::ops::Range<i16> {
    let many = i16::try_from(item.codes.len()).unwrap_or(i16::MAX);
    first..first.saturating_add(many)
}

/// Items whose codes fit the other coding and not their own.
fn shifted(form: &KeyedForm, items: &[usize], rows: &[usize]) -> Vec<KeyFinding> {
    let mut findings = Vec::new();
    for (problem, first) in OTHERS {
        let tallies: Vec<(usize, Tally)> =
            items.iter().map(|at| (*at, tally(form, *at, (first, rows)))).collect();
        let sum = |part: fn(&Tally) -> u64| tallies.iter().map(|(_, t)| part(t)).sum::<u64>();
        let (other, offered, cells) =
            (sum(|t| t.only_other), sum(|t| t.only_offered), sum(|t| t.cells));
        let (case, likelihood) = if other >= LEAST_CELLS && other >= 20 * offered {
            (items.to_vec(), if other >= 10 { Likelihood::VeryLikely } else { Likelihood::Likely })
        } else if other == 0 && offered == 0 && cells >= 200 && sum(|t| t.outside) == 0 {
            // Neither end decides, but nobody at all used the code that only this coding has.
            match unused_end(form, items, (first, rows)) {
                true => (items.to_vec(), Likelihood::Possible),
                false => continue,
            }
        } else {
            let case: Vec<usize> =
                tallies.iter().filter(|(_, t)| is_shifted(t)).map(|(at, _)| *at).collect();
            (case, if other >= LEAST_CELLS { Likelihood::Likely } else { Likelihood::Possible })
        };
        if !case.is_empty() {
            findings.push(
                KeyFinding::new(problem, likelihood, form.ids(&case))
                    .with("cells", cells as f64)
                    .with("outside", other as f64)
                    .with("unexplained", offered as f64),
            );
        }
    }
    findings
}

/// Whether the coding differs from the offered one at all, and the highest code in both is used
/// while the lowest offered is not.
fn unused_end(form: &KeyedForm, items: &[usize], (first, rows): (i16, &[usize])) -> bool {
    let Some(item) = items.first().and_then(|at| form.items.get(*at)) else { return false };
    let Some((low, high)) = item.codes.first().zip(item.codes.last()) else { return false };
    let used = |code: i16| {
        items.iter().any(|at| rows.iter().any(|row| form.stored.value(*row, *at) == Some(code)))
    };
    // Only the direction that occurs in practice: a file from 1 whose top option nobody chose.
    *low == 0 && first == 1 && item.codes.len() > 2 && used(*high) && !used(*low)
}

fn outside(form: &KeyedForm, items: &[usize]) -> Option<KeyFinding> {
    let rows: Vec<usize> = (0..form.stored.rows()).collect();
    let tallies: Vec<(usize, Tally)> =
        items.iter().map(|at| (*at, tally(form, *at, (0, &rows)))).collect();
    let case: Vec<usize> =
        tallies.iter().filter(|(_, t)| t.outside > 0).map(|(at, _)| *at).collect();
    let count: u64 = tallies.iter().map(|(_, t)| t.outside).sum();
    let cells: u64 = tallies.iter().map(|(_, t)| t.cells).sum();
    (count > 0).then(|| {
        KeyFinding::new(KeyProblem::CodesOutside, Likelihood::Certain, form.ids(&case))
            .with("outside", count as f64)
            .with("cells", cells as f64)
    })
}
