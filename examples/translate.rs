//! Instruments, answers and scores in the languages of other tools.
//!
//! `cargo run --release --example translate -- --instrument phq-9 --to fhir-questionnaire`;
//! `--help` lists the rest. What a target cannot express goes to standard error, one line each.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::ExitCode;

use straingauge::answers::{AnswerError, Sheet};
use straingauge::exchange::fhir::{
    FhirError, Occasion, QuestionnaireResponse, ReadOptions, observations, questionnaire,
    unasked_answers,
};
use straingauge::exchange::{
    Codebook, ExportOptions, Unexpressed, limesurvey, redcap, sheet_schema,
};
use straingauge::form::{Form, WordingError};
use straingauge::score::{ScoreOptions, Scorer, Scores};

mod support;

use support::{Failure, Given, Known, SURVEY, Survey, definition, instrument, wording, write_file};

const HELP: &str = "\
translate --instrument ID --to TARGET [--wording PACK.toml] [--output FILE]
    TARGET: fhir-questionnaire, redcap (data dictionary), limesurvey (survey structure), json-schema
    (of the sheets), codebook (of the scores, Markdown), codebook-csv
translate --instrument ID --input FILE.csv [--items COL,...|--prefix P] [--id COL]
          --to fhir-responses|fhir-observations --output FILE.ndjson
translate --instrument ID --from fhir-responses --input FILE.ndjson [--output FILE.csv]
    prints the table of scores that score_survey prints; with a column `id` where the first response
    has a person, known or not (no responses: no such column)

--definition FILE.toml takes a definition of your own; --variant, --bands and --min-answered score
otherwise than the file; --questionnaire ADDRESS takes responses to another questionnaire, whose
items you know to be these. A survey export is read with the options of score_survey. What the
target cannot express is listed on standard error.
";

const OWN: &[Known] =
    &[("--to", true), ("--from", true), ("--output", true), ("--questionnaire", true)];

/// Findings that are named one by one.
const NAMED: usize = 20;

#[allow(dead_code)] // the tests include this file as a module
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let stdout = &mut io::BufWriter::new(io::stdout().lock());
    ExitCode::from(run(&arguments, stdout, &mut io::stderr()))
}

/// The whole command: exit code 0, 1 for wrong input, 2 for wrong usage.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let done = match arguments {
        [] => Err(Failure::usage("--instrument is missing")),
        [only] if only == "--help" || only == "-h" => write!(out, "{HELP}").map_err(Failure::from),
        _ => command(arguments, out, err),
    };
    let done = done.and_then(|()| Ok(out.flush()?));
    let Err(failure) = done else { return 0 };
    if !failure.message.is_empty() {
        let hint = if failure.code == 2 { "\n(--help lists the options)" } else { "" };
        // There is nowhere else to say it.
        let _ = writeln!(err, "translate: {}{hint}", failure.message);
    }
    failure.code
}

fn command(arguments: &[String], out: &mut dyn Write, err: &mut dyn Write) -> Result<(), Failure> {
    let given = Given::parse(arguments, &[SURVEY, OWN])?;
    let output = given.one("--output")?;
    let mut write = |body: &mut dyn FnMut(&mut dyn Write) -> Result<(), Failure>| match output {
        Some(path) => write_file(path, |file| body(file)),
        None => body(out),
    };
    match (given.one("--to")?, given.one("--from")?) {
        (Some(target @ ("fhir-responses" | "fhir-observations")), None) => {
            write(&mut |to| rows_out(&given, target == "fhir-responses", (&mut *to, &mut *err)))
        }
        (Some(target), None) => {
            let (document, lost) = structure(&given, target)?;
            write(&mut |to| Ok(to.write_all(document.as_bytes())?))?;
            say(&lost, target, err)
        }
        (None, Some("fhir-responses")) => write(&mut |to| rows_in(&given, (&mut *to, &mut *err))),
        (None, Some(other)) => {
            Err(Failure::usage(format!("--from {other} is unknown; known is fhir-responses")))
        }
        _ => Err(Failure::usage("give --to or --from")),
    }
}

