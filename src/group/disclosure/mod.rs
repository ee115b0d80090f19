//! The step that no number passes without: which units may be shown for which answer.

// Profiles, cuts and units are positions in lists that are built together, one entry for each.
#![allow(clippy::indexing_slicing)]

pub(crate) mod fewest;
pub(crate) mod guard;
pub(crate) mod joint;
pub(crate) mod load;
mod moved;

use std::collections::{BTreeMap, BTreeSet};

use super::units::Tree;
use fewest::{Problem, fewest_hidden};
use joint::{Column, Doubt, certify};
use load::{Load, Rule};

/// People of one release who are alike: their earlier groups, their profile now, how many.
pub(crate) type Alike = (Vec<u32>, Option<usize>, u64);

/// For each cut, for each unit in the order of its tree, whether it is shown.
pub(crate) type Shown = Vec<Vec<bool>>;

/// People with the same unit in every cut and the same groups in every earlier release.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    /// Place in the tree of each cut; none for people who are in none of its units.
    pub(crate) units: Vec<Option<usize>>,
    /// Places of earlier groups, ascending.
    pub(crate) earlier: Vec<u32>,
}

/// Who can be told apart by what.
#[derive(Debug)]
pub(crate) struct Layers {
    pub(crate) trees: Vec<Tree>,
    pub(crate) profiles: Vec<Profile>,
    /// Number of earlier groups; 0 without a ledger.
    pub(crate) earlier: u32,
    /// For each earlier group, whether its release was of this wave: whether the answers in it are
    /// the ones counted now.
    pub(crate) same_wave: Vec<bool>,
    /// For each earlier release, its people: their earlier groups, their profile now, how many.
    pub(crate) past: Vec<Vec<Alike>>,
}

/// A count that every combination must reach.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    pub(crate) at_least: u32,
    /// For each profile, the people who count.
    pub(crate) people: Vec<u64>,
    /// For each profile, the people whom the combinations are about.
    pub(crate) counted: Vec<u64>,
    /// Whether it is about what people answered, which other waves do not tell, and not about how
    /// many they are.
    pub(crate) of_answers: bool,
}

/// What is protected: one answer, or answers that are shown together.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    pub(crate) rule: Rule,
    /// For each profile, what its people bring to the rule.
    pub(crate) loads: Vec<Load>,
    /// For each profile, people with an answer.
    pub(crate) people: Vec<u64>,
    /// The rule again in the form that several layers need.
    pub(crate) tests: Vec<Test>,
    /// Further loads of cuts and units: people who joined or left since an earlier release.
    pub(crate) moved: Option<Vec<Vec<Load>>>,
    /// Whether the people of earlier releases are looked at too.
    pub(crate) with_past: bool,
}

impl Layers {
    /// Whether there is more to put together than the units of one tree.
    pub(crate) fn is_layered(&self) -> bool {
        self.trees.len() > 1 || self.earlier > 0
    }

    /// The units to show, among those that `may` be shown.
    pub(crate) fn protect(&self, guard: &Guard, may: &Shown) -> Shown {
        let mut may = may.clone();
        let people: Vec<Vec<u64>> =
            (0..self.trees.len()).map(|cut| self.sums(cut, &guard.people)).collect();
        let choose = |cut: usize, may: &Shown| self.cut(guard, cut, &people[cut], &may[cut]);
        let mut shown: Shown = (0..self.trees.len()).map(|cut| choose(cut, &may)).collect();
        if !self.is_layered() {
            return shown;
        }
        while let Err(doubt) = self.certified(guard, &shown) {
            let hide = match doubt {
                Doubt::Thin(directions) => directions
                    .iter()
                    .filter_map(|groups| self.weakest(&people, &shown, groups))
                    .collect(),
                Doubt::TooLarge => BTreeSet::new(),
            };
            let hide = if hide.is_empty() { Self::last_cut(&shown) } else { hide };
            let cuts: BTreeSet<usize> = hide.iter().map(|(cut, _)| *cut).collect();
            for (cut, unit) in hide {
                may[cut][unit] = false;
            }
            for cut in cuts {
                shown[cut] = choose(cut, &may);
            }
        }
        shown
    }

    fn cut(&self, guard: &Guard, cut: usize, people: &[u64], may: &[bool]) -> Vec<bool> {
        let tree = &self.trees[cut];
        let mut direct = match &guard.moved {
            Some(moved) => moved[cut].clone(),
            None => vec![guard.rule.nobody(); tree.len()],
        };
        for (profile, load) in self.profiles.iter().zip(&guard.loads) {
            let Some(unit) = profile.units[cut] else { continue };
            direct[unit] = guard.rule.join(&direct[unit], load);
        }
        fewest_hidden(&Problem { tree, rule: &guard.rule, direct: &direct, people, may })
    }

