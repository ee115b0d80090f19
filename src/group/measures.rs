//! What is counted about each person, and what each person brings.

use std::collections::BTreeMap;

use super::GroupError;

/// A scale as groups see it.
///
/// ```
/// use straingauge::group::ScaleMeasure;
/// let scale = ScaleMeasure::new("total", 0.0, 27.0)
///     .with_bands([(0.0, "minimal"), (10.0, "raised")])
///     .with_items(["01", "02"]);
/// assert_eq!(scale.bands().collect::<Vec<_>>(), ["minimal", "raised"]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ScaleMeasure {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) worse: Worse,
    pub(crate) bands: Vec<(f64, String)>,
    pub(crate) items: Vec<String>,
    /// Hash of the scoring rule; empty for a scale of the caller's own.
    pub(crate) rule: String,
}

/// Which way a scale points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Worse {
    /// Higher values are worse.
    Higher,
    /// Lower values are worse.
    Lower,
    /// Neither.
    #[default]
    Neither,
}

impl ScaleMeasure {
    /// A scale with its lowest and highest value.
    pub fn new(id: impl Into<String>, low: f64, high: f64) -> Self {
        let id = id.into();
        let title = id.clone();
        Self {
            id,
            title,
            low,
            high,
            worse: Worse::Neither,
            bands: Vec::new(),
            items: Vec::new(),
            rule: String::new(),
        }
    }

    /// The name that people read.
    #[must_use]
    pub fn with_title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// Which way it points.
    #[must_use]
    pub fn with_worse(self, worse: Worse) -> Self {
        Self { worse, ..self }
    }

    /// Bands by lower edge, ascending; each reaches up to the next edge.
    #[must_use]
    pub fn with_bands<S: Into<String>>(self, bands: impl IntoIterator<Item = (f64, S)>) -> Self {
        let bands = bands.into_iter().map(|(edge, label)| (edge, label.into())).collect();
        Self { bands, ..self }
    }

    /// Ids of the items that it is scored from. Scales that share an item are protected together,
    /// since one can be worked out from the others.
    #[must_use]
    pub fn with_items<S: Into<String>>(self, items: impl IntoIterator<Item = S>) -> Self {
        Self { items: items.into_iter().map(Into::into).collect(), ..self }
    }

    /// Id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Labels of its bands, from the lowest.
    pub fn bands(&self) -> impl Iterator<Item = &str> {
        self.bands.iter().map(|(_, label)| label.as_str())
    }

    /// The band of a value; `None` without bands or outside the range.
    pub fn band_of(&self, value: f64) -> Option<usize> {
        if !(self.low..=self.high).contains(&value) {
            return None;
        }
        self.bands.iter().rposition(|(edge, _)| *edge <= value)
    }
}

/// A criterion as groups see it.
#[derive(Debug, Clone, PartialEq)]
pub struct CriterionMeasure {
    pub(crate) id: String,
    pub(crate) title: String,
    /// The scale that it is a cut-off of.
    pub(crate) cut_of: Option<String>,
    /// Items that it rests on, where they are known.
    pub(crate) items: Option<Vec<String>>,
}

impl CriterionMeasure {
    /// A criterion.
    pub fn new(id: impl Into<String>) -> Self {
        let id = id.into();
        Self { title: id.clone(), id, cut_of: None, items: None }
    }

    /// The name that people read.
    #[must_use]
    pub fn with_title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// A cut-off of one scale and nothing else: shown and hidden with that scale, whose bands tell
    /// as much.
    #[must_use]
    pub fn with_cut_of(self, scale: impl Into<String>) -> Self {
        Self { cut_of: Some(scale.into()), ..self }
    }

    /// Sets the ids of the items that it rests on. A criterion that names neither items nor a scale
    /// is taken to be connected with everything, which is the safe assumption.
    #[must_use]
    pub fn with_items<S: Into<String>>(self, items: impl IntoIterator<Item = S>) -> Self {
        Self { items: Some(items.into_iter().map(Into::into).collect()), ..self }
    }
}

/// An item as groups see it.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemMeasure {
    pub(crate) id: String,
    pub(crate) topic: String,
    pub(crate) codes: Vec<u8>,
    /// Place on the instrument's form.
    pub(crate) place: Option<usize>,
}

