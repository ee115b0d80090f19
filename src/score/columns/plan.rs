//! What counting over columns needs, compiled once for each instrument.
//!
//! Every reported scale rests on one or two *roots*: sums over items. A root that is small has few
//! states, (missing answers, sum), so whatever follows from a state is looked up in a table that
//! the very functions for one sheet have filled.

use crate::answers::{Answer, MissingKind};
use crate::instrument::{BandSet, Exact, Instrument, Item};
use crate::score::columns::NO_BAND;
use crate::score::rule::{CompiledTerm, Rule, Verb};
use crate::score::tally::Tally;
use crate::score::value::{NO_STATE, Status, Valued, of_items, of_scales};

/// Most states of a scale that are tabulated, and of all scales together: some ten megabytes.
const MOST_STATES: usize = 1 << 16;
const MOST_STATES_IN_ALL: usize = 1 << 17;
/// Items whose bytes are added at one go; so many always fit a byte's sum by `Group::at_once`.
pub(super) const MOST_AT_ONCE: usize = 16;

/// Recoded bytes: what is neither an answer nor plainly missing, and what is missing.
pub(super) const ODD: u8 = 254;
pub(super) const GONE: u8 = 255;

/// One table entry of the general count: fields of one integer that add up side by side.
pub(crate) mod packed {
    /// Points above the lowest that each answer can add. The loader allows a thousand items, values
    /// within ten thousand and sums within a hundred thousand: 10.1 million at most, and 24 bits
    /// hold 16.7 million.
    pub(crate) const SUM: u32 = 0;
    /// Items without a code.
    pub(crate) const MISSING: u32 = 24;
    /// Of these, not asked.
    pub(crate) const NOT_ASKED: u32 = 34;
    /// Of these, not applicable.
    pub(crate) const NOT_APPLICABLE: u32 = 44;
    /// Of these, unreadable.
    pub(crate) const UNREADABLE: u32 = 54;
    /// Not offered. Set in one entry only and looked for there: in a sum the bit belongs to the
    /// count of unreadable items.
    pub(crate) const BAD: u64 = 1 << 63;

    /// Whether a row has more than answers and plainly missing ones.
    pub(crate) const fn is_special(count: u64) -> bool {
        count >> NOT_ASKED != 0
    }

    /// One field of a sum of entries.
    pub(crate) const fn field(entry: u64, at: u32) -> u64 {
        let bits = if at == SUM { MISSING } else { 10 };
        entry >> at & ((1 << bits) - 1)
    }
}

/// Items with the same codes, each counting as its code does or the other way round.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// Lowest code, and how many above it the highest is.
    pub(super) low: u8,
    pub(super) span: u8,
    pub(super) straight: Vec<usize>,
    pub(super) reversed: Vec<usize>,
    /// Items added at one go: their sum fits a byte.
    pub(super) at_once: usize,
}

/// A sum over items.
#[derive(Debug, Clone)]
pub(super) struct Root {
    pub(super) rule: usize,
    pub(super) items: u16,
    /// Least that an answer adds.
    pub(super) low: i32,
    /// Number of sums above the lowest, itself included.
    pub(super) width: usize,
    /// Lowest and highest sum of whichever answers are there.
    pub(super) range: (i64, i64),
    /// Contiguous codes: added many at a time.
    pub(super) groups: Vec<Group>,
    /// Other codes: recoded by a table, then added many at a time; places in [`Compiled::recoded`].
    pub(super) recoded: Vec<usize>,
    /// Whether groups and recoded items are the whole scale and fit the fast count.
    pub(super) is_fast: bool,
    /// Whether every sum is below 255.
    pub(super) is_narrow: bool,
    /// Item and table of the general count, in form order.
    pub(super) terms: Vec<(u16, u16)>,
}

/// How a band is told from a state.
#[derive(Debug, Clone)]
pub(super) enum Bands {
    /// None has one.
    None,
    /// Band `j + 1` from a sum on.
    Steps(Vec<Step>),
    /// From the table.
    Table,
}

/// The sum from which a band is reached.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// With no answer missing.
    pub(super) first: u16,
    /// For 1, 2, ... missing answers, as bits that differ from `first`.
    pub(super) flips: Vec<u16>,
}

/// What follows from each state of a root.
#[derive(Debug, Clone)]
pub(crate) struct States {
    width: usize,
    /// By missing answers, then by sum; rows end where the missing rule does.
    pub(crate) valued: Vec<Valued>,
    pub(super) values: Vec<f64>,
    /// The nearest `f32` of each value.
    pub(super) values_f32: Vec<f32>,
    pub(super) bands: Vec<u8>,
    pub(super) steps: Bands,
    /// Most missing answers with which there is a band.
    pub(super) banded: u8,
    /// By missing answers, up to all items.
    pub(super) statuses: Vec<Status>,
}

