//! The gate at the end of a file: codes that count from another base, texts that nobody explained,
//! rows that come twice.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::fold::fold;
use super::number::Number;
use super::reader::Slot;
use super::report::{CellFinding, CodingFinding, Repeat, RepeatKind, Repeats, Tally, UnreadText};
use super::sentinel::trim;
use super::{Profile, SurveyError};
use crate::answers::Answer;

/// Texts that are kept apart in each response set; further ones count as cells only.
const MOST_TEXTS: usize = 500;
/// Rows whose ids and answers are remembered: what keeps memory bounded.
const MOST_ROWS: usize = 200_000;
/// Repeats that are listed.
const LISTED: usize = 1000;
/// A text in so many cells, and in one cell of so many, is a label and no slip.
const LABEL_CELLS: u64 = 5;
const LABEL_ONE_IN: u64 = 50;
/// Cells from which a code beyond the offered ones stops the run.
const STRONG_CELLS: u64 = 100;
/// Cells below which an unused code says nothing.
const WEAK_CELLS: u64 = 20;
/// Fewest cells with a code of the other base that speak against cells that speak for this one.
const LEAST_BEYOND: u64 = 3;
/// Cells with the code at the end that the next three let expect, from which none at all is odd.
const EXPECTED: f64 = 15.0;
/// Most codes of a set that is counted; more are a scale of numbers.
const MOST_CODES: u8 = 11;

/// What one response set of one instrument offers, and which items have it.
#[derive(Debug)]
pub(super) struct SetSeen {
    pub(super) instrument: String,
    pub(super) responses: String,
    /// Lowest and highest code, where they follow one another and the file has no codes of its own.
    pub(super) span: Option<(u8, u8)>,
    pub(super) decimal_comma: bool,
    texts: Vec<Text>,
    places: HashMap<String, usize>,
}

#[derive(Debug)]
struct Text {
    text: String,
    cells: u64,
    row: u64,
    label: bool,
    /// Position of the slot, and cells of it.
    slots: Vec<(usize, u64)>,
}

impl SetSeen {
    pub(super) fn new(
        instrument: &str,
        responses: &str,
        (span, decimal_comma): (Option<(u8, u8)>, bool),
    ) -> Self {
        Self {
            instrument: instrument.to_owned(),
            responses: responses.to_owned(),
            span: span.filter(|(low, high)| low < high && high - low < MOST_CODES),
            decimal_comma,
            texts: Vec::new(),
            places: HashMap::new(),
        }
    }

    #[cold]
    fn unread(&mut self, slot: usize, text: &str, (row, label): (u64, bool)) {
        let folded = fold(text);
        let at = match self.places.get(&folded) {
            Some(at) => *at,
            None if self.texts.len() >= MOST_TEXTS => return,
            None => {
                let text = CellFinding::shortened(text);
                self.texts.push(Text { text, cells: 0, row, label, slots: Vec::new() });
                self.places.insert(folded, self.texts.len() - 1);
                self.texts.len() - 1
            }
        };
        let Some(known) = self.texts.get_mut(at) else { return };
        known.cells += 1;
        match known.slots.iter_mut().find(|(known, _)| *known == slot) {
            Some((_, cells)) => *cells += 1,
            None => known.slots.push((slot, 1)),
        }
    }

    /// Cells of a slot that hold a number which the items do not offer.
    fn not_offered(&self, slot: usize, code: Option<u8>) -> u64 {
        let is_code = |text: &&Text| {
            let number = Number::parse(trim(&text.text), self.decimal_comma);
            code.is_some() && number.and_then(Number::code) == code
        };
        let of_slot = |text: &Text| {
            let own = text.slots.iter().find(|(known, _)| *known == slot);
            own.map_or(0, |(_, cells)| *cells)
        };
        self.texts.iter().filter(is_code).map(of_slot).sum()
    }
}

/// What the rows showed, beside what was counted of each item.
#[derive(Debug)]
pub(super) struct Gate {
    as_coded: bool,
    leaves_unread: bool,
    ids_may_repeat: bool,
    pub(super) sets: Vec<SetSeen>,
    ids: HashMap<u64, u64>,
    rows: HashMap<u64, u64>,
    repeated_ids: u64,
    first_ids: Vec<Repeat>,
    /// Row, the earlier row, and the answers of both.
    equal: Vec<(Repeat, Box<[u8]>)>,
    ids_with_digits: u64,
    ids_without: u64,
    odd: Vec<Repeat>,
}

