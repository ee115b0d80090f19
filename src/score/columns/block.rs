//! A block of rows: its bytes, its counts, and the two lanes that make them.

// Indices are below the constant lengths of the arrays that they index, or bytes into 256 entries.
#![allow(clippy::indexing_slicing)]

use std::ops::Range;

use super::buffers::{ScaleBuffers, put};
use super::finish::Finish;
use super::kernel::{Add, Counts, GROUPS, LANES, Lane, MOST_ROWS, Points, Work};
use super::packed;
use super::plan::{Compiled, GONE, MOST_AT_ONCE, ODD, Root, Shown, of_tally};
use super::transpose::transpose;
use super::wide::Wide;
use crate::answers::{Answer, AnswerError, Coding, Frame, MissingKind, NotOffered, Plain};
use crate::instrument::Exact;
use crate::score::scorer::Scorer;
use crate::score::tally::Tally;
use crate::score::value::{Valued, of_items, of_scales};

/// Rows of a block whose bytes are narrowed or recoded: these too stay in a fast cache.
const NARROWED_ROWS: usize = 4096;
/// Rows that the general lane counts together.
const COUNTED_ROWS: usize = 1024;

pub(super) const UNREADABLE: u8 = Answer::Missing(MissingKind::Unreadable).to_byte();
const NOTHING: &[Lane] = &[];

/// What is worked on, and the memory for it.
pub(super) struct Block<'s, 'f> {
    scorer: &'s Scorer,
    compiled: &'s Compiled,
    frame: &'s Frame<'f>,
    /// Narrowed bytes of items that do not lie as bytes, then recoded ones, a block each.
    bytes: Vec<u8>,
    /// Whether the bytes are still coded as the caller's.
    raw: bool,
    /// Rows of the block, and whether all its numbers are codes or missing answers.
    rows: Range<usize>,
    filled: bool,
    unreadable: u64,
    wide: Wide,
    /// Rows of a whole block.
    block: usize,
}

impl<'s, 'f> Block<'s, 'f> {
    pub(super) fn new(scorer: &'s Scorer, frame: &'s Frame<'f>) -> Self {
        Self::with_memory(scorer, frame, Vec::new())
    }

    /// With memory of an earlier block.
    pub(super) fn with_memory(scorer: &'s Scorer, frame: &'s Frame<'f>, bytes: Vec<u8>) -> Self {
        let mut block = Self {
            scorer,
            compiled: scorer.counting(),
            frame,
            bytes,
            raw: false,
            rows: 0..0,
            filled: true,
            unreadable: 0,
            wide: Wide::new(),
            block: NARROWED_ROWS,
        };
        if block.lies_whole() {
            block.block = MOST_ROWS;
        }
        block
    }

    /// Whether nothing is to be narrowed or recoded.
    fn lies_whole(&self) -> bool {
        (0..self.items()).all(|item| self.lies(item)) && self.compiled.recoded.is_empty()
    }

