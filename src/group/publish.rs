//! From counts to a report: first what may be shown, then that and nothing else.

// Cuts, units, scales, criteria and items are positions in lists built together.
#![allow(clippy::indexing_slicing)]

use super::disclosure::{Guard, Shown, guard};
use super::measures::{ItemMeasure, Measures, ScaleMeasure};
use super::plan::Reference;
use super::report::{
    Agreement, BandShare, Comparison, CutReport, Entry, GroupReport, Head, ItemReport, Measured,
    NormDifference, Participation, RestDifference, ScaleHead, ScaleReport, Settings, Share,
    UnitReport,
};
use super::stats::{
    Sample, hedges_g, mean_interval, nonresponse_bounds, rwg_j, uniform_null, unit_icc, welch,
};
use super::tallies::{Cells, Gathered, ScaleCell};
use super::tally::Tally;
use super::{GroupError, Plan, ShareInterval};
use crate::num::Interval;
use crate::num::proportion::{clopper_pearson, wilson};

/// What is shown, answer by answer; every pattern lies within that of `people`.
#[derive(Debug)]
pub(super) struct Patterns {
    pub(super) people: Shown,
    pub(super) scales: Vec<Shown>,
    criteria: Vec<Shown>,
    items: Vec<Shown>,
}

/// The number of each scale's family.
fn family_of_scales(measures: &Measures) -> Vec<usize> {
    let mut of = vec![0; measures.scales.len()];
    for (number, family) in measures.families().iter().enumerate() {
        for at in &family.scales {
            of[*at] = number;
        }
    }
    of
}

impl Patterns {
    fn of(gathered: &Gathered, fewest: u32) -> Self {
        let layers = &gathered.layers;
        let measures = &*gathered.measures;
        let all: Shown = layers.trees.iter().map(|tree| vec![true; tree.len()]).collect();
        let within = |may: &Shown, guard: &Guard| layers.protect(guard, may);
        let people = within(&all, &guard::of_people(gathered, fewest));
        let families: Vec<usize> = family_of_scales(measures);
        let family_of = |at: usize| -> Vec<usize> {
            (0..families.len()).filter(|other| families[*other] == families[at]).collect()
        };
        let ends: Vec<Option<Shown>> = (0..measures.scales.len())
            .map(|at| {
                let family = family_of(at);
                let first = family.first() == Some(&at) && family.len() > 1;
                first.then(|| within(&people, &guard::of_family(gathered, &family)))
            })
            .collect();
        let scales: Vec<Shown> = (0..measures.scales.len())
            .map(|at| {
                let first = family_of(at).first().copied().unwrap_or(at);
                let may = ends[first].as_ref().unwrap_or(&people);
                within(may, &guard::of_scale(gathered, at, fewest))
            })
            .collect();
        let criteria = measures
            .criteria
            .iter()
            .enumerate()
            .map(|(at, criterion)| {
                let cut_of = criterion.cut_of.as_deref().and_then(|id| measures.scale_at(id).ok());
                match cut_of {
                    Some(scale) => scales[scale].clone(),
                    None => within(&people, &guard::of_criterion(gathered, at, fewest)),
                }
            })
            .collect();
        let mut items = vec![none(&all); measures.items.len()];
        for (scales_of, of) in item_groups(measures, &families) {
            let may = scales_of.iter().fold(people.clone(), |may, at| both(&may, &scales[*at]));
            let shown = within(&may, &guard::of_items(gathered, &of, fewest));
            for at in of {
                items[at].clone_from(&shown);
            }
        }
        Self { people, scales, criteria, items }
    }
}

fn none(like: &Shown) -> Shown {
    like.iter().map(|cut| vec![false; cut.len()]).collect()
}

pub(super) fn both(a: &Shown, b: &Shown) -> Shown {
    let cut = |(a, b): (&Vec<bool>, &Vec<bool>)| a.iter().zip(b).map(|(a, b)| *a && *b).collect();
    a.iter().zip(b).map(cut).collect()
}

