//! From the counts of a block to what the caller wants of it.

// Numbers fit the buffers, which was tested before the first row: wrapping on the way does no harm.
#![allow(
    clippy::inline_always, // see `kernel`
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap
)]

use super::buffers::{Integers, ScaleBuffers};
use super::kernel::{LANES, Lane, Points};
use super::plan::{Bands, States, Step};
use crate::score::columns::NO_BAND;
use crate::score::value::Status;

/// The counts of a block, and where they go.
pub(super) struct Finish<'a, 'b, T> {
    pub(super) states: &'a States,
    /// Points above the lowest.
    pub(super) sums: &'a [[T; LANES]],
    pub(super) missing: &'a [Lane],
    /// Items of the scale, and the least that each adds.
    pub(super) items: u16,
    pub(super) low: i32,
    /// The caller's buffers, cut to the block.
    pub(super) out: ScaleBuffers<'b>,
}

#[inline(always)]
pub(super) fn finish<T: Points>(work: Finish<'_, '_, T>) {
    let Finish { states, sums, missing, items, low, out } = work;
    if let Some(into) = out.sums {
        exact_sums((sums, missing), (items, low), into);
    }
    if let Some(into) = out.answered {
        match into {
            Integers::U8(into) => answered(missing, into, |n| (items as u8).wrapping_sub(n)),
            Integers::I16(into) => answered(missing, into, |n| items as i16 - i16::from(n)),
            Integers::I32(into) => answered(missing, into, |n| i32::from(items) - i32::from(n)),
        }
    }
    if let Some(into) = out.bands {
        bands(states, (sums, missing), into);
    }
    let rows = || sums.as_flattened().iter().zip(missing.as_flattened());
    let place = |sum: T, missing: u8| states.at(usize::from(missing), usize::from(sum.into()));
    let value = |sum: T, missing: u8| {
        let at = place(sum, missing);
        states.values.get(at).copied().unwrap_or(f64::NAN)
    };
    if let Some(into) = out.values {
        for (into, (sum, missing)) in into.iter_mut().zip(rows()) {
            *into = value(*sum, *missing);
        }
    }
    if let Some(into) = out.values_f32 {
        for (into, (sum, missing)) in into.iter_mut().zip(rows()) {
            let at = place(*sum, *missing);
            *into = states.values_f32.get(at).copied().unwrap_or(f32::NAN);
        }
    }
    if let Some(into) = out.states {
        for (into, missing) in into.iter_mut().zip(missing.as_flattened()) {
            let status = states.statuses.get(usize::from(*missing));
            *into = status.copied().unwrap_or(Status::DependsOnAbsent);
        }
    }
}

#[inline(always)]
fn exact_sums<T: Points>(
    (sums, missing): (&[[T; LANES]], &[Lane]),
    (items, low): (u16, i32),
    into: Integers<'_>,
) {
    match into {
        Integers::U8(into) => {
            let (least, low) = ((low * i32::from(items)) as u8, low as u8);
            let from_least = |sum| low_byte(sum).wrapping_add(least);
            // A product of bytes takes longer than all the rest.
            match low {
                0 => sum_into((sums, missing), into, |sum, _| low_byte(sum)),
                1 => sum_into((sums, missing), into, |sum, n| from_least(sum).wrapping_sub(n)),
                _ => sum_into((sums, missing), into, |sum, n| {
                    from_least(sum).wrapping_sub(low.wrapping_mul(n))
                }),
            }
        }
        Integers::I16(into) => {
            let (least, low) = ((low * i32::from(items)) as i16, low as i16);
            sum_into((sums, missing), into, |sum, missing| {
                (sum.into() as i16)
                    .wrapping_add(least)
                    .wrapping_sub(low.wrapping_mul(i16::from(missing)))
            });
        }
        Integers::I32(into) => sum_into((sums, missing), into, |sum, missing| {
            i32::from(sum.into()) + low * (i32::from(items) - i32::from(missing))
        }),
    }
}

#[inline(always)]
fn sum_into<T: Points, N>(
    (sums, missing): (&[[T; LANES]], &[Lane]),
    into: &mut [N],
    exact: impl Fn(T, u8) -> N,
) {
    let rows = sums.as_flattened().iter().zip(missing.as_flattened());
    for (into, (sum, missing)) in into.iter_mut().zip(rows) {
        *into = exact(*sum, *missing);
    }
}

#[inline(always)]
fn answered<T>(missing: &[Lane], into: &mut [T], count: impl Fn(u8) -> T) {
    for (into, missing) in into.iter_mut().zip(missing.as_flattened()) {
        *into = count(*missing);
    }
}

#[inline(always)]
fn low_byte<T: Points>(sum: T) -> u8 {
    let [low, _] = sum.into().to_le_bytes();
    low
}

#[inline(always)]
fn bands<T: Points>(states: &States, (sums, missing): (&[[T; LANES]], &[Lane]), into: &mut [u8]) {
    let (sums, missing) = (sums.as_flattened(), missing.as_flattened());
    match &states.steps {
        Bands::None => into.fill(NO_BAND),
        Bands::Table => {
            for ((into, sum), missing) in into.iter_mut().zip(sums).zip(missing) {
                let at = states.at(usize::from(*missing), usize::from((*sum).into()));
                *into = states.bands.get(at).copied().unwrap_or(NO_BAND);
            }
        }
        Bands::Steps(steps) => {
            let parts = sums.chunks(TOLD).zip(missing.chunks(TOLD)).zip(into.chunks_mut(TOLD));
            for ((sums, missing), into) in parts {
                told(steps, (sums, missing), into);
                for (band, missing) in into.iter_mut().zip(missing) {
                    *band |= u8::from(*missing > states.banded).wrapping_neg();
                }
            }
        }
    }
}

/// Rows whose bands are told together.
const TOLD: usize = 256;

/// How many steps each sum has reached.
#[inline(always)]
fn told<T: Points>(steps: &[Step], (sums, missing): (&[T], &[u8]), into: &mut [u8]) {
    into.fill(0);
    for step in steps {
        let mut from = [T::low(step.first); TOLD];
        for (count, flip) in (1..).zip(&step.flips) {
            let flip = T::low(*flip);
            for (from, missing) in from.iter_mut().zip(missing) {
                *from = from.flip(*missing == count, flip);
            }
        }
        for ((told, sum), from) in into.iter_mut().zip(sums).zip(&from) {
            *told += u8::from(sum >= from);
        }
    }
}
