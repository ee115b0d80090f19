//! What may leave the organisation.
//!
//! A [`GroupReport`] is made by [`Tallies::publish`](super::Tallies::publish) or
//! [`Ledger::publish`](super::Ledger::publish) and by nothing else; it cannot be read back from a
//! file, put together by hand or changed. Text, CSV, HTML and JSON are made from it, so none of
//! them knows more than it does.
//!
//! A mean has no band. Bands say what a score means for one person; a unit has a share of people in
//! each of them.
//!
//! ```compile_fail
//! # use straingauge::group::ScaleReport;
//! fn label(unit: &ScaleReport) -> &str {
//!     unit.band() // there is no such thing
//! }
//! ```

mod csv;
mod figures;
#[cfg(feature = "html")]
mod html;
#[cfg(feature = "html")]
mod svg;
mod text;

pub(in crate::group) use figures::decimals;

use serde::Serialize;

use super::measures::Worse;
use super::plan::ShareInterval;
use super::stats::{HedgesG, UnitIcc, Welch};
use crate::num::Interval;

/// Private fields with their read accessors.
macro_rules! shown {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident : $type:ty => $get:ty = |$this:ident| $read:expr,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[non_exhaustive]
        pub struct $name { $($(#[$doc])* pub(in crate::group) $field: $type,)* }
        impl $name { $($(#[$doc])* pub fn $field(&self) -> $get { let $this = self; $read })* }
    )*};
}

/// Whether a row is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Status {
    /// Shown.
    Published,
    /// Hidden: it would, alone or together with other numbers here or in earlier releases, describe
    /// too few people, or say the same of everybody in a group. Which of these is not said, and
    /// nobody having answered looks the same.
    Suppressed,
}

impl Status {
    /// The word in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Suppressed => "suppressed",
        }
    }
}

shown! {
    /// The settings that a report was made with.
    Settings {
        /// Fewest people that anything is shown about.
        threshold: u32 => u32 = |s| s.threshold,
        /// Fewest people that a share rests on, and that it leaves out.
        smallest_count: u32 => u32 = |s| s.smallest_count,
        /// Whether one person more was asked for, against members who subtract themselves.
        against_insiders: bool => bool = |s| s.against_insiders,
        /// Confidence of every interval.
        confidence: f64 => f64 = |s| s.confidence,
        /// How intervals of shares were computed.
        share_interval: ShareInterval => ShareInterval = |s| s.share_interval,
        /// Whether the number invited narrows the interval of a mean.
        finite_population: bool => bool = |s| s.finite_population,
    }

    /// Which instrument was scored.
    Measured {
        /// Id of the instrument.
        id: String => &str = |s| &s.id,
        /// Version of its definition; empty where unknown.
        version: String => &str = |s| &s.version,
        /// Its name.
        title: String => &str = |s| &s.title,
        /// Its scales.
        scales: Vec<ScaleHead> => &[ScaleHead] = |s| &s.scales,
        /// Its criteria.
        criteria: Vec<Head> => &[Head] = |s| &s.criteria,
        /// Its items, where item means were asked for.
        items: Vec<Head> => &[Head] = |s| &s.items,
        /// Credit lines that must stand where the instrument is used.
        credit: Vec<String> => &[String] = |s| &s.credit,
        /// What to be careful about.
        cautions: Vec<String> => &[String] = |s| &s.cautions,
        /// Where the bands come from, in whom they were found, and how they stand: one line for each
        /// scale with bands.
        band_sources: Vec<String> => &[String] = |s| &s.band_sources,
    }

    /// Id and name of something measured.
    Head {
        /// Id.
        id: String => &str = |s| &s.id,
        /// Name.
        title: String => &str = |s| &s.title,
    }

    /// A scale as the report needs it.
    ScaleHead {
        /// Id.
        id: String => &str = |s| &s.id,
        /// Name.
        title: String => &str = |s| &s.title,
        /// Lowest and highest value.
        range: Interval => Interval = |s| s.range,
        /// Which way it points.
        worse: Worse => Worse = |s| s.worse,
        /// Labels of its bands, from the lowest.
        bands: Vec<String> => &[String] = |s| &s.bands,
        /// The bands as this report shows them: labels that stand together are one share, the finest
        /// division in which no share of the whole organisation rests on too few people. Empty where
        /// none does.
        merged: Vec<Vec<String>> => &[Vec<String>] = |s| &s.merged,
    }

    /// A share of people.
    Share {
        /// People of whom it holds.
        count: u64 => u64 = |s| s.count,
        /// People of whom it is known.
        of: u64 => u64 = |s| s.of,
        /// `count / of`, to whole per cent.
        share: f64 => f64 = |s| s.share,
        /// Interval of the share.
        interval: Interval => Interval = |s| s.interval,
        /// Lowest and highest share among all invited, whatever those would say who are not known
        /// here; where the number invited is known. Assumes nothing, and is wide.
        bounds: Option<Interval> => Option<Interval> = |s| s.bounds,
    }

    /// Share of people in a band.
    BandShare {
        /// Label of the band; of bands that are shown as one, their labels with ` + ` between.
        band: String => &str = |s| &s.band,
        /// The share.
        share: Share => &Share = |s| &s.share,
    }

    /// How much the members of a unit agree. Conventional readings of rwg(j) call .70 strong.
    Agreement {
        /// People with an answer to every item asked about: the fewest over the items.
        n: u64 => u64 = |s| s.n,
        /// rwg(j) against people who answer evenly over all options (this null flatters).
        rwg_j: f64 => f64 = |s| s.rwg_j,
        /// Mean distance from the item mean, averaged over items.
        ad_mean: f64 => f64 = |s| s.ad_mean,
        /// Practical limit of that distance, a sixth of the number of options, in codes.
        ad_limit: f64 => f64 = |s| s.ad_limit,
    }

    /// Difference from a reference group.
    NormDifference {
        /// Id of the norm.
        norm: String => &str = |s| &s.norm,
        /// The people that it describes.
        population: String => &str = |s| &s.population,
        /// Its mean.
        norm_mean: f64 => f64 = |s| s.norm_mean,
        /// Mean of the unit minus mean of the norm.
        difference: f64 => f64 = |s| s.difference,
        /// Interval of the difference; it allows for the norm's own sampling error where its n and
        /// SD are known.
        interval: Option<Interval> => Option<Interval> = |s| s.interval,
        /// The difference in SDs of the norm.
        in_sd: Option<f64> => Option<f64> = |s| s.in_sd,
    }

    /// Difference from the rest of the organisation: from everybody who is not in the unit.
    RestDifference {
        /// People in the rest.
        rest_n: u64 => u64 = |s| s.rest_n,
        /// Their mean.
        rest_mean: f64 => f64 = |s| s.rest_mean,
        /// Unit minus rest, by Welch.
        welch: Welch => &Welch = |s| &s.welch,
        /// The same as an effect size.
        effect: HedgesG => &HedgesG = |s| &s.effect,
    }

    /// One scale of one unit.
    ScaleReport {
        /// People scored.
        n: u64 => u64 = |s| s.n,
        /// Of these, from all their answers; only where that describes no handful of people.
        complete: Option<u64> => Option<u64> = |s| s.complete,
        /// Of these, by the missing rule from some of their answers; shown where `complete` is.
        prorated: Option<u64> => Option<u64> = |s| s.prorated,
        /// Mean.
        mean: f64 => f64 = |s| s.mean,
        /// Interval of the mean.
        interval: Option<Interval> => Option<Interval> = |s| s.interval,
        /// Standard deviation (n - 1).
        sd: Option<f64> => Option<f64> = |s| s.sd,
        /// Median; only where the unit's neighbours could be shown together, too.
        median: Option<f64> => Option<f64> = |s| s.median,
        /// Share of people in each band, as [`ScaleHead::merged`] divides them; empty where one of
        /// them would rest on too few people.
        bands: Vec<BandShare> => &[BandShare] = |s| &s.bands,
        /// Share of people at the lowest value; for the whole organisation only.
        floor: Option<Share> => Option<&Share> = |s| s.floor.as_ref(),
        /// Share of people at the highest value; for the whole organisation only.
        ceiling: Option<Share> => Option<&Share> = |s| s.ceiling.as_ref(),
        /// Lowest and highest mean among all invited, whatever the others would answer.
        mean_bounds: Option<Interval> => Option<Interval> = |s| s.mean_bounds,
        /// Agreement within the unit, where items are counted.
        agreement: Option<Agreement> => Option<&Agreement> = |s| s.agreement.as_ref(),
        /// Difference from the norm that the plan names.
        norm: Option<NormDifference> => Option<&NormDifference> = |s| s.norm.as_ref(),
        /// Difference from the rest of the organisation.
        rest: Option<RestDifference> => Option<&RestDifference> = |s| s.rest.as_ref(),
    }

    /// One item of one unit.
    ItemReport {
        /// People who answered it.
        n: u64 => u64 = |s| s.n,
        /// Mean of the codes as chosen on the form.
        mean: f64 => f64 = |s| s.mean,
        /// Standard deviation (n - 1).
        sd: Option<f64> => Option<f64> = |s| s.sd,
    }

    /// Who took part.
    Participation {
        /// People with any answer.
        answered: u64 => u64 = |s| s.answered,
        /// Their share of those invited, where that is known and not smaller.
        rate: Option<f64> => Option<f64> = |s| s.rate,
    }
}

shown! {
    /// Mean change of the people who answered in both waves.
    MatchedChange {
        /// People.
        n: u64 => u64 = |s| s.n,
        /// Mean of their differences, later minus earlier.
        mean: f64 => f64 = |s| s.mean,
        /// Standard deviation of their differences.
        sd: f64 => f64 = |s| s.sd,
        /// Interval of the mean.
        interval: Option<Interval> => Option<Interval> = |s| s.interval,
    }

    /// Change of one scale of one unit.
    ScaleChange {
        /// Mean in the earlier wave.
        before: f64 => f64 = |s| s.before,
        /// Mean in the later wave.
        after: f64 => f64 = |s| s.after,
        /// Later mean minus earlier mean, everybody in each wave.
        difference: f64 => f64 = |s| s.difference,
        /// Its interval, as if the waves were different people.
        interval: Option<Interval> => Option<Interval> = |s| s.interval,
        /// The same for people who answered in both.
        matched: Option<MatchedChange> => Option<&MatchedChange> = |s| s.matched.as_ref(),
    }

    /// Change of one unit.
    UnitChange {
        /// Names from the top; empty for the whole.
        path: Vec<String> => &[String] = |s| &s.path,
        /// All scales, shown or hidden.
        scales: Vec<Entry<ScaleChange>> => &[Entry<ScaleChange>] = |s| &s.scales,
    }
}

/// Change between two releases of one ledger.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ChangeReport {
    pub(in crate::group) from: String,
    pub(in crate::group) to: String,
    pub(in crate::group) units: Vec<UnitChange>,
    #[serde(skip)]
    pub(in crate::group) fewest: u32,
    #[serde(skip)]
    pub(in crate::group) confidence: f64,
    /// The scales, for how they are written.
    #[serde(skip)]
    pub(in crate::group) scales: Vec<ScaleHead>,
    /// What each wave shows: units and scales.
    #[serde(skip)]
    pub(in crate::group) shown: [Vec<(Vec<String>, String)>; 2],
    #[serde(skip)]
    pub(in crate::group) released: Option<(super::RespondentKey, usize)>,
}

