//! A scale, band set or criterion as a formula over answers, missing rules included.
//!
//! Built once from the instrument and printed in the language of each target: so one rule cannot
//! mean different things in FHIRPath, REDCap and LimeSurvey.

use crate::instrument::{
    Comparison, Exact, Instrument, Item, Key, NotApplicableRule, Part, ResponseOption, Scale, Term,
};
use crate::score::ScoreOptions;

/// A number, or nothing where there is none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Formula {
    Number(Exact),
    /// Sum over all of these items; nothing unless every one is answered.
    Complete(Vec<Counted>),
    /// Sum over those of these items that are answered.
    Sum(Vec<Counted>),
    /// How many of these items are answered.
    Answered(Vec<usize>),
    /// How many of these items do not apply.
    NotApplicable(Vec<usize>),
    /// How many of these items were not asked; only where the target keeps reasons.
    NotAsked(Vec<usize>),
    /// How many of these items have an answer that could not be read; only where the target keeps
    /// reasons.
    Unreadable(Vec<usize>),
    /// The value of a scale that the target holds too.
    Scale(usize),
    Add(Vec<Formula>),
    Less(Box<Formula>, Box<Formula>),
    Times(Box<Formula>, Box<Formula>),
    Over(Box<Formula>, Box<Formula>),
    /// The entry of a table for an integer, the first entry standing for `first`.
    Lookup {
        of: Box<Formula>,
        first: i64,
        values: Vec<Exact>,
    },
    When(Box<Condition>, Box<Formula>, Box<Formula>),
    Nothing,
}

/// True or false, whatever is missing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    Always,
    Never,
    Compare(Box<Formula>, Comparison, Exact),
    /// The item is answered, and its code compares so.
    Code {
        item: usize,
        op: Comparison,
        number: i64,
    },
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

/// What the codes of an item count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) item: usize,
    pub(crate) values: Vec<(u8, i32)>,
}

/// How codes become values, in the shortest way to say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counting {
    /// The code itself.
    Plain,
    /// This number less the code.
    From(i32),
    /// Nothing shorter than a list.
    Listed,
}

/// The band of a scale: labels by lower edge, from the lowest; none where `unless` holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bands {
    pub(crate) scale: usize,
    pub(crate) unless: Condition,
    pub(crate) steps: Vec<(Exact, String)>,
}

/// When a criterion is met for sure, and when it is still possible.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) met: Condition,
    pub(crate) possible: Condition,
}

impl Counted {
    fn of(term: &Term, items: &[Item]) -> Option<Self> {
        let options = items.get(term.item())?.responses().options();
        let values = options.iter().map(ResponseOption::code).zip(term.values().iter().copied());
        Some(Self { item: term.item(), values: values.collect() })
    }

    pub(crate) fn counting(&self) -> Counting {
        if self.values.iter().all(|(code, value)| i32::from(*code) == *value) {
            return Counting::Plain;
        }
        let from = self.values.first().map_or(0, |(code, value)| i32::from(*code) + value);
        if self.values.iter().all(|(code, value)| i32::from(*code) + value == from) {
            Counting::From(from)
        } else {
            Counting::Listed
        }
    }

    pub(crate) fn value(&self, code: u8) -> Option<i32> {
        self.values.iter().find(|(known, _)| *known == code).map(|(_, value)| *value)
    }
}

fn whole(number: usize) -> Formula {
    Formula::Number(Exact::from(i64::try_from(number).unwrap_or(i64::MAX)))
}

fn integer(number: usize) -> Exact {
    Exact::from(i64::try_from(number).unwrap_or(i64::MAX))
}

fn is(of: Formula, op: Comparison, number: Exact) -> Condition {
    Condition::Compare(Box::new(of), op, number)
}

fn when(condition: Condition, then: Formula, otherwise: Formula) -> Formula {
    match condition {
        Condition::Always => then,
        Condition::Never => otherwise,
        other => Formula::When(Box::new(other), Box::new(then), Box::new(otherwise)),
    }
}