/// Items that are shown together: those of the scales of one family, and each other one by itself.
fn item_groups(measures: &Measures, families: &[usize]) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut groups: Vec<(Option<usize>, Vec<usize>)> = Vec::new();
    for (at, item) in measures.items.iter().enumerate() {
        let scale = measures.scales.iter().position(|scale| scale.items.contains(&item.id));
        let family = scale.map(|scale| families[scale]);
        match groups.iter_mut().find(|(known, _)| known.is_some() && *known == family) {
            Some((_, items)) => items.push(at),
            None => groups.push((family, vec![at])),
        }
    }
    let scales = |family: Option<usize>| {
        (0..families.len()).filter(|at| Some(families[*at]) == family).collect()
    };
    groups.into_iter().map(|(family, items)| (scales(family), items)).collect()
}

/// Decides and computes. Also says which units were shown at all, for the ledger.
pub(super) fn release(
    gathered: &Gathered,
    plan: &Plan,
) -> Result<(GroupReport, Shown), GroupError> {
    let measures = &*gathered.measures;
    for scale in plan.references.keys() {
        measures.scale_at(scale)?;
    }
    let patterns = Patterns::of(gathered, plan.fewest());
    let cuts = (0..gathered.names.len()).map(|cut| cut_report(gathered, plan, &patterns, cut));
    let report = GroupReport {
        format: 1,
        title: plan.title().map(str::to_owned),
        wave: None,
        measured: measured(measures),
        settings: Settings {
            threshold: plan.threshold(),
            against_insiders: plan.is_against_insiders(),
            confidence: plan.confidence(),
            share_interval: plan.share_interval(),
            finite_population: plan.is_finite_population(),
        },
        cuts: cuts.collect(),
        change: None,
        released: None,
    };
    Ok((report, patterns.people))
}

fn measured(measures: &Measures) -> Measured {
    let head = |id: &str, title: &str| Head { id: id.to_owned(), title: title.to_owned() };
    Measured {
        id: measures.id.clone(),
        version: measures.version.clone(),
        title: measures.title.clone(),
        scales: measures
            .scales
            .iter()
            .map(|scale| ScaleHead {
                id: scale.id.clone(),
                title: scale.title.clone(),
                range: Interval { low: scale.low, high: scale.high },
                worse: scale.worse,
                bands: scale.bands().map(str::to_owned).collect(),
            })
            .collect(),
        criteria: measures.criteria.iter().map(|c| head(&c.id, &c.title)).collect(),
        items: measures.items.iter().map(|item| head(&item.id, &item.topic)).collect(),
    }
}

fn cut_report(gathered: &Gathered, plan: &Plan, patterns: &Patterns, cut: usize) -> CutReport {
    let tree = &gathered.layers.trees[cut];
    let measures = &*gathered.measures;
    let cells = gathered.units(cut);
    let units: Vec<UnitReport> = (0..tree.len())
        .map(|unit| {
            let of = Of { gathered, plan, cells: &cells, cut, unit };
            let shown = |pattern: &Shown| pattern[cut][unit];
            UnitReport {
                path: tree.path(unit),
                leaf: tree.is_leaf(unit),
                invited: gathered.invited[cut][unit],
                participation: shown(&patterns.people).then(|| of.participation()),
                scales: (measures.scales.iter().enumerate())
                    .map(|(at, scale)| {
                        let pattern = &patterns.scales[at];
                        let report = if shown(pattern) { of.scale(at) } else { None };
                        let report = report.map(|report| ScaleReport {
                            rest: report.rest.filter(|_| pattern[cut][0]),
                            ..report
                        });
                        Entry::new(&scale.id, report)
                    })
                    .collect(),
                criteria: (measures.criteria.iter().enumerate())
                    .map(|(at, criterion)| {
                        let [met, not] = cells[unit].criteria[at];
                        let report = shown(&patterns.criteria[at])
                            .then(|| of.share(met, met + not))
                            .flatten();
                        Entry::new(&criterion.id, report)
                    })
                    .collect(),
                items: (measures.items.iter().enumerate())
                    .map(|(at, item)| {
                        let report = shown(&patterns.items[at])
                            .then(|| item_report(&cells[unit].items[at]))
                            .flatten();
                        Entry::new(&item.id, report)
                    })
                    .collect(),
            }
        })
        .collect();
    let comparisons = comparisons(&units, measures);
    CutReport { name: gathered.names[cut].clone(), units, comparisons }
}

