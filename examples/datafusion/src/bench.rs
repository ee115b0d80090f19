//! What the way through SQL costs: the kernel on zero-coded bytes, the door for batches, the
//! function, and the same rule in the engine's own expressions. One partition.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt8Array};
use datafusion::arrow::compute::sum;
use datafusion::arrow::datatypes::Float64Type;
use datafusion::datasource::MemTable;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;
use straingauge::answers::{Coding, Frame, MissingKind, NotOffered};
use straingauge::exchange::arrow59::BatchScorer;
use straingauge::instrument::Keying;
use straingauge::score::{NO_BAND, ScaleBuffers, ScoreOptions, Scorer, Status};
use straingauge::survey::{ItemColumns, Profile};

use crate::function::Score;

const ROWS: usize = 1_000_000;
const NEEDED: u16 = 8;

/// Codes 1 to 5, one in fifty missing as 0: column after column.
fn answers(items: usize) -> Vec<Vec<u8>> {
    let mut state = 42_u64;
    let mut next = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut cell = || if next() % 50 == 0 { 0 } else { 1 + (next() % 5) as u8 };
    (0..items).map(|_| (0..ROWS).map(|_| cell()).collect()).collect()
}

pub async fn run() -> Result<(), Box<dyn Error>> {
    let proqol = straingauge::catalog::get("proqol-5")?;
    let scorer = proqol.scorer_with(&ScoreOptions::new().min_answered(NEEDED))?;
    let columns = answers(proqol.items().len());
    println!(
        "1M x 30 UInt8, one cell in fifty null; ms, median and least of 9, after one unmeasured\n"
    );
    println!(
        "| batch rows | kernel, zero-coded, reused buffers | Arrow door | function | expressions | door/kernel | function/door | expressions/function |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for rows in [1024, 8192, 65_536] {
        let batches = batches(&scorer, &columns, rows)?;
        let first = batches.first().ok_or("no batch")?;
        let (by_prefix, plain) = (ItemColumns::prefix("i"), Profile::plain());
        let door = BatchScorer::new(&scorer, first.schema_ref(), &by_prefix, &plain)?;

        let config = SessionConfig::new().with_target_partitions(1).with_batch_size(rows);
        let session = SessionContext::new_with_config(config);
        let table = MemTable::try_new(first.schema(), vec![batches.clone()])?;
        session.register_table("t", Arc::new(table))?;
        session.register_udf(Score::new(&scorer, plain, NotOffered::Refuse).into_udf());
        let names: Vec<String> =
            proqol.items().iter().map(|i| format!("\"i{}\"", i.id())).collect();
        let function = format!("SELECT straingauge_proqol_5({}) AS s FROM t", names.join(", "));
        let expressions = expressions(&scorer);
        agree(&session, &function, &expressions).await?;

        let mut times = [const { Vec::new() }; 4];
        for _ in 0..10 {
            // In turn, so that a slow spell of the machine meets all of them.
            let took = [
                kernel(&scorer, &columns, rows)?,
                clock(|| {
                    for batch in &batches {
                        black_box(door.score(batch)?);
                    }
                    Ok(())
                })?,
                query(&session, &function).await?,
                query(&session, &expressions).await?,
            ];
            times.iter_mut().zip(took).for_each(|(times, took)| times.push(took));
        }
        let told = times.map(|mut times| {
            times.remove(0);
            times.sort_unstable();
            let ms = |at: usize| times.get(at).copied().unwrap_or_default().as_secs_f64() * 1e3;
            (ms(times.len() / 2), ms(0))
        });
        let [kernel, door, function, expressions] = told;
        let cell = |(median, least): (f64, f64)| format!("{median:.1} ({least:.1})");
        let ratio = |a: (f64, f64), b: (f64, f64)| format!("{:.2} ({:.2})", a.0 / b.0, a.1 / b.1);
        println!(
            "| {rows} | {} | {} | {} | {} | {} | {} | {} |",
            cell(kernel),
            cell(door),
            cell(function),
            cell(expressions),
            ratio(door, kernel),
            ratio(function, door),
            ratio(expressions, function),
        );
    }
    Ok(())
}

fn clock(work: impl FnOnce() -> Result<(), Box<dyn Error>>) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

async fn query(session: &SessionContext, sql: &str) -> Result<Duration, Box<dyn Error>> {
    let frame = session.sql(sql).await?;
    // Planning counts; what comes out is let go batch by batch, as a writer does.
    let start = Instant::now();
    let mut stream = frame.execute_stream().await?;
    while let Some(batch) = stream.next().await {
        black_box(batch?);
    }
    Ok(start.elapsed())
}

