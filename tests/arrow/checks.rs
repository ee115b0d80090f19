//! The checks of one version of Arrow, which is `super::door`.

use std::sync::Arc;

use proptest::prelude::*;
use straingauge::answers::{Answer, MissingKind, NotOffered};
use straingauge::exchange::BatchError;
use straingauge::score::ScoreOptions;
use straingauge::survey::{ItemColumns, Profile, Sentinels};
use straingauge::{Instrument, catalog};

use super::door::arrow_array::cast::AsArray;
use super::door::arrow_array::types::{Float64Type, Int8Type, Int32Type, UInt8Type};
use super::door::arrow_array::*;
use super::door::arrow_buffer::NullBuffer;
use super::door::arrow_schema::DataType;
use super::door::{BatchScorer, BatchScores};
use crate::people::{Dice, Person, profile, random, scorers, turned};

type Named = Vec<(String, ArrayRef)>;

fn batch(columns: Named) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
        .unwrap()
}

/// The scores as the other doors' are told.
fn people(door: &BatchScorer, scored: &BatchScores) -> Vec<Person> {
    let scores = &scored.scores;
    assert_eq!(scores.schema_ref(), door.output_schema());
    let word = |name: String, row: usize| {
        let words = scores[name.as_str()].as_dictionary::<UInt8Type>();
        let keys = words.keys();
        let texts = words.values().as_string::<i32>();
        (!keys.is_null(row)).then(|| texts.value(usize::from(keys.value(row))).to_owned())
    };
    let person = |row: usize| {
        let scales = door.scorer().scales().map(|scale| {
            let id = scale.id();
            let values = scores[id].as_primitive::<Float64Type>();
            let value = (!values.is_null(row)).then(|| values.value(row).to_bits());
            let (band, status) =
                (word(format!("{id}.band"), row), word(format!("{id}.status"), row));
            (value, band, status.unwrap())
        });
        Person(scales.collect())
    };
    (0..scores.num_rows()).map(person).collect()
}

fn scored(instrument: &Instrument, prefix: &str, profile: &Profile, of: Named) -> Vec<Person> {
    let batch = batch(of);
    let columns = ItemColumns::prefix(prefix);
    let scorer = instrument.scorer();
    let door = BatchScorer::new(&scorer, batch.schema_ref(), &columns, profile).unwrap();
    // Where a cell is no answer, the others count it as unreadable.
    let door = door.not_offered(NotOffered::Unreadable);
    // Whole, and in parts that begin anywhere.
    let whole = people(&door, &door.score(&batch).unwrap());
    let mut start = 0;
    for rows in [1, 7, 13, 64, 3, 501, usize::MAX] {
        let rows = rows.min(batch.num_rows() - start);
        let part = door.score(&batch.slice(start, rows)).unwrap();
        assert_eq!(people(&door, &part), whole[start..start + rows]);
        start += rows;
    }
    whole
}

type Cells = [(String, Vec<String>)];

/// The cells of the file as texts, in several types of text.
pub fn from_texts(instrument: &Instrument, prefix: &str, file: &Cells) -> Vec<Person> {
    let columns = file.iter().enumerate().map(|(at, (name, cells))| {
        let texts = || cells.iter().map(|cell| Some(cell.as_str()).filter(|text| !text.is_empty()));
        let array: ArrayRef = match at % 4 {
            0 => Arc::new(texts().collect::<StringArray>()),
            1 => Arc::new(texts().collect::<LargeStringArray>()),
            2 => Arc::new(texts().collect::<StringViewArray>()),
            _ => Arc::new(texts().collect::<DictionaryArray<Int8Type>>()),
        };
        (name.clone(), array)
    });
    scored(instrument, prefix, &profile(), columns.collect())
}

