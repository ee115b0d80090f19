//! What has changed between two waves, for units.

// Units, pairs of units and scales are positions in lists built together.
#![allow(clippy::indexing_slicing)]

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::disclosure::load::{Load, Need, Rule, Spread};
use super::disclosure::{Guard, Layers, Profile, Test};
use super::measures::{Measures, Person};
use super::publish::{interval_to, sample, to};
use super::report::{
    ChangeReport, Entry, GroupReport, MatchedChange, ScaleChange, ScaleHead, UnitChange,
    UnitReport, decimals,
};
use super::stats::{Sample, mean_interval, welch};
use super::tally::Tally;
use super::units::{Tree, UnitId, Units};
use super::{GroupError, Ledger};

/// Returns the waves in their order: as given, or by number, or by date.
///
/// Fails where they are neither all numbers nor all dates and no order is given: the alphabet would
/// put `post` before `pre`. A given order names every wave that is there.
///
/// ```
/// use straingauge::group::waves_in_order;
/// let no_order: &[&str] = &[];
/// assert_eq!(waves_in_order(&["10", "9"], no_order)?, ["9", "10"]);
/// assert_eq!(waves_in_order(&["post", "pre"], &["pre", "post"])?, ["pre", "post"]);
/// assert!(waves_in_order(&["post", "pre"], no_order).is_err());
/// # Ok::<(), straingauge::group::GroupError>(())
/// ```
pub fn waves_in_order<S: AsRef<str>>(
    waves: &[&str],
    given: &[S],
) -> Result<Vec<String>, GroupError> {
    let mut waves: Vec<&str> = waves.to_vec();
    waves.sort_unstable();
    waves.dedup();
    let owned = |waves: Vec<&str>| waves.into_iter().map(str::to_owned).collect();
    if !given.is_empty() {
        let order: Vec<&str> = given.iter().map(AsRef::as_ref).collect();
        if let Some(found) = waves.iter().find(|wave| !order.contains(wave)) {
            let (found, order) = ((*found).to_owned(), order.join(", "));
            return Err(GroupError::WaveNotInOrder { found, order });
        }
        return Ok(owned(order.into_iter().filter(|wave| waves.contains(wave)).collect()));
    }
    if waves.len() < 2 {
        return Ok(owned(waves));
    }
    let number = |wave: &&str| wave.parse::<f64>().ok().filter(|number| number.is_finite());
    let numbers: Option<Vec<f64>> = waves.iter().map(number).collect();
    if let Some(numbers) = numbers {
        let mut ranked: Vec<(f64, &str)> = numbers.into_iter().zip(waves).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        return Ok(owned(ranked.into_iter().map(|(_, wave)| wave).collect()));
    }
    let dates: Option<Vec<crate::date::Date>> =
        waves.iter().map(|wave| crate::date::Date::parse_day(wave).ok()).collect();
    let Some(dates) = dates else {
        return Err(GroupError::WaveOrder { waves: waves.join(", ") });
    };
    let mut ranked: Vec<(crate::date::Date, &str)> = dates.into_iter().zip(waves).collect();
    ranked.sort_unstable();
    Ok(owned(ranked.into_iter().map(|(_, wave)| wave).collect()))
}

/// One scale of people who were in the same unit then and in the same unit now.
#[derive(Debug, Clone, Default)]
struct Pair {
    /// Later minus earlier, of who was scored both times.
    differences: Tally,
    /// Scored then and not now.
    then: u64,
    /// Scored now and not then.
    now: u64,
}

/// People of two waves, recognised by the caller.
///
/// Everybody of both waves is added, who answered once too: a change of the same people is shown
/// only where those who answered once are none, or enough, for otherwise they could be worked out.
///
/// A person counts in every unit that they were in both times: with a move within a directorate
/// they count for the directorate and for neither team.
#[derive(Clone)]
pub struct Matched {
    scales: Vec<String>,
    units: Units,
    pairs: HashMap<(Option<UnitId>, Option<UnitId>), Vec<Pair>>,
}

/// Never prints a count.
impl fmt::Debug for Matched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matched").field("scales", &self.scales).finish_non_exhaustive()
    }
}

