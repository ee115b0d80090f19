//! What was released before, so that nothing can be worked out from two releases.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::cells::{Gathered, Seen};
use super::decision::Decision;
use super::disclosure::{Alike, Known, Shown};
use super::measures::{Layout, Measures};
use super::report::GroupReport;
use super::tallies::Tallies;
use super::units::Tree;
use super::{GroupError, Plan, publish};

/// A secret of the organisation, from which a person's id becomes a key that nobody else can make.
///
/// Keep it apart from the ledger, and keep it: with another salt nobody is recognised.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt(String);

/// Never prints the secret.
impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(..)")
    }
}

impl Salt {
    /// A salt; it must not be empty.
    pub fn new(text: impl Into<String>) -> Result<Self, GroupError> {
        let text = text.into();
        if text.is_empty() { Err(GroupError::EmptySalt) } else { Ok(Self(text)) }
    }

    /// The key of a person: SHA-256 over salt and id, 16 bytes of it.
    pub fn key(&self, id: &str) -> RespondentKey {
        RespondentKey(self.digest("respondent", id))
    }

    fn digest(&self, purpose: &str, text: &str) -> [u8; 16] {
        let mut hash = Sha256::new();
        for part in [purpose, &self.0, text] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let mut short = [0; 16];
        for (to, from) in short.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        short
    }
}

/// Who a respondent is, without saying who.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RespondentKey([u8; 16]);

impl fmt::Display for RespondentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl From<RespondentKey> for String {
    fn from(key: RespondentKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for RespondentKey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no key of 32 hexadecimal digits");
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let mut bytes = [0; 16];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(2 * at..2 * at + 2).ok_or_else(wrong)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

/// People whom a release tells apart no further: those in a shown unit and in no shown unit below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Released {
    pub(crate) unit: Vec<String>,
    pub(crate) people: Vec<RespondentKey>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleasedBreakdown {
    pub(crate) name: String,
    pub(crate) groups: Vec<Released>,
}

/// One release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Release {
    pub(crate) wave: String,
    pub(crate) instrument: String,
    pub(crate) threshold: u32,
    /// Ledgers are kept: they read as they were first written.
    #[serde(rename = "cuts")]
    pub(crate) breakdowns: Vec<ReleasedBreakdown>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) families: Vec<ReleasedFamily>,
}

/// What a release said about one family of measures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleasedFamily {
    pub(crate) measures: Vec<String>,
    /// People of the release whose answers did not count here.
    pub(crate) without: Vec<RespondentKey>,
    /// For each kind of number, for each breakdown, the units that were shown.
    pub(crate) shown: BTreeMap<String, Vec<Vec<Vec<String>>>>,
}

/// The record of what was released about whom, which the caller keeps.
///
/// Two reports on the same answers can be subtracted from each other: late answers came in, and the
/// difference of a team's two means is what the few late people answered. So a release of a wave is
/// checked against all earlier ones of the same wave and instrument: for every combination of their
/// numbers, the people who weigh in it must be none, or at least the threshold.
///
/// A later wave is a new measurement: what people answered then says nothing exact about what they
/// answer now, so a unit that one person has left still shows its level. What would point at that
/// person is the change of the same people beside both levels, and that is hidden
/// ([`ChangeReport::with_matched`](super::report::ChangeReport::with_matched)).
///
/// The ledger holds keyed hashes of respondents by shown unit. It holds no answers, and it is
/// confidential: with the salt and a list of staff it tells who took part.
///
/// ```
/// use straingauge::group::{Ledger, Measures, Plan, Salt, ScaleMeasure, ScaleValue};
///
/// let salt = Salt::new("a long random text, kept elsewhere")?;
/// let mut ledger = Ledger::new(&salt);
/// let mut shown = Vec::new();
/// for (wave, people) in [("spring", 0..14_u8), ("spring", 0..15), ("autumn", 0..15)] {
///     // In spring somebody answers late. In autumn everybody is asked anew.
///     let measures = Measures::new("demo").with_scale(ScaleMeasure::new("strain", 0.0, 40.0));
///     let mut tallies = ledger.tallies(wave, measures, ["unit"])?;
///     let (team, rest) = (tallies.unit("unit", &["Team"])?, tallies.unit("unit", &["Rest"])?);
///     let mut person = tallies.measures().person();
///     for (unit, id) in people.map(|id| (team, id)).chain((20..35).map(|id| (rest, id))) {
///         person.scale(0, ScaleValue { value: f64::from(id), band: None, prorated: false });
///         tallies.add_known(&[unit], salt.key(&id.to_string()), &person)?;
///     }
///     let report = ledger.publish(&tallies, &Plan::default())?;
///     shown.push(report.unit("unit", &["Team"]).unwrap().scale("strain").is_some());
/// }
/// assert_eq!(shown, [true, false, true]);
/// # Ok::<(), straingauge::group::GroupError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawLedger")]
pub struct Ledger {
    format: u32,
    salt_check: RespondentKey,
    releases: Vec<Release>,
}

