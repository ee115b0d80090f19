//! The check-in that an app would embed, in a terminal: `cargo run --example embed_checkin`.
//!
//! Eight questions in the wording that ships with `pulse`. Every question can be passed over, every answer taken back, and the
//! whole thing stopped. The person's own file keeps the scores (never the answers), and only the person sees the course.
//! `--date YYYY-MM-DD` sets the day (default: today, UTC), `--history FILE` the file (default: `pulse-2-history.json`).

use std::io::{self, BufRead, Write};
use std::{error::Error, fs, path::PathBuf, time::SystemTime};

use straingauge::change::{Course, History, TrendOptions};
use straingauge::form::{Form, Question, WordingPack};
use straingauge::{Sheet, answers::MissingKind, catalog, date::Date, words::Words};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let (mut today, mut file) = (None, PathBuf::from("pulse-2-history.json"));
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--date" => today = Some(value.parse()?),
            "--history" => file = value.into(),
            _ => return Err(format!("{name} is not known; there are --date and --history").into()),
        }
    }
    // The library has no clock: the app says what day it is.
    let today = today.map_or_else(system_day, Ok)?;
    let history = match fs::read_to_string(&file) {
        Ok(text) => serde_json::from_str(&text)?, // what any released version stored reads for ever
        Err(error) if error.kind() == io::ErrorKind::NotFound => History::new("pulse"),
        Err(error) => return Err(error.into()),
    };
    if let Some(history) =
        check_in(history, today, &mut Terminal(io::stdin().lock(), io::stdout()))?
    {
        fs::write(&file, serde_json::to_string_pretty(&history)?)?;
        println!("Kept in {}. It is yours: delete it whenever you like.", file.display());
    }
    Ok(())
}

/// Where the person reads and types.
pub(crate) struct Terminal<R, W>(pub(crate) R, pub(crate) W);

/// Asks, scores and shows the course; `None` if the person stopped, and then nothing is kept.
pub(crate) fn check_in<R: BufRead, W: Write>(
    mut history: History,
    today: Date,
    terminal: &mut Terminal<R, W>,
) -> Outcome<Option<History>> {
    let pulse = catalog::get("pulse")?;
    // Scores of the first edition mean something else, and joining them is refused: said before anything is asked.
    history.course(&pulse).map_err(|error| {
        format!("{error}. A file of another edition stays as it is: begin a new one, such as pulse-2-history.json")
    })?;
    // Our own instruments bring their wording; for any other the app has a pack of its own.
    let pack = WordingPack::parse(pulse.needs().own_wording.unwrap_or_default())?;
    // The words of the pack promise nothing about who sees the answers; the app says what it keeps to.
    // It would also fill `contact`, with a person or a line that can be reached where the person lives.
    let form = Form::new(&pulse, &pack)?.slot(
        "who-sees",
        "Only you see this: the file keeps scores, no answers, and stays with you.",
    );
    let Some(sheet) = ask(&form, terminal)? else {
        writeln!(terminal.1, "\nStopped. Nothing was kept, and that is fine.")?;
        return Ok(None);
    };
    let scores = pulse.score(&sheet)?.to_record(); // with a receipt of the rules that made them
    history.replace(today, scores)?; // a second check-in on one day counts in place of the first
    show(&history.course(&pulse)?, &mut terminal.1)?;
    writeln!(terminal.1, "\n{}", form.closing().unwrap_or_default())?;
    Ok(Some(history))
}

/// The questions one by one; `None` if the person stops.
fn ask<R: BufRead, W: Write>(form: &Form, terminal: &mut Terminal<R, W>) -> Outcome<Option<Sheet>> {
    let Terminal(input, output) = terminal;
    writeln!(output, "{}", form.intro().unwrap_or_default())?;
    writeln!(output, "Type a number, or p to pass, b to go back, q to stop.")?;
    let mut sheet = form.instrument().sheet();
    let mut asked: Vec<&str> = Vec::new();
    while let Some(question) = form.next_open(&sheet) {
        let item = question.item().id();
        put(&question, form.len(), output)?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim() {
            "q" => return Ok(None),
            "b" => {
                let Some(last) = asked.pop() else { continue };
                sheet = sheet.missing(last, MissingKind::NotAsked)?; // open again
                continue;
            }
            "p" => sheet = sheet.decline(item)?,
            "n" if question.not_applicable().is_some() => {
                sheet = sheet.missing(item, MissingKind::NotApplicable)?;
            }
            typed => match typed.parse().map(|code| sheet.clone().answer(item, code)) {
                Ok(Ok(answered)) => sheet = answered,
                // The sheet takes only codes that the question offers.
                _ => {
                    writeln!(output, "Please type one of the numbers, or p, b or q.")?;
                    continue;
                }
            },
        }
        asked.push(item);
        let done = form.progress(&sheet);
        writeln!(output, "[{}{}]", "#".repeat(form.len() - done.open), ".".repeat(done.open))?;
    }
    Ok(Some(sheet.finish()))
}

fn put(question: &Question<'_>, of: usize, output: &mut impl Write) -> Outcome<()> {
    writeln!(output)?;
    if let Some(note) = question.note() {
        writeln!(output, "({note})")?; // before the question, so that it can be passed over
    }
    writeln!(output, "{} of {of}. {}", question.number(), question.text())?;
    for (code, text) in question.options() {
        writeln!(output, "   {code} {text}")?;
    }
    if let Some(text) = question.not_applicable() {
        writeln!(output, "   n {text}")?;
    }
    write!(output, "> ")?;
    Ok(output.flush()?)
}

/// The person's own course: no bands, no comparison with anybody else.
fn show(course: &Course<'_>, output: &mut impl Write) -> Outcome<()> {
    for scale in course.scales() {
        let (low, high) = (scale.range().0.to_f64(), scale.range().1.to_f64());
        writeln!(output, "\n{}, {low} to {high}, as you answered:", scale.title())?;
        for (date, record) in course.records(scale.id()) {
            match (record.value, &record.absence) {
                (Some(value), _) => {
                    let full =
                        (1..=20).filter(|at| value >= low + (high - low) * f64::from(*at) / 20.0);
                    writeln!(output, "  {date}  {:20}  {value:.1}", "=".repeat(full.count()))?;
                }
                (None, absence) => {
                    let why = absence.as_ref().map(|absence| absence.in_words(&Words::english()));
                    writeln!(output, "  {date}  {}", why.as_deref().unwrap_or("no score"))?;
                }
            }
        }
        // Nothing is known about the error of `pulse`, so no single change is judged. From five check-ins
        // on, a rank test says whether there is a steady movement.
        match course.series(scale.id()).map(|series| series.trend(None, &TrendOptions::new())) {
            Some(Ok(trend)) => writeln!(output, "  {}", trend.in_words(&Words::english()))?,
            _ => writeln!(
                output,
                "  With five weeks or more, you see here whether there is a steady movement."
            )?,
        }
    }
    Ok(())
}

fn system_day() -> Outcome<Date> {
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    let days = i32::try_from(seconds / 86_400)?;
    Ok(Date::new(1970, 1, 1)?.plus_days(days).ok_or("the system's clock is off")?)
}