/// The cells of the file as numbers, as a reader that guesses types makes them.
pub fn from_numbers(instrument: &Instrument, prefix: &str, file: &Cells) -> Vec<Person> {
    let columns = file.iter().enumerate().map(|(at, (name, cells))| {
        let texts = || cells.iter().map(|cell| Some(cell.trim()).filter(|text| !text.is_empty()));
        let numbers = || texts().map(|text| text?.parse::<f64>().ok());
        let all = texts().flatten().all(|text| text.parse::<f64>().is_ok());
        let whole = texts().flatten().all(|text| text.parse::<i64>().is_ok());
        let array: ArrayRef = match at % 3 {
            _ if !all => Arc::new(texts().collect::<StringArray>()),
            0 if whole => Arc::new(numbers().map(|n| Some(n? as i64)).collect::<Int64Array>()),
            1 if whole => Arc::new(numbers().map(|n| Some(n? as i8)).collect::<Int8Array>()),
            2 => Arc::new(Float32Array::from_iter_values(
                numbers().map(|n| n.map_or(f32::NAN, |n| n as f32)),
            )),
            _ => Arc::new(numbers().collect::<Float64Array>()),
        };
        (name.clone(), array)
    });
    scored(instrument, prefix, &profile(), columns.collect())
}

const BLANK: u8 = Answer::Missing(MissingKind::Skipped).to_byte();

fn plain_rows(instrument: &Instrument, rows: usize) -> Vec<Vec<u8>> {
    random(instrument, rows, 12, &[MissingKind::Skipped])
}

/// Columns of a type, made from codes; `None` is a null.
fn columns_of(
    instrument: &Instrument,
    rows: &[Vec<u8>],
    array: impl Fn(Vec<Option<u8>>) -> ArrayRef,
) -> Named {
    let columns = turned(rows).into_iter().zip(instrument.items());
    let some = |byte: u8| (byte != BLANK).then_some(byte);
    columns
        .map(|(column, item)| {
            (format!("i{}", item.id()), array(column.into_iter().map(some).collect()))
        })
        .collect()
}

#[test]
fn every_instrument_in_every_type_as_one_by_one() {
    for scorer in scorers() {
        let instrument = scorer.instrument();
        let rows = plain_rows(instrument, 530);
        let expected = Person::one_by_one(&scorer, &rows);
        let told = |note: &str, array: fn(Vec<Option<u8>>) -> ArrayRef| {
            let named = columns_of(instrument, &rows, array);
            let found = scored(instrument, "i", &Profile::plain(), named);
            assert_eq!(found, expected, "{} {note}", instrument.id());
        };
        told("UInt8", |c| Arc::new(UInt8Array::from(c)));
        told("Utf8View", |c| {
            Arc::new(c.into_iter().map(|b| Some(b?.to_string())).collect::<StringViewArray>())
        });
        if instrument.items().len() > 20 {
            continue; // the rest is the same code for every instrument
        }
        told("Int16", |c| {
            Arc::new(c.into_iter().map(|b| Some(i16::from(b?))).collect::<Int16Array>())
        });
        told("UInt32", |c| {
            Arc::new(c.into_iter().map(|b| Some(u32::from(b?))).collect::<UInt32Array>())
        });
        told("Float32", |c| {
            let number = |b: Option<u8>| b.map_or(f32::NAN, f32::from);
            Arc::new(c.into_iter().map(|b| Some(number(b))).collect::<Float32Array>())
        });
        told("Dictionary", |c| {
            let texts: Vec<_> = c.iter().map(|b| Some(b.as_ref()?.to_string())).collect();
            Arc::new(texts.iter().map(Option::as_deref).collect::<DictionaryArray<Int32Type>>())
        });
        let own = columns_of(instrument, &rows, |c| {
            Arc::new(c.into_iter().map(|b| b.map_or(-7, i32::from)).collect::<Int32Array>())
        });
        let profile = Profile::plain().with_sentinels(Sentinels::parse("-7").unwrap());
        assert_eq!(scored(instrument, "i", &profile, own), expected);
    }
}

#[test]
fn what_lies_under_a_null_is_nobodys_answer() {
    let instrument = catalog::get("proqol-5").unwrap();
    let rows = plain_rows(&instrument, 300);
    let expected = Person::one_by_one(&instrument.scorer(), &rows);
    for nonsense in [0, 3, 200, 254, 255] {
        let named = columns_of(&instrument, &rows, |column| {
            let nulls: NullBuffer = column.iter().map(Option::is_some).collect();
            let values: Vec<u8> = column.iter().map(|byte| byte.unwrap_or(nonsense)).collect();
            Arc::new(UInt8Array::new(values.into(), Some(nulls)))
        });
        assert_eq!(scored(&instrument, "i", &Profile::plain(), named), expected);
    }
    // A bitmap without nulls changes nothing, and a byte that is a missing kind elsewhere is a number here.
    for number in [251_u8, 252, 253, 254, 255] {
        let column: ArrayRef = Arc::new(UInt8Array::from(vec![3, number]));
        let named = instrument.items().iter().map(|i| (i.id().to_owned(), column.clone()));
        let batch = batch(named.collect());
        let by_id = ItemColumns::by_id();
        let scorer = instrument.scorer();
        let door = BatchScorer::new(&scorer, batch.schema_ref(), &by_id, &Profile::plain());
        let error = door.unwrap().score(&batch).unwrap_err().to_string();
        assert!(error.starts_with(&format!("row 2 of the batch, column `1`: {number} is no")));
    }
}