/// What stood in the columns, and who they are.
pub(super) struct Columns<'a> {
    pub(super) slots: &'a [Slot],
    pub(super) tallies: &'a [Tally],
    /// Id of the item and name of the column of each slot.
    pub(super) names: &'a dyn Fn(usize) -> Option<(String, String)>,
}

impl Columns<'_> {
    /// Positions of the slots of a response set that have a column.
    fn of_set(&self, set: usize) -> impl Iterator<Item = usize> {
        let slots = self.slots.iter().enumerate();
        slots.filter(move |(_, s)| s.reader == set && s.column.is_some()).map(|(at, _)| at)
    }
}

/// How often each code of a set was read, and the codes next to it that it does not offer.
#[derive(Debug, Default)]
struct Counted {
    cells: u64,
    items: u64,
    codes: Vec<u64>,
    below: u64,
    above: u64,
}

/// A base other than the offered one: evidence for and against it.
#[derive(Debug, Clone, Copy)]
struct Case {
    from: u8,
    /// Cells with the code that only the other base has.
    beyond: u64,
    /// Cells with the code that only the offered base has.
    unused: u64,
    strong: bool,
}

impl Counted {
    fn at(&self, from_end: usize, up: bool) -> u64 {
        let at = if up { Some(from_end) } else { self.codes.len().checked_sub(from_end + 1) };
        at.and_then(|at| self.codes.get(at)).copied().unwrap_or_default()
    }

    /// Whether the file counts from 1 where the set does from 0, or the other way round.
    fn case(&self, low: u8) -> Option<Case> {
        let up = match low {
            0 => true,
            1 => false,
            _ => return None,
        };
        let (beyond, other) = if up { (self.above, self.below) } else { (self.below, self.above) };
        let unused = self.at(0, up);
        let from = u8::from(up);
        let case = |strong| Some(Case { from, beyond, unused, strong });
        // A single 0 is how some files write a blank.
        let sure = if up { 1 } else { LEAST_BEYOND };
        if unused == 0 && beyond > 0 && self.cells >= WEAK_CELLS {
            return case(beyond >= sure && self.cells >= STRONG_CELLS);
        }
        if beyond >= LEAST_BEYOND && beyond >= 20 * unused {
            return case(false);
        }
        // Nobody used the code at the end, though the one next to it is as frequent as the one after:
        // answers do not break off like that.
        let (next, after) = (self.at(1, up), self.at(2, up));
        let breaks_off = next >= LABEL_CELLS && {
            let (next, after, last) = (next as f64, after as f64, self.at(3, up) as f64);
            // Counts whose logarithms bend as those of the three next to it do.
            let expected = next.min(last * (next / after.max(1.0)).powi(3));
            next + next.sqrt() >= after || expected >= EXPECTED
        };
        let silent = beyond == 0 && other == 0 && unused == 0 && self.codes.len() > 2;
        // What one or two people never answered says nothing.
        let several = self.cells >= WEAK_CELLS.max(3 * self.items);
        if silent && several && breaks_off { case(false) } else { None }
    }
}

impl Gate {
    pub(super) fn new(profile: &Profile, ids_may_repeat: bool) -> Self {
        Self {
            as_coded: profile.is_as_coded(),
            leaves_unread: profile.leaves_unread(),
            ids_may_repeat,
            sets: Vec::new(),
            ids: HashMap::new(),
            rows: HashMap::new(),
            repeated_ids: 0,
            first_ids: Vec::new(),
            equal: Vec::new(),
            ids_with_digits: 0,
            ids_without: 0,
            odd: Vec::new(),
        }
    }

    /// Notes a cell that was not understood.
    #[cold]
    pub(super) fn unread(&mut self, (set, slot): (usize, usize), text: &str, place: (u64, bool)) {
        if let Some(set) = self.sets.get_mut(set) {
            set.unread(slot, text, place);
        }
    }

