//! Exact sums over a table of items, from which every covariance follows.
//!
//! Items are whole numbers, so sums of squares and products are exact integers: no rounding before
//! the last division, any order of people gives the same bits, and parts can be merged.
#![allow(clippy::indexing_slicing)]
// Index arguments: cells of the square arrays are `row * k + column` with both below `k`, over
// vectors made `k * k` long; slices of columns end at `min(rows)` of equally long columns.

use super::matrix::Symmetric;
use super::table::{Deletion, ItemTable};

const MISSING: i16 = ItemTable::MISSING;

/// People per pass: one pass over 30 items stays in the second-level cache.
const BLOCK: usize = 2048;

/// The same where the columns themselves are read twice: in the first-level cache for most scales.
const SHORT_BLOCK: usize = 1024;

/// The largest sum of 16 bits.
const MOST_SUMMED: usize = 0x7fff;

/// Sums over the people who answered every item: enough for alpha and all that follows from it.
///
/// ```
/// use straingauge::num::{ItemSums, ItemTable};
/// let mut table = ItemTable::new();
/// table.push("a", [Some(1), Some(2), Some(3), Some(4)])?;
/// table.push("b", [Some(2), Some(2), Some(4), Some(4)])?;
/// table.push("c", [Some(1), Some(3), Some(2), None])?;
/// let sums = ItemSums::listwise(&table);
/// assert_eq!(sums.n(), 3);
/// assert_eq!(sums.alpha(), Some(1.5 * (1.0 - (1.0 + 4.0 / 3.0 + 1.0) / (19.0 / 3.0))));
/// # Ok::<(), straingauge::num::TableError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemSums {
    n: u64,
    total: i128,
    total_square: i128,
    items: Vec<OneItem>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct OneItem {
    sum: i128,
    square: i128,
    with_total: i128,
}

impl ItemSums {
    /// Sums over the complete rows of `table`.
    pub fn listwise(table: &ItemTable) -> Self {
        let mut sums = Self { items: vec![OneItem::default(); table.len()], ..Self::default() };
        let limits = Limits::of(table);
        let (item, total) = (limits.chunk(), limits.chunk_with_total());
        if let Some(total) = total {
            sums.add_narrow(table.columns(), (item.min(total), limits.item));
        } else {
            sums.add_wide(table.columns(), item);
        }
        // What each item gives to the total, and to its square.
        sums.total = sums.items.iter().map(|one| one.sum).sum();
        sums.total_square = sums.items.iter().map(|one| one.with_total).sum();
        sums
    }

    /// Items whose totals fit 16 bits, so that products take the fast multiply-and-add.
    fn add_narrow(&mut self, columns: &[Vec<i16>], (chunk, largest): (usize, i64)) {
        let rows = columns.first().map_or(0, Vec::len);
        let short = usize::try_from(largest).unwrap_or(usize::MAX) <= MOST_SUMMED / SHORT_BLOCK;
        let (mut whole, mut totals) = ([0_i16; SHORT_BLOCK], [0_i16; SHORT_BLOCK]);
        let mut counted = [0_i16; SHORT_BLOCK];
        for start in (0..rows).step_by(SHORT_BLOCK) {
            let count = SHORT_BLOCK.min(rows - start);
            let (whole, totals) = (&mut whole[..count], &mut totals[..count]);
            let counted = &mut counted[..count];
            whole.fill(-1);
            totals.fill(0);
            for column in columns {
                let marks = whole.iter_mut().zip(totals.iter_mut());
                for (x, (whole, total)) in column[start..start + count].iter().zip(marks) {
                    *whole &= -i16::from(*x != MISSING);
                    // Gaps spoil the total of a person who is not counted.
                    *total = total.wrapping_add(*x);
                }
            }
            for (total, whole) in totals.iter_mut().zip(whole.iter()) {
                *total &= whole;
            }
            self.n += whole.iter().map(|w| u64::from(*w != 0)).sum::<u64>();
            for (one, column) in self.items.iter_mut().zip(columns) {
                let cells = column[start..start + count].iter().zip(whole.iter());
                for (counted, (x, whole)) in counted.iter_mut().zip(cells) {
                    *counted = x & whole;
                }
                one.sum += if short {
                    i128::from(counted.iter().sum::<i16>())
                } else {
                    counted.iter().copied().map(i128::from).sum::<i128>()
                };
                one.square += i128::from(dot(counted, counted, chunk));
                one.with_total += i128::from(dot(counted, totals, chunk));
            }
        }
    }