/// The instrument that is asked for, compiled.
fn scorer(given: &Given) -> Result<Scorer, Failure> {
    let pool = given.all("--definition").map(definition).collect::<Result<Vec<_>, _>>()?;
    let instrument = match (given.one("--instrument")?, pool.as_slice()) {
        (Some(name), pool) => instrument(name, pool)?,
        (None, [only]) => only.clone(),
        (None, _) => return Err(Failure::usage("--instrument is missing")),
    };
    let mut options = ScoreOptions::new();
    if let Some(variant) = given.one("--variant")? {
        options = options.variant(variant);
    }
    if let Some(bands) = given.one("--bands")? {
        options = options.bands(bands);
    }
    if let Some(answers) = given.number("--min-answered")? {
        options = options.min_answered(answers);
    }
    Ok(instrument.scorer_with(&options)?)
}

/// The instrument as a document.
fn structure(given: &Given, target: &str) -> Result<(String, Vec<Unexpressed>), Failure> {
    if given.has("--input") {
        let message = format!(
            "--to {target} takes no --input; rows go to fhir-responses or fhir-observations"
        );
        return Err(Failure::usage(message));
    }
    let scorer = scorer(given)?;
    let mut options = ExportOptions::new();
    if let Some(path) = given.one("--wording")? {
        let form = Form::new(scorer.instrument(), &wording(path)?);
        options =
            options.form(form.map_err(|error: WordingError| Failure::input(error).about(path))?);
    }
    let (mut document, lost) = match target {
        "fhir-questionnaire" => {
            let out = questionnaire(&scorer, &options);
            (out.document.to_json(), out.unexpressed)
        }
        "redcap" => {
            let out = redcap::data_dictionary(&scorer, &options);
            (out.document.to_csv(), out.unexpressed)
        }
        "limesurvey" => {
            let out = limesurvey::survey_structure(&scorer, &options);
            (out.document.to_tsv(), out.unexpressed)
        }
        "json-schema" => {
            let out = sheet_schema(scorer.instrument());
            (out.document, out.unexpressed)
        }
        "codebook" => (Codebook::of(&scorer).to_markdown(), Vec::new()),
        "codebook-csv" => (Codebook::of(&scorer).to_csv(), Vec::new()),
        other => {
            return Err(Failure::usage(format!(
                "--to {other} is unknown; known are fhir-questionnaire redcap limesurvey json-schema \
                 codebook codebook-csv fhir-responses fhir-observations"
            )));
        }
    };
    if !document.ends_with('\n') {
        document.push('\n');
    }
    Ok((document, lost))
}

/// What could not be expressed.
fn say(lost: &[Unexpressed], target: &str, err: &mut dyn Write) -> Result<(), Failure> {
    if lost.is_empty() {
        return Ok(());
    }
    writeln!(err, "not expressed in {target}:")?;
    for lost in lost {
        writeln!(err, "  {lost}")?;
    }
    Ok(())
}

type OutAndErr<'a> = (&'a mut dyn Write, &'a mut dyn Write);

/// A survey export as responses or observations, one a line.
fn rows_out(given: &Given, responses: bool, (out, err): OutAndErr<'_>) -> Result<(), Failure> {
    let survey = Survey::of(given)?;
    let asked = survey.only()?;
    let mut reader = survey.open(&survey.import())?;
    let mut lost: Vec<Unexpressed> = Vec::new();
    let rules = Occasion::new().scored_by(&asked.scorer);
    let with_id = given.has("--id");
    while let Some(row) = reader.next_row().map_err(|error| survey.about(error))? {
        let sheet = Sheet::from_bytes(&asked.instrument, row.answers(0));
        let sheet = sheet.map_err(|error: AnswerError| Failure::input(error))?;
        let id = format!("row-{}", row.number());
        let mut occasion =
            rules.clone().id(id).map_err(|error: FhirError| Failure::input(error))?;
        if with_id {
            // A blank id is said to be one, so that the column comes back.
            occasion = occasion.person(row.id().unwrap_or_default());
        }
        if responses {
            for odd in unasked_answers(&sheet) {
                if !lost.contains(&odd) {
                    lost.push(odd);
                }
            }
            writeln!(out, "{}", QuestionnaireResponse::of(&sheet, &occasion).to_json())?;
            continue;
        }
        let scores =
            asked.scorer.score(&sheet).map_err(|error: AnswerError| Failure::input(error))?;
        let written = observations(&scores, &occasion);
        for observation in &written.document {
            writeln!(out, "{}", observation.to_json())?;
        }
        if lost.is_empty() {
            lost = written.unexpressed;
        }
    }
    let report = reader.into_report();
    writeln!(err, "{}", report.summary(&straingauge::words::Words::english()))?;
    say(&lost, if responses { "fhir-responses" } else { "fhir-observations" }, err)
}