fn batches(
    scorer: &Scorer,
    columns: &[Vec<u8>],
    rows: usize,
) -> Result<Vec<RecordBatch>, Box<dyn Error>> {
    let batch = |start: usize| {
        let items = scorer.instrument().items().iter().zip(columns);
        let columns = items.map(|(item, column)| {
            let cells = column.iter().skip(start).take(rows);
            let array = cells.map(|byte| (*byte != 0).then_some(*byte)).collect::<UInt8Array>();
            (format!("i{}", item.id()), Arc::new(array) as ArrayRef, true)
        });
        RecordBatch::try_from_iter_with_nullable(columns)
    };
    Ok((0..ROWS).step_by(rows).map(batch).collect::<Result<_, _>>()?)
}

/// The kernel on the columns as they lie, into memory that is used again.
fn kernel(scorer: &Scorer, columns: &[Vec<u8>], rows: usize) -> Result<Duration, Box<dyn Error>> {
    let blank = Coding::Missing { number: 0, kind: MissingKind::Skipped };
    let mut frame = Frame::new(scorer.instrument(), ROWS);
    for (item, column) in scorer.instrument().items().iter().zip(columns) {
        frame = frame.column(item.id(), column)?;
    }
    let frame = frame.coded(blank)?;
    let scales = scorer.scales().len();
    let mut values = vec![vec![0.0_f64; rows]; scales];
    let mut states = vec![vec![Status::Complete; rows]; scales];
    let mut bands = vec![vec![NO_BAND; rows]; scales];
    clock(|| {
        for start in (0..ROWS).step_by(rows) {
            let end = ROWS.min(start + rows);
            let many = end - start;
            let memory = values.iter_mut().zip(&mut states).zip(&mut bands);
            let mut out: Vec<ScaleBuffers<'_>> = memory
                .map(|((values, states), bands)| {
                    let out = ScaleBuffers::new().values(&mut values[..many]);
                    out.states(&mut states[..many]).bands(&mut bands[..many])
                })
                .collect();
            scorer.score_frame_into(&frame, start..end, &mut out)?;
        }
        black_box((&values, &states, &bands));
        Ok(())
    })
}

/// The rule in SQL: sums, answers, proration, bands and statuses of three scales.
fn expressions(scorer: &Scorer) -> String {
    let instrument = scorer.instrument();
    let (mut inner, mut middle, mut outer) = (Vec::new(), Vec::new(), Vec::new());
    for (at, scale) in scorer.scales().enumerate() {
        let terms = scale.key().terms();
        let items = terms.len();
        let (mut sums, mut counts) = (Vec::new(), Vec::new());
        for term in terms {
            let Some(item) = instrument.items().get(term.item()) else { continue };
            let cell = format!("CAST(\"i{}\" AS SMALLINT)", item.id());
            let (low, high) = item.responses().range();
            let turned = *term.keying() == Keying::Reversed;
            let points = if turned { format!("{} - {cell}", low + high) } else { cell };
            sums.push(format!("COALESCE({points}, 0)"));
            counts.push(format!("CAST(\"i{}\" IS NOT NULL AS SMALLINT)", item.id()));
        }
        inner.push(format!("{} AS s{at}, {} AS n{at}", sums.join(" + "), counts.join(" + ")));
        middle.push(format!(
            "CASE WHEN n{at} >= {NEEDED} THEN CAST(s{at} * {items} AS DOUBLE) / n{at} END AS v{at}, n{at}"
        ));
        let steps = scorer.band_set(scale.id()).map(|set| set.bands()).unwrap_or_default();
        let first = steps.first().map_or("", |step| step.label());
        let cases = steps.iter().skip(1).rev();
        let cases = cases.map(|s| format!("WHEN v{at} >= {} THEN '{}'", s.low(), s.label()));
        let cases = cases.collect::<Vec<_>>().join(" ");
        outer.push(format!(
            "v{at}, CASE {cases} WHEN v{at} IS NOT NULL THEN '{first}' END AS b{at}, \
             CASE WHEN n{at} = {items} THEN 'complete' WHEN n{at} >= {NEEDED} THEN 'prorated' \
             ELSE 'too-few-answered' END AS t{at}"
        ));
    }
    let [inner, middle, outer] = [inner, middle, outer].map(|part| part.join(", "));
    format!("SELECT {outer} FROM (SELECT {middle} FROM (SELECT {inner} FROM t))")
}

/// Both queries say the same, or there is nothing to compare.
async fn agree(session: &SessionContext, function: &str, own: &str) -> Result<(), Box<dyn Error>> {
    let told = |scales: Vec<ArrayRef>| -> Vec<(f64, usize)> {
        let values = scales.iter().map(|scale| scale.as_primitive::<Float64Type>());
        values.map(|values| (sum(values).unwrap_or(0.0), values.null_count())).collect()
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for batch in session.sql(function).await?.collect().await? {
        let scores = batch.column(0).as_struct();
        ours.push(told([0, 3, 6].iter().map(|at| scores.column(*at).clone()).collect()));
    }
    for batch in session.sql(own).await?.collect().await? {
        theirs.push(told([0, 3, 6].iter().map(|at| batch.column(*at).clone()).collect()));
    }
    assert_eq!(ours, theirs);
    Ok(())
}