impl ChangeReport {
    /// The earlier wave.
    pub fn from(&self) -> &str {
        &self.from
    }

    /// The later wave.
    pub fn to(&self) -> &str {
        &self.to
    }

    /// Units of the first breakdown, as in the later report.
    pub fn units(&self) -> &[UnitChange] {
        &self.units
    }
}

/// Something of one unit that is shown or hidden.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entry<T> {
    pub(in crate::group) id: String,
    pub(in crate::group) status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::group) shown: Option<T>,
}

impl<T> Entry<T> {
    pub(in crate::group) fn new(id: &str, shown: Option<T>) -> Self {
        let status = if shown.is_some() { Status::Published } else { Status::Suppressed };
        Self { id: id.to_owned(), status, shown }
    }

    /// Id of the scale, criterion or item.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether it is shown.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The numbers, where they are shown.
    pub fn shown(&self) -> Option<&T> {
        self.shown.as_ref()
    }
}

/// One unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct UnitReport {
    pub(in crate::group) path: Vec<String>,
    pub(in crate::group) leaf: bool,
    pub(in crate::group) invited: Option<u64>,
    pub(in crate::group) participation: Option<Participation>,
    pub(in crate::group) scales: Vec<Entry<ScaleReport>>,
    pub(in crate::group) criteria: Vec<Entry<Share>>,
    pub(in crate::group) items: Vec<Entry<ItemReport>>,
}

