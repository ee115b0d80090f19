// The cells of an array: lent to the kernel as they lie, or read one by one into bytes.

use super::super::arrow_array::cast::AsArray;
use super::super::arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use super::super::arrow_array::{Array, ArrayAccessor, ArrayRef};
use super::super::arrow_buffer::ArrowNativeType;
use super::super::arrow_schema::DataType;
use crate::answers::Cells;
use crate::exchange::arrow::{Plan, UNREADABLE};

/// The types that hold answers, for a message.
pub(super) const READABLE: &str =
    "integers, Float32, Float64, Utf8, LargeUtf8, Utf8View and dictionaries of these texts";

/// Runs one of two bodies for the type of a number, or for that of a text.
macro_rules! by_type {
    ($of:expr, number $number:ident => $numbers:expr, key $key:ident => $keys:expr, $else:expr) => {
        match $of {
            DataType::UInt8 => {
                type $number = UInt8Type;
                $numbers
            }
            DataType::UInt16 => {
                type $number = UInt16Type;
                $numbers
            }
            DataType::UInt32 => {
                type $number = UInt32Type;
                $numbers
            }
            DataType::UInt64 => {
                type $number = UInt64Type;
                $numbers
            }
            DataType::Int8 => {
                type $number = Int8Type;
                $numbers
            }
            DataType::Int16 => {
                type $number = Int16Type;
                $numbers
            }
            DataType::Int32 => {
                type $number = Int32Type;
                $numbers
            }
            DataType::Int64 => {
                type $number = Int64Type;
                $numbers
            }
            DataType::Dictionary(key, _) => match key.as_ref() {
                DataType::UInt8 => {
                    type $key = UInt8Type;
                    $keys
                }
                DataType::UInt16 => {
                    type $key = UInt16Type;
                    $keys
                }
                DataType::UInt32 => {
                    type $key = UInt32Type;
                    $keys
                }
                DataType::UInt64 => {
                    type $key = UInt64Type;
                    $keys
                }
                DataType::Int8 => {
                    type $key = Int8Type;
                    $keys
                }
                DataType::Int16 => {
                    type $key = Int16Type;
                    $keys
                }
                DataType::Int32 => {
                    type $key = Int32Type;
                    $keys
                }
                DataType::Int64 => {
                    type $key = Int64Type;
                    $keys
                }
                _ => $else,
            },
            _ => $else,
        }
    };
}

/// Whether a column of this type can hold answers.
pub(super) fn is_readable(of: &DataType) -> bool {
    match of {
        DataType::Dictionary(_, values) => is_text(values),
        DataType::Null | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => true,
        _ => lies(of) || is_text(of),
    }
}

/// Whether the kernel reads a column of this type where it lies.
pub(super) const fn lies(of: &DataType) -> bool {
    matches!(
        of,
        DataType::UInt8
            | DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::Float32
            | DataType::Float64
    )
}