/// As stored; checked on the way in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLedger {
    format: u32,
    salt_check: RespondentKey,
    releases: Vec<Release>,
}

impl TryFrom<RawLedger> for Ledger {
    type Error = GroupError;

    fn try_from(raw: RawLedger) -> Result<Self, GroupError> {
        if raw.format != 1 {
            let what = format!("it has format {}; this version reads format 1", raw.format);
            return Err(GroupError::BrokenLedger { what });
        }
        for release in &raw.releases {
            for breakdown in &release.breakdowns {
                let mut seen = BTreeSet::new();
                let people = breakdown.groups.iter().flat_map(|group| &group.people);
                if !people.copied().all(|key| seen.insert(key)) {
                    let what = format!(
                        "in release `{}` somebody is in two groups of `{}`",
                        release.wave, breakdown.name
                    );
                    return Err(GroupError::BrokenLedger { what });
                }
            }
        }
        Ok(Self { format: raw.format, salt_check: raw.salt_check, releases: raw.releases })
    }
}

impl Ledger {
    /// A ledger in which nothing has been released.
    pub fn new(salt: &Salt) -> Self {
        Self { format: 1, salt_check: Self::check_of(salt), releases: Vec::new() }
    }

    fn check_of(salt: &Salt) -> RespondentKey {
        RespondentKey(salt.digest("ledger", ""))
    }

    /// Whether this is the salt that the ledger was started with. Ask when it was read from a file.
    pub fn expect_salt(&self, salt: &Salt) -> Result<(), GroupError> {
        if self.salt_check == Self::check_of(salt) { Ok(()) } else { Err(GroupError::OtherSalt) }
    }

    /// The waves released so far, in order.
    pub fn waves(&self) -> impl Iterator<Item = &str> {
        self.releases.iter().map(|release| release.wave.as_str())
    }

    /// Starts counting the people of a new release of a wave. Shards each start from the same
    /// ledger.
    pub fn tallies<S: Into<String>>(
        &self,
        wave: &str,
        measures: Measures,
        breakdowns: impl IntoIterator<Item = S>,
    ) -> Result<Tallies, GroupError> {
        let past = Past::of(&self.releases, &measures.id, wave);
        Tallies::new(measures, breakdowns).map(|tallies| tallies.with_past(Arc::new(past)))
    }

    /// Makes the report and records it: what is released without being recorded does not exist.
    pub fn publish(&mut self, tallies: &Tallies, plan: &Plan) -> Result<GroupReport, GroupError> {
        let instrument = tallies.measures().id.clone();
        let past = tallies.past().ok_or(GroupError::OtherLedger)?;
        let wave = past.wave.clone();
        if *past != Past::of(&self.releases, &instrument, &wave) {
            return Err(GroupError::OtherLedger);
        }
        let earlier = self.releases.iter().filter(|release| release.instrument == instrument);
        let released = earlier.map(|release| release.threshold).max().unwrap_or(0);
        if plan.fewest() < released {
            return Err(GroupError::Lowered { asked: plan.fewest(), released });
        }
        let gathered = tallies.gathered()?;
        if !past.has_measures(&gathered.layout) {
            return Err(GroupError::OtherMeasures { wave });
        }
        // The same people again are the same release, which tells nothing that was not known: so
        // the same command run twice gives the same report.
        let alone = gathered.without_past();
        let (mut report, decision) = publish::release(&alone, plan)?;
        let mut release = release_of(&alone, &decision, plan, &wave);
        let mut known = self.releases.iter().position(|known| *known == release);
        if known.is_none() && past.releases() > 0 {
            let (beside, decision) = publish::release(&gathered, plan)?;
            release = release_of(&gathered, &decision, plan, &wave);
            known = self.releases.iter().position(|known| *known == release);
            report = beside;
        }
        let place = known.unwrap_or(self.releases.len());
        if known.is_none() {
            self.releases.push(release);
        }
        report.wave = Some(wave);
        report.released = Some((self.salt_check, place));
        Ok(report)
    }