impl ItemMeasure {
    /// An item with the codes that it offers.
    pub fn new(id: impl Into<String>, codes: impl IntoIterator<Item = u8>) -> Self {
        let id = id.into();
        Self { topic: id.clone(), id, codes: codes.into_iter().collect(), place: None }
    }

    /// What it is about.
    #[must_use]
    pub fn with_topic(self, topic: impl Into<String>) -> Self {
        Self { topic: topic.into(), ..self }
    }
}

/// Everything that is counted about a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Measures {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) version: String,
    pub(crate) scales: Vec<ScaleMeasure>,
    pub(crate) criteria: Vec<CriterionMeasure>,
    pub(crate) items: Vec<ItemMeasure>,
}

impl Measures {
    /// Nothing yet, under the id of an instrument.
    pub fn new(id: impl Into<String>) -> Self {
        let id = id.into();
        Self {
            title: id.clone(),
            id,
            version: String::new(),
            scales: Vec::new(),
            criteria: Vec::new(),
            items: Vec::new(),
        }
    }

    /// Counts a scale.
    #[must_use]
    pub fn with_scale(mut self, scale: ScaleMeasure) -> Self {
        self.scales.push(scale);
        self
    }

    /// Counts a criterion.
    #[must_use]
    pub fn with_criterion(mut self, criterion: CriterionMeasure) -> Self {
        self.criteria.push(criterion);
        self
    }

    /// Counts an item: its mean is shown, and agreement can be computed for its scales.
    #[must_use]
    pub fn with_item(mut self, item: ItemMeasure) -> Self {
        self.items.push(item);
        self
    }

    /// Ids of the scales, in order.
    pub fn scale_ids(&self) -> impl Iterator<Item = &str> {
        self.scales.iter().map(|scale| scale.id.as_str())
    }

    /// A person of whom nothing is known yet.
    pub fn person(&self) -> Person {
        Person {
            scales: vec![None; self.scales.len()],
            criteria: vec![None; self.criteria.len()],
            items: vec![None; self.items.len()],
        }
    }

    pub(crate) fn scale_at(&self, id: &str) -> Result<usize, GroupError> {
        self.scale_ids().position(|known| known == id).ok_or_else(|| GroupError::NoSuchMeasure {
            found: id.to_owned(),
            known: self.scale_ids().collect::<Vec<_>>().join(", "),
        })
    }

    /// Returns the families of measures that are connected through shared items, directly or
    /// through others: from some of a family's numbers the others can be worked out, so all of them
    /// have to rest on the same people.
    pub(crate) fn families(&self) -> Vec<Family> {
        let mut ties = Ties::default();
        for (at, scale) in self.scales.iter().enumerate() {
            let place = ties.place(Node::Scale(at));
            for item in &scale.items {
                ties.join(place, Node::Named(item));
            }
        }
        for (at, item) in self.items.iter().enumerate() {
            let place = ties.place(Node::Item(at));
            ties.join(place, Node::Named(&item.id));
        }
        for (at, criterion) in self.criteria.iter().enumerate() {
            let place = ties.place(Node::Criterion(at));
            let scale = criterion.cut_of.as_deref().and_then(|id| self.scale_at(id).ok());
            if let Some(scale) = scale {
                ties.join(place, Node::Scale(scale));
            } else if let Some(items) = &criterion.items {
                for item in items {
                    ties.join(place, Node::Named(item));
                }
            } else {
                for scale in 0..self.scales.len() {
                    ties.join(place, Node::Scale(scale));
                }
                for item in 0..self.items.len() {
                    ties.join(place, Node::Item(item));
                }
            }
        }
        let mut families = ties.families();
        for family in &mut families {
            let has_bands = |at: &usize| self.scales.get(*at).is_some_and(|s| !s.bands.is_empty());
            family.banded = family.scales.iter().copied().filter(has_bands).collect();
        }
        families
    }
}

/// Measures that are connected through shared items, by their places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Family {
    pub(crate) scales: Vec<usize>,
    /// Those of the scales that have bands.
    banded: Vec<usize>,
    pub(crate) criteria: Vec<usize>,
    pub(crate) items: Vec<usize>,
}