    fn add_wide(&mut self, columns: &[Vec<i16>], chunk: usize) {
        let mut totals = vec![0_i32; BLOCK];
        let ones = [1_i16; BLOCK];
        complete_blocks(columns, |block| {
            self.n += block.n;
            let totals = &mut totals[..block.rows];
            totals.fill(0);
            for column in block.columns() {
                for (total, x) in totals.iter_mut().zip(column) {
                    *total += i32::from(*x);
                }
            }
            for (one, column) in self.items.iter_mut().zip(block.columns()) {
                one.sum += i128::from(dot(column, &ones[..column.len()], BLOCK));
                one.square += i128::from(dot(column, column, chunk));
                let products = column.iter().zip(totals.iter());
                one.with_total +=
                    i128::from(products.map(|(x, t)| i64::from(*x) * i64::from(*t)).sum::<i64>());
            }
        });
    }

    /// Adds sums over other people on the same items; `None` if the number of items differs.
    #[must_use]
    pub fn merge(mut self, other: &Self) -> Option<Self> {
        if self.items.len() != other.items.len() {
            return None;
        }
        self.n += other.n;
        self.total += other.total;
        self.total_square += other.total_square;
        for (mine, theirs) in self.items.iter_mut().zip(&other.items) {
            mine.sum += theirs.sum;
            mine.square += theirs.square;
            mine.with_total += theirs.with_total;
        }
        Some(self)
    }

    /// People who answered every item.
    pub const fn n(&self) -> u64 {
        self.n
    }

    /// Mean of the sum over items; `None` for nobody.
    pub fn total_mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.total as f64 / self.n as f64)
    }

    /// Mean of each item; empty for nobody.
    pub fn means(&self) -> Vec<f64> {
        if self.n == 0 {
            return Vec::new();
        }
        self.items.iter().map(|one| one.sum as f64 / self.n as f64).collect()
    }

    /// Variances and covariances with the total; `None` below two people.
    pub(crate) fn spread(&self) -> Option<Spread> {
        if self.n < 2 {
            return None;
        }
        let n = self.n;
        Some(Spread {
            variances: self.items.iter().map(|i| covariance(n, (i.sum, i.sum), i.square)).collect(),
            with_total: self
                .items
                .iter()
                .map(|i| covariance(n, (i.sum, self.total), i.with_total))
                .collect(),
            total: covariance(n, (self.total, self.total), self.total_square),
        })
    }

    /// Cronbach's alpha; `None` below two items or two people, or without spread of the total.
    pub fn alpha(&self) -> Option<f64> {
        self.spread()?.alpha()
    }

    /// Alpha of the scale without each item in turn.
    pub fn alpha_if_dropped(&self) -> Option<Vec<Option<f64>>> {
        Some(self.spread()?.alpha_if_dropped())
    }

    /// Correlation of each item with the sum of the others.
    pub fn item_rest(&self) -> Option<Vec<Option<f64>>> {
        Some(self.spread()?.item_rest())
    }
}

/// The exact `(n Σxy - Σx Σy) / (n (n - 1))`, rounded once at the end.
fn covariance(n: u64, (x, y): (i128, i128), product: i128) -> f64 {
    let wide = i128::from(n);
    (wide * product - x * y) as f64 / (wide * (wide - 1)) as f64
}

/// Item variances, their covariances with the total, and the variance of the total.
///
/// Dropping an item needs nothing else: `var(T - x) = var(T) - 2 cov(x, T) + var(x)`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spread {
    pub(crate) variances: Vec<f64>,
    pub(crate) with_total: Vec<f64>,
    pub(crate) total: f64,
}

impl Spread {
    pub(crate) fn of(matrix: &Symmetric) -> Self {
        Self { variances: matrix.diagonal(), with_total: matrix.row_sums(), total: matrix.sum() }
    }

    pub(crate) fn alpha(&self) -> Option<f64> {
        alpha(self.variances.len(), self.variances.iter().sum(), self.total)
    }

    pub(crate) fn alpha_if_dropped(&self) -> Vec<Option<f64>> {
        let all: f64 = self.variances.iter().sum();
        let fewer = self.variances.len().saturating_sub(1);
        self.rests().map(|(own, _, rest)| alpha(fewer, all - own, rest)).collect()
    }

    pub(crate) fn item_rest(&self) -> Vec<Option<f64>> {
        self.rests()
            .map(|(own, with_rest, rest)| {
                (own > 0.0 && rest > 0.0).then(|| with_rest / (own * rest).sqrt())
            })
            .collect()
    }

