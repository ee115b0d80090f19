//! Counting people: in any order, in any number of shards.

// Places of profiles, cuts and units are handed out here.
#![allow(clippy::indexing_slicing)]

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use super::disclosure::{Layers, Profile};
use super::ledger::{Past, RespondentKey};
use super::measures::{Family, Measures, Person};
use super::report::GroupReport;
use super::tally::Tally;
use super::units::{Tree, UnitId, Units};
use super::{GroupError, Plan, publish};

/// One scale of some people.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ScaleCell {
    pub(crate) values: Tally,
    pub(crate) prorated: u64,
    pub(crate) bands: Vec<u64>,
}

/// All answers of some people.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Cells {
    /// People with any answer.
    pub(crate) people: u64,
    pub(crate) scales: Vec<ScaleCell>,
    /// Met, not met.
    pub(crate) criteria: Vec<[u64; 2]>,
    pub(crate) items: Vec<Tally>,
}

impl Cells {
    pub(crate) fn empty(measures: &Measures) -> Self {
        let scale = |scale: &super::ScaleMeasure| ScaleCell {
            bands: vec![0; scale.bands.len()],
            ..ScaleCell::default()
        };
        Self {
            people: 0,
            scales: measures.scales.iter().map(scale).collect(),
            criteria: vec![[0; 2]; measures.criteria.len()],
            items: vec![Tally::default(); measures.items.len()],
        }
    }

    fn add(&mut self, person: &Person) {
        self.people += 1;
        for (cell, value) in self.scales.iter_mut().zip(&person.scales) {
            let Some(value) = value else { continue };
            cell.values.add(value.value);
            cell.prorated += u64::from(value.prorated);
            if let Some(count) = value.band.and_then(|band| cell.bands.get_mut(band)) {
                *count += 1;
            }
        }
        for ([met, not], outcome) in self.criteria.iter_mut().zip(&person.criteria) {
            *met += u64::from(*outcome == Some(true));
            *not += u64::from(*outcome == Some(false));
        }
        for (cell, code) in self.items.iter_mut().zip(&person.items) {
            if let Some(code) = code {
                cell.add(f64::from(*code));
            }
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.people += other.people;
        for (mine, theirs) in self.scales.iter_mut().zip(&other.scales) {
            mine.values.merge(&theirs.values);
            mine.prorated += theirs.prorated;
            for (count, more) in mine.bands.iter_mut().zip(&theirs.bands) {
                *count += more;
            }
        }
        for ([met, not], [more_met, more_not]) in self.criteria.iter_mut().zip(&other.criteria) {
            *met += more_met;
            *not += more_not;
        }
        for (mine, theirs) in self.items.iter_mut().zip(&other.items) {
            mine.merge(theirs);
        }
    }
}

/// One way to divide the people: a named tree of units.
#[derive(Debug, Clone)]
pub(crate) struct Cut {
    pub(crate) name: String,
    pub(crate) units: Units,
    /// People invited, where known.
    pub(crate) invited: BTreeMap<UnitId, u64>,
}

type ProfileKey = (Vec<UnitId>, Vec<u32>);

/// What a ledger needs to remember.
#[derive(Debug, Clone)]
pub(crate) struct Book {
    pub(crate) past: Arc<Past>,
    pub(crate) seen: Vec<(RespondentKey, u32)>,
}

/// Counts of people by unit, from which a [`GroupReport`] is made.
///
/// Nothing can be read from the counts but the report. They can be made in shards and
/// [merged](Self::merge): the report is the same, to the last bit.
///
/// ```
/// use straingauge::group::{Measures, Plan, ScaleMeasure, ScaleValue, Tallies};
///
/// let measures = Measures::new("demo").with_scale(ScaleMeasure::new("strain", 0.0, 40.0));
/// let mut tallies = Tallies::new(measures, ["unit"])?;
/// let mut person = tallies.measures().person();
/// for (ward, people) in [("Ward 1", 30_u8), ("Ward 2", 25), ("Ward 3", 4)] {
///     let unit = tallies.unit("unit", &["Hospital", ward])?;
///     for value in 0..people {
///         person.clear();
///         person.scale(0, ScaleValue { value: f64::from(value), band: None, prorated: false });
///         tallies.add(&[unit], &person)?;
///     }
/// }
/// let report = tallies.publish(&Plan::default())?;
/// let shown = |path: &[&str]| report.unit("unit", path).unwrap().scale("strain").is_some();
/// assert!(shown(&["Hospital"]) && shown(&["Hospital", "Ward 1"]));
/// // Four people are too few, and with Ward 2 shown a subtraction would point at them.
/// assert!(!shown(&["Hospital", "Ward 3"]) && !shown(&["Hospital", "Ward 2"]));
/// # Ok::<(), straingauge::group::GroupError>(())
/// ```
#[derive(Clone)]
pub struct Tallies {
    measures: Arc<Measures>,
    /// Measures that must rest on the same people.
    families: Vec<Family>,
    cuts: Vec<Cut>,
    find: HashMap<ProfileKey, u32>,
    profiles: Vec<ProfileKey>,
    cells: Vec<Cells>,
    book: Option<Book>,
}

/// Never prints a count.
impl fmt::Debug for Tallies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cuts: Vec<&str> = self.cuts.iter().map(|cut| cut.name.as_str()).collect();
        f.debug_struct("Tallies").field("cuts", &cuts).finish_non_exhaustive()
    }
}

