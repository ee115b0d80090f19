//! The bundled sample as Parquet, scored in SQL, and compared with the crate's own scores.
//!
//! `cargo run --release` here; `cargo run --release -- --bench` measures what the way through SQL
//! costs. See `README.md`.

mod bench;
mod function;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int16Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{Float64Type, UInt8Type};
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use straingauge::Instrument;
use straingauge::answers::{Answer, MissingKind, NotOffered};
use straingauge::survey::{Import, ItemColumns, Profile, Reader, Sentinels};

use function::Score;

const SAMPLE: &[u8] = include_bytes!("../../data/staff_survey.csv");
const MISSING: &str = "-99=declined,88=not-applicable";

type Failed = Box<dyn Error>;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    if std::env::args().any(|argument| argument == "--bench") {
        return bench::run().await;
    }
    let folder = Folder::new()?;
    let file = folder.0.join("staff_survey.parquet");
    let sample = Sample::read()?;
    sample.write(&file)?;

    let session = SessionContext::new();
    let profile = Profile::plain().with_sentinels(Sentinels::parse(MISSING)?);
    for instrument in [&sample.proqol, &sample.cbi] {
        // Fourteen cells of the sample are wrong on purpose: they count as unreadable, as in a file.
        let unreadable = NotOffered::Unreadable;
        let score = Score::new(&instrument.scorer(), profile.clone(), unreadable);
        session.register_udf(score.into_udf());
    }
    let path = file.to_str().ok_or("a temporary folder whose name is no text")?;
    session.register_parquet("survey", path, ParquetReadOptions::new()).await?;

    // One row a person, for a researcher who may see persons. A GROUP BY over these columns would
    // publish means of groups of any size: what leaves for groups goes through the crate's room
    // `group`, which holds back what could point at somebody.
    let (proqol, cbi) = (call(&sample.proqol, "pq"), call(&sample.cbi, "cbi_"));
    let scored = format!("SELECT row, staff_id, wave, {proqol} AS pq, {cbi} AS cbi FROM survey");
    let shown = session
        .sql(&format!(
            "SELECT staff_id, wave, pq['burnout'] AS burnout, pq['burnout.band'] AS band, \
             cbi['client'] AS client, cbi['client.status'] AS status \
             FROM ({scored}) WHERE pq['burnout.band'] <> 'low' OR cbi['client.status'] <> 'complete' \
             ORDER BY row LIMIT 12"
        ))
        .await?;
    println!("{}", pretty_format_batches(&shown.collect().await?)?);

    let batches = session.sql(&format!("{scored} ORDER BY row")).await?.collect().await?;
    let same = compare(&batches, &sample)?;
    println!("{same} scores of {} rows, bit for bit those of the crate", sample.rows.len());
    Ok(())
}

/// The call of an instrument's function on its columns.
fn call(instrument: &Instrument, prefix: &str) -> String {
    let columns = instrument.items().iter().map(|item| format!("\"{prefix}{}\"", item.id()));
    let name = instrument.id().replace('-', "_");
    format!("straingauge_{name}({})", columns.collect::<Vec<_>>().join(", "))
}

