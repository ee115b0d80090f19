//! Whether each column stands where it belongs, as far as several scales can tell.

use super::finding::{KeyFinding, KeyProblem, Likelihood};
use super::relations::{FormScale, KeyedForm, Relations, fisher};

/// Standard errors that each of two columns must gain by changing places.
const EACH: f64 = 1.0;
/// Standard errors that they must gain together.
const TOGETHER: f64 = 2.5;
/// Standard errors for a column that nothing fits in exchange.
const ALONE: f64 = 4.0;

/// How much better a column fits another place than its own.
#[derive(Debug, Clone, Copy)]
struct Gain {
    own: f64,
    other: f64,
    z: f64,
}

/// Looks across scales, those that are `mixed` left out.
pub(super) fn check(form: &KeyedForm, mixed: &impl Fn(Option<&str>) -> bool) -> Vec<KeyFinding> {
    if form.scales.len() < 2 {
        return Vec::new();
    }
    let Some(relations) = Relations::of(&form.near) else { return Vec::new() };
    let sums = Sums::of(form, &relations);
    let mut taken: Vec<usize> = Vec::new();
    let mut findings = Vec::new();
    let mut swaps = Vec::new();
    let scales: Vec<(usize, &FormScale)> =
        form.scales.iter().enumerate().filter(|(_, scale)| !mixed(Some(&scale.id))).collect();
    for (at, (a, first)) in scales.iter().copied().enumerate() {
        for (b, second) in scales.iter().copied().skip(at + 1) {
            for j in &first.items {
                for k in &second.items {
                    let Some(mine) = sums.gain((*j, a), (*k, b)) else { continue };
                    let Some(theirs) = sums.gain((*k, b), (*j, a)) else { continue };
                    let z = (mine.z + theirs.z) / std::f64::consts::SQRT_2;
                    if mine.z >= EACH && theirs.z >= EACH && z >= TOGETHER {
                        swaps.push((z, (*j, mine), (*k, theirs)));
                    }
                }
            }
        }
    }
    swaps.sort_by(|x, y| y.0.total_cmp(&x.0));
    for (z, (j, mine), (k, theirs)) in swaps {
        if taken.contains(&j) || taken.contains(&k) {
            continue;
        }
        taken.extend([j, k]);
        findings.push(
            KeyFinding::new(KeyProblem::Swapped, Likelihood::of_z(z), form.ids(&[j, k]))
                .with("n", relations.n as f64)
                .with("r", f64::midpoint(mine.own, theirs.own))
                .with("r-swapped", f64::midpoint(mine.other, theirs.other))
                .with("z", z),
        );
    }
    for (a, scale) in scales {
        for j in scale.items.iter().filter(|j| !taken.contains(j)) {
            let gains = (0..form.scales.len())
                .filter(|b| *b != a)
                .filter_map(|b| Some((b, sums.stray((*j, a), b)?)));
            let Some((b, gain)) = gains.max_by(|x, y| x.1.z.total_cmp(&y.1.z)) else { continue };
            // An item may well go with two scales; out of place is one that has nothing to do with
            // its own.
            let lost = relations.z(gain.own).abs() < 2.0 && relations.z(gain.other) >= ALONE;
            if lost && gain.z >= ALONE {
                let fits = form.scales.get(b).map_or("", |scale| scale.id.as_str());
                findings.push(
                    KeyFinding::new(KeyProblem::Misplaced, Likelihood::Possible, form.ids(&[*j]))
                        .scale(&scale.id)
                        .fits(fits)
                        .with("n", relations.n as f64)
                        .with("r", gain.own)
                        .with("r-other", gain.other)
                        .with("z", gain.z),
                );
            }
        }
    }
    findings
}

/// Covariances of every item with every scale, so that leaving one item out is a subtraction.
struct Sums<'a> {
    form: &'a KeyedForm,
    relations: &'a Relations,
    /// Per scale, its keyed sum's covariance with every item.
    with: Vec<Vec<f64>>,
    /// Per pair of scales, the covariance of their keyed sums.
    between: Vec<Vec<f64>>,
}

