//! Response quality person by person.

use std::fmt;

use super::consistency::{even_odd, pairs, within};
use super::layout::{AskedItem, Layout};
use super::{AnswerPattern, Distance, Mahalanobis, NotAssessable, QualityError};
use crate::answers::{Answer, Columns};
use crate::num::{Deletion, ItemTable};
use crate::score::Scorer;

/// What is looked at, and from where on a person is flagged. Thresholds are conventions, not
/// findings; see the page of the room.
#[derive(Debug, Clone, PartialEq)]
pub struct QualityOptions {
    longstring_share: f64,
    longstring_flag: Option<bool>,
    missing_share: f64,
    seconds_per_item: f64,
    seconds: Option<Vec<Option<f64>>>,
    pair_correlation: f64,
    distance_deletion: Deletion,
    distance_p: Option<f64>,
}

impl Default for QualityOptions {
    fn default() -> Self {
        Self {
            longstring_share: 0.5,
            longstring_flag: None,
            missing_share: 0.5,
            seconds_per_item: 2.0,
            seconds: None,
            pair_correlation: 0.6,
            distance_deletion: Deletion::Listwise,
            distance_p: None,
        }
    }
}

impl QualityOptions {
    /// The conventions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Share of a stretch of items that one run must fill to be called a straight line; 0.5
    /// (Curran 2016).
    #[must_use]
    pub const fn longstring_share(mut self, share: f64) -> Self {
        self.longstring_share = share;
        self
    }

    /// Whether a long run alone flags a person. By default only where several scales were asked:
    /// on one short symptom scale a long run is what a well person, or a very unwell one, gives
    /// (Conijn and others 2019, Multivariate Behavioral Research 54:384-404,
    /// doi:10.1080/00273171.2018.1563520).
    #[must_use]
    pub const fn flag_longstring(mut self, flag: bool) -> Self {
        self.longstring_flag = Some(flag);
        self
    }

    /// Share of unanswered items above which a person is flagged; 0.5.
    #[must_use]
    pub const fn missing_share(mut self, share: f64) -> Self {
        self.missing_share = share;
        self
    }

    /// Seconds that each person took over the items, in the order of the rows.
    #[must_use]
    pub fn seconds(mut self, seconds: Vec<Option<f64>>) -> Self {
        self.seconds = Some(seconds);
        self
    }

    /// Seconds per answered item below which a person is flagged; 2 (Huang and others 2012, Journal
    /// of Business and Psychology 27:99-114, doi:10.1007/s10869-011-9231-8).
    #[must_use]
    pub const fn seconds_per_item(mut self, seconds: f64) -> Self {
        self.seconds_per_item = seconds;
        self
    }

    /// Correlation in the sample from which two items count as synonyms (its negative: antonyms);
    /// 0.6.
    #[must_use]
    pub const fn pair_correlation(mut self, r: f64) -> Self {
        self.pair_correlation = r;
        self
    }

    /// How distances treat missing answers; listwise.
    #[must_use]
    pub const fn distance_deletion(mut self, deletion: Deletion) -> Self {
        self.distance_deletion = deletion;
        self
    }

    /// Flags people whose distance has a smaller p; off unless given.
    #[must_use]
    pub const fn flag_distance(mut self, p: f64) -> Self {
        self.distance_p = Some(p);
        self
    }
}

/// Why a person's answers deserve a second look. Advice: nobody is left out by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Flag {
    /// One answer throughout a long run that spans items keyed both ways, so that the answers
    /// contradict each other: the one strong sign.
    StraightlineAcrossKeys,
    /// One answer throughout a long run, not at the end where the scales show no strain.
    Straightline,
    /// Less time than reading takes.
    Fast,
    /// Most items unanswered.
    MostlyUnanswered,
    /// Unusual in combination, where the caller asked for this flag.
    Distant,
}

impl Flag {
    /// Every flag, the strongest first.
    pub const ALL: [Self; 5] = [
        Self::StraightlineAcrossKeys,
        Self::Straightline,
        Self::Fast,
        Self::MostlyUnanswered,
        Self::Distant,
    ];