impl UnitReport {
    /// Names from the top; empty for the whole.
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// Whether no unit lies below it.
    pub fn is_leaf(&self) -> bool {
        self.leaf
    }

    /// People invited, as the caller said.
    pub fn invited(&self) -> Option<u64> {
        self.invited
    }

    /// Who took part, where that is shown.
    pub fn participation(&self) -> Option<&Participation> {
        self.participation.as_ref()
    }

    /// All scales, shown or hidden.
    pub fn scales(&self) -> &[Entry<ScaleReport>] {
        &self.scales
    }

    /// A scale, where it is shown.
    pub fn scale(&self, id: &str) -> Option<&ScaleReport> {
        find(&self.scales, id)
    }

    /// All criteria, shown or hidden.
    pub fn criteria(&self) -> &[Entry<Share>] {
        &self.criteria
    }

    /// The share of people who meet a criterion, where it is shown.
    pub fn criterion(&self, id: &str) -> Option<&Share> {
        find(&self.criteria, id)
    }

    /// All items, shown or hidden.
    pub fn items(&self) -> &[Entry<ItemReport>] {
        &self.items
    }

    /// An item, where it is shown.
    pub fn item(&self, id: &str) -> Option<&ItemReport> {
        find(&self.items, id)
    }
}

fn find<'a, T>(entries: &'a [Entry<T>], id: &str) -> Option<&'a T> {
    entries.iter().find(|entry| entry.id == id)?.shown.as_ref()
}