/// A temporary folder, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> std::io::Result<Self> {
        let name = format!("straingauge-datafusion-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays behind is a simulated table in a temporary folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The bundled sample, as the crate reads it.
struct Sample {
    proqol: Instrument,
    cbi: Instrument,
    rows: Vec<Row>,
}

struct Row {
    staff: String,
    wave: String,
    proqol: Vec<u8>,
    cbi: Vec<u8>,
    /// The CBI's cells, word for word.
    cells: Vec<String>,
}

impl Sample {
    fn read() -> Result<Self, Failed> {
        let (proqol, cbi) =
            (straingauge::catalog::get("proqol-5")?, straingauge::catalog::get("cbi")?);
        let profile = Profile::plain().with_sentinels(Sentinels::parse(MISSING)?);
        let names = cbi.items().iter().map(|item| format!("cbi_{}", item.id()));
        let import = Import::new(profile)
            .instrument(&proqol, ItemColumns::prefix("pq"))
            .instrument(&cbi, ItemColumns::prefix("cbi_"))
            .columns(["staff_id", "wave"])
            .columns(names);
        let mut reader: Reader<&[u8]> = import.open(SAMPLE)?;
        let mut rows = Vec::new();
        while let Some(row) = reader.next_row()? {
            rows.push(Row {
                staff: row.cell(0).to_owned(),
                wave: row.cell(1).to_owned(),
                proqol: row.answers(0).to_vec(),
                cbi: row.answers(1).to_vec(),
                cells: (0..cbi.items().len()).map(|at| row.cell(at + 2).to_owned()).collect(),
            });
        }
        Ok(Self { proqol, cbi, rows })
    }

    /// ProQOL as numbers, as a careful reader leaves them: codes, -99 where somebody declined, else
    /// null. CBI as the texts of the file, wrong ones included.
    fn write(&self, to: &Path) -> Result<(), Failed> {
        let text = |of: fn(&Row) -> &str| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(self.rows.iter().map(of)))
        };
        let numbers = Int16Array::from_iter_values((1_i16..).take(self.rows.len()));
        let mut columns: Vec<(String, ArrayRef)> = vec![
            ("row".to_owned(), Arc::new(numbers)),
            ("staff_id".to_owned(), text(|row| &row.staff)),
            ("wave".to_owned(), text(|row| &row.wave)),
        ];
        for (at, item) in self.proqol.items().iter().enumerate() {
            let number =
                |row: &Row| match row.proqol.get(at).map(|byte| Answer::from_byte(*byte))? {
                    Answer::Code(code) => Some(i16::from(code)),
                    Answer::Missing(MissingKind::Declined) => Some(-99),
                    Answer::Missing(_) => None,
                };
            let column = self.rows.iter().map(number).collect::<Int16Array>();
            columns.push((format!("pq{}", item.id()), Arc::new(column)));
        }
        for (at, item) in self.cbi.items().iter().enumerate() {
            let cell = |row: &Row| row.cells.get(at).cloned().filter(|cell| !cell.is_empty());
            let column = self.rows.iter().map(cell).collect::<StringArray>();
            columns.push((format!("cbi_{}", item.id()), Arc::new(column)));
        }
        let batch = RecordBatch::try_from_iter(columns)?;
        let mut writer = ArrowWriter::try_new(File::create(to)?, batch.schema(), None)?;
        writer.write(&batch)?;
        writer.close()?;
        Ok(())
    }
}

/// Compares every value, band and status with the crate's own for that row; says how many.
fn compare(batches: &[RecordBatch], sample: &Sample) -> Result<usize, Failed> {
    let scorers = [("pq", sample.proqol.scorer()), ("cbi", sample.cbi.scorer())];
    let (mut same, mut row) = (0, 0);
    for batch in batches {
        for at in 0..batch.num_rows() {
            let own = sample.rows.get(row).ok_or("more rows than the sample has")?;
            for (column, scorer) in &scorers {
                let scores = batch.column_by_name(column).ok_or("no scores")?.as_struct();
                let by_name: BTreeMap<_, _> =
                    scores.column_names().into_iter().zip(scores.columns()).collect();
                let word = |name: &str| -> Option<&str> {
                    let words = by_name.get(name)?.as_dictionary::<UInt8Type>();
                    let key = (!words.is_null(at)).then(|| words.key(at))??;
                    Some(words.values().as_string::<i32>().value(key))
                };
                let answers = if *column == "pq" { &own.proqol } else { &own.cbi };
                for view in scorer.score_row(answers)?.iter() {
                    let id = view.scale().id();
                    let values = by_name.get(id).ok_or("no values")?.as_primitive::<Float64Type>();
                    let value = (!values.is_null(at)).then(|| values.value(at).to_bits());
                    assert_eq!(value, view.value().ok().map(|score| score.to_f64().to_bits()));
                    assert_eq!(word(&format!("{id}.band")), view.band().map(|band| band.label()));
                    assert_eq!(word(&format!("{id}.status")), Some(view.status().as_str()));
                    same += 1;
                }
            }
            row += 1;
        }
    }
    assert_eq!(row, sample.rows.len());
    Ok(same)
}