impl Matched {
    /// Nobody yet; the measures of both waves.
    pub fn new(measures: &Measures) -> Self {
        let scales = measures.scale_ids().map(str::to_owned).collect();
        Self { scales, units: Units::new(), pairs: HashMap::new() }
    }

    /// Counts a person by their path of units in the first breakdown and their scores: in the earlier
    /// wave, and in the later one.
    pub fn add<S: AsRef<str>>(
        &mut self,
        then: Option<(&[S], &Person)>,
        now: Option<(&[S], &Person)>,
    ) -> Result<(), GroupError> {
        let mut unit = |wave: Option<(&[S], &Person)>| {
            wave.map(|(path, _)| self.units.insert(path)).transpose()
        };
        let key = (unit(then)?, unit(now)?);
        let scales = self.scales.len();
        let of = |wave: Option<(&[S], &Person)>, at: usize| {
            wave.and_then(|(_, person)| person.scales.get(at).copied().flatten())
        };
        let pairs = self.pairs.entry(key).or_insert_with(|| vec![Pair::default(); scales]);
        for (at, pair) in pairs.iter_mut().enumerate() {
            match (of(then, at), of(now, at)) {
                (Some(then), Some(now)) => pair.differences.add(now.value - then.value),
                (Some(_), None) => pair.then += 1,
                (None, Some(_)) => pair.now += 1,
                (None, None) => {}
            }
        }
        Ok(())
    }

    /// Takes in the people of another shard.
    pub fn merge(&mut self, other: &Self) -> Result<(), GroupError> {
        if self.scales != other.scales {
            return Err(GroupError::Unlike { what: "measures" });
        }
        for ((then, now), theirs) in &other.pairs {
            let mut unit = |unit: &Option<UnitId>| {
                let path = unit.and_then(|unit| other.units.path(unit));
                path.map(|path| self.units.insert(&path)).transpose()
            };
            let key = (unit(then)?, unit(now)?);
            let scales = self.scales.len();
            let mine = self.pairs.entry(key).or_insert_with(|| vec![Pair::default(); scales]);
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                mine.differences.merge(&theirs.differences);
                mine.then += theirs.then;
                mine.now += theirs.now;
            }
        }
        Ok(())
    }
}

impl Ledger {
    /// The change between two reports that this ledger has released, for units of the first breakdown
    /// that both of them show: what the ledger has hidden in either has no change.
    ///
    /// The interval takes the two waves for different people. Many are the same, so it is wider
    /// than need be; [`ChangeReport::with_matched`] does better.
    pub fn change(
        &self,
        before: &GroupReport,
        after: &GroupReport,
    ) -> Result<ChangeReport, GroupError> {
        let known = |report: &GroupReport| self.has_released(report);
        if !(known(before) && known(after)) || before.measured.id != after.measured.id {
            return Err(GroupError::NotReleased);
        }
        let (Some(breakdown_before), Some(breakdown_after)) =
            (before.breakdowns.first(), after.breakdowns.first())
        else {
            return Err(GroupError::NotReleased);
        };
        let confidence = after.settings.confidence;
        let earlier: BTreeMap<&[String], &UnitReport> =
            breakdown_before.units.iter().map(|unit| (unit.path.as_slice(), unit)).collect();
        let units = breakdown_after.units.iter().map(|unit| UnitChange {
            path: unit.path.clone(),
            scales: unit
                .scales
                .iter()
                .map(|entry| {
                    let then = earlier.get(unit.path.as_slice());
                    let then = then.and_then(|unit| shown(unit, &entry.id));
                    let decimals = decimals_of(&after.measured.scales, &entry.id);
                    let change = then.zip(shown(unit, &entry.id)).map(|(then, now)| ScaleChange {
                        before: then.mean,
                        after: now.mean,
                        difference: to(decimals, now.mean - then.mean),
                        interval: welch(&now, &then, confidence)
                            .map(|welch| interval_to(decimals, welch.interval)),
                        matched: None,
                    });
                    Entry::new(&entry.id, change)
                })
                .collect(),
        });
        let fewest = |report: &GroupReport| {
            report.settings.threshold + u32::from(report.settings.against_insiders)
        };
        let shown_in = |report: &GroupReport| -> Vec<(Vec<String>, String)> {
            let units =
                report.breakdowns.first().into_iter().flat_map(|breakdown| &breakdown.units);
            let cells = units.flat_map(|unit| unit.scales.iter().map(move |entry| (unit, entry)));
            cells
                .filter(|(_, entry)| entry.shown.is_some())
                .map(|(unit, entry)| (unit.path.clone(), entry.id.clone()))
                .collect()
        };
        Ok(ChangeReport {
            from: before.wave.clone().unwrap_or_default(),
            to: after.wave.clone().unwrap_or_default(),
            units: units.collect(),
            scales: after.measured.scales.clone(),
            fewest: fewest(before).max(fewest(after)),
            confidence,
            shown: [shown_in(before), shown_in(after)],
            released: after.released,
        })
    }
}

