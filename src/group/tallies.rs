//! Counting people: in any order, in any number of shards.

// Places of profiles, breakdowns and units are handed out here.
#![allow(clippy::indexing_slicing)]

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use super::cells::{Cells, Gathered, Seen};
use super::disclosure::{Layers, Profile};
use super::ledger::{Past, RespondentKey};
use super::measures::{Layout, Measures, Person};
use super::report::GroupReport;
use super::units::{Tree, UnitId, Units};
use super::{GroupError, Plan, publish};

/// One way to divide the people: a named tree of units.
#[derive(Debug, Clone)]
pub(crate) struct Breakdown {
    pub(crate) name: String,
    pub(crate) units: Units,
    /// People invited, where known.
    pub(crate) invited: BTreeMap<UnitId, u64>,
}

type ProfileKey = (Vec<UnitId>, Vec<u32>);

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
    layout: Arc<Layout>,
    breakdowns: Vec<Breakdown>,
    find: HashMap<ProfileKey, u32>,
    profiles: Vec<ProfileKey>,
    cells: Vec<Cells>,
    /// Who was counted, where people are known.
    seen: Vec<Seen>,
    past: Option<Arc<Past>>,
    /// Room for the outcomes of one person.
    outcomes: Vec<u8>,
}

/// Never prints a count.
impl fmt::Debug for Tallies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let breakdowns: Vec<&str> =
            self.breakdowns.iter().map(|breakdown| breakdown.name.as_str()).collect();
        f.debug_struct("Tallies").field("breakdowns", &breakdowns).finish_non_exhaustive()
    }
}

impl Tallies {
    /// No people yet. One name for each breakdown: a way to divide the same people, such as by unit and
    /// by profession. Breakdowns earlier in the list are kept where not all can be shown.
    pub fn new<S: Into<String>>(
        measures: Measures,
        breakdowns: impl IntoIterator<Item = S>,
    ) -> Result<Self, GroupError> {
        let breakdowns: Vec<Breakdown> = breakdowns
            .into_iter()
            .map(|name| Breakdown {
                name: name.into(),
                units: Units::new(),
                invited: BTreeMap::new(),
            })
            .collect();
        if breakdowns.is_empty() {
            return Err(GroupError::Units { found: 0, breakdowns: 0 });
        }
        Ok(Self {
            layout: Arc::new(Layout::new(measures)),
            breakdowns,
            find: HashMap::new(),
            profiles: Vec::new(),
            cells: Vec::new(),
            seen: Vec::new(),
            past: None,
            outcomes: Vec::new(),
        })
    }

    pub(super) fn with_past(mut self, past: Arc<Past>) -> Self {
        self.past = Some(past);
        self
    }

    /// What is counted.
    pub fn measures(&self) -> &Measures {
        &self.layout.measures
    }

    /// The unit at a path of a breakdown, made where it is new; an empty path is the whole.
    pub fn unit<S: AsRef<str>>(
        &mut self,
        breakdown: &str,
        path: &[S],
    ) -> Result<UnitId, GroupError> {
        let at = self.breakdown_at(breakdown)?;
        self.breakdowns[at].units.insert(path)
    }