    /// Per item: its variance, its covariance with the rest, the variance of the rest.
    fn rests(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        self.variances
            .iter()
            .zip(&self.with_total)
            .map(|(own, with)| (*own, with - own, self.total - 2.0 * with + own))
    }
}

fn alpha(items: usize, own: f64, total: f64) -> Option<f64> {
    let k = items as f64;
    (items >= 2 && total > 0.0).then(|| k / (k - 1.0) * (1.0 - own / total))
}

/// Means, covariances and correlations of a table, with the numbers of people behind them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Covariances {
    pub(crate) means: Vec<f64>,
    pub(crate) matrix: Symmetric,
    /// Correlations; under pairwise deletion each over the people of its own pair.
    pub(crate) correlations: Option<Symmetric>,
    /// People behind the cell with the fewest and the most.
    pub(crate) fewest: u64,
    pub(crate) most: u64,
}

impl Covariances {
    /// Under a missing-data rule; the people in the smallest cell if they are below two.
    pub(crate) fn of(table: &ItemTable, deletion: Deletion) -> Result<Self, u64> {
        match deletion {
            Deletion::Listwise => Self::listwise(table),
            Deletion::Pairwise => Self::pairwise(table),
        }
    }

    /// Over complete rows; below two of them their number.
    fn listwise(table: &ItemTable) -> Result<Self, u64> {
        let (columns, k) = (table.columns(), table.len());
        let limits = Limits::of(table);
        let chunk = limits.chunk();
        let (mut n, mut sums) = (0_u64, vec![0_i128; k]);
        let mut products = vec![0_i128; k * k];
        let ones = [1_i16; BLOCK];
        complete_blocks(columns, |block| {
            n += block.n;
            for (row, x) in block.columns().enumerate() {
                sums[row] += i128::from(dot(x, &ones[..x.len()], BLOCK));
                for (column, y) in block.columns().take(row + 1).enumerate() {
                    products[row * k + column] += i128::from(dot(x, y, chunk));
                }
            }
        });
        if n < 2 {
            return Err(n);
        }
        let matrix =
            Symmetric::from_lower(k, |i, j| covariance(n, (sums[i], sums[j]), products[i * k + j]));
        Ok(Self {
            means: sums.iter().map(|s| *s as f64 / n as f64).collect(),
            correlations: matrix.to_correlation(),
            matrix,
            fewest: n,
            most: n,
        })
    }

    /// Each cell over the people who answered both items; the fewest of a pair if below two.
    ///
    /// Gaps are few, so sums over the people who answered a second item too are the whole sums less
    /// what stands beside that item's gaps.
    fn pairwise(table: &ItemTable) -> Result<Self, u64> {
        let (columns, k) = (table.columns(), table.len());
        let chunk = Limits::of(table).chunk();
        let mut cells = vec![Beside::default(); k * k];
        let mut whole = vec![Beside::default(); k];
        let mut products = vec![0_i128; k * k];
        let mut values = vec![0_i16; k * BLOCK];
        let mut gaps: Vec<usize> = Vec::with_capacity(BLOCK);
        for start in (0..table.rows()).step_by(BLOCK) {
            let rows = BLOCK.min(table.rows() - start);
            for (column, value) in columns.iter().zip(values.chunks_mut(BLOCK)) {
                for (cell, value) in column[start..start + rows].iter().zip(value) {
                    *value = if *cell == MISSING { 0 } else { *cell };
                }
            }
            for (i, column) in columns.iter().enumerate() {
                let x = &values[i * BLOCK..i * BLOCK + rows];
                for (j, y) in values.chunks(BLOCK).take(i + 1).enumerate() {
                    products[i * k + j] += i128::from(dot(x, &y[..rows], chunk));
                }
                let cells_of = &column[start..start + rows];
                gaps.clear();
                gaps.extend((0..rows).filter(|row| cells_of[*row] == MISSING));
                whole[i].n += (rows - gaps.len()) as u64;
                whole[i].sum += x.iter().map(|x| i64::from(*x)).sum::<i64>();
                whole[i].square += dot(x, x, chunk);
                for (j, other) in columns.iter().enumerate() {
                    let beside = &mut cells[j * k + i];
                    for row in &gaps {
                        let y = other[start + row];
                        let there = i64::from(y != MISSING);
                        let y = i64::from(y) * there;
                        beside.n += there.unsigned_abs();
                        beside.sum += y;
                        beside.square += y * y;
                    }
                }
            }
        }
        // Item i over the people who answered j too.
        let both = |i: usize, j: usize| Beside {
            n: whole[i].n - cells[i * k + j].n,
            sum: whole[i].sum - cells[i * k + j].sum,
            square: whole[i].square - cells[i * k + j].square,
        };
        let pairs = || (0..k).flat_map(|i| (0..=i).map(move |j| (i, j)));
        let fewest = pairs().map(|(i, j)| both(i, j).n).min().unwrap_or(0);
        let most = pairs().map(|(i, j)| both(i, j).n).max().unwrap_or(0);
        if fewest < 2 {
            return Err(fewest);
        }
        let matrix = Symmetric::from_lower(k, |i, j| {
            let (x, y) = (both(i, j), both(j, i));
            covariance(x.n, (x.sum.into(), y.sum.into()), products[i * k + j])
        });
        let spread = |i: usize, j: usize| {
            let x = both(i, j);
            covariance(x.n, (x.sum.into(), x.sum.into()), x.square.into())
        };
        let flat = pairs().any(|(i, j)| spread(i, j) <= 0.0 || spread(j, i) <= 0.0);
        let correlations = (!flat).then(|| {
            let r = |i, j| matrix.at(i, j) / (spread(i, j) * spread(j, i)).sqrt();
            Symmetric::from_lower(k, |i, j| if i == j { 1.0 } else { r(i, j) })
        });
        let means = whole.iter().map(|x| x.sum as f64 / x.n as f64).collect();
        Ok(Self { means, matrix, correlations, fewest, most })
    }
}

