//! From counts to a report: first what may be shown, then that and nothing else.

// Breakdowns, units, scales, criteria and items are positions in lists built together.
#![allow(clippy::indexing_slicing)]

use super::cells::{Cells, Gathered};
use super::decision::{Bands, Decision, FamilyDecision};
use super::disclosure::{Shown, guard};
use super::measures::{ItemMeasure, Measures, ScaleMeasure};
use super::plan::Reference;
use super::report::{
    Agreement, BandShare, BreakdownReport, Comparison, Entry, GroupReport, Head, ItemReport,
    Measured, NormDifference, Participation, RestDifference, ScaleHead, ScaleReport, Settings,
    Share, UnitReport, decimals,
};
use super::stats::{
    HedgesG, Sample, UnitIcc, Welch, hedges_g, mean_interval, nonresponse_bounds, rwg_j,
    uniform_null, unit_icc, welch,
};
use super::tally::Tally;
use super::{GroupError, Plan, ShareInterval};
use crate::num::Interval;
use crate::num::proportion::{clopper_pearson, wilson};

/// Decides and computes. Also returns what was decided, for the ledger.
pub(super) fn release(
    gathered: &Gathered,
    plan: &Plan,
) -> Result<(GroupReport, Decision), GroupError> {
    let measures = &gathered.layout.measures;
    for scale in plan.references.keys() {
        measures.scale_at(scale)?;
    }
    let decision = Decision::of(gathered, plan);
    let breakdowns = (0..gathered.names.len())
        .map(|breakdown| breakdown_report(gathered, plan, &decision, breakdown));
    let heading = &plan.heading;
    let report = GroupReport {
        format: 1,
        title: heading.title.clone(),
        organisation: heading.organisation.clone(),
        date: heading.date.clone(),
        wave: heading.wave.clone(),
        measured: measured(measures, &decision),
        settings: Settings {
            threshold: plan.threshold(),
            smallest_count: plan.smallest_count(),
            against_insiders: plan.is_against_insiders(),
            confidence: plan.confidence(),
            share_interval: plan.share_interval(),
            finite_population: plan.is_finite_population(),
        },
        breakdowns: breakdowns.collect(),
        change: None,
        released: None,
    };
    Ok((report, decision))
}

fn measured(measures: &Measures, decision: &Decision) -> Measured {
    let head = |id: &str, title: &str| Head { id: id.to_owned(), title: title.to_owned() };
    Measured {
        id: measures.id.clone(),
        version: measures.version.clone(),
        title: measures.title.clone(),
        scales: measures
            .scales
            .iter()
            .enumerate()
            .map(|(at, scale)| ScaleHead {
                id: scale.id.clone(),
                title: scale.title.clone(),
                range: Interval { low: scale.low, high: scale.high },
                worse: scale.worse,
                bands: scale.bands().map(str::to_owned).collect(),
                merged: merged_labels(scale, decision.bands(at)),
            })
            .collect(),
        criteria: measures.criteria.iter().map(|c| head(&c.id, &c.title)).collect(),
        items: measures.items.iter().map(|item| head(&item.id, &item.topic)).collect(),
        credit: measures.notes.credit.clone(),
        cautions: measures.notes.cautions.clone(),
        band_sources: measures.notes.bands.clone(),
    }
}

fn merged_labels(scale: &ScaleMeasure, bands: Option<&Bands>) -> Vec<Vec<String>> {
    let labels: Vec<&str> = scale.bands().collect();
    let merged = bands.into_iter().flat_map(|bands| &bands.merged);
    merged
        .map(|bands| labels[bands.clone()].iter().map(|label| (*label).to_owned()).collect())
        .collect()
}