impl States {
    /// Position of a state; beyond the table where the missing rule refuses it.
    #[inline]
    pub(crate) fn at(&self, missing: usize, sum: usize) -> usize {
        missing * self.width + sum
    }
}

/// A reported scale.
#[derive(Debug, Clone)]
pub(super) enum Shown {
    /// On one root, with its table if that is small.
    One { root: usize, rule: usize, states: Option<States> },
    /// A ratio: on two.
    Two { rule: usize, roots: [usize; 2] },
}

/// An instrument and a caller's choices, compiled for counting.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    pub(super) roots: Vec<Root>,
    pub(super) shown: Vec<Shown>,
    pub(super) tables: Vec<[u64; 256]>,
    /// Every way in which an item is recoded.
    pub(super) recoded: Vec<Recoded>,
    /// Items that no reported scale counts: checked, not added. As a root without a rule.
    pub(super) others: Root,
    pub(super) gates: Vec<Gate>,
}

/// An item whose bytes become points by a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recoded {
    pub(super) item: usize,
    /// Points above the scale's lowest, [`GONE`] or [`ODD`].
    pub(super) table: Box<[u8; 256]>,
    pub(super) highest: u8,
}

/// An item whose answer another one may imply.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    pub(super) item: usize,
    pub(super) gate: usize,
    /// The implied answer for each answer to the gate; where none is implied, [`GONE`].
    pub(super) implied: Box<[u8; 256]>,
}

impl Gate {
    fn of(at: usize, items: &[Item]) -> Option<Self> {
        let implied = items.get(at)?.implied()?;
        let gate = items.get(implied.gate())?.responses();
        let mut table = Box::new([GONE; 256]);
        for (byte, entry) in (0..=Answer::HIGHEST_CODE).zip(table.iter_mut()) {
            // A number that the gate does not offer is unreadable, and implies nothing.
            if gate.contains(byte) && implied.op().holds(i64::from(byte), implied.number()) {
                *entry = implied.code();
            }
        }
        Some(Self { item: at, gate: implied.gate(), implied: table })
    }
}

impl Compiled {
    pub(super) fn is_gated(&self, item: usize) -> bool {
        self.gates.iter().any(|gate| gate.item == item)
    }

    /// Counts a row, one byte for each item, for each root; whether every byte is an answer to its
    /// item.
    #[inline]
    pub(crate) fn count(&self, row: &[u8], counts: &mut Vec<u64>) -> bool {
        counts.resize(self.roots.len() + 1, 0);
        let mut seen = 0;
        for (root, slot) in self.roots.iter().chain([&self.others]).zip(counts) {
            let mut count = 0_u64;
            for (item, table) in &root.terms {
                let byte = row.get(usize::from(*item)).copied().unwrap_or(u8::MAX);
                let table = self.tables.get(usize::from(*table));
                let entry = table.map_or(packed::BAD, |table| entry(table, byte));
                count = count.wrapping_add(entry);
                seen |= entry;
            }
            *slot = count;
        }
        seen & packed::BAD == 0
    }

    /// How a reported scale comes out, if its table of states holds the row.
    #[inline]
    pub(crate) fn state(&self, position: usize, counts: &[u64]) -> Option<&Valued> {
        let Some(Shown::One { root, states: Some(states), .. }) = self.shown.get(position) else {
            return None;
        };
        let count = *counts.get(*root)?;
        if packed::is_special(count) {
            return None;
        }
        let field = |at| usize::try_from(packed::field(count, at)).unwrap_or(usize::MAX);
        states.valued.get(states.at(field(packed::MISSING), field(packed::SUM)))
    }
}

/// What a byte adds.
#[inline]
#[allow(clippy::indexing_slicing)] // a byte is an index of 256 entries
fn entry(table: &[u64; 256], byte: u8) -> u64 {
    table[usize::from(byte)]
}

struct Tables<'a> {
    readable: &'a [[bool; 256]],
    packed: Vec<[u64; 256]>,
    recoded: Vec<Recoded>,
}