    /// The word in files and columns.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StraightlineAcrossKeys => "straightline-across-keys",
            Self::Straightline => "straightline",
            Self::Fast => "fast",
            Self::MostlyUnanswered => "mostly-unanswered",
            Self::Distant => "distant",
        }
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The response quality of a sample.
///
/// ```
/// # let text = include_str!("../../instruments/proqol-5/1.0.0.toml");
/// # let proqol = straingauge::Instrument::parse(text)?;
/// use straingauge::answers::Columns;
/// use straingauge::quality::{Flag, QualityOptions, ResponseQuality};
/// // Two people: one ticks 2 down the page, one answers with the key in mind.
/// let key = proqol.scales();
/// let reversed = |item: usize| key.iter().flat_map(|s| s.key().terms())
///     .any(|t| t.item() == item && t.values().first() > t.values().last());
/// let answers: Vec<[u8; 2]> = (0..30).map(|item| [2, if reversed(item) { 5 } else { 1 }]).collect();
/// let mut table = Columns::new(&proqol, 2);
/// for (item, column) in proqol.items().iter().zip(&answers) {
///     table = table.column(item.id(), column)?;
/// }
/// let quality = ResponseQuality::of(&table, &QualityOptions::new())?;
/// assert_eq!(quality.person(0).flags(), [Flag::StraightlineAcrossKeys, Flag::Straightline]);
/// assert_eq!(quality.person(1).flags(), []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ResponseQuality<'a> {
    pub(super) table: Columns<'a>,
    pub(super) scorer: Scorer,
    layout: Layout<'a>,
    options: QualityOptions,
    patterns: Vec<AnswerPattern>,
    scales: Vec<ItemTable>,
    raw: ItemTable,
    synonyms: Vec<(usize, usize)>,
    antonyms: Vec<(usize, usize)>,
    distances: Result<Mahalanobis, NotAssessable>,
}

impl<'a> ResponseQuality<'a> {
    /// Looks at the scored items that have a column, in the order of the form.
    pub fn of(table: &Columns<'a>, options: &QualityOptions) -> Result<Self, QualityError> {
        let instrument = table.instrument();
        let layout = Layout::of(table);
        if layout.items.is_empty() {
            return Err(QualityError::NothingAsked { instrument: instrument.id().to_owned() });
        }
        if let Some(seconds) = &options.seconds
            && seconds.len() != table.len()
        {
            let (found, expected) = (seconds.len(), table.len());
            return Err(QualityError::Rows { what: "times", found, expected });
        }
        let scorer = instrument.scorer();
        let mut scales = Vec::new();
        for at in &layout.separate {
            let Some(scale) = instrument.scales().get(*at) else { continue };
            scales.push(scorer.keyed(table, scale.id())?.items().clone());
        }
        let code = |byte: usize| u8::try_from(byte).ok().and_then(|b| Answer::from_byte(b).code());
        let as_given: [Option<i16>; 256] = std::array::from_fn(|byte| code(byte).map(i16::from));
        let mut raw = ItemTable::new();
        for (item, column) in layout.items.iter().zip(&layout.columns) {
            raw.push_keyed(&item.id, column, &as_given).map_err(crate::score::KeyedError::from)?;
        }
        let mut patterns = Vec::new();
        AnswerPattern::of_columns(&layout.columns, &layout.breaks, &mut patterns);
        Ok(Self {
            table: table.clone(),
            synonyms: pairs(&raw, options.pair_correlation.abs()),
            antonyms: pairs(&raw, -options.pair_correlation.abs()),
            distances: Mahalanobis::of(&raw, options.distance_deletion),
            options: options.clone(),
            scorer,
            layout,
            patterns,
            scales,
            raw,
        })
    }

    /// How many people.
    pub const fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is nobody.
    pub const fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Items that are looked at.
    pub fn items(&self) -> impl ExactSizeIterator<Item = &str> {
        self.layout.items.iter().map(|item| item.id.as_str())
    }

