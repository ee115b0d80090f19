//! From a survey export to scores that can be defended.
//!
//! Without arguments it scores the simulated sample and explains itself:
//! `cargo run --release --example score_survey`. With arguments it reads a file and writes a table;
//! `--help` lists them.

use std::io::{self, Write};
use std::process::ExitCode;

use straingauge::exchange::TableCodebook;
use straingauge::instrument::{BandStep, Scale, Term};
use straingauge::score::{Scorer, Scores};
use straingauge::survey::{Import, ItemColumns, Profile, ScoreTable, Sentinels, SurveyError};
use straingauge::words::Words;

mod support;

pub(crate) use support::SURVEY;
use support::{Failure, Files, Given, Known, SURVEY_HELP, Survey};

const HELP: &str = "\
score_survey                       scores the bundled simulated sample and explains itself
score_survey --instrument ID[@VERSION] --input FILE.csv [options]

Scores every row: one person, or one check-in of a person. --instrument again for another one in the
same file.

  --keep COL,COL              columns to hand through, beside that of --id
  --output FILE.csv           scores (default: standard output)
  --report FILE.json          every decision of the import
  --codebook FILE             what every column of the table means (FILE.csv: as a table, else a page)
";

/// What this command knows beyond [`SURVEY`].
pub(crate) const OWN: &[Known] =
    &[("--keep", true), ("--output", true), ("--report", true), ("--codebook", true)];

#[allow(dead_code)] // the tests include this file as a module
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let stdout = &mut io::BufWriter::new(io::stdout().lock());
    let code = run(&arguments, stdout, &mut io::stderr());
    ExitCode::from(code)
}

/// The whole command: exit code 0, 1 for wrong input, 2 for wrong usage, 3 where something was
/// found that a reader of the scores should know first.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let done = match arguments {
        [] => demonstrate(out),
        [only] if only == "--help" || only == "-h" => {
            write!(out, "{HELP}\n{SURVEY_HELP}").map_err(Failure::from)
        }
        _ => command(arguments, out, err),
    };
    let done = done.and_then(|()| Ok(out.flush()?));
    let Err(failure) = done else { return 0 };
    if !failure.message.is_empty() {
        let hint = if failure.code == 2 { "\n(--help lists the options)" } else { "" };
        // There is nowhere else to say it.
        let _ = writeln!(err, "score_survey: {}{hint}", failure.message);
    }
    failure.code
}

fn command(arguments: &[String], out: &mut dyn Write, err: &mut dyn Write) -> Result<(), Failure> {
    let given = Given::parse(arguments, &[SURVEY, OWN])?;
    let survey = Survey::of(&given)?;
    let import = survey.import().columns(given.list("--keep")?);
    let (output, report_to) = (given.one("--output")?, given.one("--report")?);
    let to = output.unwrap_or("standard output");
    let written = |error: SurveyError| {
        let failure = Failure::from(error);
        if failure.code == 1 { failure.about(to) } else { failure }
    };
    survey.say_notes(err)?;
    let mut reader = survey.open(&import)?;
    let mut score = |output: &mut dyn Write| -> Result<(), Failure> {
        let scorers = survey.asked.iter().map(|asked| asked.scorer.clone());
        let mut table = ScoreTable::new(output, &import, scorers).map_err(written)?;
        while let Some(row) = reader.next_row().map_err(|error| survey.about(error))? {
            table.write(row).map_err(written)?;
        }
        table.finish().map_err(written)?;
        Ok(())
    };
    let mut files = Files::default();
    match output {
        Some(path) => files.write(path, score)?,
        None => score(out)?,
    }
    if let Some(path) = given.one("--codebook")? {
        let scorers: Vec<Scorer> = survey.asked.iter().map(|asked| asked.scorer.clone()).collect();
        let codebook = TableCodebook::of(import.given_names(), &scorers);
        let is_table =
            path.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("csv"));
        let text = if is_table { codebook.to_csv() } else { codebook.to_markdown() };
        files.write(path, |file| Ok(file.write_all(text.as_bytes())?))?;
    }
    let report = reader.into_report();
    if let Some(path) = report_to {
        files.write(path, |file| {
            serde_json::to_writer_pretty(&mut *file, &report).map_err(io::Error::from)?;
            Ok(writeln!(file)?)
        })?;
    }
    let safety = report.safety(&Words::english());
    if !safety.is_empty() {
        writeln!(err, "{safety}")?;
    }
    files.keep()?;
    writeln!(err, "{}", report.summary(&Words::english()))?;
    Survey::verdict(&report)
}