fn breakdown_report(
    gathered: &Gathered,
    plan: &Plan,
    decision: &Decision,
    breakdown: usize,
) -> BreakdownReport {
    let tree = &gathered.layers.trees[breakdown];
    let measures = &gathered.layout.measures;
    let cells = gathered.units(breakdown);
    let mut samples = vec![Vec::new(); measures.scales.len()];
    let mut units = Vec::with_capacity(tree.len());
    for unit in 0..tree.len() {
        let of = Of { gathered, plan, decision, cells: &cells, breakdown, unit };
        let shown = |pattern: &Shown| pattern[breakdown][unit];
        let mut report = UnitReport {
            path: tree.path(unit),
            leaf: tree.is_leaf(unit),
            invited: gathered.invited[breakdown][unit],
            participation: shown(&decision.people).then(|| of.participation()),
            scales: measures.scales.iter().map(|scale| Entry::new(&scale.id, None)).collect(),
            criteria: measures.criteria.iter().map(|one| Entry::new(&one.id, None)).collect(),
            items: measures.items.iter().map(|item| Entry::new(&item.id, None)).collect(),
        };
        for (at, decided) in decision.families.iter().enumerate() {
            let family = &gathered.layout.families[at];
            for scale in family.scales.iter().filter(|_| shown(&decided.means)) {
                let Some(sample) = sample(&cells[unit].scales[*scale].values) else { continue };
                if tree.is_leaf(unit) {
                    samples[*scale].push(sample);
                }
                report.scales[*scale] = Entry::new(
                    &measures.scales[*scale].id,
                    Some(of.scale(*scale, decided, &sample)),
                );
            }
            for (criterion, pattern) in &decided.criteria {
                if shown(pattern) {
                    let share = of.criterion(at, *criterion);
                    report.criteria[*criterion] =
                        Entry::new(&measures.criteria[*criterion].id, share);
                }
            }
            for item in family.items.iter().filter(|_| shown(&decided.items)) {
                let answers = &cells[unit].items[*item];
                report.items[*item] = Entry::new(&measures.items[*item].id, item_report(answers));
            }
        }
        units.push(report);
    }
    let comparisons = comparisons(&samples, measures);
    BreakdownReport { name: gathered.names[breakdown].clone(), units, comparisons }
}

/// Below this many units there is nothing to say about units.
const FEWEST_UNITS: u64 = 3;

/// From the lowest units that are shown, scale by scale.
fn comparisons(samples: &[Vec<Sample>], measures: &Measures) -> Vec<Comparison> {
    measures
        .scales
        .iter()
        .zip(samples)
        .filter_map(|(scale, samples)| {
            let icc = unit_icc(samples).filter(|icc| icc.units >= FEWEST_UNITS)?;
            Some(Comparison {
                scale: scale.id.clone(),
                units_may_be_compared: icc.units_may_be_compared(),
                icc: UnitIcc {
                    icc1: to(SIX, icc.icc1),
                    icc2: to(SIX, icc.icc2),
                    size: to(SIX, icc.size),
                    f: to(SIX, icc.f),
                    p: icc.p.map(|p| to(SIX, p)),
                    ..icc
                },
            })
        })
        .collect()
}

/// Decimals of statistics that describe no group by themselves.
const SIX: usize = 6;
/// Decimals of a share, which is read as whole per cent, and of the mean of an item.
const TWO: usize = 2;

/// Rounds to so many decimals: no form of a report carries more than a page shows, for with more
/// digits more can be worked out.
pub(super) fn to(decimals: usize, value: f64) -> f64 {
    let scale = 10_f64.powi(i32::try_from(decimals).unwrap_or(0));
    let rounded = (value * scale).round() / scale;
    // No -0, and nothing lost where the value is too large to round.
    if rounded.is_finite() { rounded + 0.0 } else { value }
}

pub(super) fn interval_to(decimals: usize, interval: Interval) -> Interval {
    Interval { low: to(decimals, interval.low), high: to(decimals, interval.high) }
}

fn item_report(answers: &Tally) -> Option<ItemReport> {
    Some(ItemReport {
        n: answers.n(),
        mean: to(TWO, answers.mean()?),
        sd: answers.variance().map(|variance| to(TWO, variance.sqrt())),
    })
}

pub(super) fn sample(values: &Tally) -> Option<Sample> {
    Some(Sample { n: values.n(), mean: values.mean()?, variance: values.variance().unwrap_or(0.0) })
}

/// One unit of one breakdown.
struct Of<'a> {
    gathered: &'a Gathered,
    plan: &'a Plan,
    decision: &'a Decision,
    /// Answers of every unit of the breakdown.
    cells: &'a [Cells],
    breakdown: usize,
    unit: usize,
}