    pub(crate) fn has_released(&self, report: &GroupReport) -> bool {
        let Some((ledger, place)) = report.released else { return false };
        let release = self.releases.get(place);
        ledger == self.salt_check
            && release.is_some_and(|release| {
                Some(&release.wave) == report.wave.as_ref()
                    && release.instrument == report.measured.id
            })
    }
}

fn release_of(gathered: &Gathered, decision: &Decision, plan: &Plan, wave: &str) -> Release {
    let trees = gathered.names.iter().zip(&gathered.layers.trees).zip(&decision.people);
    Release {
        wave: wave.to_owned(),
        instrument: gathered.layout.measures.id.clone(),
        threshold: plan.fewest(),
        breakdowns: trees
            .enumerate()
            .map(|(breakdown, ((name, tree), shown))| ReleasedBreakdown {
                name: name.clone(),
                groups: groups_of(gathered, breakdown, tree, shown),
            })
            .collect(),
        families: families_of(gathered, decision),
    }
}

fn groups_of(gathered: &Gathered, breakdown: usize, tree: &Tree, shown: &[bool]) -> Vec<Released> {
    let owners = tree.owners(shown);
    let mut groups: BTreeMap<usize, Vec<RespondentKey>> = BTreeMap::new();
    for unit in shown.iter().enumerate().filter(|(_, shown)| **shown).map(|(unit, _)| unit) {
        groups.insert(unit, Vec::new());
    }
    for Seen { key, profile, .. } in &gathered.seen {
        let profile = gathered.layers.profiles.get(*profile);
        let unit = profile.and_then(|profile| profile.units.get(breakdown).copied().flatten());
        let owner = unit.and_then(|unit| owners.get(unit).copied().flatten());
        if let Some(people) = owner.and_then(|owner| groups.get_mut(&owner)) {
            people.push(*key);
        }
    }
    groups.into_iter().map(|(unit, people)| Released { unit: tree.path(unit), people }).collect()
}

fn families_of(gathered: &Gathered, decision: &Decision) -> Vec<ReleasedFamily> {
    let trees = &gathered.layers.trees;
    let paths = |shown: &Shown| -> Vec<Vec<Vec<String>>> {
        let of = |(tree, shown): (&Tree, &Vec<bool>)| {
            (0..tree.len())
                .filter(|at| shown.get(*at) == Some(&true))
                .map(|at| tree.path(at))
                .collect()
        };
        trees.iter().zip(shown).map(of).collect()
    };
    let families = gathered.layout.families.iter().zip(&decision.families).zip(0..);
    families
        .map(|((family, decided), place)| ReleasedFamily {
            measures: family.names(&gathered.layout.measures),
            without: (gathered.seen.iter())
                .filter(|seen| seen.without.contains(&place))
                .map(|seen| seen.key)
                .collect(),
            shown: (decided.kinds(&gathered.layout.measures).into_iter())
                .map(|(kind, shown)| (kind, paths(shown)))
                .collect(),
        })
        .collect()
}

/// A group of an earlier release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EarlierGroup {
    pub(crate) release: usize,
    pub(crate) breakdown: String,
    pub(crate) unit: Vec<String>,
}

/// The earlier releases of the same wave and instrument, by person: the same answers, counted again.
/// Another wave is another measurement, whose numbers tell nothing about the answers of this one.
///
/// What is known about a person is a list of places: first the groups of people, then for each
/// release and family one place for those who counted in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Past {
    wave: String,
    groups: Vec<EarlierGroup>,
    members: HashMap<RespondentKey, Vec<u32>>,
    /// For each release, its families.
    families: Vec<Vec<ReleasedFamily>>,
}