/// Decimals in which values of a scale are published.
fn decimals_of(scales: &[ScaleHead], id: &str) -> usize {
    let scale = scales.iter().find(|scale| scale.id == id);
    scale.map_or(1, |scale| decimals(scale.range.low, scale.range.high))
}

fn shown(unit: &UnitReport, scale: &str) -> Option<Sample> {
    let scale = unit.scale(scale)?;
    let sd = scale.sd.unwrap_or(0.0);
    Some(Sample { n: scale.n, mean: scale.mean, variance: sd * sd })
}

impl ChangeReport {
    /// Adds the mean change of the people who answered in both waves, where enough of them are
    /// known, they did not all change alike, and those who answered only once stay hidden too.
    #[must_use]
    pub fn with_matched(mut self, matched: &Matched) -> Self {
        let (tree, place) = Tree::of(&matched.units);
        let places: BTreeMap<Vec<String>, usize> =
            (0..tree.len()).map(|unit| (tree.path(unit), unit)).collect();
        let mut pairs: Vec<(Option<usize>, Option<usize>, &[Pair])> = matched
            .pairs
            .iter()
            .map(|((then, now), pairs)| {
                let at = |unit: &Option<UnitId>| unit.map(|unit| place[unit.0 as usize]);
                (at(then), at(now), pairs.as_slice())
            })
            .collect();
        pairs.sort_unstable_by_key(|(then, now, _)| (*then, *now));
        let places_of_units: BTreeMap<Vec<String>, usize> =
            self.units.iter().enumerate().map(|(at, unit)| (unit.path.clone(), at)).collect();
        for (scale, id) in matched.scales.iter().enumerate() {
            let decimals = decimals_of(&self.scales, id);
            let shown_then = shown_places(&self.shown[0], id, &places, tree.len());
            let shown_now = shown_places(&self.shown[1], id, &places, tree.len());
            let people = People::of(&tree, &pairs, scale, [&shown_then, &shown_now]);
            let may = (0..tree.len()).map(|unit| shown_then[unit] && shown_now[unit]).collect();
            let guard = people.guard(self.fewest);
            let layers = people.layers(tree.clone());
            let shown = layers.protect(&guard, &vec![may]);
            for (unit, differences) in people.under(&tree).into_iter().enumerate() {
                let Some(sample) = sample(&differences).filter(|_| shown[0][unit]) else {
                    continue;
                };
                let interval = mean_interval(&sample, None, self.confidence);
                let change = MatchedChange {
                    n: sample.n,
                    mean: to(decimals, sample.mean),
                    sd: to(decimals, sample.variance.sqrt()),
                    interval: interval.map(|interval| interval_to(decimals, interval)),
                };
                let known = places_of_units.get(&tree.path(unit)).map(|at| &mut self.units[*at]);
                let entry = known.and_then(|unit| unit.scales.iter_mut().find(|e| e.id == *id));
                if let Some(known) = entry.and_then(|entry| entry.shown.as_mut()) {
                    known.matched = Some(change);
                }
            }
        }
        self
    }
}

fn shown_places(
    shown: &[(Vec<String>, String)],
    scale: &str,
    places: &BTreeMap<Vec<String>, usize>,
    units: usize,
) -> Vec<bool> {
    let mut is = vec![false; units];
    for (path, _) in shown.iter().filter(|(_, id)| id == scale) {
        if let Some(unit) = places.get(path) {
            is[*unit] = true;
        }
    }
    is
}