// The demonstration.

const SAMPLE: &[u8] = include_bytes!("data/staff_survey.csv");
const SAMPLE_MISSING: &str = "-99=declined,88=not-applicable";

fn demonstrate(out: &mut dyn Write) -> Result<(), Failure> {
    let words = Words::english();
    let proqol = straingauge::catalog::get("proqol-5")?;
    let cbi = straingauge::catalog::get("cbi")?;
    let profile = Profile::plain().with_sentinels(Sentinels::parse(SAMPLE_MISSING)?);
    let import = Import::new(profile)
        .instrument(&proqol, ItemColumns::prefix("pq"))
        .instrument(&cbi, ItemColumns::prefix("cbi_"))
        .id("staff_id")
        .ids_may_repeat()
        .columns(["wave", "team"]);
    let scorers = [proqol.scorer(), cbi.scorer()];
    let mut reader = import.open(SAMPLE)?;
    let mut table = ScoreTable::new(io::sink(), &import, scorers.clone())?;
    let mut values: Vec<Vec<f64>> =
        vec![Vec::new(); scorers.iter().map(|scorer| scorer.scales().len()).sum()];
    let mut explained: Option<(String, Scores)> = None;
    while let Some(row) = reader.next_row()? {
        let who = format!("row {}, staff {}", row.number(), row.id().unwrap_or_default());
        let scores = table.write(row)?;
        for (view, values) in scores.iter().flat_map(Scores::iter).zip(&mut values) {
            values.extend(view.value().ok().map(|score| score.to_f64()));
        }
        // One to explain: a person whose scale was filled in by the author's rule.
        let filled_in = |scores: &&Scores| {
            scores.get("work").is_some_and(|view| view.value().is_ok_and(|s| s.is_prorated()))
        };
        if explained.is_none() {
            explained = scores.iter().find(filled_in).map(|scores| (who, scores.clone()));
        }
    }
    let report = reader.into_report();

    writeln!(out, "A simulated staff survey, scored. No real person is described here.\n")?;
    writeln!(out, "WHAT WAS READ\n\n{}\n", report.summary(&words))?;
    writeln!(out, "HOW THE SCORES LIE\n")?;
    let scales =
        scorers.iter().flat_map(|scorer| scorer.scales().map(move |scale| (scorer, scale.id())));
    for ((scorer, scale), values) in scales.zip(&values) {
        draw(out, scorer, scale, values)?;
    }
    writeln!(out, "WHO COULD NOT BE SCORED, FOR INSTANCE\n")?;
    for person in report.not_scored.first.iter().take(6) {
        let id = person.id.as_deref().unwrap_or_default();
        writeln!(out, "  row {}, staff {id}, {}: {}", person.row, person.scale, person.reason)?;
    }
    if let Some((who, scores)) = explained {
        writeln!(out, "\nONE SCORE, STEP BY STEP ({who}, work-related burnout)\n")?;
        if let Some(explanation) = scores.explain("work") {
            for line in explanation.to_string().lines() {
                writeln!(out, "  {line}")?;
            }
        }
        let receipt = scores.receipt();
        writeln!(
            out,
            "\n  receipt: {}@{}, straingauge {}",
            receipt.instrument, receipt.version, receipt.crate_version
        )?;
        writeln!(out, "  definition file, SHA-256: {}", receipt.file_hash)?;
        writeln!(out, "  scoring rule, SHA-256:    {}", receipt.rule("work").unwrap_or_default())?;
    }
    writeln!(
        out,
        "\nThese are screening scores for talking about work, not diagnoses of anybody. For groups of people"
    )?;
    writeln!(
        out,
        "use the audit_units example, which publishes nothing about few; for your own file: score_survey --help"
    )?;
    Ok(())
}