    /// Notes who answered a row, and what.
    pub(super) fn row<'a>(
        &mut self,
        (row, id): (u64, Option<&str>),
        answers: &[u8],
        mut forms: impl Iterator<Item = &'a [u8]>,
    ) {
        if let Some(id) = id.map(trim).filter(|id| !id.is_empty()) {
            self.id(row, id);
        }
        let varies = |form: &[u8]| {
            let mut codes = form.iter().filter(|byte| **byte <= Answer::HIGHEST_CODE);
            let first = codes.next();
            codes.any(|code| Some(code) != first)
        };
        if !forms.any(varies) {
            return; // one answer all the way down comes often
        }
        if let Some(same_as) = seen(&mut self.rows, answers, row)
            && self.equal.len() < LISTED
        {
            let id = id.map(str::to_owned);
            let repeat = Repeat { row, id, kind: RepeatKind::Answers, same_as: Some(same_as) };
            self.equal.push((repeat, answers.into()));
        }
    }

    fn id(&mut self, row: u64, id: &str) {
        let entry = |kind, same_as| Repeat { row, id: Some(id.to_owned()), kind, same_as };
        if id.bytes().any(|byte| byte.is_ascii_digit()) {
            self.ids_with_digits += 1;
        } else {
            self.ids_without += 1;
            if self.odd.len() < LISTED {
                self.odd.push(entry(RepeatKind::OddId, None));
            }
        }
        if self.ids_may_repeat {
            return;
        }
        if let Some(same_as) = seen(&mut self.ids, id, row) {
            self.repeated_ids += 1;
            if self.first_ids.len() < LISTED {
                self.first_ids.push(entry(RepeatKind::Id, Some(same_as)));
            }
        }
    }

    /// Sets whose codes count from another base than the file's.
    pub(super) fn coding(&self, columns: &Columns<'_>) -> Vec<CodingFinding> {
        let mut findings = Vec::new();
        for (at, set) in self.sets.iter().enumerate() {
            let Some((low, high)) = set.span else { continue };
            // A label that was read beside its code, or in its place, settles what a code means.
            let is_number = |slot: &usize| columns.tallies.get(*slot).is_some_and(Tally::is_coded);
            let slots: Vec<usize> = columns.of_set(at).filter(is_number).collect();
            let mut add = |slots: &[usize], case: Case, cells: u64| {
                let items = slots.iter().filter_map(|slot| (columns.names)(*slot)).map(|n| n.0);
                let stored = |code: u8| {
                    if case.from > low { code.saturating_add(1) } else { code.saturating_sub(1) }
                };
                let recode = (low..=high).map(|code| format!("{}={code}", stored(code)));
                findings.push(CodingFinding {
                    instrument: set.instrument.clone(),
                    items: items.collect(),
                    strong: case.strong,
                    counts_from: case.from,
                    offered_from: low,
                    cells,
                    beyond: case.beyond,
                    unused: case.unused,
                    recode: recode.collect::<Vec<_>>().join(","),
                });
            };
            let all = count(set, columns, &slots);
            if let Some(case) = all.case(low) {
                add(&slots, case, all.cells);
                continue;
            }
            for slot in &slots {
                let own = count(set, columns, std::slice::from_ref(slot));
                let case = own.case(low).filter(|case| case.beyond >= LEAST_BEYOND);
                if let Some(case) = case.filter(|_| own.cells >= WEAK_CELLS) {
                    add(&[*slot], Case { strong: false, ..case }, own.cells);
                }
            }
        }
        findings
    }

    /// Texts that were not understood, the most frequent first.
    pub(super) fn texts(&self, columns: &Columns<'_>) -> Vec<UnreadText> {
        let mut found = Vec::new();
        for (at, set) in self.sets.iter().enumerate().filter(|(_, set)| !set.texts.is_empty()) {
            let tallies = columns.of_set(at).filter_map(|slot| columns.tallies.get(slot));
            let of: u64 = tallies.map(Tally::cells).sum();
            found.extend(set.texts.iter().map(|text| {
                let names = text.slots.iter().filter_map(|(slot, _)| (columns.names)(*slot));
                let names: BTreeSet<String> = names.map(|(_, column)| column).collect();
                UnreadText {
                    instrument: set.instrument.clone(),
                    responses: set.responses.clone(),
                    text: text.text.clone(),
                    cells: text.cells,
                    of,
                    columns: names.into_iter().collect(),
                    row: text.row,
                    is_label: text.label,
                }
            }));
        }
        found.sort_by(|a, b| b.cells.cmp(&a.cells).then(a.row.cmp(&b.row)));
        found
    }

    /// Ids and rows that come again, and ids that no other resembles.
    pub(super) fn repeats(&self, columns: &Columns<'_>) -> Repeats {
        let rows = columns.tallies.iter().map(Tally::cells).max().unwrap_or_default();
        let equal = self.equal.iter().filter(|(_, answers)| unlikely(answers, columns, rows));
        let equal: Vec<Repeat> = equal.map(|(repeat, _)| repeat.clone()).collect();
        let few = self.ids_without == 1 || self.ids_without * 20 <= self.ids_with_digits;
        let odd = if few && self.ids_with_digits >= 3 { &self.odd[..] } else { &[] };
        Repeats {
            ids: self.repeated_ids,
            rows: equal.len() as u64,
            odd_ids: odd.len() as u64,
            first: self.first_ids.iter().chain(&equal).chain(odd).cloned().collect(),
        }
    }

    /// Refuses a file that says that something is wrong with how it is read.
    pub(super) fn pass(&self, columns: &Columns<'_>) -> Result<(), SurveyError> {
        let coding = if self.as_coded { Vec::new() } else { self.coding(columns) };
        if let Some(finding) = coding.into_iter().find(|finding| finding.strong) {
            return Err(SurveyError::OtherBase { finding: Box::new(finding) });
        }
        if self.leaves_unread || self.sets.iter().all(|set| set.texts.is_empty()) {
            return Ok(());
        }
        let texts = self.texts(columns);
        let is_label = |text: &UnreadText| {
            let is_number = Number::parse(trim(&text.text), true).is_some();
            text.cells >= LABEL_CELLS
                && text.cells * LABEL_ONE_IN >= text.of
                && !(self.as_coded && is_number)
        };
        match texts.into_iter().find(is_label) {
            Some(finding) => Err(SurveyError::UnknownLabel { finding: Box::new(finding) }),
            None => Ok(()),
        }
    }
}

