//! From an instrument and its scores to what groups count.

use super::GroupError;
use super::measures::{
    CriterionMeasure, ItemMeasure, Measures, Person, ScaleMeasure, ScaleValue, Worse,
};
use crate::answers::Answer;
use crate::instrument::{Criterion, Direction, Instrument, Part, Scale};
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
            ..Self::new(instrument.id())
        };
        measures.criteria = scorer
            .criteria()
            .map(|criterion| CriterionMeasure {
                items: Some(items_of_criterion(instrument, criterion)),
                id: criterion.id().to_owned(),
                title: criterion.title().to_owned(),
                cut_of: cut_of(instrument, criterion).filter(|scale| {
                    measures.scales.iter().any(|s| s.id == *scale && !s.bands.is_empty())
                }),
            })
            .collect();
        measures
    }

    /// Counts every item of the instrument as well: item means are shown where all items of the
    /// scales may be, and agreement within units can be computed.
    #[must_use]
    pub fn with_items_of(mut self, scorer: &Scorer) -> Self {
        let items = scorer.instrument().items().iter().enumerate();
        self.items.extend(items.map(|(place, item)| {
            ItemMeasure {
                id: item.id().to_owned(),
                topic: item.topic().to_owned(),
                codes: item
                    .responses()
                    .options()
                    .iter()
                    .map(crate::instrument::ResponseOption::code)
                    .collect(),
                place: Some(place),
            }
        }));
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

/// The scale that a criterion is one test of, and nothing else.
fn cut_of(instrument: &Instrument, criterion: &Criterion) -> Option<String> {
    match criterion.parts() {
        [Part::Scale { scale, .. }] => {
            instrument.scales().get(*scale).map(|scale| scale.id().to_owned())
        }
        _ => None,
    }
}
