//! What of an instrument was asked, and how its items are keyed: worked out once per sample.

use std::collections::BTreeSet;

use crate::answers::Columns;
use crate::instrument::{Direction, Instrument, Item, Scale, Term};

/// The scored items that have a column, in the order of the form.
#[derive(Debug, Clone)]
pub(super) struct Layout<'a> {
    pub(super) items: Vec<AskedItem>,
    pub(super) columns: Vec<&'a [u8]>,
    /// Where the codes that are offered change, so that no run of answers goes on.
    pub(super) breaks: Vec<usize>,
    /// Whether some scale has asked items keyed both ways.
    pub(super) both_ways: bool,
    /// Scales that share no item, the smallest first choice: their positions in the instrument.
    pub(super) separate: Vec<usize>,
}

/// One asked item.
#[derive(Debug, Clone)]
pub(super) struct AskedItem {
    pub(super) id: String,
    pub(super) codes: (u8, u8),
    /// Its place in the smallest scale that uses it.
    pub(super) scale: usize,
    pub(super) falls: bool,
    /// Code at the end of the range where the scale shows no strain; both ends where it is neutral.
    pub(super) calm: Vec<u8>,
}

impl AskedItem {
    /// Of one scale, keyed the other way.
    pub(super) const fn opposes(&self, other: &Self) -> bool {
        self.scale == other.scale && self.falls != other.falls
    }
}

impl<'a> Layout<'a> {
    pub(super) fn of(table: &Columns<'a>) -> Self {
        let instrument = table.instrument();
        let asked = |item: usize| table.of(item).is_some();
        let mut items = Vec::new();
        let mut columns = Vec::new();
        for (at, item) in instrument.items().iter().enumerate() {
            let Some(column) = table.of(at) else { continue };
            let Some((scale, term)) = smallest_scale(instrument, at) else { continue };
            let Some(home) = instrument.scales().get(scale) else { continue };
            items.push(AskedItem {
                id: item.id().to_owned(),
                codes: item.responses().range(),
                scale,
                falls: falls(term, item),
                calm: calm(term, item, home.direction()),
            });
            columns.push(column);
        }
        let breaks = items
            .iter()
            .zip(items.iter().skip(1))
            .enumerate()
            .filter(|(_, (before, item))| before.codes != item.codes)
            .map(|(at, _)| at + 1)
            .collect();
        let both_ways = items.iter().any(|item| items.iter().any(|other| item.opposes(other)));
        Self { items, columns, breaks, both_ways, separate: separate(instrument, asked) }
    }

    /// Whether all items offer the same range of codes.
    pub(super) fn is_uniform(&self) -> bool {
        self.breaks.is_empty()
    }

    /// Items in the same stretch of equal codes as the one at a position.
    pub(super) fn stretch(&self, position: usize) -> usize {
        let start = self.breaks.iter().rfind(|at| **at <= position).copied().unwrap_or(0);
        let end = self.breaks.iter().find(|at| **at > position).copied();
        end.unwrap_or(self.items.len()) - start
    }
}

/// Whether a higher code counts less: reversed, or recoded so.
pub(super) fn falls(term: &Term, item: &Item) -> bool {
    let value = |code: u8| {
        let at = item.responses().position(code)?;
        term.values().get(at).copied()
    };
    let (low, high) = item.responses().range();
    value(high) < value(low)
}

fn calm(term: &Term, item: &Item, direction: Direction) -> Vec<u8> {
    let (low, high) = item.responses().range();
    let (least, most) = if falls(term, item) { (high, low) } else { (low, high) };
    match direction {
        Direction::HigherIsWorse => vec![least],
        Direction::HigherIsBetter => vec![most],
        _ => vec![least, most],
    }
}

pub(super) fn smallest_scale(instrument: &Instrument, item: usize) -> Option<(usize, &Term)> {
    let terms = instrument.scales().iter().enumerate().filter_map(|(at, scale)| {
        let term = scale.key().terms().iter().find(|term| term.item() == item)?;
        Some((scale.key().terms().len(), at, term))
    });
    terms.min_by_key(|(items, at, _)| (*items, *at)).map(|(_, at, term)| (at, term))
}

/// Scales of two items or more, all asked, that share no item: subscales before totals.
pub(super) fn separate(instrument: &Instrument, asked: impl Fn(usize) -> bool) -> Vec<usize> {
    let items = |scale: &Scale| scale.key().terms().iter().map(Term::item).collect::<BTreeSet<_>>();
    let mut order: Vec<(usize, usize)> = instrument
        .scales()
        .iter()
        .enumerate()
        .filter(|(_, scale)| {
            let items = items(scale);
            items.len() >= 2 && items.iter().all(|item| asked(*item))
        })
        .map(|(at, scale)| (items(scale).len(), at))
        .collect();
    order.sort_unstable();
    let mut taken = BTreeSet::new();
    let mut chosen = Vec::new();
    for (_, at) in order {
        let own = instrument.scales().get(at).map(items).unwrap_or_default();
        if own.is_disjoint(&taken) {
            taken.extend(own);
            chosen.push(at);
        }
    }
    chosen.sort_unstable();
    chosen
}