fn count(set: &SetSeen, columns: &Columns<'_>, slots: &[usize]) -> Counted {
    let Some((low, high)) = set.span else { return Counted::default() };
    let mut all = Counted { codes: vec![0; usize::from(high - low) + 1], ..Counted::default() };
    for slot in slots {
        let Some(tally) = columns.tallies.get(*slot) else { continue };
        for (code, count) in (low..=high).zip(&mut all.codes) {
            *count += tally.of(code);
        }
        all.below += set.not_offered(*slot, low.checked_sub(1));
        all.above += set.not_offered(*slot, high.checked_add(1));
    }
    all.items = slots.len() as u64;
    all.cells = all.codes.iter().sum::<u64>() + all.below + all.above;
    all
}

/// The row in which the same was seen first, if it was; else remembers this one.
fn seen<T: Hash + ?Sized>(known: &mut HashMap<u64, u64>, what: &T, row: u64) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    let hash = hasher.finish();
    if known.len() >= MOST_ROWS {
        return known.get(&hash).copied();
    }
    match known.entry(hash) {
        std::collections::hash_map::Entry::Occupied(first) => Some(*first.get()),
        std::collections::hash_map::Entry::Vacant(place) => {
            place.insert(row);
            None
        }
    }
}

/// Whether a file of so many rows would hardly hold such answers twice by chance, each item taken
/// by itself.
fn unlikely(answers: &[u8], columns: &Columns<'_>, rows: u64) -> bool {
    let rows = rows.max(1) as f64;
    let bits: f64 = answers
        .iter()
        .zip(columns.tallies)
        .filter(|(byte, _)| **byte <= Answer::HIGHEST_CODE)
        .map(|(byte, tally)| -(tally.of(*byte).max(1) as f64 / rows).min(1.0).log2())
        .sum();
    bits >= (20.0 * rows).log2()
}