impl<'a> Sums<'a> {
    fn of(form: &'a KeyedForm, relations: &'a Relations) -> Self {
        let keyed: Vec<Vec<(usize, f64)>> =
            form.scales.iter().map(|s| form.weights(s.items.iter().copied())).collect();
        let with = keyed
            .iter()
            .map(|sum| {
                (0..form.items.len()).map(|i| relations.covariance(&[(i, 1.0)], sum)).collect()
            })
            .collect();
        let between = keyed
            .iter()
            .map(|x| keyed.iter().map(|y| relations.covariance(x, y)).collect())
            .collect();
        Self { form, relations, with, between }
    }

    fn with(&self, scale: usize, item: usize) -> f64 {
        self.with.get(scale).and_then(|items| items.get(item)).copied().unwrap_or(0.0)
    }

    fn between(&self, a: usize, b: usize) -> f64 {
        self.between.get(a).and_then(|scales| scales.get(b)).copied().unwrap_or(0.0)
    }

    /// Variance of a scale's keyed sum without one of its items.
    fn rest(&self, scale: usize, without: Option<usize>) -> f64 {
        let Some(item) = without else { return self.between(scale, scale) };
        self.between(scale, scale) - 2.0 * self.form.sign(item) * self.with(scale, item)
            + self.relations.variance(item)
    }

    /// What column `j` of scale `a` gains as item `k` of scale `b`.
    fn gain(&self, (j, a): (usize, usize), (k, b): (usize, usize)) -> Option<Gain> {
        self.compare((j, a), (Some(k), b), self.form.sign(k))
    }

    /// What column `j` of scale `a` gains with scale `b` as a whole, either way round.
    fn stray(&self, (j, a): (usize, usize), b: usize) -> Option<Gain> {
        self.compare((j, a), (None, b), self.with(b, j).signum())
    }

    fn compare(
        &self,
        (j, a): (usize, usize),
        (k, b): (Option<usize>, usize),
        sign: f64,
    ) -> Option<Gain> {
        let (own_sign, spread) = (self.form.sign(j), self.relations.variance(j));
        let (own_rest, other_rest) = (self.rest(a, Some(j)), self.rest(b, k));
        if spread <= 0.0 || own_rest <= 0.0 || other_rest <= 0.0 {
            return None;
        }
        let own = (own_sign * self.with(a, j) - spread) / (spread * own_rest).sqrt();
        let lost = k.map_or(0.0, |k| {
            self.form.sign(k) * self.relations.covariance(&[(j, 1.0)], &[(k, 1.0)])
        });
        let other = sign * (self.with(b, j) - lost) / (spread * other_rest).sqrt();
        // Both correlations share the column, so their difference is judged as Meng, Rosenthal and
        // Rubin do (1992, Psychological Bulletin 111:172-175, doi:10.1037/0033-2909.111.1.172).
        let mut both = self.between(a, b) - own_sign * self.with(b, j);
        if let Some(k) = k {
            let cell = self.relations.covariance(&[(j, 1.0)], &[(k, 1.0)]);
            both += self.form.sign(k) * (own_sign * cell - self.with(a, k));
        }
        let between = (own_sign * sign * both / (own_rest * other_rest).sqrt()).clamp(-0.99, 0.99);
        let mean_square = f64::midpoint(own * own, other * other).min(0.99);
        let f = ((1.0 - between) / (2.0 * (1.0 - mean_square))).min(1.0);
        let h = (1.0 - f * mean_square) / (1.0 - mean_square);
        let n = self.relations.n as f64;
        let z = (fisher(other) - fisher(own)) * ((n - 3.0) / (2.0 * (1.0 - between) * h)).sqrt();
        Some(Gain { own, other, z })
    }
}
