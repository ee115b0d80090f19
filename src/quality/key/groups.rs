//! Whether sub-samples agree on which way items run.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::finding::{KeyFinding, KeyProblem, Likelihood};
use super::relations::{FormScale, KeyedForm, Relations};
use crate::num::ItemTable;
use crate::num::matrix::Symmetric;

/// People below which a sub-sample is passed over.
const LEAST_PEOPLE: usize = 15;
/// Standard errors against the key in a sub-sample, where the others run with it by as many.
const SET: f64 = 2.0;
/// The same for one item, of which there are many.
const ITEM: f64 = 3.0;
/// The same for the profile of a scale's item means.
const PROFILE: f64 = 4.0;

/// Rows of each sub-sample that is large enough, by name.
pub(super) fn rows_of(groups: &[Option<String>]) -> BTreeMap<String, Vec<usize>> {
    let mut rows: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (row, group) in groups.iter().enumerate() {
        if let Some(group) = group {
            rows.entry(group.clone()).or_default().push(row);
        }
    }
    rows.retain(|_, rows| rows.len() >= LEAST_PEOPLE);
    rows
}

pub(super) fn check(form: &KeyedForm, groups: &[Option<String>]) -> Vec<KeyFinding> {
    let rows = rows_of(groups);
    if rows.len() < 2 {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for scale in &form.scales {
        let ids = form.ids(&scale.items);
        let Ok(own) = form.near.select(&ids) else { continue };
        let parts: Vec<Part> = rows
            .iter()
            .map(|(name, rows)| {
                let mut member = vec![false; own.rows()];
                for row in rows {
                    if let Some(is) = member.get_mut(*row) {
                        *is = true;
                    }
                }
                let people = own.filter_rows(|row| member.get(row) == Some(&true));
                let keyed = |local: usize, code: i16| {
                    let item = scale.items.get(local).and_then(|item| form.items.get(*item));
                    item.map_or(0.0, |item| item.keyed(code))
                };
                Part {
                    name,
                    people: people.rows(),
                    relations: Relations::of(&people),
                    profile: Profile::of(&people, keyed),
                }
            })
            .collect();
        let found = reversed(form, scale, &parts);
        let said: Vec<String> =
            found.iter().filter_map(|f| f.sub_sample().map(str::to_owned)).collect();
        findings.extend(found);
        // Only where codes are alike is a scale turned over by turning each item over.
        let codes = |item: &usize| form.items.get(*item).map(|item| &item.codes);
        let alike =
            scale.items.iter().all(|item| codes(item) == scale.items.first().and_then(codes));
        if alike {
            let of_other =
                |f: &KeyFinding| !said.iter().any(|s| Some(s.as_str()) == f.sub_sample());
            findings.extend(mirrored(scale, &parts).into_iter().filter(of_other));
        }
    }
    findings
}

struct Part<'a> {
    name: &'a str,
    people: usize,
    relations: Option<Relations>,
    profile: Profile,
}

/// Per sub-sample a statistic in standard errors; those below `-least` where at least one other is
/// above `least`: one side is not as the other, whichever of them is right.
fn dissenters(statistics: &[Option<f64>], least: f64) -> Vec<usize> {
    let agreed = statistics.iter().flatten().any(|z| *z >= least);
    let against = |(at, z): (usize, &Option<f64>)| z.filter(|z| agreed && *z <= -least).map(|_| at);
    statistics.iter().enumerate().filter_map(against).collect()
}

