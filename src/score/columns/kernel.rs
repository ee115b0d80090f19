//! The loops that touch every byte. Nothing here knows an instrument: items, codes and directions
//! are numbers that come in. Written so that a compiler makes wide instructions of them.

// Indices are below the constant lengths of the arrays that they index.
#![allow(clippy::indexing_slicing, clippy::needless_range_loop)]
// One dispatch compiles all of it for the instructions that it has chosen, if all of it is inlined.
#![allow(clippy::inline_always)]

use super::finish::{Finish, finish};
use crate::answers::Plain;

/// Rows whose sums stay in registers together.
pub(super) const LANES: usize = 32;
pub(super) type Lane = [u8; LANES];

/// Rows that are worked on together: their sums stay in the fastest cache.
pub(super) const MOST_ROWS: usize = 32768;
pub(super) const GROUPS: usize = MOST_ROWS / LANES;

/// The counts of one root in one block.
pub(super) struct Counts {
    narrow: [[u8; LANES]; GROUPS],
    wide: [[u16; LANES]; GROUPS],
    missing: [Lane; GROUPS],
}

impl Counts {
    // 128 KiB of the stack: a call on columns of bytes touches no heap.
    #[allow(clippy::large_stack_arrays)]
    pub(super) const fn new() -> Self {
        Self {
            narrow: [[0; LANES]; GROUPS],
            wide: [[0; LANES]; GROUPS],
            missing: [[0; LANES]; GROUPS],
        }
    }
}

/// Points above a scale's lowest: bytes where they fit, for they are added twice as fast.
pub(super) trait Points: Copy + Ord + Into<u16> {
    const ZERO: Self;
    /// The memory for sums of this width.
    fn of(counts: &mut Counts) -> (&mut [[Self; LANES]; GROUPS], &mut [Lane; GROUPS]);
    fn plus(self, points: u8) -> Self;
    /// Flips the bits of `flip` where `is`.
    fn flip(self, is: bool, flip: Self) -> Self;
    /// The low bits of a number that fits, or is above every sum.
    fn low(number: u16) -> Self;
}

impl Points for u8 {
    const ZERO: Self = 0;
    fn of(counts: &mut Counts) -> (&mut [[Self; LANES]; GROUPS], &mut [Lane; GROUPS]) {
        (&mut counts.narrow, &mut counts.missing)
    }
    #[inline(always)]
    fn plus(self, points: u8) -> Self {
        self.wrapping_add(points)
    }
    #[inline(always)]
    fn flip(self, is: bool, flip: Self) -> Self {
        self ^ (u8::from(is).wrapping_neg() & flip)
    }
    #[inline(always)]
    fn low(number: u16) -> Self {
        let [low, _] = number.to_le_bytes();
        low
    }
}

impl Points for u16 {
    const ZERO: Self = 0;
    fn of(counts: &mut Counts) -> (&mut [[Self; LANES]; GROUPS], &mut [Lane; GROUPS]) {
        (&mut counts.wide, &mut counts.missing)
    }
    #[inline(always)]
    fn plus(self, points: u8) -> Self {
        self.wrapping_add(u16::from(points))
    }
    #[inline(always)]
    fn flip(self, is: bool, flip: Self) -> Self {
        self ^ (u16::from(is).wrapping_neg() & flip)
    }
    #[inline(always)]
    fn low(number: u16) -> Self {
        number
    }
}

/// Items of one group to be added at one go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Add<'a> {
    pub(super) straight: &'a [&'a [Lane]],
    pub(super) reversed: &'a [&'a [Lane]],
    pub(super) low: u8,
    pub(super) span: u8,
    pub(super) plain: Plain,
    /// Whether nothing has been added yet.
    pub(super) is_first: bool,
}

/// Work for the loops, so that one dispatch chooses the instructions for all of them.
pub(super) enum Work<'a, 'b, T> {
    /// Adds items; answers whether every byte was a code or plainly missing.
    Add(Add<'a>, &'a mut [[T; LANES]], &'a mut [Lane]),
    /// Writes what the caller wants of a block.
    Finish(Finish<'a, 'b, T>),
}

impl<T: Points> Work<'_, '_, T> {
    #[inline(always)]
    pub(super) fn run(self) -> bool {
        match self {
            Self::Add(add, sums, missing) => match add.plain {
                Plain::None => add_items(add, (sums, missing), |_| false),
                Plain::One(plain) => add_items(add, (sums, missing), |byte| byte == plain),
                Plain::Range(first, more) => {
                    add_items(add, (sums, missing), |byte| byte.wrapping_sub(first) <= more)
                }
            },
            Self::Finish(work) => {
                finish(work);
                true
            }
        }
    }
}

#[inline(always)]
fn add_items<T: Points>(
    add: Add<'_>,
    (sums, missing): (&mut [[T; LANES]], &mut [Lane]),
    is_missing: impl Fn(u8) -> bool,
) -> bool {
    let Add { straight, reversed, low, span, is_first, .. } = add;
    let high = low.wrapping_add(span);
    let mut worst = [0_u8; LANES];
    for (at, (sums, missing)) in sums.iter_mut().zip(missing).enumerate() {
        let mut sum = [0_u8; LANES];
        let mut gone = [0_u8; LANES];
        for column in straight {
            let Some(bytes) = column.get(at) else { continue };
            for lane in 0..LANES {
                let byte = bytes[lane];
                let mask = u8::from(is_missing(byte)).wrapping_neg();
                let points = byte.wrapping_sub(low) & !mask;
                worst[lane] = worst[lane].max(points);
                sum[lane] = sum[lane].wrapping_add(points);
                gone[lane] = gone[lane].wrapping_sub(mask);
            }
        }
        for column in reversed {
            let Some(bytes) = column.get(at) else { continue };
            for lane in 0..LANES {
                let byte = bytes[lane];
                let mask = u8::from(is_missing(byte)).wrapping_neg();
                let points = high.wrapping_sub(byte) & !mask;
                worst[lane] = worst[lane].max(points);
                sum[lane] = sum[lane].wrapping_add(points);
                gone[lane] = gone[lane].wrapping_sub(mask);
            }
        }
        // Two ways, each without a choice: the compiler makes wide instructions of that.
        if is_first {
            for lane in 0..LANES {
                sums[lane] = T::ZERO.plus(sum[lane]);
            }
            *missing = gone;
        } else {
            for lane in 0..LANES {
                sums[lane] = sums[lane].plus(sum[lane]);
            }
            for lane in 0..LANES {
                missing[lane] = missing[lane].wrapping_add(gone[lane]);
            }
        }
    }
    worst.iter().all(|worst| *worst <= span)
}