impl Tallies {
    /// No people yet. One name for each cut: a way to divide the same people, such as by unit and
    /// by profession. Cuts earlier in the list are kept where not all can be shown.
    pub fn new<S: Into<String>>(
        measures: Measures,
        cuts: impl IntoIterator<Item = S>,
    ) -> Result<Self, GroupError> {
        let cuts: Vec<Cut> = cuts
            .into_iter()
            .map(|name| Cut { name: name.into(), units: Units::new(), invited: BTreeMap::new() })
            .collect();
        if cuts.is_empty() {
            return Err(GroupError::Units { found: 0, cuts: 0 });
        }
        Ok(Self {
            families: measures.families(),
            measures: Arc::new(measures),
            cuts,
            find: HashMap::new(),
            profiles: Vec::new(),
            cells: Vec::new(),
            book: None,
        })
    }

    pub(super) fn with_past(mut self, past: Arc<Past>) -> Self {
        self.book = Some(Book { past, seen: Vec::new() });
        self
    }

    /// What is counted.
    pub fn measures(&self) -> &Measures {
        &self.measures
    }

    /// The unit at a path of a cut, made where it is new; an empty path is the whole.
    pub fn unit<S: AsRef<str>>(&mut self, cut: &str, path: &[S]) -> Result<UnitId, GroupError> {
        let at = self.cut_at(cut)?;
        self.cuts[at].units.insert(path)
    }