impl Of<'_> {
    fn invited(&self) -> Option<u64> {
        self.gathered.invited[self.breakdown][self.unit]
    }

    fn is_whole(&self) -> bool {
        self.unit == 0
    }

    fn participation(&self) -> Participation {
        let answered = self.cells[self.unit].people;
        let invited = self.invited().filter(|invited| *invited > 0);
        let rate = invited.map(|invited| to(TWO, answered as f64 / invited as f64));
        Participation { answered, rate }
    }

    fn share(&self, count: u64, of: u64) -> Option<Share> {
        let confidence = self.plan.confidence();
        let interval = match self.plan.share_interval() {
            ShareInterval::ClopperPearson => clopper_pearson(count, of, confidence),
            ShareInterval::Wilson => wilson(count, of, confidence),
        };
        let bounds = self.invited().and_then(|invited| nonresponse_bounds(count, of, invited));
        Some(Share {
            count,
            of,
            share: to(TWO, count as f64 / of as f64),
            interval: interval_to(TWO, interval?),
            bounds: bounds.map(|bounds| interval_to(TWO, bounds)),
        })
    }

    fn criterion(&self, family: usize, criterion: usize) -> Option<Share> {
        let place = self.gathered.layout.families[family].place_of_criterion(criterion)?;
        let cell = &self.cells[self.unit].families[family];
        self.share(cell.count(|outcomes| outcomes.get(place) == Some(&1)), cell.people)
    }

    fn bands(&self, at: usize) -> Vec<BandShare> {
        let measure = &self.gathered.layout.measures.scales[at];
        let decided =
            self.decision.bands(at).filter(|bands| bands.shown[self.breakdown][self.unit]);
        let Some(decided) = decided else { return Vec::new() };
        let mut families =
            self.gathered.layout.families.iter().zip(&self.cells[self.unit].families);
        let found = families.find_map(|(family, cell)| Some((family.place_of_band(at)?, cell)));
        let Some((place, cell)) = found else { return Vec::new() };
        let labels = merged_labels(measure, Some(decided));
        let shares = decided.merged.iter().zip(labels).filter_map(|(bands, labels)| {
            let inside = |outcomes: &[u8]| {
                outcomes.get(place).is_some_and(|band| bands.contains(&usize::from(*band)))
            };
            let share = self.share(cell.count(inside), cell.people)?;
            Some(BandShare { band: labels.join(MERGED), share })
        });
        shares.collect()
    }

    fn scale(&self, at: usize, decided: &FamilyDecision, sample: &Sample) -> ScaleReport {
        let measure = &self.gathered.layout.measures.scales[at];
        let values = &self.cells[self.unit].scales[at].values;
        let population = self.invited().filter(|_| self.plan.is_finite_population());
        let decimals = decimals(measure.low, measure.high);
        let bands = self.bands(at);
        let (complete, prorated) = self.prorated(at, sample.n);
        let interval = mean_interval(sample, population, self.plan.confidence());
        let rest = if decided.means[self.breakdown][0] { self.rest(at, sample) } else { None };
        ScaleReport {
            n: sample.n,
            complete,
            prorated,
            mean: to(decimals, sample.mean),
            interval: interval.map(|interval| interval_to(decimals, interval)),
            sd: values.variance().map(|variance| to(decimals, variance.sqrt())),
            median: self.median(at).map(|median| to(decimals, median)),
            floor: self.at_end(at, measure.low, &bands, decided),
            ceiling: self.at_end(at, measure.high, &bands, decided),
            bands,
            mean_bounds: self
                .mean_bounds(measure, sample)
                .map(|bounds| interval_to(decimals, bounds)),
            agreement: self.agreement(measure, decided),
            norm: (self.plan.references.get(&measure.id))
                .map(|reference| self.norm(reference, sample, population, decimals)),
            rest,
        }
    }

    /// How many scores were made up for skipped items. In a unit a few of them would be a handful
    /// of people, so units say it only where there are none anywhere.
    fn prorated(&self, at: usize, n: u64) -> (Option<u64>, Option<u64>) {
        let everybody = &self.cells[0].scales[at];
        let smallest = u64::from(self.plan.smallest_count());
        let enough = |count: u64| count == 0 || count >= smallest;
        let prorated = self.cells[self.unit].scales[at].prorated;
        let told = everybody.prorated == 0
            || (self.is_whole() && enough(prorated) && enough(n - prorated.min(n)));
        if told { (Some(n - prorated.min(n)), Some(prorated)) } else { (None, None) }
    }

    /// The share of people at one end of a scale, for the whole organisation only and only beside
    /// shares of which it leaves no handful over.
    fn at_end(
        &self,
        at: usize,
        end: f64,
        bands: &[BandShare],
        decided: &FamilyDecision,
    ) -> Option<Share> {
        let values = &self.cells[self.unit].scales[at].values;
        let (count, n) = (values.count_of(end), values.n());
        let smallest = u64::from(self.plan.smallest_count());
        let enough = |count: u64| count == 0 || count >= smallest;
        // Whoever stands at the end stands on one side of every other share.
        let criteria = decided.criteria.iter().flat_map(|(criterion, _)| {
            let family = self.gathered.layout.families.iter();
            let place = family.zip(&self.cells[self.unit].families).find_map(|(family, cell)| {
                family.place_of_criterion(*criterion).map(|place| (place, cell))
            });
            place.into_iter().flat_map(|(place, cell)| {
                let met = cell.count(|outcomes| outcomes.get(place) == Some(&1));
                [met, cell.people - met]
            })
        });
        let mut wider = bands.iter().map(|band| band.share.count).chain(criteria);
        // Between two releases of the same answers it could be subtracted.
        let first = self.gathered.past.as_ref().is_none_or(|past| past.releases() == 0);
        let told = self.is_whole()
            && first
            && enough(count)
            && n - count >= smallest
            && wider.all(|wide| wide < count || enough(wide - count));
        if told { self.share(count, n) } else { None }
    }

    /// A median is no sum, so it cannot be subtracted; but it is shown only where the rest of the
    /// unit above could be shown as well.
    fn median(&self, at: usize) -> Option<f64> {
        let values = &self.cells[self.unit].scales[at].values;
        let above = self.gathered.layers.trees[self.breakdown].parent(self.unit);
        let rest = self.cells[above].scales[at].values.without(values);
        let alone = rest.n() == 0 || guard::stands_alone(&rest, self.plan.fewest());
        alone.then(|| values.median()).flatten()
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

    /// Agreement is made from the spread of the items, so it is shown where they are.
    fn agreement(&self, measure: &ScaleMeasure, decided: &FamilyDecision) -> Option<Agreement> {
        let items = &self.gathered.layout.measures.items;
        let of: Vec<(&ItemMeasure, &Tally)> = items
            .iter()
            .zip(&self.cells[self.unit].items)
            .filter(|(item, _)| measure.items.contains(&item.id))
            .collect();
        let codes: Vec<f64> = of.first()?.0.codes.iter().map(|code| f64::from(*code)).collect();
        let alike = of.iter().all(|(item, _)| item.codes == of[0].0.codes);
        if !alike || of.len() != measure.items.len() || !decided.items[self.breakdown][self.unit] {
            return None;
        }
        let n = of.iter().map(|(_, answers)| answers.n()).min()?;
        let variances: Option<Vec<f64>> =
            of.iter().map(|(_, answers)| answers.variance()).collect();
        let deviations: Option<Vec<f64>> =
            of.iter().map(|(_, answers)| answers.mean_deviation()).collect();
        let options = codes.len() as f64;
        let (first, last) = (codes.first()?, codes.last()?);
        let step = (last - first).abs() / (options - 1.0);
        Some(Agreement {
            n,
            rwg_j: to(SIX, rwg_j(&variances?, uniform_null(&codes)?)?),
            ad_mean: to(SIX, crate::num::moments::mean(&deviations?)?),
            ad_limit: to(SIX, options * step / 6.0),
        })
    }

    fn norm(
        &self,
        reference: &Reference,
        sample: &Sample,
        population: Option<u64>,
        decimals: usize,
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
            difference: to(decimals, difference),
            interval: interval.map(|interval| interval_to(decimals, interval)),
            in_sd: reference.sd.filter(|sd| *sd > 0.0).map(|sd| to(TWO, difference / sd)),
        }
    }

    /// Everybody who is not in the unit. They are a union of groups that are known anyway where the
    /// whole is shown; where it is not, there is no rest.
    fn rest(&self, at: usize, mine: &Sample) -> Option<RestDifference> {
        let measure = &self.gathered.layout.measures.scales[at];
        let decimals = decimals(measure.low, measure.high);
        let mine_too = &self.cells[self.unit].scales[at].values;
        let rest = self.cells[0].scales[at].values.without(mine_too);
        if self.is_whole() || !guard::stands_alone(&rest, self.plan.fewest()) {
            return None;
        }
        let rest = sample(&rest)?;
        let test = welch(mine, &rest, self.plan.confidence())?;
        let effect = hedges_g(mine, &rest, self.plan.confidence())?;
        Some(RestDifference {
            rest_n: rest.n,
            rest_mean: to(decimals, rest.mean),
            welch: Welch {
                difference: to(decimals, test.difference),
                interval: interval_to(decimals, test.interval),
                t: to(TWO, test.t),
                df: to(TWO, test.df),
                p: to(SIX, test.p),
            },
            effect: HedgesG { g: to(TWO, effect.g), interval: interval_to(TWO, effect.interval) },
        })
    }
}

/// Stands between the labels of bands that are shown as one.
pub(super) const MERGED: &str = " + ";
