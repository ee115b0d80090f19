//! The file as the checks see it: signed items, and correlations of sums of them.

use crate::instrument::{Instrument, Item};
use crate::num::matrix::Symmetric;
use crate::num::{Covariances, Deletion, ItemTable};
use crate::quality::QualityError;
use crate::quality::layout::{falls, separate, smallest_scale};

/// An asked item that a scale uses.
#[derive(Debug, Clone)]
pub(super) struct FormItem {
    pub(super) id: String,
    /// Codes that it offers, from the lowest.
    pub(super) codes: Vec<i16>,
    /// Reverse-keyed.
    pub(super) falls: bool,
    /// +1 or -1: which way it should run with its scale, in the file as it claims to be.
    pub(super) sign: f64,
}

impl FormItem {
    /// A stored code turned so that it runs with the scale, within the codes on offer.
    pub(super) fn keyed(&self, code: i16) -> f64 {
        let ends = self.codes.first().zip(self.codes.last());
        let (low, high) = ends.map_or((0, 0), |(low, high)| (*low, *high));
        if self.sign < 0.0 {
            f64::from(low) + f64::from(high) - f64::from(code)
        } else {
            f64::from(code)
        }
    }
}

/// A scale of the form that shares no item with the others.
#[derive(Debug, Clone)]
pub(super) struct FormScale {
    pub(super) id: String,
    /// Positions among the form's items.
    pub(super) items: Vec<usize>,
}

/// The asked part of an instrument, with the codes as stored.
#[derive(Debug, Clone)]
pub(super) struct KeyedForm {
    pub(super) items: Vec<FormItem>,
    pub(super) scales: Vec<FormScale>,
    /// Scales over several of those, as a total is, that hold reverse-keyed items and others.
    pub(super) totals: Vec<FormScale>,
    /// Codes as stored, one column per item of the form.
    pub(super) stored: ItemTable,
    /// The same, without codes that no shift by one explains: those would drown a correlation.
    pub(super) near: ItemTable,
}

impl KeyedForm {
    pub(super) fn of(
        instrument: &Instrument,
        stored: &ItemTable,
        already_keyed: bool,
    ) -> Result<Self, QualityError> {
        if let Some(id) = stored.ids().iter().find(|id| instrument.item(id).is_none()) {
            return Err(QualityError::UnknownColumn {
                id: id.clone(),
                instrument: instrument.id().to_owned(),
            });
        }
        let asked = |item: usize| {
            instrument.items().get(item).is_some_and(|i| stored.ids().iter().any(|id| id == i.id()))
        };
        let mut items = Vec::new();
        let mut positions = Vec::new();
        for (at, item) in instrument.items().iter().enumerate().filter(|(at, _)| asked(*at)) {
            let Some((_, term)) = smallest_scale(instrument, at) else { continue };
            let falls = falls(term, item);
            items.push(FormItem {
                id: item.id().to_owned(),
                codes: codes(item),
                falls,
                sign: if falls && !already_keyed { -1.0 } else { 1.0 },
            });
            positions.push(at);
        }
        let place = |item: usize| positions.iter().position(|at| *at == item);
        let of_form = |scale: &crate::instrument::Scale| {
            let terms = scale.key().terms().iter();
            let mut items: Vec<usize> = terms.filter_map(|term| place(term.item())).collect();
            items.sort_unstable();
            FormScale { id: scale.id().to_owned(), items }
        };
        let apart = separate(instrument, asked);
        let scales = apart.iter().filter_map(|at| instrument.scales().get(*at)).map(of_form);
        let scales: Vec<FormScale> = scales.collect();
        let turns = |at: &usize| items.get(*at).is_some_and(|item: &FormItem| item.falls);
        let others = instrument.scales().iter().enumerate().filter(|(at, _)| !apart.contains(at));
        let totals = others
            .map(|(_, scale)| of_form(scale))
            .filter(|scale| scale.items.iter().any(turns) && !scale.items.iter().all(turns));
        let totals: Vec<FormScale> = totals.collect();
        let ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
        let stored = stored.select(&ids)?;
        let mut near = ItemTable::new();
        for (at, item) in items.iter().enumerate() {
            let low = item.codes.first().map_or(0, |code| code.saturating_sub(1));
            let high = item.codes.last().map_or(0, |code| code.saturating_add(1));
            let cells = (0..stored.rows()).map(|row| stored.value(row, at));
            near.push(&item.id, cells.map(|cell| cell.filter(|x| (low..=high).contains(x))))?;
        }
        Ok(Self { items, scales, totals, stored, near })
    }