    fn cut_at(&self, cut: &str) -> Result<usize, GroupError> {
        self.cuts.iter().position(|known| known.name == cut).ok_or_else(|| GroupError::NoSuchCut {
            found: cut.to_owned(),
            known: self.cuts.iter().map(|cut| cut.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    /// Says how many people of a unit were invited. Units above sum up what their parts say, where
    /// all say it, and need no number of their own.
    pub fn invite(&mut self, cut: &str, unit: UnitId, people: u64) -> Result<(), GroupError> {
        let at = self.cut_at(cut)?;
        self.cuts[at].invited.insert(unit, people);
        Ok(())
    }

    /// Counts a person, in one unit of each cut. Who has no answer at all is not counted.
    pub fn add(&mut self, units: &[UnitId], person: &Person) -> Result<(), GroupError> {
        if self.book.is_some() {
            return Err(GroupError::NoKey);
        }
        self.count(units, Vec::new(), person).map(|_| ())
    }

    /// Counts a person who can be recognised in a later wave; needed where a ledger is kept.
    pub fn add_known(
        &mut self,
        units: &[UnitId],
        key: RespondentKey,
        person: &Person,
    ) -> Result<(), GroupError> {
        let earlier = match &self.book {
            Some(book) => book.past.groups_of(key),
            None => return self.add(units, person),
        };
        let profile = self.count(units, earlier, person)?;
        if let (Some(book), Some(profile)) = (&mut self.book, profile) {
            book.seen.push((key, profile));
        }
        Ok(())
    }

    fn count(
        &mut self,
        units: &[UnitId],
        earlier: Vec<u32>,
        person: &Person,
    ) -> Result<Option<u32>, GroupError> {
        self.check(units, person)?;
        if person.is_blank() {
            return Ok(None);
        }
        // On the only way in, so that no number of a family ever rests on more people than another:
        // what two numbers of one family differ by would be the answers of the few in between.
        let profile = self.profile((units.to_vec(), earlier));
        let cells = &mut self.cells[profile as usize];
        if self.families.iter().all(|family| family.is_known_of(person)) {
            cells.add(person);
        } else {
            let mut whole = person.clone();
            for family in &self.families {
                family.keep_whole(&mut whole);
            }
            cells.add(&whole);
        }
        Ok(Some(profile))
    }

    fn profile(&mut self, key: ProfileKey) -> u32 {
        if let Some(&known) = self.find.get(&key) {
            return known;
        }
        let new = u32::try_from(self.profiles.len()).unwrap_or(u32::MAX);
        self.profiles.push(key.clone());
        self.cells.push(Cells::empty(&self.measures));
        self.find.insert(key, new);
        new
    }

    fn check(&self, units: &[UnitId], person: &Person) -> Result<(), GroupError> {
        let known = |(cut, unit): (&Cut, &UnitId)| (unit.0 as usize) < cut.units.len();
        if units.len() != self.cuts.len() || !self.cuts.iter().zip(units).all(known) {
            return Err(GroupError::Units { found: units.len(), cuts: self.cuts.len() });
        }
        let measures = &self.measures;
        for (what, found, expected) in [
            ("scales", person.scales.len(), measures.scales.len()),
            ("criteria", person.criteria.len(), measures.criteria.len()),
            ("items", person.items.len(), measures.items.len()),
        ] {
            if found != expected {
                return Err(GroupError::Shape { what, found, expected });
            }
        }
        for (scale, value) in measures.scales.iter().zip(&person.scales) {
            let Some(value) = value else { continue };
            if !value.value.is_finite() {
                return Err(GroupError::Value { scale: scale.id.clone(), found: value.value });
            }
            if value.band.is_some_and(|band| band >= scale.bands.len()) {
                return Err(GroupError::Band {
                    scale: scale.id.clone(),
                    found: value.band.unwrap_or(0),
                    bands: scale.bands.len(),
                });
            }
        }
        Ok(())
    }

    /// Takes in the people of another shard, which must count the same measures in the same cuts
    /// (and, with a ledger, stand on the same state of it).
    pub fn merge(&mut self, other: &Self) -> Result<(), GroupError> {
        if self.measures != other.measures {
            return Err(GroupError::Unlike { what: "measures" });
        }
        if !self.cuts.iter().map(|cut| &cut.name).eq(other.cuts.iter().map(|cut| &cut.name)) {
            return Err(GroupError::Unlike { what: "cuts" });
        }
        match (&self.book, &other.book) {
            (None, None) => {}
            (Some(mine), Some(theirs)) if mine.past == theirs.past => {}
            _ => return Err(GroupError::Unlike { what: "ledgers" }),
        }
        let mut places: Vec<Vec<UnitId>> = Vec::new();
        for (mine, theirs) in self.cuts.iter_mut().zip(&other.cuts) {
            let mut place = Vec::with_capacity(theirs.units.len());
            for unit in 0..u32::try_from(theirs.units.len()).unwrap_or(u32::MAX) {
                let path = theirs.units.path(UnitId(unit)).unwrap_or_default();
                place.push(mine.units.insert(&path)?);
            }
            for (unit, people) in &theirs.invited {
                mine.invited.insert(place[unit.0 as usize], *people);
            }
            places.push(place);
        }
        let mut profiles = Vec::with_capacity(other.profiles.len());
        for ((units, earlier), cells) in other.profiles.iter().zip(&other.cells) {
            let units =
                units.iter().zip(&places).map(|(unit, place)| place[unit.0 as usize]).collect();
            let profile = self.profile((units, earlier.clone()));
            self.cells[profile as usize].merge(cells);
            profiles.push(profile);
        }
        if let (Some(mine), Some(theirs)) = (&mut self.book, &other.book) {
            mine.seen.extend(theirs.seen.iter().map(|(key, at)| (*key, profiles[*at as usize])));
        }
        Ok(())
    }

    /// Makes the report: decides what may be shown and computes that and nothing else.
    ///
    /// Successive releases about the same people need a [`Ledger`](super::Ledger) instead.
    pub fn publish(&self, plan: &Plan) -> Result<GroupReport, GroupError> {
        if self.book.is_some() {
            return Err(GroupError::LedgerFirst);
        }
        publish::release(&self.gathered()?, plan).map(|(report, _)| report)
    }

    pub(super) fn book(&self) -> Option<&Book> {
        self.book.as_ref()
    }

    /// Everything in one fixed order, whatever the order of arrival.
    pub(super) fn gathered(&self) -> Result<Gathered, GroupError> {
        let mut trees = Vec::new();
        let mut places = Vec::new();
        let mut invited = Vec::new();
        for cut in &self.cuts {
            let (tree, place) = Tree::of(&cut.units);
            let mut paths: Vec<String> =
                (0..tree.len()).map(|at| tree.path(at).join("/")).collect();
            paths.sort_unstable();
            if let Some(pair) = paths.windows(2).find(|pair| pair[0] == pair[1]) {
                return Err(GroupError::SamePath { path: pair[0].clone() });
            }
            invited.push(invited_of(&tree, &place, &cut.invited));
            trees.push(tree);
            places.push(place);
        }
        let mut order: Vec<(Vec<usize>, &[u32], usize)> = self
            .profiles
            .iter()
            .enumerate()
            .map(|(at, (units, earlier))| {
                let units = units.iter().zip(&places).map(|(unit, p)| p[unit.0 as usize]).collect();
                (units, earlier.as_slice(), at)
            })
            .collect();
        order.sort_unstable();
        let mut place = vec![0; order.len()];
        for (new, (_, _, old)) in order.iter().enumerate() {
            place[*old] = new;
        }
        let cells = order.iter().map(|(_, _, at)| self.cells[*at].clone()).collect();
        let profiles = order
            .into_iter()
            .map(|(units, earlier, _)| Profile {
                units: units.into_iter().map(Some).collect(),
                earlier: earlier.to_vec(),
            })
            .collect();
        let (earlier, past, seen) = match &self.book {
            None => (0, Vec::new(), Vec::new()),
            Some(book) => {
                let mut seen: Vec<(RespondentKey, usize)> =
                    book.seen.iter().map(|(key, at)| (*key, place[*at as usize])).collect();
                seen.sort_unstable();
                let twice = seen.windows(2).filter(|pair| pair[0].0 == pair[1].0).count();
                if twice > 0 {
                    return Err(GroupError::Twice { people: twice });
                }
                (book.past.groups(), book.past.people(&seen), seen)
            }
        };
        Ok(Gathered {
            measures: Arc::clone(&self.measures),
            names: self.cuts.iter().map(|cut| cut.name.clone()).collect(),
            layers: Layers { trees, profiles, earlier, same_wave: Vec::new(), past },
            cells,
            invited,
            seen,
            past: self.book.as_ref().map(|book| Arc::clone(&book.past)),
        })
    }
}

/// Invited people of every unit: its own number, or the sum of its parts where all have one.
fn invited_of(tree: &Tree, place: &[usize], given: &BTreeMap<UnitId, u64>) -> Vec<Option<u64>> {
    let mut invited: Vec<Option<u64>> = vec![None; tree.len()];
    for (unit, people) in given {
        invited[place[unit.0 as usize]] = Some(*people);
    }
    for unit in (0..tree.len()).rev() {
        if invited[unit].is_none() && !tree.is_leaf(unit) {
            invited[unit] = tree.children(unit).map(|child| invited[child]).sum();
        }
    }
    invited
}

/// Tallies in their fixed order, with the layers in which people can be told apart.
#[derive(Debug)]
pub(crate) struct Gathered {
    pub(crate) measures: Arc<Measures>,
    pub(crate) names: Vec<String>,
    pub(crate) layers: Layers,
    /// For each profile.
    pub(crate) cells: Vec<Cells>,
    /// For each cut and unit.
    pub(crate) invited: Vec<Vec<Option<u64>>>,
    /// Everyone with a key, and their profile.
    pub(crate) seen: Vec<(RespondentKey, usize)>,
    pub(crate) past: Option<Arc<Past>>,
}

impl Gathered {
    /// Answers of each unit of a cut, units under it included.
    pub(crate) fn units(&self, cut: usize) -> Vec<Cells> {
        let tree = &self.layers.trees[cut];
        let mut units = vec![Cells::empty(&self.measures); tree.len()];
        for (profile, cells) in self.layers.profiles.iter().zip(&self.cells) {
            if let Some(unit) = profile.units[cut] {
                units[unit].merge(cells);
            }
        }
        for unit in (1..tree.len()).rev() {
            let (above, below) = units.split_at_mut(unit);
            above[tree.parent(unit)].merge(&below[0]);
        }
        units
    }
}