impl Compiled {
    pub(crate) fn new(
        instrument: &Instrument,
        rules: &[Rule],
        active: &[usize],
        (sets, readable): (&[Option<&BandSet>], &[[bool; 256]]),
    ) -> Self {
        let mut tables = Tables { readable, packed: Vec::new(), recoded: Vec::new() };
        let mut roots: Vec<Root> = Vec::new();
        let mut root_of = |rule: usize| {
            roots.iter().position(|root| root.rule == rule).unwrap_or_else(|| {
                let terms = rules.get(rule).map_or(&[][..], |rule| &rule.terms);
                roots.push(tables.root(rule, terms));
                roots.len() - 1
            })
        };
        let mut shown = Vec::new();
        for at in active {
            let Some(rule) = rules.get(*at) else { continue };
            shown.push(match rule.verb {
                Verb::Sum | Verb::Mean => (*at, [root_of(*at), usize::MAX]),
                Verb::Times { from, .. } | Verb::Table { from, .. } => {
                    (*at, [root_of(from), usize::MAX])
                }
                Verb::Ratio { numerator, denominator, .. } => {
                    (*at, [root_of(numerator), root_of(denominator)])
                }
            });
        }
        let mut left = MOST_STATES_IN_ALL;
        let shown = shown.into_iter().zip(sets).map(|((rule, roots_of), set)| match roots_of {
            [root, usize::MAX] => {
                let most = left.min(MOST_STATES);
                let states = roots.get(root).and_then(|r| states((rules, rule), r, *set, most));
                left -= states.as_ref().map_or(0, |states| states.valued.len());
                Shown::One { root, rule, states }
            }
            roots => Shown::Two { rule, roots },
        });
        let shown = shown.collect();
        let is_counted =
            |item: usize| roots.iter().any(|r| r.terms.iter().any(|t| usize::from(t.0) == item));
        let others = (0..instrument.items().len()).filter(|item| !is_counted(*item)).collect();
        let others = tables.unscored(others);
        let items = instrument.items();
        let gates = (0..items.len()).filter_map(|at| Gate::of(at, items)).collect();
        let Tables { packed, recoded, .. } = tables;
        Self { roots, shown, tables: packed, recoded, others, gates }
    }
}

impl Tables<'_> {
    fn root(&mut self, rule: usize, terms: &[CompiledTerm]) -> Root {
        let low = terms.iter().map(|term| term.low).min().unwrap_or(0);
        let width: i64 = terms.iter().map(|term| i64::from(term.high) - i64::from(low)).sum();
        let mut root = Root {
            rule,
            items: u16::try_from(terms.len()).unwrap_or(u16::MAX),
            low,
            width: usize::try_from(width).unwrap_or(usize::MAX).saturating_add(1),
            range: terms.iter().fold((0, 0), |(low, high), term| {
                (low + i64::from(term.low.min(0)), high + i64::from(term.high.max(0)))
            }),
            groups: Vec::new(),
            recoded: Vec::new(),
            is_fast: terms.len() < usize::from(u8::MAX) && width < i64::from(u16::MAX),
            is_narrow: width < i64::from(u8::MAX),
            terms: Vec::new(),
        };
        for term in terms {
            let table = self.packed(term, low);
            root.terms.push((index(term.item), index(table)));
            match interval(term, low) {
                Some((code, span, reversed)) => root.add(term.item, (code, span, reversed)),
                None => match self.recoded(term, low) {
                    Some(recoded) => root.recoded.push(recoded),
                    None => root.is_fast = false,
                },
            }
        }
        root
    }

    /// Items as a root that adds nothing: only whether each answer is offered.
    fn unscored(&mut self, items: Vec<usize>) -> Root {
        let terms = items.into_iter().map(|item| {
            let readable = self.readable.get(item);
            let mut table = [0; 256];
            for (at, entry) in table.iter_mut().enumerate() {
                let offered = readable.and_then(|readable| readable.get(at)) == Some(&true);
                *entry = if offered { 0 } else { packed::BAD };
            }
            (index(item), index(share(&mut self.packed, table)))
        });
        Root {
            rule: usize::MAX,
            items: 0,
            low: 0,
            width: 0,
            range: (0, 0),
            groups: Vec::new(),
            recoded: Vec::new(),
            is_fast: false,
            is_narrow: false,
            terms: terms.collect(),
        }
    }

    fn packed(&mut self, term: &CompiledTerm, low: i32) -> usize {
        let mut table = [0; 256];
        for (byte, entry) in (0..=u8::MAX).zip(table.iter_mut()) {
            *entry = match (term.value(byte), Answer::from_byte(byte)) {
                (Some(value), _) => u64::try_from(value - low).unwrap_or(packed::BAD),
                (None, Answer::Missing(kind)) => {
                    let missing = 1 << packed::MISSING;
                    missing
                        + match kind {
                            MissingKind::NotAsked => 1 << packed::NOT_ASKED,
                            MissingKind::NotApplicable => 1 << packed::NOT_APPLICABLE,
                            MissingKind::Unreadable => 1 << packed::UNREADABLE,
                            MissingKind::Skipped | MissingKind::Declined => 0,
                        }
                }
                (None, Answer::Code(_)) => packed::BAD,
            };
        }
        share(&mut self.packed, table)
    }

    /// Bytes to points above the lowest, if these fit a byte.
    fn recoded(&mut self, term: &CompiledTerm, low: i32) -> Option<usize> {
        let mut table = [ODD; 256];
        for (byte, entry) in (0..=u8::MAX).zip(table.iter_mut()) {
            *entry = match (term.value(byte), Answer::from_byte(byte)) {
                (Some(value), _) => {
                    u8::try_from(value - low).ok().filter(|points| *points < ODD)?
                }
                (None, Answer::Missing(kind)) => match kind {
                    MissingKind::NotAsked
                    | MissingKind::Unreadable
                    | MissingKind::NotApplicable => ODD,
                    MissingKind::Skipped | MissingKind::Declined => GONE,
                },
                (None, Answer::Code(_)) => ODD,
            };
        }
        let points = table.iter().copied().filter(|points| *points < ODD);
        let highest = points.max().unwrap_or(0);
        let (item, table) = (term.item, Box::new(table));
        Some(share(&mut self.recoded, Recoded { item, table, highest }))
    }
}