    /// One person, counted from 0; beyond the last row a person who answered nothing.
    pub const fn person(&self, row: usize) -> PersonQuality<'_, 'a> {
        PersonQuality { sample: self, row }
    }

    /// Every person, in the order of the rows.
    pub fn people(&self) -> impl ExactSizeIterator<Item = PersonQuality<'_, 'a>> {
        (0..self.len()).map(|row| self.person(row))
    }

    /// Pairs of items that count as synonyms in this sample.
    pub fn synonym_pairs(&self) -> Vec<(&str, &str)> {
        self.names(&self.synonyms)
    }

    /// Pairs of items that count as antonyms in this sample.
    pub fn antonym_pairs(&self) -> Vec<(&str, &str)> {
        self.names(&self.antonyms)
    }

    fn names(&self, pairs: &[(usize, usize)]) -> Vec<(&str, &str)> {
        let id = |at: usize| self.layout.items.get(at).map_or("", |item| item.id.as_str());
        pairs.iter().map(|(first, second)| (id(*first), id(*second))).collect()
    }

    pub(super) fn flags_longstring(&self) -> bool {
        self.options.longstring_flag.unwrap_or(self.layout.separate.len() > 1)
    }

    pub(super) const fn flags_distance(&self) -> bool {
        self.options.distance_p.is_some()
    }
}

/// One person's answers, looked at from several sides; each side says when it cannot tell.
#[derive(Debug, Clone, Copy)]
pub struct PersonQuality<'q, 'a> {
    sample: &'q ResponseQuality<'a>,
    row: usize,
}

/// Fewer answers alike are no straight line, however short the form.
const SHORTEST_LINE: usize = 4;

/// A run of one answer.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: usize,
    len: usize,
    code: u8,
}

impl PersonQuality<'_, '_> {
    /// The row, counted from 0.
    pub const fn row(&self) -> usize {
        self.row
    }

    /// Runs and spread of the codes as given.
    pub fn pattern(&self) -> AnswerPattern {
        self.sample.patterns.get(self.row).copied().unwrap_or_default()
    }

    /// Longest run of one answer, in form order; a gap or a change of the codes on offer ends it.
    pub fn longstring(&self) -> Result<u16, NotAssessable> {
        match self.pattern().longstring() {
            0 => Err(NotAssessable::NothingAnswered),
            longest => Ok(longest),
        }
    }

    /// Mean length of the runs.
    pub fn average_longstring(&self) -> Result<f64, NotAssessable> {
        self.pattern().average_longstring().ok_or(NotAssessable::NothingAnswered)
    }

    /// Standard deviation of the codes as given. Low is normal for a well person; compare within a
    /// sample, not with a constant.
    pub fn irv(&self) -> Result<f64, NotAssessable> {
        if !self.sample.layout.is_uniform() {
            return Err(NotAssessable::MixedCodes);
        }
        let answered = usize::from(self.pattern().answered());
        self.pattern().irv().ok_or(NotAssessable::TooFewAnswers { answered, needed: 2 })
    }

    /// Even-odd inconsistency over separate scales, -1 (consistent) to 1; from three scales.
    pub fn even_odd(&self) -> Result<f64, NotAssessable> {
        even_odd(&self.sample.scales, self.row)
    }

    /// Correlation within the person over items that are synonyms in this sample.
    pub fn synonyms(&self) -> Result<f64, NotAssessable> {
        within(&self.sample.raw, &self.sample.synonyms, self.row)
    }

    /// Correlation within the person over items that are antonyms in this sample.
    pub fn antonyms(&self) -> Result<f64, NotAssessable> {
        within(&self.sample.raw, &self.sample.antonyms, self.row)
    }

    /// Distance from the sample's centre.
    pub fn mahalanobis(&self) -> Result<Distance, NotAssessable> {
        match &self.sample.distances {
            Ok(distances) => distances.get(self.row),
            Err(reason) => Err(reason.clone()),
        }
    }