impl Past {
    fn of(releases: &[Release], instrument: &str, wave: &str) -> Self {
        let mut past = Self { wave: wave.to_owned(), ..Self::default() };
        let same = |release: &&Release| release.instrument == instrument && release.wave == wave;
        for release in releases.iter().filter(same) {
            for breakdown in &release.breakdowns {
                for group in &breakdown.groups {
                    let place = place(past.groups.len());
                    past.groups.push(EarlierGroup {
                        release: past.families.len(),
                        breakdown: breakdown.name.clone(),
                        unit: group.unit.clone(),
                    });
                    for key in &group.people {
                        past.members.entry(*key).or_default().push(place);
                    }
                }
            }
            past.families.push(release.families.clone());
        }
        let mut next = past.groups.len();
        for families in &past.families {
            for family in families {
                let without: BTreeSet<RespondentKey> = family.without.iter().copied().collect();
                for (key, places) in &mut past.members {
                    if !without.contains(key) {
                        places.push(place(next));
                    }
                }
                next += 1;
            }
        }
        past
    }

    /// Groups that a person was part of and families that they counted in, ascending.
    pub(crate) fn groups_of(&self, key: RespondentKey) -> Vec<u32> {
        self.members.get(&key).cloned().unwrap_or_default()
    }

    /// Number of groups of people.
    pub(crate) fn groups(&self) -> u32 {
        place(self.groups.len())
    }

    pub(crate) fn group(&self, place: u32) -> Option<&EarlierGroup> {
        self.groups.get(usize::try_from(place).ok()?)
    }

    pub(crate) fn releases(&self) -> usize {
        self.families.len()
    }

    /// Whether every earlier release was about these families: with others, numbers would differ by
    /// the people whom only one of them counts.
    fn has_measures(&self, layout: &Layout) -> bool {
        let names: Vec<Vec<String>> =
            layout.families.iter().map(|family| family.names(&layout.measures)).collect();
        self.families.iter().all(|families| families.iter().map(|f| &f.measures).eq(&names))
    }

    /// What is known of one kind of number of a family; `None` where an earlier release did not
    /// decide about it, so that it stays hidden now.
    pub(crate) fn known(&self, family: usize, kind: &str) -> Option<Known> {
        let mut owner = vec![None; self.groups.len()];
        let mut flag = Vec::new();
        let mut next = self.groups.len();
        for (release, families) in self.families.iter().enumerate() {
            flag.push(place(next + family));
            next += families.len();
            let shown = families.get(family)?.shown.get(kind)?;
            for (at, group) in self.groups.iter().enumerate() {
                if group.release != release {
                    continue;
                }
                // The nearest unit above that showed this kind of number.
                let breakdowns = self.groups.iter().filter(|g| g.release == release);
                let mut names: Vec<&str> = breakdowns.map(|g| g.breakdown.as_str()).collect();
                names.dedup();
                let breakdown = names.iter().position(|name| *name == group.breakdown)?;
                let nearest = (0..=group.unit.len()).rev().map(|depth| group.unit.get(..depth));
                let nearest = nearest
                    .flatten()
                    .find(|path| shown.get(breakdown).is_some_and(|s| s.iter().any(|p| p == path)));
                let of_nearest = nearest.and_then(|path| {
                    self.groups.iter().position(|g| {
                        g.release == release && g.breakdown == group.breakdown && g.unit == path
                    })
                });
                if let Some(slot) = owner.get_mut(at) {
                    *slot = of_nearest.map(place);
                }
            }
        }
        Some(Known { release: self.groups.iter().map(|g| g.release).collect(), owner, flag })
    }

    /// For each release its people: all their earlier groups, their profile now, how many.
    pub(crate) fn people(&self, seen: &[Seen]) -> Vec<Vec<Alike>> {
        type Profile<'g> = (&'g [u32], Option<usize>);
        let mut counted: Vec<BTreeMap<Profile<'_>, u64>> = vec![BTreeMap::new(); self.releases()];
        for (key, groups) in &self.members {
            let now = seen.binary_search_by_key(key, |seen| seen.key).ok();
            let profile = now.and_then(|at| seen.get(at)).map(|seen| seen.profile);
            let releases: BTreeSet<usize> =
                groups.iter().filter_map(|group| self.group(*group)).map(|g| g.release).collect();
            for release in releases {
                if let Some(people) = counted.get_mut(release) {
                    *people.entry((groups.as_slice(), profile)).or_insert(0) += 1;
                }
            }
        }
        counted
            .into_iter()
            .map(|people| {
                people
                    .into_iter()
                    .map(|((groups, profile), count)| (groups.to_vec(), profile, count))
                    .collect()
            })
            .collect()
    }
}

fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
