//! From an instrument and its scores to what groups count.

use super::GroupError;
use super::measures::Notes;
use super::measures::{
    CriterionMeasure, ItemMeasure, Measures, Person, ScaleMeasure, ScaleValue, Worse,
};
use crate::answers::{Answer, MissingKind};
use crate::instrument::{Criterion, Direction, Instrument, Part, Role, Scale};
use crate::score::{Outcome, ScoreRecord, Scorer, Scores, Status};

impl Measures {
    /// Everything that a scorer reports: its scales with the band sets in force, and its criteria.
    ///
    /// ```
    /// use straingauge::group::Measures;
    /// let cbi = straingauge::catalog::get("cbi")?;
    /// let measures = Measures::of(&cbi.scorer());
    /// assert_eq!(measures.scale_ids().collect::<Vec<_>>(), ["personal", "work", "client"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(scorer: &Scorer) -> Self {
        let instrument = scorer.instrument();
        let scales = scorer.scales().map(|scale| scale_measure(scorer, scale)).collect();
        let mut measures = Self {
            title: instrument.title().to_owned(),
            version: instrument.version().to_string(),
            scales,
            notes: notes(scorer),
            ..Self::new(instrument.id())
        };
        let reported = scorer.criteria().filter(|one| one.role() != Some(Role::Safety));
        let criteria = reported.map(|one| measures.criterion_of(instrument, one)).collect();
        measures.criteria = criteria;
        measures
    }

    fn criterion_of(&self, instrument: &Instrument, criterion: &Criterion) -> CriterionMeasure {
        let has_bands =
            |scale: &String| self.scales.iter().any(|s| s.id == *scale && !s.bands.is_empty());
        CriterionMeasure {
            items: Some(items_of_criterion(instrument, criterion)),
            id: criterion.id().to_owned(),
            title: criterion.title().to_owned(),
            cut_of: cut_of(instrument, criterion).filter(has_bands),
            whole_only: false,
        }
    }

    /// Adds safety criteria by id, and the items that they rest on. They are shown for everybody
    /// together and for no unit: in a team, an answer about danger points at a person. Where nobody
    /// asks for them by name they are left out.
    ///
    /// Fails for an id that is not a safety criterion of the instrument.
    pub fn with_safety_of<S: AsRef<str>>(
        mut self,
        scorer: &Scorer,
        ids: impl IntoIterator<Item = S>,
    ) -> Result<Self, GroupError> {
        let instrument = scorer.instrument();
        for id in ids {
            let id = id.as_ref();
            let known: Vec<&Criterion> =
                scorer.criteria().filter(|one| one.role() == Some(Role::Safety)).collect();
            let Some(criterion) = known.iter().find(|one| one.id() == id) else {
                let known: Vec<&str> = known.iter().map(|one| one.id()).collect();
                return Err(GroupError::NoSuchMeasure {
                    found: id.to_owned(),
                    known: if known.is_empty() { "none".to_owned() } else { known.join(", ") },
                });
            };
            let measure = self.criterion_of(instrument, criterion);
            self.criteria.push(CriterionMeasure { whole_only: true, ..measure });
        }
        Ok(self)
    }

    /// Counts the items of the instrument as well: item means are shown where all items of the
    /// scales may be, and agreement within units can be computed.
    ///
    /// This has a price: everything of a family of scales then rests on the people who answered
    /// all of its items, and a score made up for a skipped one no longer counts.
    ///
    /// Items of scales that contain a safety item are left out: from the total and the other items,
    /// the safety item could be worked out.
    #[must_use]
    pub fn with_items_of(mut self, scorer: &Scorer) -> Self {
        let instrument = scorer.instrument();
        let safety: Vec<String> = instrument
            .criteria()
            .iter()
            .filter(|one| one.role() == Some(Role::Safety))
            .flat_map(|one| items_of_criterion(instrument, one))
            .collect();
        let open = |id: &str| {
            let mut of_safety = self
                .scales
                .iter()
                .filter(|scale| scale.items.iter().any(|item| safety.contains(item)));
            !safety.iter().any(|item| item == id)
                && !of_safety.any(|scale| scale.items.iter().any(|item| item == id))
        };
        let items: Vec<ItemMeasure> = instrument
            .items()
            .iter()
            .enumerate()
            .filter(|(_, item)| open(item.id()))
            .map(|(place, item)| {
                let options = item.responses().options().iter();
                let codes = options.map(crate::instrument::ResponseOption::code).collect();
                ItemMeasure {
                    id: item.id().to_owned(),
                    topic: item.topic().to_owned(),
                    codes,
                    place: Some(place),
                }
            })
            .collect();
        self.items.extend(items);
        self
    }

    /// Leaves out what nobody could have: items that were not asked, and the scales and criteria
    /// that cannot be known without them. `asked` says of each item, in form order, whether it was.
    #[must_use]
    pub fn where_asked(mut self, scorer: &Scorer, asked: impl Fn(usize) -> bool) -> Self {
        let items = scorer.instrument().items();
        let row: Vec<u8> = (0..)
            .zip(items)
            .map(|(place, item)| {
                let lowest = item.responses().options().first();
                match lowest.filter(|_| asked(place)) {
                    Some(option) => Answer::Code(option.code()),
                    None => Answer::Missing(MissingKind::NotAsked),
                }
                .to_byte()
            })
            .collect();
        // Whether a scale can be known is the scorer's to say: it has the rules for gaps.
        let Ok(scores) = scorer.score_row(&row) else { return self };
        let banded = |scale: &ScaleMeasure| {
            let view = scores.get(&scale.id);
            view.is_some_and(|view| {
                view.value().is_ok() && (scale.bands.is_empty() || view.band().is_some())
            })
        };
        self.scales.retain(banded);
        self.criteria.retain(|criterion| {
            let view = scores.criterion(&criterion.id);
            view.is_some_and(|view| matches!(view.outcome(), Outcome::Met | Outcome::NotMet))
        });
        self.items.retain(|item| item.place.is_none_or(&asked));
        self
    }

    /// Reads the scores of one person. Scales without a value stay unknown.
    pub fn read(&self, scores: &Scores, person: &mut Person) -> Result<(), GroupError> {
        person.clear();
        let scorer = scores.scorer();
        self.expect_instrument(scorer.instrument().id())?;
        for (at, scale) in self.scales.iter().enumerate() {
            let Some(view) = scores.get(&scale.id) else { continue };
            scale.expect_rule(scorer.rule_hash(&scale.id))?;
            if let Ok(score) = view.value() {
                let band = view.band().map(|band| band.position());
                let (value, prorated) = (score.to_f64(), score.is_prorated());
                person.scale(at, ScaleValue { value, band, prorated });
            }
        }
        for (at, criterion) in self.criteria.iter().enumerate() {
            let outcome = scores.criterion(&criterion.id).map(|view| view.outcome());
            set_outcome(person, at, outcome);
        }
        Ok(())
    }

    /// Reads stored scores of one person.
    pub fn read_record(&self, record: &ScoreRecord, person: &mut Person) -> Result<(), GroupError> {
        person.clear();
        self.expect_instrument(&record.receipt.instrument)?;
        for (at, scale) in self.scales.iter().enumerate() {
            let Some(stored) = record.scales.iter().find(|s| s.scale == scale.id) else { continue };
            scale.expect_rule(record.receipt.rule(&scale.id))?;
            let band = stored
                .band
                .as_ref()
                .and_then(|band| scale.bands.iter().position(|(_, label)| *label == band.label));
            if let Some(value) = stored.value {
                let prorated = stored.status == Status::Prorated;
                person.scale(at, ScaleValue { value, band, prorated });
            }
        }
        for (at, criterion) in self.criteria.iter().enumerate() {
            let stored = record.criteria.iter().find(|c| c.criterion == criterion.id);
            set_outcome(person, at, stored.map(|stored| stored.outcome));
        }
        Ok(())
    }

    /// Reads the answers of one person, one byte for each item in form order (see
    /// [`Answer::to_byte`]), where items are counted. Call it after [`read`](Self::read), which
    /// starts afresh.
    pub fn read_items(&self, row: &[u8], person: &mut Person) {
        for (at, item) in self.items.iter().enumerate() {
            let byte = item.place.and_then(|place| row.get(place));
            if let Some(Answer::Code(code)) = byte.map(|byte| Answer::from_byte(*byte)) {
                person.item(at, code);
            }
        }
    }

    fn expect_instrument(&self, id: &str) -> Result<(), GroupError> {
        if self.id == id { Ok(()) } else { Err(GroupError::OtherRule { scale: id.to_owned() }) }
    }
}

