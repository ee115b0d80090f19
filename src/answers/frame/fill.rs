//! A block of a column narrowed to the bytes of [`Answer::to_byte`].

// Without branches, so that many numbers are told at once.
#![allow(clippy::needless_bitwise_bool)]

use std::ops::Range;

use super::cells::{Validity, Values};
use super::{Cells, Coding, Frame, Layout};
use crate::answers::{Answer, MissingKind};

/// Whether every number of a block was a code or a missing answer; which codes its item offers is
/// not looked at.
pub(crate) type Filled = bool;

/// What a number is told as, and 1 if it is neither a code nor a missing answer.
pub(crate) type Told = (u8, u8);

const SKIPPED: u8 = Answer::Missing(MissingKind::Skipped).to_byte();
const UNREADABLE: u8 = Answer::Missing(MissingKind::Unreadable).to_byte();
const NOT_ASKED: u8 = Answer::Missing(MissingKind::NotAsked).to_byte();

/// For each byte of a bitmap, eight bytes: all ones where its bit is set.
#[allow(clippy::indexing_slicing)] // run by the compiler
const SPREAD: [[u8; 8]; 256] = {
    let mut table = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                table[byte][bit] = 0xff;
            }
            bit += 1;
        }
        byte += 1;
    }
    table
};

impl Frame<'_> {
    /// Writes the answers to an item: one byte for each row. A number that is neither a code nor a
    /// missing answer becomes unreadable, and the block is not [`Filled`].
    pub(crate) fn fill(&self, item: usize, rows: Range<usize>, into: &mut [u8]) -> Filled {
        let Some(cells) = self.cells(item) else {
            into.fill(NOT_ASKED);
            return true;
        };
        let rows = match self.picked {
            None => Rows::Range(rows),
            Some(picked) => Rows::Picked(picked.get(rows).unwrap_or_default()),
        };
        self.coding.fill(&cells, &rows, into)
    }

    /// The table's bytes, where it is row-major and every row is wanted.
    pub(crate) fn tile(&self, rows: Range<usize>) -> Option<&[u8]> {
        let items = self.instrument.items().len();
        match (&self.layout, self.picked) {
            (Layout::Rows(all), None) => all.get(rows.start * items..rows.end * items),
            _ => None,
        }
    }
}

impl Coding {
    fn fill(self, cells: &Cells<'_>, rows: &Rows<'_>, into: &mut [u8]) -> Filled {
        let at = (rows, cells.validity);
        match cells.values {
            Values::U8(values) => match self {
                Self::Bytes => narrow(values, at, into, |byte| (byte, 0)),
                Self::Codes => narrow(values, at, into, |byte| {
                    let bad = byte > Answer::HIGHEST_CODE;
                    (if bad { UNREADABLE } else { byte }, u8::from(bad))
                }),
                _ => narrow(values, at, into, self.bytes()),
            },
            Values::I8(values) => narrow(values, at, into, self.integers()),
            Values::I16(values) => narrow(values, at, into, self.integers()),
            Values::I32(values) => narrow(values, at, into, self.integers()),
            Values::I64(values) => narrow(values, at, into, self.integers()),
            Values::F32(values) => narrow(values, at, into, self.floats()),
            Values::F64(values) => narrow(values, at, into, self.floats()),
            Values::Strided { rows: all, offset, stride } => {
                let byte =
                    |row: usize| all.get(row * stride + offset).copied().unwrap_or(NOT_ASKED);
                for (place, into) in into.iter_mut().enumerate() {
                    *into = byte(rows.at(place));
                }
                self.in_place(into)
            }
        }
    }

    /// Bytes of the caller, told where they stand.
    pub(crate) fn in_place(self, bytes: &mut [u8]) -> Filled {
        if self == Self::Bytes {
            return true;
        }
        let (tell, mut bad) = (self.bytes(), 0);
        for byte in bytes {
            let (told, wrong) = tell(*byte);
            *byte = told;
            bad |= wrong;
        }
        bad == 0
    }

    /// The number that stands for a missing answer, and the byte that says so.
    const fn missing(self) -> Option<(i64, u8)> {
        match self {
            Self::Missing { number, kind } => Some((number, Answer::Missing(kind).to_byte())),
            Self::Bytes | Self::Codes => None,
        }
    }

    /// Highest number that a byte may be read from.
    const fn highest(self) -> u8 {
        match self {
            Self::Bytes => u8::MAX,
            Self::Codes | Self::Missing { .. } => Answer::HIGHEST_CODE,
        }
    }

    /// How bytes are told.
    pub(crate) fn bytes(self) -> impl Fn(u8) -> Told + Copy {
        let gone = self.missing().and_then(|(code, kind)| Some((u8::try_from(code).ok()?, kind)));
        let (has, highest) = (gone.is_some(), self.highest());
        let (gone, kind) = gone.unwrap_or_default();
        move |byte| {
            let is_gone = has & (byte == gone);
            let bad = !is_gone & (byte > highest);
            let known = if bad { UNREADABLE } else { byte };
            (if is_gone { kind } else { known }, u8::from(bad))
        }
    }