    fn breakdown_at(&self, breakdown: &str) -> Result<usize, GroupError> {
        self.breakdowns.iter().position(|known| known.name == breakdown).ok_or_else(|| {
            GroupError::NoSuchBreakdown {
                found: breakdown.to_owned(),
                known: self
                    .breakdowns
                    .iter()
                    .map(|breakdown| breakdown.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            }
        })
    }

    /// Says how many people of a unit were invited. Units above sum up what their parts say, where
    /// all say it, and need no number of their own.
    ///
    /// Fails if the unit has another number already. Numbers that cannot be true, because more people
    /// answered, are left out of the report and listed by
    /// [`impossible_invitations`](Self::impossible_invitations).
    pub fn invite(&mut self, breakdown: &str, unit: UnitId, people: u64) -> Result<(), GroupError> {
        let at = self.breakdown_at(breakdown)?;
        let breakdown = &mut self.breakdowns[at];
        match breakdown.invited.insert(unit, people) {
            None => Ok(()),
            Some(first) if first == people => Ok(()),
            Some(first) => Err(GroupError::InvitedTwice {
                path: breakdown.units.path(unit).unwrap_or_default().join("/"),
                first,
                second: people,
            }),
        }
    }

    /// Lists units to which fewer people were invited than answered, and units whose parts come to
    /// more than their own number, each with the numbers. Such numbers are left out of the report,
    /// and so is every sum that they would be part of.
    pub fn impossible_invitations(&self) -> Vec<ImpossibleInvitation> {
        let mut found = Vec::new();
        for (at, breakdown) in self.breakdowns.iter().enumerate() {
            let (tree, place) = Tree::of(&breakdown.units);
            let people = self.people_under(at, &tree, &place);
            invited_of(&tree, &place, &breakdown.invited, &people, &mut |unit, invited, reason| {
                found.push(ImpossibleInvitation { path: tree.path(unit), invited, reason });
            });
        }
        found
    }

    /// People with any answer under each unit of a tree.
    fn people_under(&self, breakdown: usize, tree: &Tree, place: &[usize]) -> Vec<u64> {
        let mut people = vec![0_u64; tree.len()];
        for ((units, _), cells) in self.profiles.iter().zip(&self.cells) {
            people[place[units[breakdown].0 as usize]] += cells.people;
        }
        for unit in (1..tree.len()).rev() {
            people[tree.parent(unit)] += people[unit];
        }
        people
    }

    /// Lists units of one parent whose names differ only in case or in spaces: most often one unit
    /// that was written in two ways, and then counted as two.
    pub fn look_alikes(&self) -> Vec<Vec<Vec<String>>> {
        let mut found = Vec::new();
        for breakdown in &self.breakdowns {
            let (tree, _) = Tree::of(&breakdown.units);
            let mut alike: BTreeMap<(usize, String), Vec<Vec<String>>> = BTreeMap::new();
            for unit in 1..tree.len() {
                let words: Vec<String> =
                    tree.name(unit).split_whitespace().map(str::to_lowercase).collect();
                let key = (tree.parent(unit), words.concat());
                alike.entry(key).or_default().push(tree.path(unit));
            }
            found.extend(alike.into_values().filter(|paths| paths.len() > 1));
        }
        found
    }

    /// Counts a person, in one unit of each breakdown. Who has no answer at all is not counted.
    ///
    /// Nothing here can see whether a person comes twice; where people have ids, use
    /// [`add_known`](Self::add_known).
    pub fn add(&mut self, units: &[UnitId], person: &Person) -> Result<(), GroupError> {
        if self.past.is_some() {
            return Err(GroupError::NoKey);
        }
        self.count(units, Vec::new(), person).map(|_| ())
    }

    /// Counts a person who has an id, so that nobody is counted twice: a report of people of whom
    /// one comes again is refused. A ledger needs it.
    pub fn add_known(
        &mut self,
        units: &[UnitId],
        key: RespondentKey,
        person: &Person,
    ) -> Result<(), GroupError> {
        let earlier = self.past.as_ref().map_or_else(Vec::new, |past| past.groups_of(key));
        if let Some((profile, without)) = self.count(units, earlier, person)? {
            self.seen.push(Seen { key, profile: profile as usize, without });
        }
        Ok(())
    }

    fn count(
        &mut self,
        units: &[UnitId],
        earlier: Vec<u32>,
        person: &Person,
    ) -> Result<Option<(u32, Vec<u32>)>, GroupError> {
        self.check(units, person)?;
        if person.is_blank() {
            return Ok(None);
        }
        let profile = self.profile((units.to_vec(), earlier));
        let cells = &mut self.cells[profile as usize];
        let without = cells.add(&self.layout, person, &mut self.outcomes);
        Ok(Some((profile, without)))
    }

    fn profile(&mut self, key: ProfileKey) -> u32 {
        if let Some(&known) = self.find.get(&key) {
            return known;
        }
        let new = u32::try_from(self.profiles.len()).unwrap_or(u32::MAX);
        self.profiles.push(key.clone());
        self.cells.push(Cells::empty(&self.layout));
        self.find.insert(key, new);
        new
    }

    fn check(&self, units: &[UnitId], person: &Person) -> Result<(), GroupError> {
        let known =
            |(breakdown, unit): (&Breakdown, &UnitId)| (unit.0 as usize) < breakdown.units.len();
        if units.len() != self.breakdowns.len() || !self.breakdowns.iter().zip(units).all(known) {
            return Err(GroupError::Units {
                found: units.len(),
                breakdowns: self.breakdowns.len(),
            });
        }
        let measures = &self.layout.measures;
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

    /// Takes in the people of another shard, which must count the same measures in the same breakdowns
    /// (and, with a ledger, stand on the same state of it).
    pub fn merge(&mut self, other: &Self) -> Result<(), GroupError> {
        if self.layout != other.layout {
            return Err(GroupError::Unlike { what: "measures" });
        }
        if !self
            .breakdowns
            .iter()
            .map(|breakdown| &breakdown.name)
            .eq(other.breakdowns.iter().map(|breakdown| &breakdown.name))
        {
            return Err(GroupError::Unlike { what: "breakdowns" });
        }
        if self.past != other.past {
            return Err(GroupError::Unlike { what: "ledgers" });
        }
        let mut places: Vec<Vec<UnitId>> = Vec::new();
        for (mine, theirs) in self.breakdowns.iter_mut().zip(&other.breakdowns) {
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
        self.seen.extend(
            other
                .seen
                .iter()
                .map(|seen| Seen { profile: profiles[seen.profile] as usize, ..seen.clone() }),
        );
        Ok(())
    }

    /// Makes the report: decides what may be shown and computes that and nothing else.
    ///
    /// Successive releases about the same people need a [`Ledger`](super::Ledger) instead.
    pub fn publish(&self, plan: &Plan) -> Result<GroupReport, GroupError> {
        if self.past.is_some() {
            return Err(GroupError::LedgerFirst);
        }
        publish::release(&self.gathered()?, plan).map(|(report, _)| report)
    }

    pub(super) fn past(&self) -> Option<&Past> {
        self.past.as_deref()
    }

    /// Everything in one fixed order, whatever the order of arrival.
    pub(super) fn gathered(&self) -> Result<Gathered, GroupError> {
        let mut trees = Vec::new();
        let mut places = Vec::new();
        let mut invited = Vec::new();
        for breakdown in &self.breakdowns {
            let (tree, place) = Tree::of(&breakdown.units);
            let mut paths: Vec<String> =
                (0..tree.len()).map(|at| tree.path(at).join("/")).collect();
            paths.sort_unstable();
            if let Some(pair) = paths.windows(2).find(|pair| pair[0] == pair[1]) {
                return Err(GroupError::SamePath { path: pair[0].clone() });
            }
            let people = self.people_under(invited.len(), &tree, &place);
            invited.push(invited_of(&tree, &place, &breakdown.invited, &people, &mut |_, _, _| ()));
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
        let mut seen: Vec<Seen> = self
            .seen
            .iter()
            .map(|seen| Seen { profile: place[seen.profile], ..seen.clone() })
            .collect();
        seen.sort_unstable();
        let repeats = seen.chunk_by(|a, b| a.key == b.key).filter(|rows| rows.len() > 1);
        let (people, rows) = repeats.fold((0, 0), |(p, r), rows| (p + 1, r + rows.len() - 1));
        if people > 0 {
            return Err(GroupError::Twice { people, rows });
        }
        let (earlier, past) = match &self.past {
            None => (0, Vec::new()),
            Some(past) => (past.groups(), past.people(&seen)),
        };
        Ok(Gathered {
            layout: Arc::clone(&self.layout),
            names: self.breakdowns.iter().map(|breakdown| breakdown.name.clone()).collect(),
            layers: Layers { trees, profiles, earlier, past },
            cells,
            invited,
            seen,
            past: self.past.clone(),
        })
    }
}

/// Invited people of every unit: its own number, or the sum of its parts where all have one. What
/// cannot be true goes to `doubt` and is left out, with every sum above it.
fn invited_of(
    tree: &Tree,
    place: &[usize],
    given: &BTreeMap<UnitId, u64>,
    people: &[u64],
    doubt: &mut dyn FnMut(usize, u64, InvitationDoubt),
) -> Vec<Option<u64>> {
    let mut own: Vec<Option<u64>> = vec![None; tree.len()];
    for (unit, people) in given {
        own[place[unit.0 as usize]] = Some(*people);
    }
    let mut invited: Vec<Option<u64>> = vec![None; tree.len()];
    for unit in (0..tree.len()).rev() {
        let children = || tree.children(unit).map(|child| invited[child]);
        let known = children().flatten().try_fold(0_u64, u64::checked_add);
        let Some(known) = known else {
            doubt(unit, own[unit].unwrap_or(u64::MAX), InvitationDoubt::SumTooLarge);
            continue;
        };
        let all_known = !tree.is_leaf(unit) && children().all(|part| part.is_some());
        let Some(number) = own[unit].or(all_known.then_some(known)) else { continue };
        if number < people[unit] {
            doubt(unit, number, InvitationDoubt::MoreAnswered { people: people[unit] });
        } else if number < known {
            doubt(unit, number, InvitationDoubt::PartsAreMore { sum: known });
        } else {
            invited[unit] = Some(number);
        }
    }
    invited
}

/// A number of invited people that cannot be true.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImpossibleInvitation {
    /// Names of the unit from the top; empty for the whole.
    pub path: Vec<String>,
    /// People invited, as the caller said or as the sum of the parts.
    pub invited: u64,
    /// Why it cannot be true.
    pub reason: InvitationDoubt,
}

/// Why a number of invited people cannot be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvitationDoubt {
    /// More people answered.
    MoreAnswered {
        /// People with any answer.
        people: u64,
    },
    /// The parts of the unit come to more than can be counted.
    SumTooLarge,
    /// The parts of the unit come to more.
    PartsAreMore {
        /// Sum of the parts.
        sum: u64,
    },
}

impl fmt::Display for ImpossibleInvitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "everybody".into() } else { self.path.join("/") };
        if self.reason == InvitationDoubt::SumTooLarge {
            return write!(f, "{path}: the people invited to its parts are too many to add up");
        }
        write!(f, "{path}: {} people invited, but ", self.invited)?;
        match self.reason {
            InvitationDoubt::SumTooLarge => Ok(()),
            InvitationDoubt::MoreAnswered { people } => write!(f, "{people} answered"),
            InvitationDoubt::PartsAreMore { sum } => write!(f, "its parts come to {sum}"),
        }
    }
}
