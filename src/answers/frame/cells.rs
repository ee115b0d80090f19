//! One column of a frame, in any supported kind of memory.

/// One column of answers, borrowed: `u8`, `i8`, `i16`, `i32`, `i64`, `f32` or `f64`, with a
/// validity bitmap if the caller has one.
///
/// ```
/// use straingauge::answers::Cells;
/// let scores = [3_u8, 0, 5];
/// let present = [0b1011_0000]; // bit 4 belongs to the first row, as Arrow counts
/// let cells = Cells::from(&scores).with_validity(&present, 4).unwrap();
/// assert_eq!(cells.len(), 3);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Cells<'a> {
    pub(super) values: Values<'a>,
    pub(super) validity: Option<Validity<'a>>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Values<'a> {
    U8(&'a [u8]),
    I8(&'a [i8]),
    I16(&'a [i16]),
    I32(&'a [i32]),
    I64(&'a [i64]),
    F32(&'a [f32]),
    F64(&'a [f64]),
    /// Every `stride`-th byte from `offset` on.
    Strided {
        rows: &'a [u8],
        offset: usize,
        stride: usize,
    },
}

/// One bit a row, least significant first: 1 is an answer, 0 none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Validity<'a> {
    bits: &'a [u8],
    offset: usize,
}

impl<'a> Validity<'a> {
    /// The bits of `8 * N` rows from `row` on, where they begin a byte.
    pub(super) fn whole<const N: usize>(self, row: usize) -> Option<&'a [u8; N]> {
        let at = self.offset + row;
        let bytes = self.bits.get(at / 8..).filter(|_| at.is_multiple_of(8));
        bytes.and_then(|bytes| bytes.first_chunk())
    }

    /// The bits of eight rows from `row` on; beyond the bitmap they are 0.
    pub(super) fn eight(self, row: usize) -> u8 {
        let at = self.offset + row;
        let byte = |at: usize| u16::from(self.bits.get(at).copied().unwrap_or(0));
        let both = byte(at / 8) | byte(at / 8 + 1) << 8;
        let [low, _] = (both >> (at % 8)).to_le_bytes();
        low
    }
}

impl<'a> Cells<'a> {
    pub(super) const fn strided(rows: &'a [u8], offset: usize, stride: usize) -> Self {
        Self { values: Values::Strided { rows, offset, stride }, validity: None }
    }

    /// With one bit a row, least significant bit first, the first row's at `offset`: where it is 0
    /// there is no answer, whatever the value. `None` if the bitmap is too short.
    pub fn with_validity(self, bits: &'a [u8], offset: usize) -> Option<Self> {
        let end = offset.checked_add(self.len())?;
        (end.div_ceil(8) <= bits.len())
            .then_some(Self { validity: Some(Validity { bits, offset }), ..self })
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        match self.values {
            Values::U8(values) => values.len(),
            Values::I8(values) => values.len(),
            Values::I16(values) => values.len(),
            Values::I32(values) => values.len(),
            Values::I64(values) => values.len(),
            Values::F32(values) => values.len(),
            Values::F64(values) => values.len(),
            Values::Strided { rows, stride, .. } => rows.len() / stride.max(1),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) const fn as_bytes(&self) -> Option<&'a [u8]> {
        match (self.values, self.validity) {
            (Values::U8(values), None) => Some(values),
            _ => None,
        }
    }

    /// The number in a cell, for a message.
    pub(super) fn number(&self, row: usize) -> f64 {
        let number = match self.values {
            Values::U8(values) => values.get(row).map(|v| f64::from(*v)),
            Values::I8(values) => values.get(row).map(|v| f64::from(*v)),
            Values::I16(values) => values.get(row).map(|v| f64::from(*v)),
            Values::I32(values) => values.get(row).map(|v| f64::from(*v)),
            Values::I64(values) => values.get(row).map(|v| *v as f64),
            Values::F32(values) => values.get(row).map(|v| f64::from(*v)),
            Values::F64(values) => values.get(row).copied(),
            Values::Strided { rows, offset, stride } => {
                rows.get(row * stride + offset).map(|v| f64::from(*v))
            }
        };
        number.unwrap_or(0.0)
    }
}

macro_rules! from_slices {
    ($($kind:ident $of:ty),*) => {$(
        impl<'a> From<&'a [$of]> for Cells<'a> {
            fn from(values: &'a [$of]) -> Self {
                Self { values: Values::$kind(values), validity: None }
            }
        }
        impl<'a> From<&'a Vec<$of>> for Cells<'a> {
            fn from(values: &'a Vec<$of>) -> Self {
                Self::from(values.as_slice())
            }
        }
        impl<'a, const N: usize> From<&'a [$of; N]> for Cells<'a> {
            fn from(values: &'a [$of; N]) -> Self {
                Self::from(values.as_slice())
            }
        }
    )*};
}
from_slices!(U8 u8, I8 i8, I16 i16, I32 i32, I64 i64, F32 f32, F64 f64);