    /// How integers are told.
    fn integers<T: Integer>(self) -> impl Fn(T) -> Told + Copy {
        let gone = self.missing().and_then(|(code, kind)| Some((T::narrowed(code)?, kind)));
        // An `i8` cannot be too high.
        let highest = T::narrowed(i64::from(self.highest())).unwrap_or(T::MOST);
        let has = gone.is_some();
        let (gone, kind) = gone.unwrap_or((T::ZERO, 0));
        move |value| {
            let is_gone = has & (value == gone);
            let fits = (value >= T::ZERO) & (value <= highest);
            let known = if fits { value.low() } else { UNREADABLE };
            (if is_gone { kind } else { known }, u8::from(!fits & !is_gone))
        }
    }

    /// How floats are told.
    fn floats<T: Copy + Into<f64>>(self) -> impl Fn(T) -> Told + Copy {
        let highest = f64::from(self.highest());
        let missing = self.missing().map(|(number, kind)| (number as f64, kind));
        let (gone, kind) = missing.unwrap_or((f64::NAN, SKIPPED));
        move |value| {
            let value: f64 = value.into();
            let (is_gone, is_nan) = (value == gone, value.is_nan());
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // used where it fits
            let code = value as i32 as u8;
            let fits = (f64::from(code) == value) & (value <= highest);
            let known = if fits { code } else { UNREADABLE };
            let told = if is_gone { kind } else { known };
            (if is_nan { SKIPPED } else { told }, u8::from(!fits & !is_gone & !is_nan))
        }
    }
}

/// Integers that are narrowed to bytes in their own width, which lets many be told at once.
trait Integer: Copy + PartialOrd {
    const ZERO: Self;
    const MOST: Self;
    fn narrowed(number: i64) -> Option<Self>;
    fn low(self) -> u8;
}

macro_rules! integers {
    ($($of:ty),*) => {$(
        impl Integer for $of {
            const ZERO: Self = 0;
            const MOST: Self = Self::MAX;
            fn narrowed(number: i64) -> Option<Self> {
                Self::try_from(number).ok()
            }
            #[inline]
            fn low(self) -> u8 {
                let [low, ..] = self.to_le_bytes();
                low
            }
        }
    )*};
}
integers!(i8, i16, i32, i64);

/// The rows of a block.
enum Rows<'a> {
    Range(Range<usize>),
    Picked(&'a [usize]),
}

impl Rows<'_> {
    fn at(&self, place: usize) -> usize {
        match self {
            Self::Range(rows) => rows.start + place,
            Self::Picked(rows) => rows.get(place).copied().unwrap_or(usize::MAX),
        }
    }
}

/// Tells every number of a block; where the bitmap has no answer, skipped.
#[inline(never)]
fn narrow<T: Copy>(
    values: &[T],
    (rows, validity): (&Rows<'_>, Option<Validity<'_>>),
    into: &mut [u8],
    tell: impl Fn(T) -> Told,
) -> Filled {
    let mut bad = 0;
    let range = match rows {
        Rows::Range(range) => range,
        Rows::Picked(rows) => {
            for (byte, row) in into.iter_mut().zip(*rows) {
                let present = validity.is_none_or(|validity| validity.is_valid(*row));
                let (told, wrong) = match values.get(*row) {
                    Some(value) if present => tell(*value),
                    _ => (SKIPPED, 0),
                };
                *byte = told;
                bad |= wrong;
            }
            return bad == 0;
        }
    };
    let values = values.get(range.clone()).unwrap_or_default();
    let Some(validity) = validity else {
        for (byte, value) in into.iter_mut().zip(values) {
            let (told, wrong) = tell(*value);
            *byte = told;
            bad |= wrong;
        }
        return bad == 0;
    };
    let lanes = into.chunks_mut(LANES).zip(values.chunks(LANES));
    for (at, (bytes, values)) in lanes.enumerate() {
        let mut bits = [0; LANES / 8];
        validity.write(range.start + at * LANES, &mut bits);
        let mut masks = [[0; 8]; LANES / 8];
        for (mask, bits) in masks.iter_mut().zip(bits) {
            *mask = SPREAD.get(usize::from(bits)).copied().unwrap_or_default();
        }
        let masks = masks.as_flattened();
        for ((byte, value), mask) in bytes.iter_mut().zip(values).zip(masks) {
            let (told, wrong) = tell(*value);
            *byte = (told & mask) | (SKIPPED & !mask);
            bad |= wrong & mask;
        }
    }
    bad == 0
}

/// Rows whose bits are spread together.
const LANES: usize = 256;