/// Answers to an item, counted over some people: squares of 16 bits fit for 2³² of them.
#[derive(Debug, Clone, Copy, Default)]
struct Beside {
    n: u64,
    sum: i64,
    square: i64,
}

/// The largest magnitudes of a table, which say how many products fit 32 bits.
struct Limits {
    item: i64,
    total: i64,
}

impl Limits {
    fn of(table: &ItemTable) -> Self {
        let each: Vec<i64> = table.largest().iter().map(|largest| i64::from(*largest)).collect();
        Self { item: each.iter().copied().max().unwrap_or(0), total: each.iter().sum() }
    }

    /// How many products of two items are sure to fit 32 bits when added.
    fn chunk(&self) -> usize {
        fitting(self.item * self.item)
    }

    /// The same for products of an item and the total, where the total fits 16 bits.
    fn chunk_with_total(&self) -> Option<usize> {
        (self.total <= i64::from(i16::MAX)).then(|| fitting(self.item * self.total))
    }
}

fn fitting(largest: i64) -> usize {
    let most = i64::from(i32::MAX) / largest.max(1);
    usize::try_from(most).unwrap_or(BLOCK).clamp(1, BLOCK)
}

/// `Σ xy`, in runs of `chunk` that fit 32 bits: the shape that compiles to multiply-and-add.
fn dot(x: &[i16], y: &[i16], chunk: usize) -> i64 {
    x.chunks(chunk)
        .zip(y.chunks(chunk))
        .map(|(x, y)| {
            i64::from(x.iter().zip(y).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum::<i32>())
        })
        .sum()
}

/// A block of people, with the answers of incomplete ones set to 0.
struct Block<'a> {
    cells: &'a [i16],
    items: usize,
    rows: usize,
    n: u64,
}

impl Block<'_> {
    fn columns(&self) -> impl Iterator<Item = &[i16]> {
        (0..self.items).map(|j| &self.cells[j * BLOCK..j * BLOCK + self.rows])
    }
}