    pub(super) fn ids(&self, items: &[usize]) -> Vec<String> {
        items.iter().filter_map(|at| self.items.get(*at).map(|item| item.id.clone())).collect()
    }

    pub(super) fn sign(&self, item: usize) -> f64 {
        self.items.get(item).map_or(1.0, |item| item.sign)
    }

    pub(super) fn falls(&self, item: usize) -> bool {
        self.items.get(item).is_some_and(|item| item.falls)
    }
}

fn codes(item: &Item) -> Vec<i16> {
    let mut codes: Vec<i16> =
        item.responses().options().iter().map(|option| i16::from(option.code())).collect();
    codes.sort_unstable();
    codes
}

/// Covariances between items, from which the correlation of any two weighted sums follows.
#[derive(Debug, Clone)]
pub(super) struct Relations {
    matrix: Symmetric,
    /// People behind the weakest cell.
    pub(super) n: u64,
}

impl Relations {
    /// `None` where some pair of items has fewer than ten people.
    pub(super) fn of(table: &ItemTable) -> Option<Self> {
        let covariances = Covariances::of(table, Deletion::Pairwise).ok()?;
        (covariances.fewest >= 10)
            .then_some(Self { matrix: covariances.matrix, n: covariances.fewest })
    }

    pub(super) fn covariance(&self, x: &[(usize, f64)], y: &[(usize, f64)]) -> f64 {
        x.iter()
            .map(|(i, a)| a * y.iter().map(|(j, b)| b * self.matrix.at(*i, *j)).sum::<f64>())
            .sum()
    }

    pub(super) fn variance(&self, item: usize) -> f64 {
        self.matrix.at(item, item)
    }

    /// Correlation of two weighted sums; `None` where one does not vary.
    pub(super) fn r(&self, x: &[(usize, f64)], y: &[(usize, f64)]) -> Option<f64> {
        let scale = self.covariance(x, x) * self.covariance(y, y);
        (scale > 0.0).then(|| (self.covariance(x, y) / scale.sqrt()).clamp(-1.0, 1.0))
    }

    /// A correlation in standard errors away from zero (Fisher's z).
    pub(super) fn z(&self, r: f64) -> f64 {
        fisher(r) * (self.n as f64 - 3.0).sqrt()
    }

    /// First principal direction of the correlations among some items; items without spread get 0.
    pub(super) fn first_direction(&self, items: &[(usize, f64)]) -> Vec<f64> {
        let scale: Vec<f64> = items
            .iter()
            .map(|(item, sign)| {
                let spread = self.variance(*item).sqrt();
                if spread > 0.0 { sign / spread } else { 0.0 }
            })
            .collect();
        let cell = |i: usize, j: usize| {
            let pair = items.get(i).zip(items.get(j)).zip(scale.get(i).zip(scale.get(j)));
            pair.map_or(0.0, |(((a, _), (b, _)), (s, t))| s * t * self.matrix.at(*a, *b))
        };
        let eigen = Symmetric::from_lower(items.len(), cell).eigen();
        (0..items.len()).map(|i| eigen.component(i, 0)).collect()
    }
}

/// Fisher's transformation, held off infinity.
pub(super) fn fisher(r: f64) -> f64 {
    r.clamp(-0.999_999, 0.999_999).atanh()
}