    /// Share of the asked items without an answer, for whatever reason.
    pub fn missing_share(&self) -> f64 {
        let asked = self.sample.layout.items.len() as f64;
        (asked - f64::from(self.pattern().answered())) / asked
    }

    /// Seconds per answered item.
    pub fn seconds_per_item(&self) -> Result<f64, NotAssessable> {
        let seconds = self.sample.options.seconds.as_ref().ok_or(NotAssessable::NoTime)?;
        let seconds = seconds.get(self.row).copied().flatten().filter(|s| s.is_finite());
        let answered = f64::from(self.pattern().answered());
        if answered == 0.0 {
            return Err(NotAssessable::NothingAnswered);
        }
        Ok(seconds.ok_or(NotAssessable::NoTime)? / answered)
    }

    /// Whether one answer, off the middle of its codes, fills a straight line that spans items of
    /// one scale keyed both ways: what the person then says of the scale contradicts itself.
    pub fn straightline_across_keys(&self) -> Result<bool, NotAssessable> {
        if !self.sample.layout.both_ways {
            return Err(NotAssessable::NoReverseKeyed);
        }
        if self.pattern().answered() == 0 {
            return Err(NotAssessable::NothingAnswered);
        }
        Ok(self.lines().any(|run| self.contradicts(run)))
    }

    /// Why these answers deserve a second look, the strongest reason first; mostly none.
    pub fn flags(&self) -> Vec<Flag> {
        let options = &self.sample.options;
        let holds = |flag: &Flag| match flag {
            Flag::StraightlineAcrossKeys => self.straightline_across_keys() == Ok(true),
            Flag::Straightline => {
                self.sample.flags_longstring()
                    && self.lines().any(|run| self.contradicts(run) || !self.is_calm(run))
            }
            Flag::Fast => self.seconds_per_item().is_ok_and(|s| s < options.seconds_per_item),
            Flag::MostlyUnanswered => self.missing_share() > options.missing_share,
            Flag::Distant => match (options.distance_p, self.mahalanobis()) {
                (Some(p), Ok(distance)) => distance.p < p,
                _ => false,
            },
        };
        Flag::ALL.into_iter().filter(holds).collect()
    }

    /// Runs that fill the asked share of their stretch of items; two or three alike are no line.
    fn lines(&self) -> impl Iterator<Item = Run> + '_ {
        let layout = &self.sample.layout;
        let fills = |run: &Run| {
            let needed = self.sample.options.longstring_share * layout.stretch(run.start) as f64;
            run.len >= SHORTEST_LINE && run.len as f64 >= needed
        };
        let may = usize::from(self.pattern().longstring()) >= SHORTEST_LINE;
        let runs = if may { self.runs() } else { Vec::new() };
        runs.into_iter().filter(fills)
    }

    fn runs(&self) -> Vec<Run> {
        let layout = &self.sample.layout;
        let mut runs: Vec<Run> = Vec::new();
        let mut before = None;
        for (at, column) in layout.columns.iter().enumerate() {
            let code = column.get(self.row).and_then(|byte| Answer::from_byte(*byte).code());
            match (code, runs.last_mut()) {
                (Some(code), Some(run)) if before == Some(code) && !layout.breaks.contains(&at) => {
                    run.len += 1;
                }
                (Some(code), _) => runs.push(Run { start: at, len: 1, code }),
                (None, _) => {}
            }
            before = code;
        }
        runs
    }

    fn of_run(&self, run: Run) -> &[AskedItem] {
        self.sample.layout.items.get(run.start..run.start + run.len).unwrap_or_default()
    }

    fn contradicts(&self, run: Run) -> bool {
        let items = self.of_run(run);
        items.iter().any(|item| {
            let middle = u16::from(item.codes.0) + u16::from(item.codes.1);
            2 * u16::from(run.code) != middle && items.iter().any(|other| item.opposes(other))
        })
    }

    /// Whether the run is what somebody without strain answers.
    fn is_calm(&self, run: Run) -> bool {
        self.of_run(run).iter().all(|item| item.calm.contains(&run.code))
    }
}