fn add(parts: Vec<Formula>) -> Formula {
    let mut parts: Vec<Formula> =
        parts.into_iter().filter(|part| *part != Formula::Number(Exact::ZERO)).collect();
    match parts.len() {
        0 => Formula::Number(Exact::ZERO),
        1 => parts.swap_remove(0),
        _ => Formula::Add(parts),
    }
}

impl Condition {
    fn all(parts: Vec<Self>) -> Self {
        let mut parts: Vec<Self> = parts.into_iter().filter(|p| *p != Self::Always).collect();
        match parts.len() {
            _ if parts.contains(&Self::Never) => Self::Never,
            0 => Self::Always,
            1 => parts.swap_remove(0),
            _ => Self::All(parts),
        }
    }

    fn any(parts: Vec<Self>) -> Self {
        let mut parts: Vec<Self> = parts.into_iter().filter(|p| *p != Self::Never).collect();
        match parts.len() {
            _ if parts.contains(&Self::Always) => Self::Always,
            0 => Self::Never,
            1 => parts.swap_remove(0),
            _ => Self::Any(parts),
        }
    }

    fn not(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }
}

/// Builds the formulas of one instrument.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Formulas<'a> {
    instrument: &'a Instrument,
    options: Option<&'a ScoreOptions>,
    reasons: bool,
}

impl<'a> Formulas<'a> {
    pub(crate) const fn new(instrument: &'a Instrument, options: Option<&'a ScoreOptions>) -> Self {
        Self { instrument, options, reasons: false }
    }

    /// For a target that keeps why an answer is missing: an item that was not asked, or does not
    /// apply though the form has no option for that, is then no skipped one.
    #[cfg(any(test, feature = "fhir"))]
    pub(crate) const fn with_reasons(self) -> Self {
        Self { reasons: true, ..self }
    }