const fn is_text(of: &DataType) -> bool {
    matches!(of, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// The column as the kernel takes it: nothing is copied.
pub(super) fn cells(array: &dyn Array) -> Option<Cells<'_>> {
    fn lent<T: ArrowPrimitiveType>(array: &dyn Array) -> Option<&[T::Native]> {
        Some(array.as_primitive_opt::<T>()?.values())
    }
    let cells = match array.data_type() {
        DataType::UInt8 => Cells::from(lent::<UInt8Type>(array)?),
        DataType::Int8 => Cells::from(lent::<Int8Type>(array)?),
        DataType::Int16 => Cells::from(lent::<Int16Type>(array)?),
        DataType::Int32 => Cells::from(lent::<Int32Type>(array)?),
        DataType::Int64 => Cells::from(lent::<Int64Type>(array)?),
        DataType::Float32 => Cells::from(lent::<Float32Type>(array)?),
        DataType::Float64 => Cells::from(lent::<Float64Type>(array)?),
        _ => return None,
    };
    match array.nulls().filter(|nulls| nulls.null_count() > 0) {
        Some(nulls) => cells.with_validity(nulls.validity(), nulls.offset()),
        None => Some(cells),
    }
}

/// Reads a column into bytes; `None` where its type holds no answers.
pub(super) fn read(plan: &Plan, item: usize, array: &ArrayRef, into: &mut [u8]) -> Option<()> {
    let blank = plan.cells.blank();
    match array.data_type() {
        DataType::Null => into.fill(blank),
        DataType::Float32 => {
            each(array.as_primitive_opt::<Float32Type>()?, into, blank, |number| {
                plan.number(item, f64::from(number))
            });
        }
        DataType::Float64 => {
            each(array.as_primitive_opt::<Float64Type>()?, into, blank, |number| {
                plan.number(item, number)
            });
        }
        of if is_text(of) => texts(plan, item, array, into)?,
        of => by_type!(
            of,
            number N => each(array.as_primitive_opt::<N>()?, into, blank, |number| {
                plan.whole(item, i128::from(number))
            }),
            key K => dictionary::<K>(plan, item, array, into)?,
            return None
        ),
    }
    Some(())
}

/// Reads each value of an array that is not null.
#[allow(clippy::needless_pass_by_value)] // an accessor is a reference
fn each<'a, A: ArrayAccessor + 'a>(
    array: A,
    into: &mut [u8],
    blank: u8,
    mut read: impl FnMut(A::Item) -> u8,
) {
    let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
    for (row, byte) in into.iter_mut().enumerate().take(array.len()) {
        let is_null = nulls.is_some_and(|nulls| nulls.is_null(row));
        // The row is below the length.
        *byte = if is_null { blank } else { read(array.value(row)) };
    }
}

/// Reads a column of texts.
fn texts(plan: &Plan, item: usize, array: &ArrayRef, into: &mut [u8]) -> Option<()> {
    let blank = plan.cells.blank();
    let mut known = Known { plan, item, seen: Vec::new() };
    match array.data_type() {
        DataType::Utf8 => {
            each(array.as_string_opt::<i32>()?, into, blank, |text| known.read(text));
        }
        DataType::LargeUtf8 => {
            each(array.as_string_opt::<i64>()?, into, blank, |text| known.read(text));
        }
        _ => each(array.as_string_view_opt()?, into, blank, |text| known.read(text)),
    }
    Some(())
}

/// Reads each value of a dictionary once.
fn dictionary<K: ArrowDictionaryKeyType>(
    plan: &Plan,
    item: usize,
    array: &ArrayRef,
    into: &mut [u8],
) -> Option<()> {
    let array = array.as_dictionary_opt::<K>()?;
    let mut read = vec![UNREADABLE; array.values().len()];
    texts(plan, item, array.values(), &mut read)?;
    let blank = plan.cells.blank();
    each(array.keys(), into, blank, |key| read.get(key.as_usize()).copied().unwrap_or(UNREADABLE));
    Some(())
}

/// Texts that have been read: a column of labels has few.
struct Known<'p, 'a> {
    plan: &'p Plan,
    item: usize,
    seen: Vec<(&'a str, u8)>,
}

impl<'a> Known<'_, 'a> {
    /// Texts that are kept.
    const MOST: usize = 16;

    #[inline]
    fn read(&mut self, text: &'a str) -> u8 {
        if let [] | [_] = text.as_bytes() {
            return self.plan.cells.read(self.item, text);
        }
        if let Some((_, byte)) = self.seen.iter().find(|(seen, _)| *seen == text) {
            return *byte;
        }
        let byte = self.plan.cells.read(self.item, text);
        if self.seen.len() < Self::MOST {
            self.seen.push((text, byte));
        }
        byte
    }
}

/// What stands in a cell, for a message.
pub(super) fn shown(array: &ArrayRef, row: usize) -> Option<String> {
    #[allow(clippy::needless_pass_by_value)] // an accessor is a reference
    fn at<A: ArrayAccessor>(array: A, row: usize) -> Option<A::Item> {
        (row < array.len() && !array.is_null(row)).then(|| array.value(row))
    }
    let quoted = |text: &str| {
        const MOST: usize = 60;
        let short: String = text.chars().take(MOST).collect();
        let more = if short.len() < text.len() { "…" } else { "" };
        format!("{:?}", short + more)
    };
    match array.data_type() {
        DataType::Float32 => Some(at(array.as_primitive_opt::<Float32Type>()?, row)?.to_string()),
        DataType::Float64 => Some(at(array.as_primitive_opt::<Float64Type>()?, row)?.to_string()),
        DataType::Utf8 => at(array.as_string_opt::<i32>()?, row).map(quoted),
        DataType::LargeUtf8 => at(array.as_string_opt::<i64>()?, row).map(quoted),
        DataType::Utf8View => at(array.as_string_view_opt()?, row).map(quoted),
        of => by_type!(
            of,
            number N => Some(at(array.as_primitive_opt::<N>()?, row)?.to_string()),
            key K => {
                let array = array.as_dictionary_opt::<K>()?;
                shown(array.values(), at(array.keys(), row)?.as_usize())
            },
            None
        ),
    }
}