/// Reverse-keyed items as a set, then items one by one.
fn reversed(form: &KeyedForm, scale: &FormScale, parts: &[Part<'_>]) -> Vec<KeyFinding> {
    let weights: Vec<(usize, f64, bool)> = scale
        .items
        .iter()
        .enumerate()
        .map(|(local, item)| (local, form.sign(*item), form.falls(*item)))
        .collect();
    let side = |falls: bool| -> Vec<(usize, f64)> {
        weights.iter().filter(|w| w.2 == falls).map(|w| (w.0, w.1)).collect()
    };
    let statistic = |x: &[(usize, f64)], y: &[(usize, f64)]| -> Vec<Option<(f64, f64)>> {
        let of = |relations: &Relations| {
            let r = relations.r(x, y)?;
            Some((r, relations.z(r)))
        };
        parts.iter().map(|part| part.relations.as_ref().and_then(of)).collect()
    };
    let finding = |at: usize, items: &[usize], found: &[Option<(f64, f64)>]| {
        let part = parts.get(at)?;
        let (r, z) = found.get(at).copied().flatten()?;
        let n = part.relations.as_ref().map_or(0, |relations| relations.n);
        let finding =
            KeyFinding::new(KeyProblem::GroupReversed, Likelihood::of_z(z), form.ids(items));
        Some(
            finding.scale(&scale.id).group(part.name).with("n", n as f64).with("r", r).with("z", z),
        )
    };
    let zs = |found: &[Option<(f64, f64)>]| -> Vec<Option<f64>> {
        found.iter().map(|f| f.map(|(_, z)| z)).collect()
    };
    let (falling, straight) = (side(true), side(false));
    let mut findings = Vec::new();
    let mut said = Vec::new();
    if !falling.is_empty() && !straight.is_empty() {
        let found = statistic(&falling, &straight);
        let items: Vec<usize> =
            scale.items.iter().copied().filter(|item| form.falls(*item)).collect();
        for at in dissenters(&zs(&found), SET) {
            said.push(at);
            findings.extend(finding(at, &items, &found));
        }
    }
    for (local, item) in scale.items.iter().enumerate() {
        let keyed = |w: &(usize, f64, bool)| (w.0, w.1);
        let own: Vec<(usize, f64)> = weights.iter().filter(|w| w.0 == local).map(keyed).collect();
        let rest: Vec<(usize, f64)> = weights.iter().filter(|w| w.0 != local).map(keyed).collect();
        let found = statistic(&own, &rest);
        for at in dissenters(&zs(&found), ITEM) {
            // Where the set was named, its items add nothing.
            if !(said.contains(&at) && form.falls(*item)) {
                findings.extend(finding(at, &[*item], &found));
            }
        }
    }
    findings
}

/// Item means of some people, each answer counted from its person's own mean, so that how high people
/// score drops out and only which items they score higher on is left.
#[derive(Debug, Clone)]
struct Profile {
    /// Sums and sums of squares per item, and the answers behind them.
    items: Vec<(f64, f64, f64)>,
}

impl Profile {
    /// `people` keyed one way; those who answered fewer than two items add nothing.
    fn of(people: &ItemTable, keyed: impl Fn(usize, i16) -> f64) -> Self {
        let mut items = vec![(0.0, 0.0, 0.0); people.len()];
        for row in 0..people.rows() {
            let value = |item: usize| people.value(row, item).map(|x| keyed(item, x));
            let answers: Vec<f64> = (0..people.len()).filter_map(value).collect();
            let Some(own) = crate::num::moments::mean(&answers).filter(|_| answers.len() > 1)
            else {
                continue;
            };
            for (item, sums) in items.iter_mut().enumerate() {
                if let Some(x) = value(item).map(|x| x - own) {
                    *sums = (sums.0 + x, sums.1 + x * x, sums.2 + 1.0);
                }
            }
        }
        Self { items }
    }

    fn joined(&self, other: &Self) -> Self {
        let pairs = self.items.iter().zip(&other.items);
        let sum = |(x, y): (&(f64, f64, f64), &(f64, f64, f64))| (x.0 + y.0, x.1 + y.1, x.2 + y.2);
        Self { items: pairs.map(sum).collect() }
    }

    /// Mean deviation of each item and the square of its standard error.
    fn means(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.items.iter().map(|(sum, square, n)| {
            let mean = if *n > 0.0 { sum / n } else { 0.0 };
            let spread = if *n > 1.0 { (square - n * mean * mean) / (n - 1.0) } else { 0.0 };
            (mean, spread.max(0.0) / n.max(1.0))
        })
    }

    /// How far the two go together, in standard errors of no relation.
    fn agreement(&self, other: &Self) -> f64 {
        let (mut product, mut variance) = (0.0, 0.0);
        for ((a, ea), (b, eb)) in self.means().zip(other.means()) {
            product += a * b;
            variance += a * a * eb + b * b * ea + ea * eb;
        }
        if variance > 0.0 { product / variance.sqrt() } else { 0.0 }
    }
}

/// A scale turned over as a whole keeps all its correlations, but hard items become easy ones.
///
/// Sub-samples are sorted into the two camps whose profiles agree best within and disagree best
/// between; then the camps as wholes are compared.
fn mirrored(scale: &FormScale, parts: &[Part<'_>]) -> Vec<KeyFinding> {
    let agreement = Symmetric::from_lower(parts.len(), |a, b| match (parts.get(a), parts.get(b)) {
        (Some(x), Some(y)) if a != b => x.profile.agreement(&y.profile),
        _ => 0.0,
    });
    let eigen = agreement.eigen();
    let turn: Vec<f64> =
        (0..parts.len()).map(|at| if eigen.component(at, 0) < 0.0 { -1.0 } else { 1.0 }).collect();
    let camp = |side: f64| {
        let members = || parts.iter().zip(&turn).filter(move |(_, turn)| **turn == side);
        let joined = members().map(|(part, _)| part.profile.clone()).reduce(|x, y| x.joined(&y));
        let people: usize = members().map(|(part, _)| part.people).sum();
        let names: Vec<&str> = members().map(|(part, _)| part.name).collect();
        joined.map(|joined| (joined, people, names))
    };
    let (Some(first), Some(second)) = (camp(1.0), camp(-1.0)) else { return Vec::new() };
    let z = first.0.agreement(&second.0);
    if z > -PROFILE {
        return Vec::new();
    }
    // Which camp is right the answers cannot say; the smaller one is named, of two alike the later.
    let named = match first.1.cmp(&second.1) {
        Ordering::Less => first,
        Ordering::Greater => second,
        Ordering::Equal => {
            if first.2 > second.2 {
                first
            } else {
                second
            }
        }
    };
    let finding = |group: &&str| {
        KeyFinding::new(KeyProblem::GroupMirrored, Likelihood::of_z(z), Vec::new())
            .scale(&scale.id)
            .group(group)
            .with("n", named.1 as f64)
            .with("z", z)
    };
    named.2.iter().map(finding).collect()
}
