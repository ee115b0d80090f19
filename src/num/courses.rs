//! Theil-Sen slope and Mann-Kendall test for course after course, nothing allocated for any.
//!
//! The results are those of [`theil_sen`] and [`mann_kendall`], bit for bit. Only the way there
//! differs. Pairs are taken in rows of equal length, so that they fill the processor's lanes: row
//! `lag` pairs each point with the one `lag` further on, and the last ones with the first. Slopes
//! are rounded to 16-bit keys, the key of the median is found by counting, in passes without
//! branches, and slopes are divided exactly only where their key is next to it.
#![allow(clippy::needless_bitwise_bool)] // `&` has no branch, so loops of it fill the lanes
#![allow(clippy::indexing_slicing)]
// Index arguments: `prepare` makes every row `width` long, `scores` and `ranks` long enough for the
// furthest row, and `days` and `values` have `points` entries, which every wrapped place is below.

use super::robust::{MIN_SLOPE_POINTS, MannKendall, mann_kendall, theil_sen};

/// Rows are whole registers.
const LANES: usize = 8;

/// Keys are counted several registers at a time.
const STRIDE: usize = 64;

/// Most points for which 16-bit counts of pairs cannot overflow.
const MOST: usize = 256;

/// Longest course in days: whole numbers up to here are exact in 32 bits, and `ROUND` rounds them.
const LONGEST: i64 = 1 << 22;

/// The key of the steepest slope that could be: short of 16 bits by more than rounding.
const STEEPEST: f32 = 32_700.0;

/// Adding this rounds to a whole number and leaves it in the low bits.
const ROUND: f32 = 12_582_912.0;

/// The same for numbers of twice the width.
const ROUND_WIDE: f64 = 6_755_399_441_055_744.0;

/// What one course shows, without the interval of the slope.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Course {
    /// Median slope of all pairs, per day.
    pub(crate) slope: f64,
    pub(crate) test: MannKendall,
}

/// Working memory for courses, reused from one to the next.
#[derive(Debug, Default)]
pub(crate) struct Courses {
    points: usize,
    width: usize,
    pairs: usize,
    /// Days since the first, of the course before: what is made of them is kept while they recur.
    places: Vec<i32>,
    around: Vec<f32>,
    /// Key per difference of scores, for each pair, and what is added to it.
    factors: Vec<f32>,
    /// 1 for each pair, 0 beside the pairs.
    present: Vec<f32>,
    bases: Vec<f32>,
    /// 1 for each pair in time order, -1 for each that goes around, 0 beside the pairs.
    signs: Vec<i16>,
    scores: Vec<f32>,
    ranks: Vec<i16>,
    rises: Vec<i16>,
    below: Vec<i64>,
    keys: Vec<i16>,
    spots: Vec<u16>,
    near: Vec<f64>,
    /// Key per unit of slope, and the days' greatest common step.
    unit: f64,
    step: i32,
}