#[test]
fn dictionaries_with_null_keys_null_values_and_values_that_nobody_has() {
    let brs = catalog::get("phq-2").unwrap();
    let values: ArrayRef = Arc::new(StringArray::from(vec![
        Some("3"),
        None,
        Some("nonsense"),
        Some("1"),
        Some(""),
        Some("2.0"),
    ]));
    let keys = Int8Array::from(vec![Some(0), None, Some(1), Some(3), Some(4), Some(5)]);
    let first: ArrayRef = Arc::new(DictionaryArray::new(keys.clone(), values));
    let second: ArrayRef = Arc::new(UInt8Array::from(vec![Some(1); 6]));
    let both = batch(vec![("1".into(), first), ("2".into(), second.clone())]);
    let door = |batch: &RecordBatch| {
        let by_id = ItemColumns::by_id();
        BatchScorer::new(&brs.scorer(), batch.schema_ref(), &by_id, &Profile::plain())
    };
    let scored = door(&both).unwrap().score(&both).unwrap();
    let total = [Some(4.0), None, None, Some(2.0), None, Some(3.0)];
    assert_eq!(scored.scores["total"].as_ref(), &Float64Array::from(total.to_vec()));
    assert_eq!(door(&both).unwrap().score(&both.slice(3, 0)).unwrap().scores.num_rows(), 0);

    // No value at all: every key is null.
    let none: ArrayRef = Arc::new(StringArray::from(Vec::<&str>::new()));
    let keys = Int8Array::from(vec![None; 6]);
    let empty: ArrayRef = Arc::new(DictionaryArray::new(keys, none));
    let nulls: ArrayRef = Arc::new(NullArray::new(6));
    for first in [empty, nulls] {
        let batch = batch(vec![("1".into(), first), ("2".into(), second.clone())]);
        let scores = door(&batch).unwrap().score(&batch).unwrap().scores;
        assert_eq!(scores["total"].null_count(), 6);
        assert_eq!(scores["total.band"].null_count(), 6);
    }
}

#[test]
fn labels_are_read_where_the_profile_says_so() {
    let pulse = catalog::get("pulse").unwrap();
    let item = pulse
        .items()
        .iter()
        .find(|item| item.responses().options().iter().all(|option| option.label().is_some()));
    let options = item.unwrap().responses().options();
    let labels: Vec<&str> = options.iter().filter_map(|option| option.label()).collect();
    let codes: Vec<u8> = options.iter().map(|option| option.code()).collect();
    let texts: ArrayRef = Arc::new(StringArray::from(labels.clone()));
    let keyed: ArrayRef = Arc::new(labels.iter().copied().collect::<DictionaryArray<UInt8Type>>());
    let scorer = pulse.scorer();
    for column in [texts, keyed] {
        let same = pulse.items().iter().filter(|i| i.responses() == item.unwrap().responses());
        let asked: Vec<&str> = same.map(|item| item.id()).collect();
        let named = asked.iter().map(|id| ((*id).to_owned(), column.clone())).collect();
        let batch = batch(named);
        let columns = ItemColumns::by_id();
        let profile = Profile::plain().reading_labels();
        let door = BatchScorer::new(&scorer, batch.schema_ref(), &columns, &profile).unwrap();
        let rows: Vec<Vec<u8>> = codes
            .iter()
            .map(|code| {
                let items = pulse.items().iter();
                items.map(|i| if asked.contains(&i.id()) { *code } else { 255 }).collect()
            })
            .collect();
        let found = people(&door, &door.score(&batch).unwrap());
        assert_eq!(found, Person::one_by_one(&scorer, &rows));
        let codes_only = BatchScorer::new(&scorer, batch.schema_ref(), &columns, &Profile::plain());
        assert!(codes_only.unwrap().score(&batch).is_err());
    }
}