/// Responses, one a line, as a table of scores.
fn rows_in(given: &Given, (out, err): OutAndErr<'_>) -> Result<(), Failure> {
    let scorer = scorer(given)?;
    let path = given.required("--input")?;
    let source: Box<dyn Read> = match path {
        "-" => Box::new(io::stdin()),
        path => Box::new(std::fs::File::open(path).map_err(|e| Failure::input(e).about(path))?),
    };
    let mut options = ReadOptions::new();
    for address in given.all("--questionnaire") {
        options = options.questionnaire(address);
    }
    let mut table = csv::Writer::from_writer(out);
    let broken = |error: csv::Error| Failure::from(io::Error::from(error));
    let (mut row, mut not_understood, mut has_id) = (0_u64, 0_usize, None);
    for (number, line) in BufReader::new(source).lines().enumerate() {
        let number = number + 1;
        let line = line.map_err(|error| Failure::input(error).about(path))?;
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |what: String| Failure::input(what).about(&format!("{path}, line {number}"));
        let response =
            QuestionnaireResponse::from_json(&line).map_err(|error| wrong(error.to_string()))?;
        let read = response.sheet(scorer.instrument(), &options);
        let read = read.map_err(|error| wrong(error.to_string()))?;
        let scores = scorer.score(&read.sheet).map_err(|error| wrong(error.to_string()))?;
        let person = response.person();
        let with_id = *has_id.get_or_insert(response.has_subject());
        if !with_id && person.is_some() {
            return Err(wrong("names a person, the first response none; give all or none".into()));
        }
        if row == 0 {
            table.write_record(header(&scorer, with_id)).map_err(broken)?;
        }
        row += 1;
        for finding in &read.findings {
            not_understood += 1;
            if not_understood <= NAMED {
                writeln!(err, "line {number}: {finding}")?;
            }
        }
        let mut record = vec![row.to_string()];
        record.extend(with_id.then(|| person.unwrap_or_default().to_owned()));
        cells(&scores, &mut record);
        table.write_record(&record).map_err(broken)?;
    }
    if row == 0 {
        table.write_record(header(&scorer, false)).map_err(broken)?;
    }
    table.flush()?;
    writeln!(err, "{row} responses read, {not_understood} answers not understood")?;
    Ok(())
}

fn header(scorer: &Scorer, with_id: bool) -> Vec<String> {
    let mut names = vec!["row".to_owned()];
    names.extend(with_id.then(|| "id".to_owned()));
    for scale in scorer.scales() {
        let id = scale.id().replace('-', "_");
        names.extend([id.clone(), format!("{id}_answered"), format!("{id}_status")]);
        if scorer.band_set(scale.id()).is_some() {
            names.extend([format!("{id}_band"), format!("{id}_band_certain")]);
        }
    }
    names.extend(scorer.criteria().map(|criterion| criterion.id().replace('-', "_")));
    names
}

fn cells(scores: &Scores, record: &mut Vec<String>) {
    for view in scores.iter() {
        record.push(view.value().map_or(String::new(), |score| score.to_f64().to_string()));
        record.push(view.answered().to_string());
        record.push(view.status().to_string());
        if scores.scorer().band_set(view.scale().id()).is_some() {
            let certain = |is: bool| if is { "yes" } else { "no" };
            let band = view.band();
            record.push(band.map_or(String::new(), |band| band.label().to_owned()));
            record.push(band.map_or("", |band| certain(band.is_certain())).to_owned());
        }
    }
    record.extend(scores.criteria().map(|view| view.outcome().to_string()));
}