impl Root {
    fn add(&mut self, item: usize, (low, span, reversed): (u8, u8, bool)) {
        let known = self.groups.iter().position(|g| (g.low, g.span) == (low, span));
        let at = known.unwrap_or_else(|| {
            let most = usize::from(u8::MAX / span.max(1)).min(MOST_AT_ONCE);
            let (straight, reversed) = (Vec::new(), Vec::new());
            self.groups.push(Group { low, span, straight, reversed, at_once: most });
            self.groups.len() - 1
        });
        let Some(group) = self.groups.get_mut(at) else { return };
        if reversed { group.reversed.push(item) } else { group.straight.push(item) }
    }
}

/// Codes without a gap that count by one point each, from the scale's lowest up: lowest code, how
/// many above it the highest is, and whether they count the other way round.
fn interval(term: &CompiledTerm, low: i32) -> Option<(u8, u8, bool)> {
    let codes = || (0..=Answer::HIGHEST_CODE).filter_map(|byte| Some((byte, term.value(byte)?)));
    let (first, _) = codes().next()?;
    let (last, _) = codes().next_back()?;
    let span = last - first;
    let points = |straight: bool| {
        codes().zip(first..=last).all(|((byte, value), expected)| {
            let points = if straight { byte - first } else { last - byte };
            byte == expected && value - low == i32::from(points)
        }) && codes().count() == usize::from(span) + 1
    };
    match (points(true), points(false)) {
        (true, _) => Some((first, span, false)),
        (_, true) => Some((first, span, true)),
        _ => None,
    }
}