fn both(instrument: &Instrument, columns: Named) -> (BatchScorer, RecordBatch) {
    let batch = batch(columns);
    let (by_id, plain) = (ItemColumns::by_id(), Profile::plain());
    let door = BatchScorer::new(&instrument.scorer(), batch.schema_ref(), &by_id, &plain);
    (door.unwrap(), batch)
}

#[test]
fn a_cell_that_is_no_answer_is_named_or_counted_never_scored() {
    let phq2 = catalog::get("phq-2").unwrap();
    let good: ArrayRef = Arc::new(UInt8Array::from(vec![Some(1), None, Some(3), Some(0)]));
    let bad: [(ArrayRef, &str); 9] = [
        (Arc::new(UInt8Array::from(vec![0, 3, 4, 9])), "4"),
        (Arc::new(Int32Array::from(vec![0, 3, -1, 9])), "-1"),
        (Arc::new(Int64Array::from(vec![0, 3, i64::MIN, 9])), "-9223372036854775808"),
        (Arc::new(UInt64Array::from(vec![0, 3, u64::MAX, 9])), "18446744073709551615"),
        (Arc::new(Float64Array::from(vec![0.0, 3.0, 1.5, 9.0])), "1.5"),
        (Arc::new(Float32Array::from(vec![0.0, 3.0, f32::INFINITY, 9.0])), "inf"),
        (Arc::new(StringArray::from(vec!["0", "3", "often", "9"])), "\"often\""),
        (Arc::new(StringArray::from(vec!["0", "3", "03", "9"])), "\"03\""),
        (
            Arc::new(["0", "3", "1,0", "9"].into_iter().collect::<DictionaryArray<Int8Type>>()),
            "\"1,0\"",
        ),
    ];
    for (column, found) in bad {
        let (door, batch) = both(&phq2, vec![("2".into(), column), ("1".into(), good.clone())]);
        let error = door.score(&batch).unwrap_err();
        let expected = format!(
            "row 3 of the batch, column `2`: {found} is no answer to item `2`, which allows 0, 1, 2, 3; correct the cell, declare it as missing, or have such counted as unreadable"
        );
        assert_eq!(error.to_string(), expected);
        assert!(matches!(error, BatchError::NotUnderstood { row: 3, .. }));
        let counted = door.not_offered(NotOffered::Unreadable).score(&batch).unwrap();
        assert_eq!(counted.unreadable, 2, "{found}");
        let total = Float64Array::from(vec![Some(1.0), None, None, None]);
        assert_eq!(counted.scores["total"].as_ref(), &total);
    }
}

#[test]
fn types_and_schemas_that_do_not_fit_are_refused() {
    let phq2 = catalog::get("phq-2").unwrap();
    let one: ArrayRef = Arc::new(UInt8Array::from(vec![1, 2]));
    let refused = |array: ArrayRef| {
        let batch = batch(vec![("1".into(), one.clone()), ("2".into(), array)]);
        let (by_id, plain) = (ItemColumns::by_id(), Profile::plain());
        BatchScorer::new(&phq2.scorer(), batch.schema_ref(), &by_id, &plain)
            .unwrap_err()
            .to_string()
    };
    let said = refused(Arc::new(BooleanArray::from(vec![true, false])));
    assert_eq!(
        said,
        "column `2` (item `2`) is of type Boolean; answers are integers, Float32, Float64, Utf8, LargeUtf8, Utf8View and dictionaries of these texts"
    );
    assert!(refused(Arc::new(Date32Array::from(vec![1, 2]))).contains("Date32"));
    assert!(refused(Arc::new(Decimal128Array::from(vec![1, 2]))).contains("Decimal128"));

    let (door, batch) = both(&phq2, vec![("1".into(), one.clone()), ("2".into(), one.clone())]);
    let wide: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let said = |arrays: &[ArrayRef], rows| door.score_arrays(arrays, rows).unwrap_err().to_string();
    assert_eq!(
        said(&[one.clone(), wide], 2),
        "column `2` is of type Int64, and was UInt8 in the schema that the scorer was made for; make one for each schema"
    );
    assert_eq!(
        said(std::slice::from_ref(&one), 2),
        "1 columns were given; the schema that the scorer was made for has 2"
    );
    assert_eq!(said(&[one.clone(), one.clone()], 3), "column `1` has 2 rows, the batch 3");
    assert!(door.score(&batch).is_ok());
    let nothing = RecordBatch::try_from_iter([("x", one)]).unwrap();
    let by_id = ItemColumns::by_id();
    let error = BatchScorer::new(&phq2.scorer(), nothing.schema_ref(), &by_id, &Profile::plain());
    assert!(error.unwrap_err().to_string().starts_with("no column holds an item of phq-2"));
}