    fn item(&self, at: usize) -> Option<&'a Item> {
        self.instrument.items().get(at)
    }

    fn counted(&self, scale: &Scale) -> Vec<Counted> {
        let terms = scale.key().terms().iter();
        let mut counted: Vec<Counted> =
            terms.filter_map(|term| Counted::of(term, self.instrument.items())).collect();
        counted.sort_by_key(|part| part.item);
        counted
    }

    fn needs(&self, scale: &Scale) -> usize {
        self.options.map_or_else(|| scale.needs(), |options| options.missing.needs(scale))
    }

    /// Whether an answer left out is implied by its gate; never for items without one.
    fn implied(&self, item: usize) -> Condition {
        let implied = self.item(item).and_then(Item::implied);
        let Some(implied) = implied else { return Condition::Never };
        let own = is(Formula::Answered(vec![item]), Comparison::Equal, Exact::ZERO);
        let gate =
            Condition::Code { item: implied.gate(), op: implied.op(), number: implied.number() };
        let mut all = vec![own, gate];
        if self.reasons {
            // A gate answers for what was left blank, never for what was answered and garbled.
            let unreadable = Formula::Unreadable(vec![item]);
            all.push(is(unreadable, Comparison::Equal, Exact::ZERO));
        }
        Condition::all(all)
    }

    /// Sum over the answers that hold, gates considered.
    fn sum(&self, counted: &[Counted]) -> Formula {
        let mut parts = vec![Formula::Sum(counted.to_vec())];
        for part in counted {
            let code = self.item(part.item).and_then(Item::implied).map(|implied| implied.code());
            if let Some(value) = code.and_then(|code| part.value(code)) {
                let value = Formula::Number(Exact::from(i64::from(value)));
                parts.push(when(self.implied(part.item), value, Formula::Number(Exact::ZERO)));
            }
        }
        add(parts)
    }

    /// How many answers hold, gates considered.
    fn answered(&self, items: &[usize]) -> Formula {
        let mut parts = vec![Formula::Answered(items.to_vec())];
        for item in items {
            parts.push(when(self.implied(*item), whole(1), Formula::Number(Exact::ZERO)));
        }
        add(parts)
    }

    /// Items of a scale that can be said not to apply and that no gate answers.
    fn not_applicable(&self, items: &[usize]) -> Option<Formula> {
        let offers = |at: &usize| {
            self.reasons
                || self.item(*at).is_some_and(|item| item.responses().not_applicable().is_some())
        };
        let items: Vec<usize> = items.iter().copied().filter(offers).collect();
        self.unless_implied(&items, Formula::NotApplicable)
    }

    /// Items of a scale for which no missing rule makes up: those that were not asked and that no
    /// gate answers, and those whose answer could not be read.
    fn not_made_up_for(&self, items: &[usize]) -> Option<Formula> {
        if !self.reasons {
            return None;
        }
        let kinds: [fn(Vec<usize>) -> Formula; 2] = [Formula::NotAsked, Formula::Unreadable];
        let counts = kinds.into_iter().filter_map(|kind| self.unless_implied(items, kind));
        Some(add(counts.collect()))
    }

    /// Counts items, those with a gate only where it does not answer for them.
    fn unless_implied(&self, items: &[usize], count: fn(Vec<usize>) -> Formula) -> Option<Formula> {
        let (gated, free): (Vec<usize>, Vec<usize>) = items
            .iter()
            .copied()
            .partition(|at| self.item(*at).is_some_and(|item| item.implied().is_some()));
        let mut parts = Vec::new();
        if !free.is_empty() {
            parts.push(count(free));
        }
        for item in gated {
            let own = is(count(vec![item]), Comparison::Above, Exact::ZERO);
            let both = Condition::all(vec![own, self.implied(item).not()]);
            parts.push(when(both, whole(1), Formula::Number(Exact::ZERO)));
        }
        if parts.is_empty() { None } else { Some(add(parts)) }
    }

    /// Whether a scale comes out otherwise where the reason for a missing answer is not known.
    #[cfg(feature = "fhir")]
    pub(crate) fn needs_reasons(&self, at: usize) -> bool {
        let Some(scale) = self.instrument.scales().get(at) else { return false };
        // A published table converts complete scores only, whatever the reasons.
        if matches!(scale.key(), Key::Table { .. }) {
            return false;
        }
        let sources = scale.key().sources();
        if !sources.is_empty() {
            return sources.into_iter().any(|at| self.needs_reasons(at));
        }
        let drops = scale.not_applicable() == NotApplicableRule::Drop;
        drops || self.needs(scale) < scale.key().terms().len()
    }

    /// The value of a scale; nothing where the crate gives none.
    pub(crate) fn scale(&self, at: usize) -> Formula {
        let Some(scale) = self.instrument.scales().get(at) else { return Formula::Nothing };
        let boxed = |at: usize| Box::new(Formula::Scale(at));
        match scale.key() {
            Key::Times { from, factor } => {
                Formula::Times(boxed(*from), Box::new(Formula::Number(*factor)))
            }
            Key::Table { from, first, values, .. } => {
                // A published table converts complete scores only.
                let of = match self.scale(*from) {
                    Formula::Complete(_) => Formula::Scale(*from),
                    _ => {
                        let of = self.instrument.scales().get(*from);
                        self.complete(&of.map(|scale| self.counted(scale)).unwrap_or_default())
                    }
                };
                let of = Box::new(of);
                Formula::Lookup { of, first: *first, values: values.clone() }
            }
            Key::Ratio { numerator, denominator } => {
                // (a / m) / (b / n) as (a x n) / (b x m): one division, rounded once.
                let times = |at: usize, by: Formula| match by {
                    Formula::Number(one) if one == Exact::from(1) => Formula::Scale(at),
                    by => Formula::Times(Box::new(Formula::Scale(at)), Box::new(by)),
                };
                let top = times(*numerator, self.items_counted(*denominator));
                let bottom = times(*denominator, self.items_counted(*numerator));
                Formula::Over(Box::new(top), Box::new(bottom))
            }
            _ => self.of_items(scale),
        }
    }

    fn is_mean(scale: &Scale) -> bool {
        matches!(scale.key(), Key::Mean(_))
    }

    fn complete(&self, counted: &[Counted]) -> Formula {
        let items: Vec<usize> = counted.iter().map(|part| part.item).collect();
        if items.iter().all(|item| self.implied(*item) == Condition::Never) {
            return Formula::Complete(counted.to_vec());
        }
        let all = is(self.answered(&items), Comparison::Equal, integer(items.len()));
        when(all, self.sum(counted), Formula::Nothing)
    }

    fn of_items(&self, scale: &Scale) -> Formula {
        let counted = self.counted(scale);
        let items: Vec<usize> = counted.iter().map(|part| part.item).collect();
        let (total, needs) = (items.len(), self.needs(scale));
        let mean = Self::is_mean(scale);
        let absent = self.not_applicable(&items);
        let drops = scale.not_applicable() == NotApplicableRule::Drop;
        let over = |value: Formula, by: Formula| Formula::Over(Box::new(value), Box::new(by));
        if needs >= total && (absent.is_none() || !drops) {
            // An item that does not apply is one that is not answered.
            let sum = self.complete(&counted);
            return if mean { over(sum, whole(total)) } else { sum };
        }
        let answered = || self.answered(&items);
        let applying = match &absent {
            Some(absent) if drops => {
                Formula::Less(Box::new(whole(total)), Box::new(absent.clone()))
            }
            _ => whole(total),
        };
        let several = is(answered(), Comparison::AtLeast, integer(needs));
        let asked =
            self.not_made_up_for(&items).map(|count| is(count, Comparison::Equal, Exact::ZERO));
        let enough = match absent {
            None => several,
            Some(absent) if !drops => {
                Condition::all(vec![is(absent, Comparison::Equal, Exact::ZERO), several])
            }
            // Fewer than all are `needs` answers, whatever the reason for a gap; all are all that
            // apply, and one at least.
            Some(_) if needs < total => several,
            Some(absent) => {
                let gap = Formula::Less(Box::new(answered()), Box::new(applying.clone()));
                let all_applying = is(gap, Comparison::AtLeast, Exact::ZERO);
                let some = is(absent, Comparison::Below, integer(total));
                Condition::all(vec![some, all_applying])
            }
        };
        let enough = Condition::all(asked.into_iter().chain([enough]).collect());
        let sum = self.sum(&counted);
        let value = if mean {
            over(sum, answered())
        } else {
            // Sum x items / answered: one division, exact wherever the result is an integer.
            over(Formula::Times(Box::new(sum), Box::new(applying)), answered())
        };
        when(enough, value, Formula::Nothing)
    }

    /// By what a scale is divided to be per item: the items that apply for a sum, 1 for a mean.
    fn items_counted(&self, at: usize) -> Formula {
        let scale = self.instrument.scales().get(at).filter(|scale| !Self::is_mean(scale));
        let Some(scale) = scale else { return whole(1) };
        let items: Vec<usize> = scale.key().terms().iter().map(Term::item).collect();
        let total = whole(items.len());
        let drops = scale.not_applicable() == NotApplicableRule::Drop;
        match self.not_applicable(&items) {
            Some(absent) if drops => Formula::Less(Box::new(total), Box::new(absent)),
            _ => total,
        }
    }

    /// The band of a scale in a set.
    pub(crate) fn bands(&self, scale: usize, set: &crate::instrument::BandSet) -> Bands {
        let steps = set.bands().iter().map(|band| (band.low(), band.label().to_owned()));
        Bands { scale, unless: self.dropped(scale), steps: steps.collect() }
    }

    /// Whether items left the scale because they do not apply.
    fn dropped(&self, at: usize) -> Condition {
        let Some(scale) = self.instrument.scales().get(at) else { return Condition::Never };
        let sources = scale.key().sources();
        if !sources.is_empty() {
            return Condition::any(sources.into_iter().map(|at| self.dropped(at)).collect());
        }
        let items: Vec<usize> = scale.key().terms().iter().map(Term::item).collect();
        match self.not_applicable(&items) {
            Some(absent) if scale.not_applicable() == NotApplicableRule::Drop => {
                is(absent, Comparison::Above, Exact::ZERO)
            }
            _ => Condition::Never,
        }
    }

    /// A criterion, its tests taken one by one: what this calls met or not met is so; where one
    /// item occurs in two tests it may call undetermined what the crate can decide.
    pub(crate) fn criterion(&self, at: usize) -> Verdict {
        let Some(criterion) = self.instrument.criteria().get(at) else {
            return Verdict { met: Condition::Never, possible: Condition::Always };
        };
        let tests: Vec<Verdict> = criterion.parts().iter().map(|part| self.test(part)).collect();
        let total = u32::try_from(tests.len()).unwrap_or(u32::MAX);
        let (low, high) = criterion.counts();
        let sure = || tests.iter().map(|test| test.met.clone()).collect::<Vec<_>>();
        let hopeful = || tests.iter().map(|test| test.possible.clone()).collect::<Vec<_>>();
        // At least `low` and at most `high` of the tests hold.
        let met = vec![at_least(sure(), low, total), at_most(hopeful(), high, total)];
        let possible = vec![at_least(hopeful(), low, total), at_most(sure(), high, total)];
        Verdict { met: Condition::all(met), possible: Condition::all(possible) }
    }

    fn test(&self, part: &Part) -> Verdict {
        match part {
            Part::Criterion(at) => self.criterion(*at),
            Part::Item { item, op, number } => self.item_test(*item, *op, *number),
            Part::Scale { scale, op, number } => {
                let Some((low, high)) = self.bounds(*scale) else {
                    return Verdict { met: Condition::Never, possible: Condition::Always };
                };
                // The end of the range that is hardest to bring over the threshold.
                let (hard, easy) = match op {
                    Comparison::AtLeast | Comparison::Above => (low, high),
                    _ => (high, low),
                };
                Verdict { met: is(hard, *op, *number), possible: is(easy, *op, *number) }
            }
        }
    }

    fn item_test(&self, at: usize, op: Comparison, number: i64) -> Verdict {
        let Some(item) = self.item(at) else {
            return Verdict { met: Condition::Never, possible: Condition::Always };
        };
        let holds = |code: u8| op.holds(i64::from(code), number);
        let codes = || item.responses().options().iter().map(ResponseOption::code);
        let (all, some) = (codes().all(holds), codes().any(holds));
        let met = if all {
            Condition::Always
        } else {
            let implied = item.implied().filter(|implied| holds(implied.code()));
            let implied = implied.map_or(Condition::Never, |_| self.implied(at));
            Condition::any(vec![Condition::Code { item: at, op, number }, implied])
        };
        let possible = if some {
            let open = is(Formula::Answered(vec![at]), Comparison::Equal, Exact::ZERO);
            let implied = item.implied().filter(|implied| !holds(implied.code()));
            let shut = implied.map_or(Condition::Never, |_| self.implied(at));
            let open = Condition::all(vec![open, shut.not()]);
            Condition::any(vec![Condition::Code { item: at, op, number }, open])
        } else {
            Condition::Never
        };
        let possible = if all { Condition::Always } else { possible };
        Verdict { met, possible }
    }

    /// Lowest and highest value of a scale over the completions of its missing answers; what does
    /// not apply counts as missing here.
    fn bounds(&self, at: usize) -> Option<(Formula, Formula)> {
        let scale = self.instrument.scales().get(at)?;
        let over = |value: Formula, by: Formula| Formula::Over(Box::new(value), Box::new(by));
        match scale.key() {
            Key::Times { from, factor } => {
                let (low, high) = self.bounds(*from)?;
                let times = |bound: Formula| {
                    Formula::Times(Box::new(bound), Box::new(Formula::Number(*factor)))
                };
                Some((times(low), times(high)))
            }
            Key::Table { from, first, values, .. } => {
                // Ends of the range stand for ends of the values only where the table rises.
                if !values.is_sorted() {
                    return None;
                }
                let (low, high) = self.bounds(*from)?;
                let entry = |of: Formula| Formula::Lookup {
                    of: Box::new(of),
                    first: *first,
                    values: values.clone(),
                };
                Some((entry(low), entry(high)))
            }
            Key::Ratio { numerator, denominator } => {
                let per_item = |at: usize| {
                    let scale = self.instrument.scales().get(at)?;
                    let (low, high) = self.bounds(at)?;
                    if Self::is_mean(scale) {
                        return Some((low, high));
                    }
                    let items = scale.key().terms().len();
                    Some((over(low, whole(items)), over(high, whole(items))))
                };
                let (top, bottom) = (per_item(*numerator)?, per_item(*denominator)?);
                Some((over(top.0, bottom.1), over(top.1, bottom.0)))
            }
            _ => {
                let counted = self.counted(scale);
                let (low, high) = (self.bound(&counted, true), self.bound(&counted, false));
                if Self::is_mean(scale) {
                    let items = || whole(counted.len());
                    return Some((over(low, items()), over(high, items())));
                }
                Some((low, high))
            }
        }
    }

    /// Sum with every missing answer as low, or as high, as it can be.
    fn bound(&self, counted: &[Counted], lowest: bool) -> Formula {
        let end = |part: &Counted| {
            let values = part.values.iter().map(|(_, value)| *value);
            if lowest { values.min() } else { values.max() }.unwrap_or(0)
        };
        let mut ends: Vec<i32> = counted.iter().map(end).collect();
        ends.sort_unstable();
        ends.dedup();
        let mut parts = vec![self.sum(counted)];
        for value in ends.into_iter().filter(|value| *value != 0) {
            let open: Vec<usize> =
                counted.iter().filter(|part| end(part) == value).map(|part| part.item).collect();
            let missing =
                Formula::Less(Box::new(whole(open.len())), Box::new(self.answered(&open)));
            let value = Formula::Number(Exact::from(i64::from(value)));
            parts.push(Formula::Times(Box::new(value), Box::new(missing)));
        }
        add(parts)
    }
}