/// Items and tables are at most a thousand each.
fn index(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

fn share<T: PartialEq>(tables: &mut Vec<T>, table: T) -> usize {
    tables.iter().position(|known| *known == table).unwrap_or_else(|| {
        tables.push(table);
        tables.len() - 1
    })
}

/// The scale at `rule` for every state of its root, where these are few.
fn states(
    (rules, rule): (&[Rule], usize),
    root: &Root,
    set: Option<&BandSet>,
    most_states: usize,
) -> Option<States> {
    let (rule, source) = (rules.get(rule)?, rules.get(root.rule)?);
    let items = usize::from(root.items);
    let allowed = items.checked_sub(usize::from(source.needs.max(1)))?;
    if root.width.checked_mul(allowed + 1)? > most_states {
        return None;
    }
    // What a missing answer leaves open is known from the state where all items count alike.
    let (least, most) = (root.low, source.terms.iter().map(|term| term.high).max()?);
    let valued = |missing: usize, sum: usize| {
        let missing = u16::try_from(missing).unwrap_or(u16::MAX);
        let open = i32::from(missing);
        let answered = root.items - missing.min(root.items);
        let tally = Tally {
            sum: i32::try_from(sum).unwrap_or(i32::MAX) + root.low * i32::from(answered),
            answered,
            open_low: open * least,
            open_high: open * most,
            ..Tally::default()
        };
        of_tally(rules, rule, root.rule, &tally)
    };
    // Items that count differently score only when complete: their lows add up otherwise.
    let uneven = source.terms.iter().any(|term| (term.low, term.high) != (least, most));
    let allowed = if uneven { 0 } else { allowed };
    let mut states = States {
        width: root.width,
        valued: Vec::new(),
        values: Vec::new(),
        values_f32: Vec::new(),
        bands: Vec::new(),
        steps: Bands::None,
        banded: 0,
        statuses: (0..=items).map(|missing| valued(missing, 0).status).collect(),
    };
    let mut reaches = Vec::new();
    for missing in 0..=allowed {
        let reach = root.width.saturating_sub(missing * usize::try_from(most - least).ok()?);
        let row = (0..root.width).map(|sum| {
            let state = u32::try_from(missing * root.width + sum).unwrap_or(NO_STATE);
            Valued { state, ..valued(missing, sum).in_bands(set) }
        });
        let row: Vec<Valued> = row.collect();
        let bands: Vec<u8> = row.iter().map(|valued| valued.band).collect();
        reaches.push(bands.get(..reach)?.to_vec());
        states.values.extend(row.iter().map(|v| v.value.map_or(f64::NAN, Exact::to_f64)));
        states.bands.extend(bands);
        states.valued.extend(row);
    }
    (states.steps, states.banded) = steps(&reaches);
    #[allow(clippy::cast_possible_truncation)] // the nearest f32 is what is meant
    states.values_f32.extend(states.values.iter().map(|value| *value as f32));
    Some(states)
}

/// The scale of a rule from a count of its root.
pub(super) fn of_tally(rules: &[Rule], rule: &Rule, root: usize, tally: &Tally) -> Valued {
    if rule.terms.is_empty() {
        of_scales(rule, |_| rules.get(root).map(|source| of_items(source, tally)))
    } else {
        of_items(rule, tally)
    }
}

/// The steps between bands, and the most missing answers with which there is one; `reaches` has for
/// each number of missing answers the band of each sum that can come about.
fn steps(reaches: &[Vec<u8>]) -> (Bands, u8) {
    let has = |bands: &Vec<u8>| bands.iter().all(|band| *band != NO_BAND);
    let with = reaches.iter().take_while(|bands| has(bands)).count();
    let is_plain = reaches.iter().skip(with).flatten().all(|band| *band == NO_BAND)
        && reaches.iter().take(with).all(|bands| bands.is_sorted());
    let highest = reaches.iter().take(with).flatten().copied().max();
    let (Some(highest), true) = (highest, is_plain) else {
        let none = reaches.iter().flatten().all(|band| *band == NO_BAND);
        let most = u8::try_from(reaches.len().saturating_sub(1)).unwrap_or(u8::MAX);
        return if none { (Bands::None, 0) } else { (Bands::Table, most) };
    };
    let steps = (1..=highest).map(|band| {
        let from = |bands: &Vec<u8>| {
            let at = bands.iter().position(|known| *known >= band);
            // A band that so few answers cannot reach begins above every sum.
            at.and_then(|at| u16::try_from(at).ok()).unwrap_or(UNREACHED)
        };
        let first = reaches.first().map_or(UNREACHED, from);
        let others = reaches.iter().take(with).skip(1);
        Step { first, flips: others.map(|bands| from(bands) ^ first).collect() }
    });
    (Bands::Steps(steps.collect()), u8::try_from(with - 1).unwrap_or(u8::MAX))
}

/// Above every sum, also where only its low byte is looked at.
const UNREACHED: u16 = u16::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    /// Which scales of the catalogue leave the fast lane: the list in `docs/PERFORMANCE.md`.
    #[test]
    fn the_page_names_what_leaves_the_fast_lane() {
        let (mut recoded, mut gated, mut general) = (Vec::new(), Vec::new(), Vec::new());
        for instrument in crate::catalog::all() {
            let scorer = instrument.scorer();
            let compiled = scorer.counting();
            let id = instrument.id().to_owned();
            let is_slow = |shown: &Shown| match shown {
                Shown::One { root, states, .. } => {
                    states.is_none() || !compiled.roots.get(*root).is_some_and(|r| r.is_fast)
                }
                Shown::Two { .. } => true,
            };
            if compiled.shown.iter().any(is_slow) {
                general.push(id.clone());
            }
            if !compiled.gates.is_empty() {
                gated.push(id.clone());
            }
            if compiled.roots.iter().any(|root| !root.recoded.is_empty()) {
                recoded.push(id);
            }
        }
        let page = include_str!("../../../docs/PERFORMANCE.md");
        let lines = [("recoded", recoded), ("gated", gated), ("general", general)];
        let lines = lines.map(|(what, ids)| {
            let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
            format!("* {what}: {}", if ids.is_empty() { "none".to_owned() } else { ids.join(", ") })
        });
        let said = lines.iter().all(|line| page.contains(line));
        assert!(said, "docs/PERFORMANCE.md should say:\n{}", lines.join("\n"));
    }
}