impl ScaleMeasure {
    fn expect_rule(&self, rule: Option<&str>) -> Result<(), GroupError> {
        if self.rule.is_empty() || rule == Some(&self.rule) {
            return Ok(());
        }
        Err(GroupError::OtherRule { scale: self.id.clone() })
    }
}

fn set_outcome(person: &mut Person, at: usize, outcome: Option<Outcome>) {
    match outcome {
        Some(Outcome::Met) => drop(person.criterion(at, true)),
        Some(Outcome::NotMet) => drop(person.criterion(at, false)),
        _ => {}
    }
}

fn scale_measure(scorer: &Scorer, scale: &Scale) -> ScaleMeasure {
    let instrument = scorer.instrument();
    let (low, high) = scale.range();
    let bands = scorer.band_set(scale.id()).map(|set| {
        set.bands().iter().map(|band| (band.low().to_f64(), band.label().to_owned())).collect()
    });
    ScaleMeasure {
        id: scale.id().to_owned(),
        title: scale.title().to_owned(),
        low: low.to_f64(),
        high: high.to_f64(),
        worse: match scale.direction() {
            Direction::HigherIsWorse => Worse::Higher,
            Direction::HigherIsBetter => Worse::Lower,
            _ => Worse::Neither,
        },
        bands: bands.unwrap_or_default(),
        items: items_of(instrument, scale),
        rule: scorer.rule_hash(scale.id()).unwrap_or_default().to_owned(),
    }
}