/// Scales that a criterion tests and whose range under missing answers has no formula.
pub(crate) fn unbounded(instrument: &Instrument, criterion: usize) -> Vec<&str> {
    let tests = crate::instrument::entangle::tests(criterion, instrument.criteria());
    let formulas = Formulas::new(instrument, None);
    let scales = tests.iter().filter_map(|test| match test {
        Part::Scale { scale, .. } if formulas.bounds(*scale).is_none() => Some(*scale),
        _ => None,
    });
    scales.filter_map(|at| instrument.scales().get(at)).map(Scale::id).collect()
}

fn count(conditions: Vec<Condition>) -> Formula {
    let one = |condition| when(condition, whole(1), Formula::Number(Exact::ZERO));
    add(conditions.into_iter().map(one).collect())
}

fn at_least(conditions: Vec<Condition>, low: u32, total: u32) -> Condition {
    match low {
        0 => Condition::Always,
        1 => Condition::any(conditions),
        _ if low == total => Condition::all(conditions),
        _ => is(count(conditions), Comparison::AtLeast, Exact::from(i64::from(low))),
    }
}

fn at_most(conditions: Vec<Condition>, high: u32, total: u32) -> Condition {
    match high {
        0 => Condition::any(conditions).not(),
        _ if high >= total => Condition::Always,
        _ => is(count(conditions), Comparison::AtMost, Exact::from(i64::from(high))),
    }
}
