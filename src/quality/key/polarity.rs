//! Which way each item runs with its scale.

use super::finding::{KeyFinding, KeyProblem, Likelihood};
use super::relations::{FormScale, KeyedForm, Relations};

/// Standard errors from which an item's direction counts as seen.
const SEEN: f64 = 2.5;

/// Reports items that run against the key, those in `elsewhere` left out.
pub(super) fn check(form: &KeyedForm, elsewhere: &[usize]) -> Vec<KeyFinding> {
    let report = |scale| {
        let (against, n) = of_scale(form, scale, elsewhere)?;
        Some(report(form, scale, (&against, n)))
    };
    let mut found: Vec<KeyFinding> = form.scales.iter().filter_map(report).flatten().collect();
    // Where all items of a scale are reverse-keyed they agree with each other either way. Only a
    // scale that they share with others shows that they were all turned in the file.
    for total in &form.totals {
        let Some((against, n)) = of_scale(form, total, elsewhere) else { continue };
        let falling = total.items.iter().filter(|item| form.falls(**item)).count();
        let all_of_them =
            against.len() == falling && against.iter().all(|against| form.falls(against.item));
        let turned: Vec<usize> = against.iter().map(|against| against.item).collect();
        let turned = form.ids(&turned);
        let is_known = |one: &KeyFinding| turned.iter().any(|id| one.items().contains(id));
        if all_of_them && !found.iter().any(is_known) {
            found.extend(self::report(form, total, (&against, n)));
        }
    }
    found
}

/// Positions of the items that run against the key.
pub(super) fn turned(form: &KeyedForm) -> Vec<usize> {
    let of_scale = |scale| Some(of_scale(form, scale, &[])?.0);
    form.scales.iter().filter_map(of_scale).flatten().map(|against| against.item).collect()
}

/// Items of a scale that run against the key, and the people behind that.
fn of_scale(
    form: &KeyedForm,
    scale: &FormScale,
    elsewhere: &[usize],
) -> Option<(Vec<Against>, u64)> {
    // Only this scale's people count: another scale may have been asked of others.
    let relations = Relations::of(&form.near.select(&form.ids(&scale.items)).ok()?)?;
    let items: Vec<(usize, usize)> = scale
        .items
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, item)| !elsewhere.contains(item))
        .collect();
    let keyed: Vec<(usize, f64)> =
        items.iter().map(|(local, item)| (*local, form.sign(*item))).collect();
    let falls = |at: usize| items.get(at).is_some_and(|(_, item)| form.falls(*item));
    let found = against(&relations, &keyed, falls);
    let placed = |a: Against| Some(Against { item: items.get(a.item)?.1, ..a });
    Some((found.into_iter().filter_map(placed).collect(), relations.n))
}

/// An item that runs against the key.
#[derive(Debug, Clone, Copy)]
struct Against {
    item: usize,
    /// Keyed correlation with the others, once those point one way: negative.
    r: f64,
    z: f64,
}

/// Items whose keyed direction is opposite to that of the scale, beyond doubt.
///
/// Corrected correlations with a rest that is itself half wrong say little, so the items are first
/// sorted into the two camps of the first principal direction.
fn against(
    relations: &Relations,
    keyed: &[(usize, f64)],
    falls: impl Fn(usize) -> bool,
) -> Vec<Against> {
    if keyed.len() < 2 {
        return Vec::new();
    }
    let direction = relations.first_direction(keyed);
    let mut minority: Vec<bool> = direction.iter().map(|v| *v < 0.0).collect();
    let count = |camp: &[bool]| camp.iter().filter(|is| **is).count();
    let reversed: Vec<bool> = (0..keyed.len()).map(&falls).collect();
    let other_camp = |camp: &[bool]| camp.iter().map(|is| !is).collect::<Vec<bool>>();
    let mirrored = other_camp(&minority);
    // The smaller camp is against; but reversals are undone by scale, so a camp that is exactly the
    // reverse-keyed items is the one that somebody touched, whatever its size.
    let tie = 2 * count(&minority) == keyed.len();
    let touched = |camp: &[bool]| camp.iter().zip(&reversed).filter(|(c, r)| **c && **r).count();
    // Where every item is reverse-keyed they agree with each other either way, and nothing shows.
    let can_show = reversed.contains(&false);
    if (can_show && mirrored == reversed)
        || (minority != reversed
            && (2 * count(&minority) > keyed.len()
                || (tie && touched(&mirrored) > touched(&minority))))
    {
        minority = mirrored;
    }
    let aligned: Vec<(usize, f64)> = keyed
        .iter()
        .zip(&minority)
        .map(|((item, sign), against)| (*item, if *against { -sign } else { *sign }))
        .collect();
    let mut found = Vec::new();
    for (at, is_against) in minority.iter().enumerate() {
        let Some(own) = aligned.get(at).filter(|_| *is_against) else { continue };
        let rest: Vec<(usize, f64)> =
            aligned.iter().copied().filter(|(item, _)| *item != own.0).collect();
        let Some(r) = relations.r(&[*own], &rest) else { continue };
        let z = relations.z(r);
        if z >= SEEN {
            found.push(Against { item: at, r: -r, z });
        }
    }
    found
}

fn report(form: &KeyedForm, scale: &FormScale, (against, n): (&[Against], u64)) -> Vec<KeyFinding> {
    let (falling, straight): (Vec<Against>, Vec<Against>) =
        against.iter().partition(|a| form.falls(a.item));
    let finding = |problem: KeyProblem, case: &[Against]| {
        let items: Vec<usize> = case.iter().map(|a| a.item).collect();
        let z = case.iter().map(|a| a.z).fold(f64::INFINITY, f64::min);
        let r = case.iter().map(|a| a.r).sum::<f64>() / case.len() as f64;
        KeyFinding::new(problem, Likelihood::of_z(z), form.ids(&items))
            .scale(&scale.id)
            .with("n", n as f64)
            .with("r", r)
            .with("z", z)
    };
    // One of each kind: undoing a reversal would have touched reverse-keyed items alone.
    if falling.len() == 1 && straight.len() == 1 && scale.items.len() > 3 {
        return vec![finding(KeyProblem::Swapped, against)];
    }
    // In a file that claims to be keyed every sign is +1, so a falling item against the others was
    // left as answered.
    let claims_keyed = falling.iter().any(|a| form.sign(a.item) > 0.0);
    let turned = if claims_keyed { KeyProblem::NotReversed } else { KeyProblem::AlreadyReversed };
    let mut findings = Vec::new();
    if !falling.is_empty() {
        findings.push(finding(turned, &falling));
    }
    if !straight.is_empty() {
        findings.push(finding(KeyProblem::AgainstKey, &straight));
    }
    findings
}