    pub(super) fn run(
        mut self,
        rows: Range<usize>,
        out: &mut [ScaleBuffers<'_>],
    ) -> Result<u64, AnswerError> {
        self.run_to(rows, 0, out)?;
        Ok(self.unreadable)
    }

    /// Scores rows into the buffers from a place on; gives back the memory for the next block.
    pub(super) fn run_to(
        &mut self,
        rows: Range<usize>,
        place: usize,
        out: &mut [ScaleBuffers<'_>],
    ) -> Result<Vec<u8>, AnswerError> {
        let mut counts = Counts::new();
        let mut start = rows.start;
        // A small table wants little memory for what is narrowed.
        self.block = self.block.min(rows.len().next_multiple_of(LANES));
        while start < rows.end {
            let end = rows.end.min(start + self.block);
            self.rows = start..end;
            self.prepare();
            let place = place + start - rows.start..place + end - rows.start;
            self.score(&mut counts, &place, out)?;
            start = end;
        }
        Ok(std::mem::take(&mut self.bytes))
    }

    fn items(&self) -> usize {
        self.scorer.instrument().items().len()
    }

    /// Whether an item's bytes are read where they lie.
    fn lies(&self, item: usize) -> bool {
        self.frame.direct(item).is_some()
            && self.frame.plain().is_some()
            && !self.compiled.is_gated(item)
    }

    /// Narrows and recodes what does not lie as bytes.
    fn prepare(&mut self) {
        self.filled = true;
        let (items, many) = (self.items(), self.rows.len());
        let (compiled, block) = (self.compiled, self.block);
        if self.lies_whole() {
            return;
        }
        self.bytes.resize((items + compiled.recoded.len()) * block, 0);
        if let Some(tile) = self.frame.tile(self.rows.clone()) {
            transpose(tile, (items, block), &mut self.bytes);
            let as_they_are = compiled.gates.is_empty() && compiled.recoded.is_empty();
            self.raw = as_they_are && self.frame.plain().is_some();
            let narrowed = if self.raw { 0 } else { items };
            for column in self.bytes.chunks_mut(block).take(narrowed) {
                let column = column.get_mut(..many).unwrap_or_default();
                self.filled &= self.frame.coding().in_place(column);
            }
        } else {
            for item in 0..items {
                if self.lies(item) {
                    continue;
                }
                let into = part(&mut self.bytes, item * block, many);
                self.filled &= self.frame.fill(item, self.rows.clone(), into);
            }
        }
        for gate in &compiled.gates {
            let mut asked = [0; NARROWED_ROWS];
            let asked = asked.get_mut(..many).unwrap_or_default();
            self.frame.fill(gate.gate, self.rows.clone(), asked);
            let own = part(&mut self.bytes, gate.item * block, many);
            for (own, gate_byte) in own.iter_mut().zip(asked) {
                let implied = gate.implied[usize::from(*gate_byte)];
                // What is unreadable, or not offered and so unreadable, is not made up for.
                if *own > UNREADABLE && implied != GONE {
                    *own = implied;
                }
            }
        }
        let (narrowed, recoded) = self.bytes.split_at_mut(items * block);
        for (recode, into) in compiled.recoded.iter().zip(recoded.chunks_mut(block)) {
            let (item, table) = (recode.item, &recode.table);
            let coding = self.frame.coding();
            let direct = self.frame.direct(item).and_then(|bytes| bytes.get(self.rows.clone()));
            let direct =
                direct.filter(|_| self.frame.plain().is_some() && !compiled.is_gated(item));
            match direct {
                None => recode_into(part(narrowed, item * block, many), table, into),
                Some(direct) if coding == Coding::Bytes => recode_into(direct, table, into),
                Some(direct) => {
                    let tell = coding.bytes();
                    for (into, byte) in into.iter_mut().zip(direct) {
                        let (told, wrong) = tell(*byte);
                        *into = if wrong == 0 { table[usize::from(told)] } else { ODD };
                    }
                }
            }
        }
    }

    /// Scores the block into its place in the caller's buffers.
    fn score(
        &mut self,
        counts: &mut Counts,
        place: &Range<usize>,
        out: &mut [ScaleBuffers<'_>],
    ) -> Result<(), AnswerError> {
        let compiled = self.compiled;
        let mut is_bad = !self.filled | self.has_bad(&compiled.others, 0..self.rows.len());
        for (at, root) in compiled.roots.iter().enumerate() {
            let on_it = |shown: &Shown| matches!(shown, Shown::One { root, .. } if *root == at);
            if compiled.shown.iter().any(on_it) {
                let work = ((at, root), &mut *counts);
                is_bad |= if root.is_narrow {
                    self.score_root::<u8>(work, is_bad, (place, out))?
                } else {
                    self.score_root::<u16>(work, is_bad, (place, out))?
                };
            }
        }
        for (position, shown) in compiled.shown.iter().enumerate() {
            let (Shown::Two { rule, roots }, Some(out)) = (shown, out.get_mut(position)) else {
                continue;
            };
            is_bad |= self.ratio((*rule, *roots, position), &mut out.part(place.clone()));
        }
        if is_bad {
            self.refuse()?;
            self.unreadable += self.count_bad();
        }
        Ok(())
    }

    /// Scores what is reported on one root; answers whether a number was not offered.
    fn score_root<T: Points>(
        &self,
        ((at, root), counts): ((usize, &Root), &mut Counts),
        mut is_bad: bool,
        (place, out): (&Range<usize>, &mut [ScaleBuffers<'_>]),
    ) -> Result<bool, AnswerError> {
        let many = self.rows.len();
        let shown = || {
            let shown = self.compiled.shown.iter().enumerate();
            shown.filter_map(move |(position, shown)| match shown {
                Shown::One { root, rule, states } if *root == at => Some((position, *rule, states)),
                _ => None,
            })
        };
        let (sums, missing) = T::of(counts);
        let is_small = root.is_fast && shown().all(|(.., states)| states.is_some());
        let clean = is_small && self.filled && self.add(root, sums, missing);
        // What does not fill the last lanes, or all.
        let general = if clean { many / LANES * LANES } else { 0 }..many;
        // Rows that the tables do not hold.
        let mut is_special = !is_small;
        self.count_in_parts(root, general.clone(), |rows, counts, bad| {
            is_bad |= bad;
            let places = sums.as_flattened_mut().iter_mut().zip(missing.as_flattened_mut());
            for ((sum, missing), count) in places.skip(rows.start).zip(counts) {
                let field = |at| u16::try_from(packed::field(*count, at)).unwrap_or(u16::MAX);
                *sum = T::low(field(packed::SUM));
                *missing = u8::low(field(packed::MISSING));
                is_special |= packed::is_special(*count);
            }
        });
        if is_bad {
            // The first of the block in the order of rows, whichever scale met it.
            self.refuse()?;
        }
        for (position, _, states) in shown().filter(|_| is_small) {
            let (Some(out), Some(states)) = (out.get_mut(position), states) else { continue };
            let out = out.part(place.clone());
            let (items, low) = (root.items, root.low);
            self.wide.run(Work::Finish(Finish { states, sums, missing, items, low, out }));
        }
        if is_special {
            self.count_in_parts(root, general, |rows, counts, _| {
                for (position, rule, _) in shown() {
                    let Some(out) = out.get_mut(position) else { continue };
                    let place = place.start + rows.start..place.start + rows.end;
                    self.patch((root, rule, position), counts, (is_small, &mut out.part(place)));
                }
            });
        }
        Ok(is_bad)
    }

    /// Stops at the block's first number that is not offered, unless such count as unreadable.
    fn refuse(&self) -> Result<(), AnswerError> {
        match self.frame.policy() {
            NotOffered::Unreadable => Ok(()),
            NotOffered::Refuse => {
                first_error(self.scorer, self.frame, self.rows.clone()).map_or(Ok(()), Err)
            }
        }
    }

    /// How many numbers of the block are no answer.
    fn count_bad(&self) -> u64 {
        let mut bytes = [0; COUNTED_ROWS];
        let mut many = 0;
        for (item, readable) in self.scorer.readable().iter().enumerate() {
            if !self.frame.is_asked(item) {
                continue;
            }
            for start in self.rows.clone().step_by(COUNTED_ROWS) {
                let rows = start..self.rows.end.min(start + COUNTED_ROWS);
                let bytes = &mut bytes[..rows.len()];
                many += if self.frame.fill(item, rows.clone(), bytes) {
                    bytes.iter().filter(|byte| !readable[usize::from(**byte)]).count() as u64
                } else {
                    // What was no byte has become unreadable, as others may have been before.
                    rows.filter(|row| is_bad((self.frame, readable), item, *row)).count() as u64
                };
            }
        }
        many
    }

    /// The fast lane; answers whether the block may take it.
    fn add<T: Points>(
        &self,
        root: &Root,
        sums: &mut [[T; LANES]; GROUPS],
        missing: &mut [Lane; GROUPS],
    ) -> bool {
        let lanes = self.rows.len() / LANES;
        let (sums, missing) = (&mut sums[..lanes], &mut missing[..lanes]);
        let mut is_first = true;
        let mut add = |columns: [&[&[Lane]]; 2], (low, span), plain| {
            let [straight, reversed] = columns;
            let add = Add { straight, reversed, low, span, plain, is_first };
            is_first = false;
            self.wide.run(Work::Add(add, &mut *sums, &mut *missing))
        };
        for group in &root.groups {
            let items = group.straight.iter().map(|item| (*item, false));
            let mut items = items.chain(group.reversed.iter().map(|item| (*item, true))).peekable();
            while items.peek().is_some() {
                // As many as one sum of bytes holds, all read in the same way.
                let (mut straight, mut reversed) =
                    ([NOTHING; MOST_AT_ONCE], [NOTHING; MOST_AT_ONCE]);
                let (mut ahead, mut against, mut plain) = (0, 0, None);
                while let Some((item, is_reversed)) = items.peek().copied() {
                    let (bytes, coded) = self.bytes_of(item);
                    if ahead + against == group.at_once || plain.is_some_and(|known| known != coded)
                    {
                        break;
                    }
                    plain = Some(coded);
                    let (lanes, _) = bytes.as_chunks::<LANES>();
                    if is_reversed {
                        reversed[against] = lanes;
                        against += 1;
                    } else {
                        straight[ahead] = lanes;
                        ahead += 1;
                    }
                    items.next();
                }
                let columns = [&straight[..ahead], &reversed[..against]];
                if !add(columns, (group.low, group.span), plain.unwrap_or(Plain::NARROWED)) {
                    return false;
                }
            }
        }
        for recoded in &root.recoded {
            let highest = self.compiled.recoded.get(*recoded).map_or(0, |recoded| recoded.highest);
            let at = (self.items() + recoded) * self.block;
            let bytes = self.bytes.get(at..at + self.rows.len()).unwrap_or_default();
            let (lanes, _) = bytes.as_chunks::<LANES>();
            if !add([&[lanes], &[]], (0, highest), Plain::One(GONE)) {
                return false;
            }
        }
        true
    }

    /// An item's bytes in the block, and which of them are plainly missing.
    fn bytes_of(&self, item: usize) -> (&[u8], Plain) {
        if self.lies(item)
            && let (Some(bytes), Some(plain)) = (self.frame.direct(item), self.frame.plain())
        {
            return (bytes.get(self.rows.clone()).unwrap_or_default(), plain);
        }
        let at = item * self.block;
        let plain = if self.raw { self.frame.plain() } else { None };
        let bytes = self.bytes.get(at..at + self.rows.len()).unwrap_or_default();
        (bytes, plain.unwrap_or(Plain::NARROWED))
    }

    /// The general lane: adds table entries; answers whether a number was not offered. Such a
    /// number counts as unreadable.
    fn count(&self, root: &Root, rows: Range<usize>, counts: &mut [u64]) -> bool {
        counts.fill(0);
        let mut seen = 0;
        let (coding, tell) = (self.frame.coding(), self.frame.coding().bytes());
        for (item, table) in &root.terms {
            let (item, table) = (usize::from(*item), usize::from(*table));
            let Some(table) = self.compiled.tables.get(table) else { continue };
            let (bytes, _) = self.bytes_of(item);
            let bytes = bytes.get(rows.clone()).unwrap_or_default();
            let told = coding == Coding::Bytes || !(self.raw || self.lies(item));
            for (count, byte) in counts.iter_mut().zip(bytes) {
                let (byte, wrong) = if told { (*byte, 0) } else { tell(*byte) };
                let entry = table[usize::from(byte)] | u64::from(wrong) << 63;
                seen |= entry;
                let bad = entry & packed::BAD != 0;
                *count += if bad { table[usize::from(UNREADABLE)] & !packed::BAD } else { entry };
            }
        }
        seen & packed::BAD != 0
    }

    /// The general lane, some rows at a time.
    fn count_in_parts(
        &self,
        root: &Root,
        rows: Range<usize>,
        mut then: impl FnMut(Range<usize>, &[u64], bool),
    ) {
        let mut counts = [0_u64; COUNTED_ROWS];
        let mut start = rows.start;
        while start < rows.end {
            let part = start..rows.end.min(start + COUNTED_ROWS);
            let counts = &mut counts[..part.len()];
            let bad = self.count(root, part.clone(), counts);
            start = part.end;
            then(part, counts, bad);
        }
    }

    fn has_bad(&self, root: &Root, rows: Range<usize>) -> bool {
        let mut has = false;
        if !root.terms.is_empty() {
            self.count_in_parts(root, rows, |_, _, bad| has |= bad);
        }
        has
    }

    /// Values one by one the rows that the table of states does not hold.
    fn patch(
        &self,
        (root, rule, position): (&Root, usize, usize),
        counts: &[u64],
        (is_small, out): (bool, &mut ScaleBuffers<'_>),
    ) {
        let rules = self.scorer.rules();
        let Some(rule) = rules.get(rule) else { return };
        let set = self.scorer.set_at(position);
        for (row, count) in counts.iter().enumerate() {
            if is_small && !packed::is_special(*count) {
                continue;
            }
            let tally = root.tally(*count);
            let valued = of_tally(rules, rule, root.rule, &tally).in_bands(set);
            write(out, row, &valued);
            if let Some(into) = &mut out.sums {
                into.set(row, tally.sum);
            }
            if let Some(into) = &mut out.answered {
                into.set(row, i32::from(tally.answered));
            }
        }
    }

    /// A scale that is a ratio of two; answers whether a number was not offered.
    fn ratio(
        &self,
        (rule, [one, other], position): (usize, [usize; 2], usize),
        out: &mut ScaleBuffers<'_>,
    ) -> bool {
        let (rules, roots) = (self.scorer.rules(), &self.compiled.roots);
        let (Some(rule), Some(one), Some(other)) =
            (rules.get(rule), roots.get(one), roots.get(other))
        else {
            return false;
        };
        let set = self.scorer.set_at(position);
        let mut is_bad = false;
        self.count_in_parts(one, 0..self.rows.len(), |rows, first, bad| {
            let mut second = [0_u64; COUNTED_ROWS];
            is_bad |= bad | self.count(other, rows.clone(), &mut second[..rows.len()]);
            for ((row, first), second) in rows.zip(first).zip(second) {
                let (above, below) = (one.tally(*first), other.tally(second));
                let valued = of_scales(rule, |at| {
                    let tally = if at == one.rule { &above } else { &below };
                    rules.get(at).map(|rule| of_items(rule, tally))
                });
                write(out, row, &valued.in_bands(set));
                if let Some(into) = &mut out.answered {
                    into.set(row, i32::from(above.answered) + i32::from(below.answered));
                }
            }
        });
        is_bad
    }
}

impl Root {
    pub(crate) fn tally(&self, count: u64) -> Tally {
        let field = |at| u16::try_from(packed::field(count, at)).unwrap_or(u16::MAX);
        let answered = self.items - field(packed::MISSING).min(self.items);
        let points = i32::try_from(packed::field(count, packed::SUM)).unwrap_or(i32::MAX);
        Tally {
            sum: points + self.low * i32::from(answered),
            answered,
            not_asked: field(packed::NOT_ASKED),
            unreadable: field(packed::UNREADABLE),
            not_applicable: field(packed::NOT_APPLICABLE),
            ..Tally::default()
        }
    }
}

fn part(bytes: &mut [u8], start: usize, many: usize) -> &mut [u8] {
    bytes.get_mut(start..start + many).unwrap_or_default()
}

fn recode_into(from: &[u8], table: &[u8; 256], into: &mut [u8]) {
    for (into, byte) in into.iter_mut().zip(from) {
        *into = table[usize::from(*byte)];
    }
}

fn write(out: &mut ScaleBuffers<'_>, row: usize, valued: &Valued) {
    let value = valued.value.map_or(f64::NAN, Exact::to_f64);
    if let Some(into) = &mut out.values {
        put(into, row, value);
    }
    if let Some(into) = &mut out.values_f32 {
        #[allow(clippy::cast_possible_truncation)] // the nearest f32 is what was asked for
        put(into, row, value as f32);
    }
    if let Some(into) = &mut out.states {
        put(into, row, valued.status);
    }
    if let Some(into) = &mut out.bands {
        put(into, row, valued.band);
    }
}

/// Whether a cell holds a number that is no answer to its item.
fn is_bad((frame, readable): (&Frame<'_>, &[bool; 256]), item: usize, row: usize) -> bool {
    let mut byte = [0];
    let filled = frame.fill(item, row..row + 1, &mut byte);
    !filled || !readable[usize::from(byte[0])]
}

/// What is wrong with the first number that is no answer, row by row.
pub(super) fn first_error(
    scorer: &Scorer,
    frame: &Frame<'_>,
    rows: Range<usize>,
) -> Option<AnswerError> {
    let items = scorer.readable().iter().enumerate().filter(|(item, _)| frame.is_asked(*item));
    let mut cells = rows.flat_map(|row| items.clone().map(move |(item, known)| (row, item, known)));
    let (row, item, _) = cells.find(|(row, item, known)| is_bad((frame, known), *item, *row))?;
    Some(frame.error(item, row))
}