/// How far the units of a breakdown differ on a scale, over the lowest units that are shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Comparison {
    pub(in crate::group) scale: String,
    pub(in crate::group) icc: UnitIcc,
    pub(in crate::group) units_may_be_compared: bool,
}

impl Comparison {
    /// Id of the scale.
    pub fn scale(&self) -> &str {
        &self.scale
    }

    /// The coefficients.
    pub fn icc(&self) -> &UnitIcc {
        &self.icc
    }

    /// See [`UnitIcc::units_may_be_compared`].
    pub fn units_may_be_compared(&self) -> bool {
        self.units_may_be_compared
    }
}

/// One way to divide the people.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BreakdownReport {
    pub(in crate::group) name: String,
    pub(in crate::group) units: Vec<UnitReport>,
    pub(in crate::group) comparisons: Vec<Comparison>,
}

impl BreakdownReport {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole first, each unit before its parts, parts by name.
    pub fn units(&self) -> &[UnitReport] {
        &self.units
    }

    /// How far the units differ, scale by scale.
    pub fn comparisons(&self) -> &[Comparison] {
        &self.comparisons
    }

    /// Whether anything but the whole is shown. Where not, the breakdown cannot stand beside the others
    /// (or all its units are too small).
    pub fn shows_units(&self) -> bool {
        self.units.iter().skip(1).any(|unit| unit.participation.is_some())
    }
}

/// A report on groups of people, in which no number, alone or combined, points at a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct GroupReport {
    pub(in crate::group) format: u32,
    pub(in crate::group) title: Option<String>,
    pub(in crate::group) organisation: Option<String>,
    pub(in crate::group) date: Option<String>,
    pub(in crate::group) wave: Option<String>,
    pub(in crate::group) measured: Measured,
    pub(in crate::group) settings: Settings,
    pub(in crate::group) breakdowns: Vec<BreakdownReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::group) change: Option<ChangeReport>,
    /// Ledger and place in it.
    #[serde(skip)]
    pub(in crate::group) released: Option<(super::RespondentKey, usize)>,
}

impl GroupReport {
    /// The heading that the plan gave.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The organisation that the plan named.
    pub fn organisation(&self) -> Option<&str> {
        self.organisation.as_deref()
    }

    /// The date that the plan gave.
    pub fn date(&self) -> Option<&str> {
        self.date.as_deref()
    }

    /// The wave of the ledger's release, or the one that the plan named.
    pub fn wave(&self) -> Option<&str> {
        self.wave.as_deref()
    }

    /// What was measured.
    pub fn measured(&self) -> &Measured {
        &self.measured
    }

    /// How it was made.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The breakdowns, in the order in which they were declared.
    pub fn breakdowns(&self) -> &[BreakdownReport] {
        &self.breakdowns
    }

    /// The change since an earlier wave.
    pub fn change(&self) -> Option<&ChangeReport> {
        self.change.as_ref()
    }

    /// Carries the change up to this report with it, so that every form of the report shows it.
    pub fn with_change(self, change: ChangeReport) -> Result<Self, super::GroupError> {
        if self.released.is_none() || change.released != self.released {
            return Err(super::GroupError::NotReleased);
        }
        Ok(Self { change: Some(change), ..self })
    }

    /// A unit by breakdown and path; an empty path is the whole.
    pub fn unit<S: AsRef<str>>(&self, breakdown: &str, path: &[S]) -> Option<&UnitReport> {
        let breakdown = self.breakdowns.iter().find(|known| known.name == breakdown)?;
        breakdown.units.iter().find(|unit| {
            unit.path.len() == path.len()
                && unit.path.iter().zip(path).all(|(a, b)| a == b.as_ref())
        })
    }
}
