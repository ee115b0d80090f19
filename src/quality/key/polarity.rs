//! Which way each item runs with its scale.

use super::finding::{KeyFinding, KeyProblem, Likelihood};
use super::relations::{FormScale, KeyedForm, Relations};

/// Standard errors from which an item's direction counts as seen.
const SEEN: f64 = 2.5;

/// Reports items that run against the key, those in `elsewhere` left out.
pub(super) fn check(form: &KeyedForm, elsewhere: &[String]) -> Vec<KeyFinding> {
    let mut findings = Vec::new();
    for scale in &form.scales {
        let placed =
            |item: &usize| form.items.get(*item).is_some_and(|item| !elsewhere.contains(&item.id));
        let items: Vec<usize> = scale.items.iter().copied().filter(placed).collect();
        let ids = form.ids(&scale.items);
        // Only this scale's people count: another scale may have been asked of others.
        let Some(relations) = form.near.select(&ids).ok().and_then(|t| Relations::of(&t)) else {
            continue;
        };
        let local = |item: usize| scale.items.iter().position(|i| *i == item).unwrap_or(0);
        let keyed: Vec<(usize, f64)> =
            items.iter().map(|item| (local(*item), form.sign(*item))).collect();
        let against =
            against(&relations, &keyed, |at| items.get(at).is_some_and(|item| form.falls(*item)));
        let against: Vec<Against> = against
            .into_iter()
            .filter_map(|a| Some(Against { item: *items.get(a.item)?, ..a }))
            .collect();
        findings.extend(report(form, scale, (&against, relations.n)));
    }
    findings
}

/// An item that runs against the key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Against {
    pub(super) item: usize,
    /// Keyed correlation with the others, once those point one way: negative.
    pub(super) r: f64,
    pub(super) z: f64,
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
    if mirrored == reversed
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