    /// For each unit of a cut, the sum over everyone under it.
    pub(crate) fn sums(&self, cut: usize, of: &[u64]) -> Vec<u64> {
        let tree = &self.trees[cut];
        let mut sums = vec![0; tree.len()];
        for (profile, count) in self.profiles.iter().zip(of) {
            if let Some(unit) = profile.units[cut] {
                sums[unit] += count;
            }
        }
        for unit in (1..tree.len()).rev() {
            sums[tree.parent(unit)] += sums[unit];
        }
        sums
    }

    /// Place of the groups of a cut among all groups.
    fn offset(&self, cut: usize) -> u32 {
        let before: usize = self.trees.iter().take(cut).map(Tree::len).sum();
        self.earlier + u32::try_from(before).unwrap_or(u32::MAX - self.earlier)
    }

    fn certified(&self, guard: &Guard, shown: &Shown) -> Result<(), Doubt> {
        let owners: Vec<Vec<Option<usize>>> =
            self.trees.iter().zip(shown).map(|(tree, shown)| tree.owners(shown)).collect();
        let offsets: Vec<u32> = (0..self.trees.len()).map(|cut| self.offset(cut)).collect();
        let groups = |earlier: &[u32], profile: Option<usize>, of_answers: bool| -> Vec<u32> {
            let same = |place: &u32| {
                usize::try_from(*place).is_ok_and(|place| self.same_wave.get(place) == Some(&true))
            };
            let earlier = earlier.iter().filter(|place| !of_answers || same(place));
            let now = profile.into_iter().flat_map(|at| {
                self.profiles[at].units.iter().enumerate().filter_map(|(cut, &unit)| {
                    let owner = u32::try_from(owners[cut][unit?]?).ok()?;
                    Some(offsets[cut] + owner)
                })
            });
            earlier.copied().chain(now).collect()
        };
        for test in &guard.tests {
            let mut columns = BTreeMap::new();
            for (at, profile) in self.profiles.iter().enumerate() {
                if test.counted[at] > 0 {
                    let groups = groups(&profile.earlier, Some(at), test.of_answers);
                    *columns.entry(groups).or_insert(0) += test.people[at];
                }
            }
            certify(&listed(columns), u64::from(test.at_least), self.earlier)?;
        }
        if let Some(test) = guard.tests.first().filter(|_| guard.with_past) {
            for release in &self.past {
                let mut columns = BTreeMap::new();
                for (earlier, profile, people) in release {
                    *columns.entry(groups(earlier, *profile, false)).or_insert(0) += people;
                }
                certify(&listed(columns), u64::from(test.at_least), self.earlier)?;
            }
        }
        Ok(())
    }

    /// Of the groups in a direction, the unit whose hiding helps at the least price: in the last
    /// cut, the one with fewest people. Where it has shown units below it, the smallest of these,
    /// so that the group grows instead of dissolving upward.
    fn weakest(
        &self,
        people: &[Vec<u64>],
        shown: &Shown,
        groups: &[u32],
    ) -> Option<(usize, usize)> {
        let units = groups.iter().filter_map(|&group| {
            let cut = (0..self.trees.len()).rev().find(|&cut| self.offset(cut) <= group)?;
            Some((cut, usize::try_from(group - self.offset(cut)).ok()?))
        });
        let (cut, unit) =
            units.min_by_key(|&(cut, unit)| (usize::MAX - cut, people[cut][unit], unit))?;
        let tree = &self.trees[cut];
        let owners = tree.owners(&shown[cut]);
        let mut below = tree
            .under(unit)
            .skip(1)
            .filter(|&at| shown[cut][at] && owners[tree.parent(at)] == Some(unit));
        let smallest = below.by_ref().min_by_key(|&at| (people[cut][at], at));
        Some((cut, smallest.unwrap_or(unit)))
    }

    /// Everything of the last cut that still shows something.
    fn last_cut(shown: &Shown) -> BTreeSet<(usize, usize)> {
        let last = shown.iter().rposition(|cut| cut.contains(&true));
        last.into_iter()
            .flat_map(|cut| (0..shown[cut].len()).map(move |unit| (cut, unit)))
            .collect()
    }
}

fn listed(columns: BTreeMap<Vec<u32>, u64>) -> Vec<Column> {
    columns.into_iter().map(|(groups, people)| Column { groups, people }).collect()
}