impl Family {
    /// Returns whether everything in the family is known of a person.
    pub(crate) fn is_known_of(&self, person: &Person) -> bool {
        let scale = |at: &usize| person.scales.get(*at).copied().flatten();
        self.scales.iter().all(|at| scale(at).is_some())
            && self.banded.iter().all(|at| scale(at).is_some_and(|value| value.band.is_some()))
            && self.criteria.iter().all(|at| matches!(person.criteria.get(*at), Some(Some(_))))
            && self.items.iter().all(|at| matches!(person.items.get(*at), Some(Some(_))))
    }

    /// Forgets the family where a part of it is unknown, so that none of its numbers rests on more
    /// people than another.
    pub(crate) fn keep_whole(&self, person: &mut Person) {
        if self.is_known_of(person) {
            return;
        }
        for at in &self.scales {
            if let Some(slot) = person.scales.get_mut(*at) {
                *slot = None;
            }
        }
        for at in &self.criteria {
            if let Some(slot) = person.criteria.get_mut(*at) {
                *slot = None;
            }
        }
        for at in &self.items {
            if let Some(slot) = person.items.get_mut(*at) {
                *slot = None;
            }
        }
    }
}

/// What ties measures together: the measures themselves, and the names of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node<'a> {
    Scale(usize),
    Criterion(usize),
    Item(usize),
    Named(&'a str),
}

/// Nodes, and the number of the family that each is in so far.
#[derive(Debug, Default)]
struct Ties<'a>(BTreeMap<Node<'a>, usize>);

impl<'a> Ties<'a> {
    /// Returns the node, with a family of its own where it was not seen yet.
    fn place(&mut self, node: Node<'a>) -> Node<'a> {
        let new = self.0.len();
        self.0.entry(node).or_insert(new);
        node
    }

    fn join(&mut self, one: Node<'a>, other: Node<'a>) {
        self.place(other);
        let (Some(&to), Some(&from)) = (self.0.get(&one), self.0.get(&other)) else { return };
        for family in self.0.values_mut().filter(|family| **family == from) {
            *family = to;
        }
    }

    fn families(self) -> Vec<Family> {
        let mut found: BTreeMap<usize, Family> = BTreeMap::new();
        for (node, family) in self.0 {
            let family = found.entry(family).or_default();
            match node {
                Node::Scale(at) => family.scales.push(at),
                Node::Criterion(at) => family.criteria.push(at),
                Node::Item(at) => family.items.push(at),
                Node::Named(_) => {}
            }
        }
        found.into_values().collect()
    }
}

/// One person's value of a scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScaleValue {
    /// The score.
    pub value: f64,
    /// Place of the band, where the score has one.
    pub band: Option<usize>,
    /// Made by the missing rule from some of the items.
    pub prorated: bool,
}

/// What one person brings to the counts; made by [`Measures::person`] and reusable.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    pub(crate) scales: Vec<Option<ScaleValue>>,
    pub(crate) criteria: Vec<Option<bool>>,
    pub(crate) items: Vec<Option<u8>>,
}

impl Person {
    /// Forgets everything, keeping the room.
    pub fn clear(&mut self) {
        self.scales.fill(None);
        self.criteria.fill(None);
        self.items.fill(None);
    }

    /// Sets the scale at a place, in the order of the measures; out of place is ignored.
    pub fn scale(&mut self, place: usize, value: ScaleValue) -> &mut Self {
        if let Some(slot) = self.scales.get_mut(place) {
            *slot = Some(value);
        }
        self
    }

    /// Sets the criterion at a place: met or not.
    pub fn criterion(&mut self, place: usize, met: bool) -> &mut Self {
        if let Some(slot) = self.criteria.get_mut(place) {
            *slot = Some(met);
        }
        self
    }

    /// Sets the answer to the item at a place.
    pub fn item(&mut self, place: usize, code: u8) -> &mut Self {
        if let Some(slot) = self.items.get_mut(place) {
            *slot = Some(code);
        }
        self
    }

    /// Whether anything is known.
    pub(crate) fn is_blank(&self) -> bool {
        self.scales.iter().all(Option::is_none)
            && self.criteria.iter().all(Option::is_none)
            && self.items.iter().all(Option::is_none)
    }
}