/// Items that a scale is made from, through other scales where it is.
fn items_of(instrument: &Instrument, scale: &Scale) -> Vec<String> {
    let mut scales = vec![scale];
    let mut items: Vec<String> = Vec::new();
    // A scale made from scales is a tree of bounded depth; the loader refuses cycles.
    while let Some(scale) = scales.pop() {
        items.extend(instrument.items_of(scale).map(|item| item.id().to_owned()));
        let sources = scale.key().sources();
        scales.extend(sources.into_iter().filter_map(|at| instrument.scales().get(at)));
    }
    items.sort_unstable();
    items.dedup();
    items
}

/// Items that a criterion rests on, through scales and other criteria where it tests those.
fn items_of_criterion(instrument: &Instrument, criterion: &Criterion) -> Vec<String> {
    let mut open = vec![criterion];
    let mut items: Vec<String> = Vec::new();
    // The loader refuses circles of criteria.
    while let Some(criterion) = open.pop() {
        for part in criterion.parts() {
            match part {
                Part::Item { item, .. } => {
                    items.extend(instrument.items().get(*item).map(|item| item.id().to_owned()));
                }
                Part::Scale { scale, .. } => {
                    let scale = instrument.scales().get(*scale);
                    items.extend(scale.into_iter().flat_map(|scale| items_of(instrument, scale)));
                }
                Part::Criterion(at) => open.extend(instrument.criteria().get(*at)),
            }
        }
    }
    items
}

/// The scale that a criterion is one test of, and nothing else. A test of a single item is one of
/// the scale that consists of that item.
fn cut_of(instrument: &Instrument, criterion: &Criterion) -> Option<String> {
    let [part] = criterion.parts() else { return None };
    let scale = match part {
        Part::Scale { scale, .. } => instrument.scales().get(*scale),
        Part::Item { item, .. } => {
            let id = instrument.items().get(*item)?.id();
            instrument.scales().iter().find(|scale| items_of(instrument, scale) == [id])
        }
        Part::Criterion(_) => None,
    };
    scale.map(|scale| scale.id().to_owned())
}

/// What the foot of a report says: whom to credit, what to be careful about, where bands are from.
fn notes(scorer: &Scorer) -> Notes {
    let instrument = scorer.instrument();
    let bands = scorer.scales().filter_map(|scale| {
        let basis = scorer.band_set(scale.id())?.basis();
        let population = basis.population().map(|people| format!("; {people}"));
        Some(format!(
            "{}: {} [{}, {}, grade {}{}]",
            scale.title(),
            basis.source().citation(),
            basis.origin(),
            basis.standing(),
            basis.grade(),
            population.unwrap_or_default(),
        ))
    });
    Notes {
        credit: instrument.licence().credit().to_vec(),
        cautions: instrument.cautions().to_vec(),
        bands: bands.collect(),
    }
}