/// The people of both waves on one scale, by what numbers about them are known.
///
/// A value then and a value now are two unknowns. The earlier report sums the ones, the later
/// report the others, a mean change both. With the later values taken negative all weights are 1,
/// so the rule for several layers applies: values then in one test, values now in the other.
struct People {
    profiles: Vec<Profile>,
    /// For each profile: people, whether of the earlier wave, differences if in both.
    counts: Vec<(u64, bool, Option<Tally>)>,
    earlier: u32,
}

impl People {
    fn of(
        tree: &Tree,
        pairs: &[(Option<usize>, Option<usize>, &[Pair])],
        scale: usize,
        shown: [&Vec<bool>; 2],
    ) -> Self {
        let owners = shown.map(|shown| tree.owners(shown));
        let width = u32::try_from(tree.len()).unwrap_or(u32::MAX / 2);
        let group = |wave: usize, unit: Option<usize>| -> Vec<u32> {
            let owner = unit.and_then(|unit| owners[wave][unit]);
            let owner = owner.and_then(|owner| u32::try_from(owner).ok());
            owner.map(|owner| owner + if wave == 0 { 0 } else { width }).into_iter().collect()
        };
        let mut people =
            Self { profiles: Vec::new(), counts: Vec::new(), earlier: width.saturating_mul(2) };
        let mut put =
            |unit: Option<usize>, earlier: Vec<u32>, count: (u64, bool, Option<Tally>)| {
                if count.0 > 0 {
                    people.profiles.push(Profile { units: vec![unit], earlier });
                    people.counts.push(count);
                }
            };
        for (then, now, pairs) in pairs {
            let pair = &pairs[scale];
            let both = pair.differences.n();
            let unit = then.zip(*now).map(|(then, now)| tree.common(then, now));
            put(unit, group(0, *then), (both, true, Some(pair.differences.clone())));
            put(unit, group(1, *now), (both, false, None));
            put(None, group(0, *then), (pair.then, true, None));
            put(None, group(1, *now), (pair.now, false, None));
        }
        people
    }

    fn guard(&self, at_least: u32) -> Guard {
        let rule = Rule { needs: vec![Need { at_least, gate: 0 }], spreads: 1 };
        let load = |(n, _, differences): &(u64, bool, Option<Tally>)| {
            let Some(differences) = differences else { return rule.nobody() };
            let join = |held: Spread, (value, count): &(f64, u64)| {
                held.join(Spread::of(value.to_bits(), *count))
            };
            let spread = differences.entries().iter().fold(Spread::Empty, join);
            Load { counts: vec![rule.cap(0, *n)], spreads: vec![spread] }
        };
        let loads = self.counts.iter().map(load).collect();
        let test = |then: bool| {
            let of = |(n, is_then, _): &(u64, bool, Option<Tally>)| {
                if *is_then == then { *n } else { 0 }
            };
            let people: Vec<u64> = self.counts.iter().map(of).collect();
            Test { at_least, counted: people.clone(), people }
        };
        let matched = |(n, _, differences): &(u64, bool, Option<Tally>)| {
            if differences.is_some() { *n } else { 0 }
        };
        let people = self.counts.iter().map(matched).collect();
        let tests = vec![test(true), test(false)];
        Guard { rule, loads, people, tests, moved: None, with_past: false, known: None }
    }

    fn layers(&self, tree: Tree) -> Layers {
        Layers {
            trees: vec![tree],
            profiles: self.profiles.clone(),
            earlier: self.earlier,
            past: Vec::new(),
        }
    }

    /// Differences of each unit, units under it included.
    fn under(&self, tree: &Tree) -> Vec<Tally> {
        let mut units = vec![Tally::default(); tree.len()];
        for (profile, (_, _, differences)) in self.profiles.iter().zip(&self.counts) {
            if let (Some(unit), Some(differences)) = (profile.units[0], differences) {
                units[unit].merge(differences);
            }
        }
        for unit in (1..tree.len()).rev() {
            let (above, below) = units.split_at_mut(unit);
            above[tree.parent(unit)].merge(&below[0]);
        }
        units
    }
}
