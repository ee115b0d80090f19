//! What was released before, so that nothing can be worked out from two releases.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::disclosure::Alike;
use super::measures::Measures;
use super::report::GroupReport;
use super::tallies::{Gathered, Tallies};
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
pub(crate) struct ReleasedCut {
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
    pub(crate) cuts: Vec<ReleasedCut>,
}

/// The record of what was released about whom, which the caller keeps.
///
/// Two reports can be subtracted from each other: somebody has left a team, and the difference of
/// its two means is that person's score. So a release is checked against all earlier ones of the
/// same instrument: for every combination of their numbers, the people of any one release who
/// weigh in it must be none, or at least the threshold. It does not matter that answers may have
/// changed in between; for many people they have not. Where a unit gained or lost a few people it
/// is hidden in the later release, and the units above it carry on.
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
/// for (wave, people) in [("spring", 0..14_u8), ("autumn", 0..13)] {
///     // One of fourteen has left the team; fifteen others stay.
///     let measures = Measures::new("demo").with_scale(ScaleMeasure::new("strain", 0.0, 40.0));
///     let mut tallies = ledger.tallies(measures, ["unit"])?;
///     let (team, rest) = (tallies.unit("unit", &["Team"])?, tallies.unit("unit", &["Rest"])?);
///     let mut person = tallies.measures().person();
///     for (unit, id) in people.map(|id| (team, id)).chain((20..35).map(|id| (rest, id))) {
///         person.scale(0, ScaleValue { value: f64::from(id), band: None, prorated: false });
///         tallies.add_known(&[unit], salt.key(&id.to_string()), &person)?;
///     }
///     let report = ledger.publish(&tallies, &Plan::default(), wave)?;
///     shown.push(report.unit("unit", &["Team"]).unwrap().scale("strain").is_some());
/// }
/// assert_eq!(shown, [true, false]);
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
            for cut in &release.cuts {
                let mut seen = BTreeSet::new();
                let people = cut.groups.iter().flat_map(|group| &group.people);
                if !people.copied().all(|key| seen.insert(key)) {
                    let what = format!(
                        "in release `{}` somebody is in two groups of `{}`",
                        release.wave, cut.name
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

    /// Starts counting the people of a new release. Shards each start from the same ledger.
    pub fn tallies<S: Into<String>>(
        &self,
        measures: Measures,
        cuts: impl IntoIterator<Item = S>,
    ) -> Result<Tallies, GroupError> {
        let past = Past::of(&self.releases, &measures.id);
        Tallies::new(measures, cuts).map(|tallies| tallies.with_past(Arc::new(past)))
    }

    /// Makes the report and records it: what is released without being recorded does not exist.
    pub fn publish(
        &mut self,
        tallies: &Tallies,
        plan: &Plan,
        wave: &str,
    ) -> Result<GroupReport, GroupError> {
        let instrument = tallies.measures().id.clone();
        let book = tallies.book().ok_or(GroupError::OtherLedger)?;
        if *book.past != Past::of(&self.releases, &instrument) {
            return Err(GroupError::OtherLedger);
        }
        let earlier = self.releases.iter().filter(|release| release.instrument == instrument);
        let released = earlier.map(|release| release.threshold).max().unwrap_or(0);
        if plan.fewest() < released {
            return Err(GroupError::Lowered { asked: plan.fewest(), released });
        }
        let mut gathered = tallies.gathered()?;
        gathered.layers.same_wave = book.past.of_wave(wave);
        let (mut report, shown) = publish::release(&gathered, plan)?;
        let cuts = gathered
            .names
            .iter()
            .zip(&gathered.layers.trees)
            .zip(&shown)
            .enumerate()
            .map(|(cut, ((name, tree), shown))| ReleasedCut {
                name: name.clone(),
                groups: groups_of(&gathered, cut, tree, shown),
            })
            .collect();
        let wave = wave.to_owned();
        let release = Release { wave: wave.clone(), instrument, threshold: plan.fewest(), cuts };
        // The same release again adds nothing that the ledger does not know.
        let known = self.releases.iter().position(|known| *known == release);
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

fn groups_of(
    gathered: &Gathered,
    cut: usize,
    tree: &super::units::Tree,
    shown: &[bool],
) -> Vec<Released> {
    let owners = tree.owners(shown);
    let mut groups: BTreeMap<usize, Vec<RespondentKey>> = BTreeMap::new();
    for unit in shown.iter().enumerate().filter(|(_, shown)| **shown).map(|(unit, _)| unit) {
        groups.insert(unit, Vec::new());
    }
    for (key, profile) in &gathered.seen {
        let profile = gathered.layers.profiles.get(*profile);
        let unit = profile.and_then(|profile| profile.units.get(cut).copied().flatten());
        let owner = unit.and_then(|unit| owners.get(unit).copied().flatten());
        if let Some(people) = owner.and_then(|owner| groups.get_mut(&owner)) {
            people.push(*key);
        }
    }
    groups.into_iter().map(|(unit, people)| Released { unit: tree.path(unit), people }).collect()
}

/// A group of an earlier release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EarlierGroup {
    pub(crate) release: usize,
    pub(crate) cut: String,
    pub(crate) unit: Vec<String>,
}

/// The earlier releases that matter, by person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Past {
    groups: Vec<EarlierGroup>,
    members: HashMap<RespondentKey, Vec<u32>>,
    /// Wave of each release.
    waves: Vec<String>,
}

impl Past {
    fn of(releases: &[Release], instrument: &str) -> Self {
        let mut past = Self::default();
        for release in releases.iter().filter(|release| release.instrument == instrument) {
            past.waves.push(release.wave.clone());
            for cut in &release.cuts {
                for group in &cut.groups {
                    let place = u32::try_from(past.groups.len()).unwrap_or(u32::MAX);
                    past.groups.push(EarlierGroup {
                        release: past.waves.len() - 1,
                        cut: cut.name.clone(),
                        unit: group.unit.clone(),
                    });
                    for key in &group.people {
                        past.members.entry(*key).or_default().push(place);
                    }
                }
            }
        }
        past
    }

    /// Groups that a person was part of, ascending.
    pub(crate) fn groups_of(&self, key: RespondentKey) -> Vec<u32> {
        self.members.get(&key).cloned().unwrap_or_default()
    }

    /// Number of groups.
    pub(crate) fn groups(&self) -> u32 {
        u32::try_from(self.groups.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn group(&self, place: u32) -> Option<&EarlierGroup> {
        self.groups.get(usize::try_from(place).ok()?)
    }

    pub(crate) fn releases(&self) -> usize {
        self.waves.len()
    }

    /// For each group, whether its release was of this wave.
    pub(crate) fn of_wave(&self, wave: &str) -> Vec<bool> {
        let same = |group: &EarlierGroup| self.waves.get(group.release).is_some_and(|w| w == wave);
        self.groups.iter().map(same).collect()
    }

    /// For each release its people: all their earlier groups, their profile now, how many.
    pub(crate) fn people(&self, seen: &[(RespondentKey, usize)]) -> Vec<Vec<Alike>> {
        type Profile<'g> = (&'g [u32], Option<usize>);
        let mut counted: Vec<BTreeMap<Profile<'_>, u64>> = vec![BTreeMap::new(); self.waves.len()];
        for (key, groups) in &self.members {
            let now = seen.binary_search_by_key(key, |(known, _)| *known).ok();
            let profile = now.and_then(|at| seen.get(at)).map(|(_, profile)| *profile);
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