/// Below this many units there is nothing to say about units.
const FEWEST_UNITS: u64 = 3;

/// From what is shown of the lowest units.
fn comparisons(units: &[UnitReport], measures: &Measures) -> Vec<Comparison> {
    let sample = |unit: &UnitReport, at: usize| {
        let scale = unit.scales[at].shown.as_ref().filter(|_| unit.leaf)?;
        let sd = scale.sd.unwrap_or(0.0);
        Some(Sample { n: scale.n, mean: scale.mean, variance: sd * sd })
    };
    measures
        .scales
        .iter()
        .enumerate()
        .filter_map(|(at, scale)| {
            let samples: Vec<Sample> = units.iter().filter_map(|unit| sample(unit, at)).collect();
            let icc = unit_icc(&samples).filter(|icc| icc.units >= FEWEST_UNITS)?;
            Some(Comparison {
                scale: scale.id.clone(),
                units_may_be_compared: icc.units_may_be_compared(),
                icc,
            })
        })
        .collect()
}

fn item_report(answers: &Tally) -> Option<ItemReport> {
    Some(ItemReport {
        n: answers.n(),
        mean: answers.mean()?,
        sd: answers.variance().map(f64::sqrt),
    })
}

pub(super) fn sample(values: &Tally) -> Option<Sample> {
    Some(Sample { n: values.n(), mean: values.mean()?, variance: values.variance().unwrap_or(0.0) })
}

/// One unit of one cut.
struct Of<'a> {
    gathered: &'a Gathered,
    plan: &'a Plan,
    /// Answers of every unit of the cut.
    cells: &'a [Cells],
    cut: usize,
    unit: usize,
}