impl Courses {
    /// Slope and test of finite `values` on rising `days`, or `None` where [`theil_sen`] has none.
    pub(crate) fn of(&mut self, days: &[i32], values: &[f64]) -> Option<Course> {
        let n = values.len();
        if n < MIN_SLOPE_POINTS || days.len() != n {
            return None;
        }
        let (low, high) =
            values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (if *value < low { *value } else { low }, if *value > high { *value } else { high })
            });
        let range = high - low;
        let span = i64::from(days[n - 1]) - i64::from(days[0]);
        // Beyond these an approximation could overflow: courses that nobody has, done plainly.
        let usual =
            n <= MOST && span <= LONGEST && (range == 0.0 || (1e-290..1e290).contains(&range));
        if !usual {
            let times: Vec<f64> = days.iter().map(|day| f64::from(*day)).collect();
            let slope = theil_sen(&times, values, 0.95)?.slope;
            return Some(Course { slope, test: mann_kendall(values)? });
        }
        if n != self.points {
            self.prepare(n);
        }
        let recurs =
            self.places.iter().zip(days).all(|(place, day)| *place == day.wrapping_sub(days[0]));
        if !recurs {
            self.take_days(days);
        }
        // Adding and taking away 1.5 * 2^52 rounds, so this asks for whole numbers; not for -0, whose
        // slopes are told apart by their sign.
        let whole = range <= 255.0
            && values.iter().fold(true, |whole, value| {
                let points = value - low;
                whole
                    & (points + ROUND_WIDE - ROUND_WIDE == points)
                    & (value.to_bits() != (-0.0_f64).to_bits())
            });
        let test = self.kendall(values, (low, whole));
        let slope = self.slope((days, values), (low, range), whole)?;
        Some(Course { slope, test })
    }

    /// Makes room for courses of `n` points.
    fn prepare(&mut self, n: usize) {
        self.points = n;
        self.width = n.next_multiple_of(LANES);
        self.pairs = n * (n - 1) / 2;
        let (rows, width) = (n / 2, self.width);
        let cells = (rows * width).next_multiple_of(STRIDE);
        self.places = vec![-1; n];
        // No day is before the first, so that beside the pairs too no two places are equal.
        self.around = (0..width + rows).map(|at| -1.0 - at as f32).collect();
        self.scores = vec![0.0; width + rows];
        self.ranks = vec![0; width + rows];
        self.below = vec![0; n];
        self.keys = vec![i16::MAX; cells];
        self.spots = vec![0; cells];
        // Beside the pairs factor 0 and this base give the highest key.
        self.factors = vec![0.0; cells];
        self.bases = vec![ROUND + f32::from(i16::MAX); cells];
        self.present = vec![0.0; cells];
        self.signs = vec![0; cells];
        self.rises = vec![0; width];
        for lag in 1..=rows {
            let row = (lag - 1) * width;
            // Half way around each pair would come twice.
            let count = if 2 * lag == n { lag } else { n };
            self.bases[row..row + count].fill(ROUND);
            self.present[row..row + count].fill(1.0);
            self.signs[row..row + count].fill(1);
            self.signs[row..row + count].iter_mut().skip(n - lag).for_each(|sign| *sign = -1);
        }
    }

    /// What depends on the days alone.
    fn take_days(&mut self, days: &[i32]) {
        let (n, width) = (self.points, self.width);
        for (place, day) in self.places.iter_mut().zip(days) {
            *place = day.wrapping_sub(days[0]);
        }
        for (at, around) in self.around.iter_mut().enumerate().take(n + n / 2) {
            *around = self.places[if at < n { at } else { at - n }] as f32;
        }
        let gaps = || days.iter().zip(days.iter().skip(1)).map(|(a, b)| b.wrapping_sub(*a));
        let least = gaps().min().unwrap_or(1).max(1);
        let step = least as f32;
        let regular = gaps().fold(true, |regular, gap| {
            let gap = gap as f32;
            regular & ((gap / step + ROUND - ROUND) * step == gap)
        });
        self.step = if regular { least } else { 1 };
        let unit = STEEPEST * step;
        self.unit = f64::from(unit);
        let rows = self.factors.chunks_exact_mut(width).zip(self.present.chunks_exact(width));
        for (lag, (factors, present)) in (1..=n / 2).zip(rows) {
            let pairs = self.around[..width].iter().zip(&self.around[lag..lag + width]);
            for ((factor, present), (from, to)) in factors.iter_mut().zip(present).zip(pairs) {
                *factor = present * unit / (to - from);
            }
        }
    }

    fn fill_keys(&mut self, values: &[f64], (low, range): (f64, f64)) {
        let (n, width) = (self.points, self.width);
        let scale = if range > 0.0 { 1.0 / range } else { 0.0 };
        for (score, value) in self.scores.iter_mut().zip(values) {
            #[expect(clippy::cast_possible_truncation, reason = "0 to 1, rounded")]
            let rounded = ((value - low) * scale) as f32;
            *score = rounded;
        }
        self.scores.copy_within(..n / 2, n);
        let rows = self.factors.chunks_exact(width).zip(self.bases.chunks_exact(width));
        for (lag, (keys, (factors, bases))) in
            (1..=n / 2).zip(self.keys.chunks_exact_mut(width).zip(rows))
        {
            let pairs = self.scores[..width].iter().zip(&self.scores[lag..lag + width]);
            for ((key, (factor, base)), (from, to)) in
                keys.iter_mut().zip(factors.iter().zip(bases)).zip(pairs)
            {
                #[expect(clippy::cast_possible_truncation, reason = "the low bits hold it")]
                let rounded = ((to - from) * factor + base).to_bits() as i16;
                *key = rounded;
            }
        }
    }

    /// How many keys are at most `key`, which is below that of the cells beside the pairs.
    fn count(&self, key: i16) -> usize {
        let count = self.keys.iter().map(|each| i16::from(*each <= key)).sum::<i16>();
        usize::try_from(count).unwrap_or(0)
    }

    /// The median of all slopes.
    fn slope(
        &mut self,
        course: (&[i32], &[f64]),
        (low, range): (f64, f64),
        whole: bool,
    ) -> Option<f64> {
        self.fill_keys(course.1, (low, range));
        let half = self.pairs / 2;
        // The median is the slope at `half`, or between it and the one before.
        let odd = self.pairs % 2 == 1;
        let first = if odd { half } else { half - 1 };
        let (mut below, mut key) = (-i32::from(i16::MAX), i32::from(i16::MAX));
        let mut counted = self.pairs;
        while key - below > 1 {
            let middle = i32::midpoint(below, key);
            let count = self.count(narrow(middle));
            if count > first {
                (key, counted) = (middle, count);
            } else {
                below = middle;
            }
        }
        let low = narrow(key);
        let high = if counted > half {
            low
        } else {
            // Turned so that the next key is the least of all and lower ones come last.
            let turn = low.wrapping_add(1).wrapping_sub(i16::MIN);
            let next = self.keys.iter().map(|key| key.wrapping_sub(turn)).min();
            next.map_or(low, |next| next.wrapping_add(turn))
        };
        // Whole scores at whole steps: two slopes differ by 1 / steps² or not at all. Where that is
        // more than a key, one key is one slope.
        let steps = f64::from(self.places.last().copied()?) / f64::from(self.step);
        if whole && self.unit > 1.1 * range * f64::from(self.step) * steps * steps {
            let one = |wanted: i16| {
                let spot = self.keys.iter().position(|key| *key == wanted)?;
                Some(self.exact(spot, course))
            };
            let under = one(low)?;
            let middle = if high == low { under } else { one(high)? };
            return Some(if odd { under } else { f64::midpoint(under, middle) });
        }
        // A key is less than one off, and so is the key of the median: exact slopes with a key
        // two off or more lie on their side of it.
        let (low, high) = (low - 1, high + 1);
        let before = self.count(low - 1);
        let mut found = 0;
        for (row, keys) in self.keys.chunks(LANES).enumerate() {
            let within = |key: &i16| i16::from(low <= *key) & i16::from(*key <= high);
            if keys.iter().map(within).sum::<i16>() > 0 {
                for (at, key) in keys.iter().enumerate() {
                    #[expect(clippy::cast_possible_truncation, reason = "256 points have fewer")]
                    let spot = (row * LANES + at) as u16;
                    // Written always, kept where it is near: no branch to guess wrong.
                    self.spots[found] = spot;
                    found += usize::from(within(key) != 0);
                }
            }
        }
        let mut near = std::mem::take(&mut self.near);
        near.clear();
        near.extend(self.spots[..found].iter().map(|spot| self.exact(usize::from(*spot), course)));
        let median = middle_of(&mut near, half - before, odd);
        self.near = near;
        median
    }

    /// The slope of the pair in a cell, as [`theil_sen`] divides it.
    fn exact(&self, spot: usize, (days, values): (&[i32], &[f64])) -> f64 {
        let (row, from) = (spot / self.width, spot % self.width);
        let to = from + row + 1;
        let (early, late) = if to < self.points { (from, to) } else { (to - self.points, from) };
        (values[late] - values[early]) / (f64::from(days[late]) - f64::from(days[early]))
    }

    fn kendall(&mut self, values: &[f64], (low, whole): (f64, bool)) -> MannKendall {
        let (n, width) = (self.points, self.width);
        if whole {
            for (rank, value) in self.ranks.iter_mut().zip(values) {
                *rank = low_bits(value - low);
            }
        } else {
            // Ranks order as the values do and are equal where they are.
            self.below.fill(0);
            for value in values {
                for (below, other) in self.below.iter_mut().zip(values) {
                    *below += i64::from(value < other);
                }
            }
            for (rank, below) in self.ranks.iter_mut().zip(&self.below) {
                #[expect(clippy::cast_possible_truncation, reason = "below the number of points")]
                let below = *below as i16;
                *rank = below;
            }
        }
        self.ranks.copy_within(..n / 2, n);
        self.rises.fill(0);
        for (lag, signs) in (1..=n / 2).zip(self.signs.chunks_exact(width)) {
            let pairs = self.ranks[..width].iter().zip(&self.ranks[lag..lag + width]);
            for ((rises, sign), (from, to)) in self.rises.iter_mut().zip(signs).zip(pairs) {
                *rises += sign * (i16::from(to > from) - i16::from(to < from));
            }
        }
        let s = self.rises.iter().map(|rises| i64::from(*rises)).sum();
        let mut equal = [0_u16; 256];
        for rank in &self.ranks[..n] {
            equal[usize::from(rank.unsigned_abs()) & 255] += 1;
        }
        // Each of t equal values takes off (t - 1) (2 t + 5).
        let each = self.ranks[..n].iter().map(|rank| {
            let t = u32::from(equal[usize::from(rank.unsigned_abs()) & 255]);
            (t - 1) * (2 * t + 5)
        });
        let tied = f64::from(each.sum::<u32>());
        let ties = equal.iter().filter(|count| **count > 0).map(|count| usize::from(*count));
        MannKendall::of(n, s, tied, ties)
    }
}

/// The value at `half` in order, or the middle of it and the one before.
fn middle_of(values: &mut [f64], half: usize, odd: bool) -> Option<f64> {
    let (before, middle, _) = values.select_nth_unstable_by(half, f64::total_cmp);
    if odd {
        return Some(*middle);
    }
    let under = before.iter().copied().max_by(f64::total_cmp)?;
    Some(f64::midpoint(under, *middle))
}

#[expect(clippy::cast_possible_truncation, reason = "between two of 16 bits")]
fn narrow(key: i32) -> i16 {
    key as i16
}

/// A whole number from 0 to 255.
#[expect(clippy::cast_possible_truncation, reason = "the low bits hold it")]
fn low_bits(value: f64) -> i16 {
    (value + ROUND_WIDE).to_bits() as i16
}