/// Hands each block of people to `each`, incomplete people as zeros and not counted.
fn complete_blocks(columns: &[Vec<i16>], mut each: impl FnMut(&Block<'_>)) {
    let rows = columns.first().map_or(0, Vec::len);
    let mut cells = vec![0_i16; columns.len() * BLOCK];
    let mut whole = vec![0_i16; BLOCK];
    for start in (0..rows).step_by(BLOCK) {
        let count = BLOCK.min(rows - start);
        let whole = &mut whole[..count];
        whole.fill(-1);
        for column in columns {
            for (whole, x) in whole.iter_mut().zip(&column[start..start + count]) {
                *whole &= -i16::from(*x != MISSING);
            }
        }
        for (column, out) in columns.iter().zip(cells.chunks_mut(BLOCK)) {
            let cells = column[start..start + count].iter().zip(whole.iter());
            for (out, (x, whole)) in out.iter_mut().zip(cells) {
                *out = x & whole;
            }
        }
        let n = whole.iter().map(|w| u64::from(*w != 0)).sum();
        each(&Block { cells: &cells, items: columns.len(), rows: count, n });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table with gaps from a fixed linear congruential sequence.
    fn synthetic(rows: usize, items: usize, span: i64) -> ItemTable {
        let mut state = 7_u64;
        let mut table = ItemTable::new();
        for item in 0..items {
            let column: Vec<Option<i16>> = (0..rows)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let draw = i64::try_from(state >> 33).unwrap();
                    (draw % 23 != 0).then(|| i16::try_from(draw % span - span / 2).unwrap())
                })
                .collect();
            table.push(format!("i{item}"), column).unwrap();
        }
        table
    }

    fn two_pass(x: &[f64], y: &[f64]) -> f64 {
        let n = x.len() as f64;
        let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
        x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>() / (n - 1.0)
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1.0)
    }

    #[test]
    fn listwise_agrees_with_two_passes_in_floating_point() {
        // Narrow answers, totals beyond 16 bits, and products that fill 32 bits at once.
        for (rows, items, span) in
            [(5000, 4, 5), (2500, 4, 2000), (3000, 5, 30_000), (2049, 3, 32_000)]
        {
            let table = synthetic(rows, items, span);
            let complete = table.filter_rows(|row| table.is_complete(row));
            let column = |i: usize| complete.answers(i).map(f64::from).collect::<Vec<_>>();
            let cov = Covariances::listwise(&table).unwrap();
            assert_eq!(cov.fewest, u64::try_from(table.complete_rows()).unwrap());
            for i in 0..items {
                for j in 0..items {
                    assert!(close(cov.matrix.at(i, j), two_pass(&column(i), &column(j))));
                }
            }
            let spread = ItemSums::listwise(&table).spread().unwrap();
            let same = Spread::of(&cov.matrix);
            assert!(close(spread.total, same.total));
            for (a, b) in spread.with_total.iter().zip(&same.with_total) {
                assert!(close(*a, *b));
            }
        }
    }

    #[test]
    fn pairwise_takes_each_pair_over_its_own_people() {
        for span in [5, 400] {
            let table = synthetic(2500, 4, span);
            let cov = Covariances::pairwise(&table).unwrap();
            for i in 0..4 {
                for j in 0..4 {
                    let (x, y): (Vec<f64>, Vec<f64>) = (0..table.rows())
                        .filter_map(|r| {
                            Some((f64::from(table.value(r, i)?), f64::from(table.value(r, j)?)))
                        })
                        .unzip();
                    assert!(close(cov.matrix.at(i, j), two_pass(&x, &y)));
                    let r = two_pass(&x, &y) / (two_pass(&x, &x) * two_pass(&y, &y)).sqrt();
                    assert!(close(cov.correlations.as_ref().unwrap().at(i, j), r));
                }
            }
        }
    }

    #[test]
    fn parts_merge_to_the_whole_bit_for_bit() {
        let table = synthetic(4100, 6, 5);
        let (first, second) =
            (table.filter_rows(|row| row % 3 == 0), table.filter_rows(|row| row % 3 != 0));
        let merged = ItemSums::listwise(&second).merge(&ItemSums::listwise(&first));
        assert_eq!(merged, Some(ItemSums::listwise(&table)));
        assert_eq!(ItemSums::listwise(&table).merge(&ItemSums::default()), None);
    }

    #[test]
    fn dropping_an_item_is_alpha_of_the_others() {
        let table = synthetic(300, 5, 6);
        let table = table.filter_rows(|row| table.is_complete(row));
        let dropped = ItemSums::listwise(&table).alpha_if_dropped().unwrap();
        for (item, alpha) in dropped.iter().enumerate() {
            let others: Vec<&String> = table
                .ids()
                .iter()
                .enumerate()
                .filter_map(|(i, id)| (i != item).then_some(id))
                .collect();
            let direct = ItemSums::listwise(&table.select(&others).unwrap()).alpha().unwrap();
            assert!(close(alpha.unwrap(), direct));
        }
    }

    #[test]
    fn nothing_is_said_about_too_little() {
        let mut table = ItemTable::new();
        assert_eq!(ItemSums::listwise(&table).alpha(), None);
        table.push("a", [Some(1)]).unwrap();
        table.push("b", [Some(2)]).unwrap();
        assert_eq!(ItemSums::listwise(&table).alpha(), None);
        assert_eq!(Covariances::listwise(&table), Err(1));
        assert_eq!(Covariances::pairwise(&table), Err(1));
        table = ItemTable::new();
        table.push("a", [Some(1), Some(2)]).unwrap();
        table.push("b", [Some(2), Some(2)]).unwrap();
        let sums = ItemSums::listwise(&table);
        assert_eq!(sums.alpha_if_dropped(), Some(vec![None, None]));
        assert_eq!(sums.item_rest(), Some(vec![None, None]));
    }
}