impl Of<'_> {
    /// The number invited, where it can be true.
    fn invited(&self) -> Option<u64> {
        self.gathered.invited[self.cut][self.unit]
            .filter(|invited| *invited >= self.cells[self.unit].people)
    }

    fn participation(&self) -> Participation {
        let answered = self.cells[self.unit].people;
        let invited = self.invited().filter(|invited| *invited > 0);
        Participation { answered, rate: invited.map(|invited| answered as f64 / invited as f64) }
    }

    fn share(&self, count: u64, of: u64) -> Option<Share> {
        let confidence = self.plan.confidence();
        let interval = match self.plan.share_interval() {
            ShareInterval::ClopperPearson => clopper_pearson(count, of, confidence),
            ShareInterval::Wilson => wilson(count, of, confidence),
        };
        Some(Share {
            count,
            of,
            share: count as f64 / of as f64,
            interval: interval?,
            bounds: self.invited().and_then(|invited| nonresponse_bounds(count, of, invited)),
        })
    }

    fn scale(&self, at: usize) -> Option<ScaleReport> {
        let measure = &self.gathered.measures.scales[at];
        let cell = &self.cells[self.unit].scales[at];
        let values = &cell.values;
        let sample = sample(values)?;
        let banded: u64 = cell.bands.iter().sum();
        let population = self.invited().filter(|_| self.plan.is_finite_population());
        let bands = measure.bands().zip(&cell.bands).filter_map(|(band, count)| {
            Some(BandShare { band: band.to_owned(), share: self.share(*count, banded)? })
        });
        Some(ScaleReport {
            n: sample.n,
            complete: sample.n - cell.prorated,
            prorated: cell.prorated,
            mean: sample.mean,
            interval: mean_interval(&sample, population, self.plan.confidence()),
            sd: values.variance().map(f64::sqrt),
            median: self.median(at),
            bands: bands.collect(),
            floor: self.share(values.count_of(measure.low), sample.n)?,
            ceiling: self.share(values.count_of(measure.high), sample.n)?,
            mean_bounds: self.mean_bounds(measure, &sample),
            agreement: self.agreement(measure),
            norm: (self.plan.references.get(&measure.id))
                .map(|reference| self.norm(reference, &sample, population)),
            rest: self.rest(at, &sample),
        })
    }

    /// A median is no sum, so it cannot be subtracted; but it is shown only where the rest of the
    /// unit above could be shown as well.
    fn median(&self, at: usize) -> Option<f64> {
        let cell = &self.cells[self.unit].scales[at];
        let above = self.gathered.layers.trees[self.cut].parent(self.unit);
        let rest = without(&self.cells[above].scales[at], cell);
        let alone = rest.values.n() == 0 || guard::stands_alone(&rest, self.plan.fewest());
        alone.then(|| cell.values.median()).flatten()
    }

    fn mean_bounds(&self, measure: &ScaleMeasure, sample: &Sample) -> Option<Interval> {
        let invited = self.invited().filter(|invited| *invited >= sample.n)?;
        let (all, open) = (invited as f64, (invited - sample.n) as f64);
        let sum = sample.mean * sample.n as f64;
        Some(Interval {
            low: (sum + open * measure.low) / all,
            high: (sum + open * measure.high) / all,
        })
    }

    fn agreement(&self, measure: &ScaleMeasure) -> Option<Agreement> {
        let items = &self.gathered.measures.items;
        let of: Vec<(&ItemMeasure, &Tally)> = items
            .iter()
            .zip(&self.cells[self.unit].items)
            .filter(|(item, _)| measure.items.contains(&item.id))
            .collect();
        let codes: Vec<f64> = of.first()?.0.codes.iter().map(|code| f64::from(*code)).collect();
        let alike = of.iter().all(|(item, _)| item.codes == of[0].0.codes);
        let n = of.iter().map(|(_, answers)| answers.n()).min()?;
        if !alike || of.len() != measure.items.len() || n < u64::from(self.plan.fewest()) {
            return None;
        }
        let variances: Option<Vec<f64>> =
            of.iter().map(|(_, answers)| answers.variance()).collect();
        let deviations: Option<Vec<f64>> =
            of.iter().map(|(_, answers)| answers.mean_deviation()).collect();
        let options = codes.len() as f64;
        let (first, last) = (codes.first()?, codes.last()?);
        let step = (last - first).abs() / (options - 1.0);
        Some(Agreement {
            n,
            rwg_j: rwg_j(&variances?, uniform_null(&codes)?)?,
            ad_mean: crate::num::moments::mean(&deviations?)?,
            ad_limit: options * step / 6.0,
        })
    }

    fn norm(
        &self,
        reference: &Reference,
        sample: &Sample,
        population: Option<u64>,
    ) -> NormDifference {
        let confidence = self.plan.confidence();
        let difference = sample.mean - reference.mean;
        let interval = match (reference.sd, reference.n) {
            (Some(sd), Some(n)) => {
                let norm = Sample { n, mean: reference.mean, variance: sd * sd };
                welch(sample, &norm, confidence).map(|welch| welch.interval)
            }
            _ => mean_interval(sample, population, confidence).map(|interval| Interval {
                low: interval.low - reference.mean,
                high: interval.high - reference.mean,
            }),
        };
        NormDifference {
            norm: reference.norm.clone(),
            population: reference.population.clone(),
            norm_mean: reference.mean,
            difference,
            interval,
            in_sd: reference.sd.filter(|sd| *sd > 0.0).map(|sd| difference / sd),
        }
    }

    /// Everybody who is not in the unit. They are a union of groups that are known anyway where the
    /// whole is shown; where it is not, there is no rest.
    fn rest(&self, at: usize, mine: &Sample) -> Option<RestDifference> {
        let rest = without(&self.cells[0].scales[at], &self.cells[self.unit].scales[at]);
        if self.unit == 0 || !guard::stands_alone(&rest, self.plan.fewest()) {
            return None;
        }
        let rest = sample(&rest.values)?;
        Some(RestDifference {
            rest_n: rest.n,
            rest_mean: rest.mean,
            welch: welch(mine, &rest, self.plan.confidence())?,
            effect: hedges_g(mine, &rest, self.plan.confidence())?,
        })
    }
}

fn without(all: &ScaleCell, part: &ScaleCell) -> ScaleCell {
    ScaleCell {
        values: all.values.without(&part.values),
        prorated: all.prorated - part.prorated.min(all.prorated),
        bands: all.bands.iter().zip(&part.bands).map(|(all, part)| all - part.min(all)).collect(),
    }
}