/// The distribution of a scale, and how many people lie in each band.
fn draw(out: &mut dyn Write, scorer: &Scorer, id: &str, values: &[f64]) -> Result<(), Failure> {
    let Some(scale) = scorer.instrument().scale(id) else { return Ok(()) };
    let (low, high) = (scale.range().0.to_f64(), scale.range().1.to_f64());
    let (instrument, people) = (scorer.instrument().id(), values.len());
    let mean = values.iter().sum::<f64>() / (people as f64).max(1.0);
    writeln!(out, "  {} ({instrument}): {people} people, mean {mean:.1}", scale.title())?;

    // One column for each value that a complete sheet can have; few columns are drawn wide.
    let states = states(scale);
    let width = if states > 30 { 1 } else { 2 };
    let column = |value: f64| {
        let at = ((value - low) / (high - low) * (states - 1) as f64).round();
        (0..states).find(|state| *state as f64 == at).unwrap_or(0)
    };
    let mut counts = vec![0_usize; states];
    for value in values {
        if let Some(count) = counts.get_mut(column(*value)) {
            *count += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let height = 5;
    for level in (0..height).rev() {
        let bar = |count: &usize| {
            let eighths = (count * height * 8).div_ceil(most).saturating_sub(level * 8);
            let block = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇"].get(eighths).unwrap_or(&"█");
            block.repeat(width)
        };
        let line: String = counts.iter().map(bar).collect();
        writeln!(out, "    {}", line.trim_end())?;
    }
    let set = scorer.band_set(id);
    let edges: Vec<usize> = set.map_or(Vec::new(), |set| {
        set.bands().iter().skip(1).map(|band| column(band.low().to_f64()) * width).collect()
    });
    let mark = |at| if edges.contains(&at) { '┴' } else { '─' };
    writeln!(out, "    {}", (0..states * width).map(mark).collect::<String>())?;
    writeln!(out, "    {low}{:>rest$}", high, rest = states * width - low.to_string().len())?;
    let Some(set) = set else {
        return Ok(writeln!(out, "    (no bands: no source is good enough to ship them)\n")?);
    };
    let next = set.bands().iter().skip(1).map(BandStep::low).map(Some).chain([None]);
    for (band, next) in set.bands().iter().zip(next) {
        let (from, to) = (band.low().to_f64(), next.map(straingauge::instrument::Exact::to_f64));
        let inside = |value: &&f64| **value >= from && to.is_none_or(|to| **value < to);
        let inside = values.iter().filter(inside).count();
        let share = 100.0 * inside as f64 / (people as f64).max(1.0);
        writeln!(out, "    {:<10} from {from:<4} {inside:>4} people {share:>3.0} %", band.label())?;
    }
    writeln!(out, "    bands `{}`: {}\n", set.id(), set.basis().source().citation())?;
    Ok(())
}

/// How many values a complete sheet can have on a sum or mean, as far as a line can show.
fn states(scale: &Scale) -> usize {
    let values = || scale.key().terms().iter().flat_map(Term::values);
    let low = values().min().copied().unwrap_or(0);
    let step = values().map(|value| value - low).filter(|step| *step > 0).min().unwrap_or(1);
    let spans = scale.key().terms().iter().map(|term| (term.range().1 - term.range().0) / step);
    usize::try_from(spans.sum::<i32>()).unwrap_or(0).clamp(1, 72) + 1
}