#[test]
fn fields_say_what_they_are() {
    let proqol = catalog::get("proqol-5").unwrap();
    let column: ArrayRef = Arc::new(UInt8Array::from(vec![3; 4]));
    let named: Named =
        proqol.items().iter().map(|item| (item.id().to_owned(), column.clone())).collect();
    let (door, batch) = both(&proqol, named);
    let scorer = door.scorer().clone();
    let door = door.with_sums();
    let scores = door.score(&batch).unwrap().scores;
    let names: Vec<&str> = scores.schema_ref().fields().iter().map(|f| f.name().as_str()).collect();
    assert_eq!(names.len(), 15);
    assert_eq!(
        names[5..10].join(" "),
        "burnout burnout.band burnout.status burnout.sum burnout.answered"
    );
    let schema = scores.schema();
    assert_eq!(schema.metadata()["straingauge.definition-sha256"], proqol.file_hash());
    for name in &names[5..10] {
        let meta = schema.field_with_name(name).unwrap().metadata();
        let hash = scorer.rule_hash("burnout").unwrap();
        assert_eq!(meta["straingauge.rule-sha256"], hash);
        assert_eq!(meta["straingauge.scale"], "burnout");
        assert_eq!(meta["straingauge.instrument"], "proqol-5");
        assert_eq!(meta["straingauge.version"], proqol.version().to_string());
    }
    let band = schema.field_with_name("burnout.band").unwrap();
    assert_eq!(band.metadata()["straingauge.band-set"], scorer.band_set("burnout").unwrap().id());
    let words = DataType::Dictionary(Box::new(DataType::UInt8), Box::new(DataType::Utf8));
    assert_eq!(band.data_type(), &words);
    let sums = scores["burnout.sum"].as_primitive::<Int32Type>();
    assert_eq!(sums.value(0), 30);
    assert_eq!(scores["burnout.answered"].as_primitive::<Int32Type>().value(3), 10);
}

#[test]
fn criteria_and_sums_of_every_instrument() {
    for scorer in scorers() {
        let instrument = scorer.instrument();
        let rows = plain_rows(instrument, 60);
        let named = columns_of(instrument, &rows, |c| Arc::new(UInt8Array::from(c)));
        let batch = batch(named);
        let by_prefix = ItemColumns::prefix("i");
        let door = BatchScorer::new(&scorer, batch.schema_ref(), &by_prefix, &Profile::plain());
        let scores = door.unwrap().with_criteria().with_sums().score(&batch).unwrap().scores;
        for (row, bytes) in rows.iter().enumerate() {
            let one = scorer.score_row(bytes).unwrap();
            for view in one.criteria() {
                let words = scores[view.criterion().id()].as_dictionary::<UInt8Type>();
                let key = usize::from(words.keys().value(row));
                let word = words.values().as_string::<i32>().value(key);
                assert_eq!(word, view.outcome().to_string());
            }
        }
    }
}

#[test]
fn the_callers_choices_are_kept() {
    let proqol = catalog::get("proqol-5").unwrap();
    let scorer = proqol.scorer_with(&ScoreOptions::new().min_answered(3)).unwrap();
    let rows = random(&proqol, 200, 3, &[MissingKind::Skipped]);
    let batch = batch(columns_of(&proqol, &rows, |c| Arc::new(UInt8Array::from(c))));
    let columns = ItemColumns::prefix("i");
    let door = BatchScorer::new(&scorer, batch.schema_ref(), &columns, &Profile::plain()).unwrap();
    let found = people(&door, &door.score(&batch).unwrap());
    assert_eq!(found, Person::one_by_one(&scorer, &rows));
}

