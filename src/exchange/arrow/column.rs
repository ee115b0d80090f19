//! One column of answers: read where it lies if its numbers can be, else as bytes of our own.

use super::super::version::arrow_array::cast::AsArray;
use super::super::version::arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use super::super::version::arrow_array::{Array, ArrayRef, DictionaryArray, PrimitiveArray};
use super::super::version::arrow_schema::DataType;

use crate::answers::{Answer, Column, MissingKind};
use crate::exchange::batch::{BatchError, TextReader};
use crate::instrument::Item;

const SKIPPED: u8 = Answer::Missing(MissingKind::Skipped).to_byte();

/// A column made ready for the kernel.
pub(super) enum Prepared<'a> {
    /// Numbers that the kernel reads where they lie.
    Borrowed(&'a ArrayRef),
    /// Bytes of our own: texts read, missing answers as missing bytes.
    Bytes(Vec<u8>),
    /// Unsigned numbers wider than a byte, nulls as -1.
    Wide(Vec<i64>),
}

impl<'a> Prepared<'a> {
    pub(super) fn new(item: &Item, name: &str, array: &'a ArrayRef) -> Result<Self, BatchError> {
        match array.data_type() {
            DataType::UInt8 => {
                bytes_are_codes(item, name, array.as_primitive::<UInt8Type>())?;
                Ok(Self::Borrowed(array))
            }
            DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::Float32
            | DataType::Float64 => Ok(Self::Borrowed(array)),
            DataType::UInt16 => Ok(Self::Wide(wide(array.as_primitive::<UInt16Type>()))),
            DataType::UInt32 => Ok(Self::Wide(wide(array.as_primitive::<UInt32Type>()))),
            DataType::UInt64 => Ok(Self::Wide(wide(array.as_primitive::<UInt64Type>()))),
            DataType::Null => Ok(Self::Bytes(vec![SKIPPED; array.len()])),
            _ => {
                let reader = TextReader::new(item);
                texts(&reader, name, array).map(Self::Bytes)
            }
        }
    }

    /// What the kernel reads.
    pub(super) fn column(&self) -> Column<'_> {
        match self {
            Self::Bytes(bytes) => bytes.into(),
            Self::Wide(numbers) => Column::from(numbers).missing(-1),
            Self::Borrowed(array) => {
                let column = match array.data_type() {
                    DataType::Int8 => array.as_primitive::<Int8Type>().values().as_ref().into(),
                    DataType::Int16 => array.as_primitive::<Int16Type>().values().as_ref().into(),
                    DataType::Int32 => array.as_primitive::<Int32Type>().values().as_ref().into(),
                    DataType::Int64 => array.as_primitive::<Int64Type>().values().as_ref().into(),
                    DataType::Float32 => array.as_primitive::<Float32Type>().values().as_ref().into(),
                    DataType::Float64 => array.as_primitive::<Float64Type>().values().as_ref().into(),
                    _ => Column::from(array.as_primitive::<UInt8Type>().values().as_ref()),
                };
                match array.nulls().filter(|nulls| nulls.null_count() > 0) {
                    Some(nulls) => column.valid(nulls.inner().values(), nulls.offset()),
                    None => column,
                }
            }
        }
    }
}

/// In a column of bytes the highest are the crate's missing kinds; in Arrow a missing answer is a
/// null, so such a number is wrong.
fn bytes_are_codes(
    item: &Item,
    name: &str,
    array: &PrimitiveArray<UInt8Type>,
) -> Result<(), BatchError> {
    let highest = array.values().iter().copied().max().unwrap_or(0);
    if highest <= Answer::HIGHEST_CODE {
        return Ok(());
    }
    let wrong = array.iter().position(|byte| byte.is_some_and(|byte| byte > Answer::HIGHEST_CODE));
    let Some(row) = wrong else { return Ok(()) };
    let found = array.values().get(row).copied().unwrap_or_default().to_string();
    Err(TextReader::new(item).refuse(row + 1, name, &found))
}

/// Numbers as `i64`, those beyond as the highest, which no item offers.
fn wide<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>) -> Vec<i64>
where
    T::Native: TryInto<i64>,
{
    array.iter().map(|cell| cell.map_or(-1, |n| n.try_into().unwrap_or(i64::MAX))).collect()
}

/// Strings, plain or in a dictionary.
fn texts(reader: &TextReader<'_>, name: &str, array: &ArrayRef) -> Result<Vec<u8>, BatchError> {
    let read = |row: usize, text: Option<&str>| match text {
        None => Ok(SKIPPED),
        Some(text) => reader.byte(text).ok_or_else(|| reader.refuse(row + 1, name, text)),
    };
    let all = |cells: &mut dyn Iterator<Item = Option<&str>>| {
        cells.enumerate().map(|(row, text)| read(row, text)).collect()
    };
    match array.data_type() {
        DataType::Utf8 => all(&mut array.as_string::<i32>().iter()),
        DataType::LargeUtf8 => all(&mut array.as_string::<i64>().iter()),
        DataType::Utf8View => all(&mut array.as_string_view().iter()),
        DataType::Dictionary(key, _) => match key.as_ref() {
            DataType::Int8 => coded(reader, name, array.as_dictionary::<Int8Type>()),
            DataType::Int16 => coded(reader, name, array.as_dictionary::<Int16Type>()),
            DataType::Int32 => coded(reader, name, array.as_dictionary::<Int32Type>()),
            DataType::Int64 => coded(reader, name, array.as_dictionary::<Int64Type>()),
            DataType::UInt8 => coded(reader, name, array.as_dictionary::<UInt8Type>()),
            DataType::UInt16 => coded(reader, name, array.as_dictionary::<UInt16Type>()),
            DataType::UInt32 => coded(reader, name, array.as_dictionary::<UInt32Type>()),
            _ => coded(reader, name, array.as_dictionary::<UInt64Type>()),
        },
        other => Err(BatchError::ColumnType { column: name.to_owned(), found: other.to_string() }),
    }
}

/// A dictionary: each of its texts is read once; an entry that is no answer is wrong only where a
/// row holds it.
fn coded<K: ArrowDictionaryKeyType>(
    reader: &TextReader<'_>,
    name: &str,
    array: &DictionaryArray<K>,
) -> Result<Vec<u8>, BatchError> {
    let values = array.values();
    let entries: Vec<Option<&str>> = match values.data_type() {
        DataType::Utf8 => values.as_string::<i32>().iter().collect(),
        DataType::LargeUtf8 => values.as_string::<i64>().iter().collect(),
        DataType::Utf8View => values.as_string_view().iter().collect(),
        _ => {
            let found = array.data_type().to_string();
            return Err(BatchError::ColumnType { column: name.to_owned(), found });
        }
    };
    let bytes: Vec<Option<u8>> = entries
        .iter()
        .map(|entry| entry.map_or(Some(SKIPPED), |text| reader.byte(text)))
        .collect();
    array
        .keys_iter()
        .enumerate()
        .map(|(row, key)| {
            let Some(key) = key else { return Ok(SKIPPED) };
            let known = bytes.get(key).copied().flatten();
            let text = || entries.get(key).copied().flatten().unwrap_or_default();
            known.ok_or_else(|| reader.refuse(row + 1, name, text()))
        })
        .collect()
}