#[test]
fn the_blank_cell_and_own_codes_are_what_the_file_says() {
    let phq2 = catalog::get("phq-2").unwrap();
    let scorer = phq2.scorer();
    let numbers: ArrayRef = Arc::new(Int16Array::from(vec![Some(1), None, Some(4)]));
    let batch = batch(vec![("1".into(), numbers.clone()), ("2".into(), numbers)]);
    let columns = ItemColumns::by_id().recoded([("1", 0), ("2", 1), ("3", 2), ("4", 3)]);
    let blank = Profile::plain().with_sentinels(Sentinels::parse("=not-asked").unwrap());
    let door = BatchScorer::new(&scorer, batch.schema_ref(), &columns, &blank).unwrap();
    let scored = door.score(&batch).unwrap();
    let expected = Person::one_by_one(&scorer, &[vec![0, 0], vec![255, 255], vec![3, 3]]);
    assert_eq!(people(&door, &scored), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever stands in a cell, and however often it is sliced: the same as in a file, never a
    /// panic, and never a number from what is no answer.
    #[test]
    fn any_cell_is_read_as_in_a_file(
        seed: u64,
        text in proptest::collection::vec(proptest::option::of("[ -9a-z,.=-]{0,6}|\\PC{0,4}|[0-9]{1,3}"), 1..40),
        number in proptest::collection::vec(proptest::option::of(prop_oneof![-130_i64..300, any::<i64>()]), 1..40),
        float in proptest::collection::vec(proptest::option::of(prop_oneof![-5.0..8.0_f64, any::<f64>(), (-3_i8..9).prop_map(f64::from)]), 1..40),
        sentinels in prop_oneof![Just("-99"), Just("-99=declined,88=not-applicable"), Just("7=declined,=not-asked"), Just("na")],
        labels: bool,
    ) {
        let gad2 = catalog::get("gad-2").unwrap();
        let scorer = gad2.scorer();
        let mut profile = Profile::plain().with_sentinels(Sentinels::parse(sentinels).unwrap());
        if labels {
            profile = profile.reading_labels();
        }
        let texts: ArrayRef = Arc::new(text.iter().map(Option::as_deref).collect::<StringViewArray>());
        let keyed: ArrayRef = Arc::new(text.iter().map(Option::as_deref).collect::<DictionaryArray<UInt8Type>>());
        let wholes: ArrayRef = Arc::new(Int64Array::from(number.clone()));
        let floats: ArrayRef = Arc::new(Float64Array::from(float.clone()));
        let told = |number: f64| if number == 0.0 { "0".to_owned() } else { number.to_string() };
        let as_texts = [
            text.clone(),
            text,
            number.iter().map(|n| Some(n.as_ref()?.to_string())).collect::<Vec<_>>(),
            float.iter().map(|n| n.filter(|n| !n.is_nan()).map(told)).collect(),
        ];
        for (column, cells) in [texts, keyed, wholes, floats].into_iter().zip(as_texts) {
            let start = Dice(seed).roll(column.len());
            let column = column.slice(start, column.len() - start);
            let named = vec![("1".to_owned(), column.clone()), ("2".to_owned(), column)];
            let batch = batch(named);
            let columns = ItemColumns::by_id();
            let door = BatchScorer::new(&scorer, batch.schema_ref(), &columns, &profile).unwrap();
            let door = door.not_offered(NotOffered::Unreadable);
            let scored = door.score(&batch).unwrap();
            // The same cells as a file, each in quotation marks.
            let mut file = "1,2\n".to_owned();
            for cell in &cells[start..] {
                let cell = cell.as_deref().unwrap_or_default().replace('"', "\"\"");
                file += &format!("\"{cell}\",\"{cell}\"\n");
            }
            // A file of such cells is refused unless the caller says to go on, and in what coding.
            let as_they_are = profile.clone().leaving_unread().as_coded();
            let import = straingauge::survey::Import::new(as_they_are)
                .instrument(&gad2, columns);
            let mut reader = import.open(file.as_bytes()).unwrap();
            let mut rows = Vec::new();
            while let Some(row) = reader.next_row().unwrap() {
                rows.push(row.answers(0).to_vec());
            }
            prop_assert_eq!(people(&door, &scored), Person::one_by_one(&scorer, &rows));
            prop_assert_eq!(scored.unreadable, rows.iter().flatten().filter(|b| **b == 251).count() as u64);
        }
    }
}
