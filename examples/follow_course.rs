//! What has happened to one person over time, and when should somebody look.
//!
//! Without arguments it follows a simulated course and explains itself:
//! `cargo run --release --example follow_course`. With arguments it reads check-ins, one a row, and writes a
//! table with one row for each person and scale; `--help` lists them.

use std::io::{self, Write};
use std::process::ExitCode;

use straingauge::change::{
    Between, ChangeOptions, ChangeTest, History, Method, Reading, Series, Yardstick,
};
use straingauge::date::Date;
use straingauge::instrument::{
    ChangeKind, Comparison, Instrument, Part, PublishedChange, Scale, Standing,
};
use straingauge::score::Scorer;
use straingauge::watch::{Policy, ready};

#[path = "support/demonstration.rs"]
mod demonstration;
#[path = "support/line.rs"]
mod line;
#[path = "support/people.rs"]
mod people;
mod support;

use line::Line;
use people::{CheckIn, People, Person, SameDay};
pub(crate) use support::SURVEY;
use support::{Failure, Given, Known, SURVEY_HELP, Survey, own_references, write_file};

const HELP: &str = "\
follow_course                      follows the bundled simulated course and explains itself
follow_course --instrument ID[@VERSION] --input FILE.csv --id COL --date COL [options]
follow_course --instrument ID[@VERSION] --input FILE.csv --id COL --wave COL [options]

  --id COL  --date COL        columns of the person and of the day (YYYY-MM-DD, with or without a time of
                              day); any order of rows; one administration a row. With --wave-columns, --date may
                              be a column of each wave; without it the waves are in order and nothing is said
                              per 30 days
  --wave COL                  the wave of each row, in place of a date: waves in the order of their numbers or
                              dates, or as given by --wave-order NAME,NAME,...
  --method NAME               jacobson-truax (default), christensen-mendoza, chelune, iverson, temkin,
                              gulliksen-lord-novick, hsu-linn-lord, speer, nunnally-kotsch, srb,
                              srb-sample, srb-new-case, crawford-howell
  --sd X --reliability R [--mean M] [--retest-mean M] [--retest-sd X] [--retest-reliability R]
                              a reference of your own; where there are several scales, SCALE=X for each that
                              it is for. A scale that is another one times a factor goes with it
  --norm ID                   a norm of the instrument, for its scale (default: the first usable one, else a
                              published smallest change)
  --from baseline|previous|OCCASION  --to OCCASION
                              compare the last score with the first (default), with the one before, or with
                              that of a day or wave; --to names another occasion than the last
  --confidence C              default 0.95
  --policy FILE               a watch policy (TOML or JSON), or own-use, peer-support, occupational-health
  --today YYYY-MM-DD          the day of the policy's review (default: the last day in the file)
  --same-day first|last       which of two scored check-ins of a person on one day counts (default: neither; the
                              scale is then not assessable). Equal rows count once without being asked
  --output FILE.csv           the table (default: standard output)

Columns: id,scale,n,first,last,date_first,date_last,change,method,yardstick,population,reliability,
reliability_kind,sem,se_diff,rci,p,verdict,class,reason,yardstick_n,important,safety,slope_per_30_days,trend_z,
trend_p,theil_sen_per_30_days,mk_s,mk_p,flags. Empty where undefined: a change needs two scored check-ins, a trend
three, Theil-Sen and Mann-Kendall five. change and rci keep the sign of the raw difference; the verdict (worse,
better, no-reliable-change, not-assessable) knows the direction, and reason says why it is not assessable. class is
deteriorated, unchanged, improved, or recovered: improved and across the cut-off of the instrument's only criterion
on the scale. yardstick, population, reliability and sem say what the verdict rests on. important says whether the
change reaches a published important change. A published change has no se_diff, rci or p. safety names every
safety criterion met, with its day, whatever became of the row.
Flags on the whole instrument stand on each of the person's rows.
";

/// What this command knows beyond [`SURVEY`].
pub(crate) const OWN: &[Known] = &[
    ("--date", true),
    ("--wave", true),
    ("--wave-order", true),
    ("--method", true),
    ("--sd", true),
    ("--reliability", true),
    ("--mean", true),
    ("--retest-mean", true),
    ("--retest-sd", true),
    ("--retest-reliability", true),
    ("--norm", true),
    ("--from", true),
    ("--to", true),
    ("--confidence", true),
    ("--policy", true),
    ("--today", true),
    ("--same-day", true),
    ("--output", true),
];

const HEADER: [&str; 30] = [
    "id",
    "scale",
    "n",
    "first",
    "last",
    "date_first",
    "date_last",
    "change",
    "method",
    "yardstick",
    "population",
    "reliability",
    "reliability_kind",
    "sem",
    "se_diff",
    "rci",
    "p",
    "verdict",
    "class",
    "reason",
    "yardstick_n",
    "important",
    "safety",
    "slope_per_30_days",
    "trend_z",
    "trend_p",
    "theil_sen_per_30_days",
    "mk_s",
    "mk_p",
    "flags",
];

#[allow(dead_code)] // the tests include this file as a module
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let stdout = &mut io::BufWriter::new(io::stdout().lock());
    let code = run(&arguments, stdout, &mut io::stderr());
    ExitCode::from(code)
}

/// The whole command: exit code 0, 1 for wrong input, 2 for wrong usage, 3 where something was found
/// that a reader should know first.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let done = match arguments {
        [] => demonstration::demonstrate(out),
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
        let _ = writeln!(err, "follow_course: {}{hint}", failure.message);
    }
    failure.code
}

fn command(arguments: &[String], out: &mut dyn Write, err: &mut dyn Write) -> Result<(), Failure> {
    let given = Given::parse(arguments, &[SURVEY, OWN])?;
    let survey = Survey::of(&given)?;
    let asked = survey.only()?;
    let scorer = &asked.scorer;
    given.required("--id")?;
    let policy = given.one("--policy")?.map(policy).transpose()?;
    let same_day = SameDay::of(&given)?;
    let today = given.one("--today")?.map(day).transpose()?;
    if policy.is_some() && !given.has("--date") {
        return Err(Failure::usage("--policy needs --date: a policy counts days"));
    }
    let mut wanted = Wanted::of(&given, scorer)?;
    survey.say_notes(err)?;
    let (people, read) = people::read(&survey, &given, err)?;
    wanted.between = between(&given, &people)?;
    let today = today.or_else(|| people.last_day());
    let mut write = |output: &mut dyn Write| -> Result<(), Failure> {
        let mut table = csv::Writer::from_writer(output);
        table.write_record(HEADER).map_err(broken)?;
        for person in &people.in_order {
            let course = Scored::of(scorer, person, same_day)?;
            for note in &course.notes {
                writeln!(err, "{}: {note}", person.id)?;
            }
            let flags = match (&policy, today) {
                (Some(policy), Some(today)) => course.flags(policy, (today, &wanted))?,
                _ => Vec::new(),
            };
            for at in 0..course.series.len() {
                let record = Line { people: &people, person, course: &course, wanted: &wanted, at };
                table.write_record(record.cells(&flags)).map_err(broken)?;
            }
        }
        table.flush()?;
        Ok(())
    };
    match given.one("--output")? {
        Some(path) => write_file(path, write)?,
        None => write(out)?,
    }
    Survey::verdict(&read)
}

/// Which two check-ins are compared.
fn between(given: &Given, people: &People) -> Result<Between, Failure> {
    let (from, to) = (given.one("--from")?, given.one("--to")?);
    let occasion = |option: &str, name: &str| {
        let known = people.occasion(name);
        known.ok_or_else(|| {
            Failure::usage(format!(
                "{option}: `{name}` is not baseline or previous, and no day or wave of the file"
            ))
        })
    };
    Ok(match (from, to) {
        (None | Some("baseline"), None) => Between::FirstAndLast,
        (Some("previous"), None) => Between::LastTwo,
        (Some(from), Some(to)) => Between::Days(occasion("--from", from)?, occasion("--to", to)?),
        (Some(from), None) => {
            let last = people.last_occasion();
            Between::Days(occasion("--from", from)?, last.unwrap_or(occasion("--from", from)?))
        }
        (None, Some(_)) => {
            return Err(Failure::usage("--to needs --from: the occasion that it is compared with"));
        }
    })
}

fn broken(error: csv::Error) -> Failure {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => Failure::input(format!("{other:?}")),
    }
}

fn day(text: &str) -> Result<Date, Failure> {
    text.trim().parse().map_err(Failure::input)
}

/// How changes are judged, compiled once for each scale.
struct Wanted {
    between: Between,
    confidence: f64,
    /// Whether the days are days, and not the order of waves.
    dated: bool,
    tests: Vec<Judge>,
}

/// What one scale is judged by, or why it cannot be.
struct Judge {
    test: Result<(Yardstick, ChangeTest), String>,
    /// The instrument's only criterion on the scale: what it tests.
    cut_off: Option<(Comparison, f64)>,
    /// Points of a published important change.
    important: Option<f64>,
}

impl Wanted {
    fn of(given: &Given, scorer: &Scorer) -> Result<Self, Failure> {
        let confidence: f64 = given.number("--confidence")?.unwrap_or(0.95);
        if !(confidence > 0.0 && confidence < 1.0) {
            let message = format!("--confidence: {confidence} is not above 0 and below 1");
            return Err(Failure::usage(message));
        }
        let method = match given.one("--method")? {
            None => Method::JacobsonTruax,
            Some(name) => Method::named(name)
                .filter(|method| *method != Method::PublishedChange)
                .ok_or_else(|| {
                let names: Vec<&str> = Method::ALL.iter().map(|preset| preset.name).collect();
                Failure::usage(format!("--method: `{name}` is none of {}", names.join(", ")))
            })?,
        };
        let options = ChangeOptions::new().with_method(method).with_confidence(confidence);
        let own = own_references(given, scorer)?;
        let norm = given.one("--norm")?;
        if own.iter().any(Option::is_some) && norm.is_some() {
            return Err(Failure::usage("give --norm, or --sd with --reliability, not both"));
        }
        let instrument = scorer.instrument();
        if let Some(norm) = norm.filter(|norm| instrument.norm(norm).is_none()) {
            let known: Vec<&str> = instrument.norms().iter().map(|norm| norm.id()).collect();
            let message =
                format!("--norm: no `{norm}` in {}; known: {}", instrument.id(), known.join(", "));
            return Err(Failure::usage(message));
        }
        let mut tests = Vec::new();
        for (scale, own) in scorer.scales().zip(own) {
            let named = norm.and_then(|id| Yardstick::norm(instrument, scale.id(), id).ok());
            let test = match own.map(Yardstick::from).or(named) {
                // What the caller named is taken, or refused aloud.
                Some(yardstick) => {
                    let test = ChangeTest::new(&yardstick, scale.direction(), &options);
                    Ok((yardstick, test.map_err(Failure::usage)?))
                }
                None => by_default(instrument, scale, &options),
            };
            tests.push(Judge {
                test,
                cut_off: cut_off(scorer, scale),
                important: important(instrument, scale),
            });
        }
        let dated = given.has("--date");
        Ok(Self { between: Between::FirstAndLast, confidence, dated, tests })
    }
}

/// The first usable yardstick of a scale, or why there is none.
fn by_default(
    instrument: &Instrument,
    scale: &Scale,
    options: &ChangeOptions,
) -> Result<(Yardstick, ChangeTest), String> {
    let all = Yardstick::all(instrument, scale.id());
    if let Some((yardstick, test)) = ChangeTest::first_usable(&all, scale.direction(), options) {
        return Ok((yardstick.clone(), test));
    }
    if let Some(first) = all.first()
        && let Err(error) = ChangeTest::new(first, scale.direction(), options)
    {
        return Err(error.to_string());
    }
    let at = instrument.scale_position(scale.id());
    let norms = instrument.norms().iter().filter(|norm| Some(norm.scale()) == at);
    let norms: Vec<&str> = norms.map(straingauge::instrument::Norm::id).collect();
    let id = scale.id();
    Err(if norms.is_empty() {
        format!("no published error or reliable change; give --sd {id}=X --reliability {id}=R")
    } else {
        format!(
            "no norm that holds by itself (disputed, mixed from samples, or without reliability): name one of {} with --norm, or give --sd {id}=X --reliability {id}=R",
            norms.join(", ")
        )
    })
}

/// The test of the instrument's only reported criterion that rests on this scale alone.
fn cut_off(scorer: &Scorer, scale: &Scale) -> Option<(Comparison, f64)> {
    let at = scorer.instrument().scale_position(scale.id())?;
    let mut tests = scorer.criteria().filter_map(|criterion| match criterion.parts() {
        [Part::Scale { scale, op, number }] if *scale == at => Some((*op, number.to_f64())),
        _ => None,
    });
    tests.next().filter(|_| tests.next().is_none())
}

fn important(instrument: &Instrument, scale: &Scale) -> Option<f64> {
    let at = instrument.scale_position(scale.id())?;
    let is = |change: &&PublishedChange| {
        change.scale() == at
            && change.kind() == ChangeKind::Important
            && change.basis().standing() == Standing::Current
    };
    instrument.changes().iter().find(is).map(PublishedChange::points)
}

/// A policy from a file, or a ready one by its id.
fn policy(name: &str) -> Result<Policy, Failure> {
    if let Some(policy) = ready(name).filter(|_| !std::path::Path::new(name).exists()) {
        return policy.map_err(Failure::input);
    }
    let text = std::fs::read_to_string(name).map_err(|error| Failure::input(error).about(name))?;
    let policy = if text.trim_start().starts_with('{') {
        serde_json::from_str(&text).map_err(Failure::input)
    } else {
        Policy::parse(&text).map_err(Failure::input)
    };
    policy.map_err(|failure| failure.about(name))
}

/// One person's check-ins, scored.
struct Scored<'a> {
    scorer: &'a Scorer,
    /// One check-in a day, for what looks at whole check-ins.
    check_ins: Vec<&'a CheckIn>,
    series: Vec<(&'a Scale, Series)>,
    /// For each scale, a day on which two check-ins were scored and neither was chosen.
    undecided: Vec<Option<String>>,
    /// What the caller should hear about the person.
    notes: Vec<String>,
}

/// A raised flag: the scale that it is about, or the whole instrument, and the rule.
type Raised = (Option<String>, String);

impl<'a> Scored<'a> {
    fn of(scorer: &'a Scorer, person: &'a Person, same_day: SameDay) -> Result<Self, Failure> {
        let empty = |scale: &'a Scale| {
            let (low, high) = scale.range();
            let series = Series::new(scale.id(), scale.direction());
            (scale, series.with_range(low.to_f64(), high.to_f64()))
        };
        let mut found = Self {
            scorer,
            check_ins: Vec::new(),
            series: scorer.scales().map(empty).collect(),
            undecided: vec![None; scorer.scales().count()],
            notes: Vec::new(),
        };
        for day in person.days() {
            let mut scored = Vec::with_capacity(day.len());
            for check_in in &day {
                scored.push(scorer.score_row(&check_in.answers).map_err(Failure::input)?);
            }
            let is_scored = |at: &usize| {
                scored.get(*at).is_some_and(|scores| scores.iter().any(|v| v.value().is_ok()))
            };
            let of_the_day: Vec<usize> = (0..day.len()).filter(is_scored).collect();
            let chosen = same_day.of_several(&of_the_day).or_else(|| of_the_day.first().copied());
            found.check_ins.extend(day.get(chosen.unwrap_or(0)));
            let occasion = day.first().map(|one| one.occasion.as_str()).unwrap_or_default();
            let mut undecided = false;
            for (at, (scale, series)) in found.series.iter_mut().enumerate() {
                let readings: Vec<Reading> = scored
                    .iter()
                    .filter_map(|scores| Reading::of(&scores.get(scale.id())?))
                    .collect();
                let places: Vec<usize> = (0..readings.len()).collect();
                let Some(which) = same_day.of_several(&places) else {
                    if readings.len() > 1 {
                        undecided = true;
                        if let Some(slot) = found.undecided.get_mut(at) {
                            *slot = Some(occasion.to_owned());
                        }
                    }
                    continue;
                };
                let (Some(reading), Some(first)) = (readings.get(which), day.first()) else {
                    continue;
                };
                series.push(first.day, *reading).map_err(Failure::input)?;
            }
            if undecided {
                found.notes.push(format!(
                    "two check-ins on {occasion}; say which counts with --same-day first or last"
                ));
            }
        }
        Ok(found)
    }

    fn flags(
        &self,
        policy: &Policy,
        (today, wanted): (Date, &Wanted),
    ) -> Result<Vec<Raised>, Failure> {
        let instrument: &Instrument = self.scorer.instrument();
        let mut history = History::new(instrument.id());
        for check_in in &self.check_ins {
            let scores = self.scorer.score_row(&check_in.answers).map_err(Failure::input)?;
            let record = scores.to_record();
            if let Some(variant) =
                record.receipt.variant.clone().filter(|_| history.entries().is_empty())
            {
                history = History::of_variant(instrument.id(), variant);
            }
            history.push(check_in.day, record).map_err(Failure::input)?;
        }
        // The policy judges by the same yardsticks as the table.
        let own: Vec<(String, Yardstick)> = self
            .scorer
            .scales()
            .zip(&wanted.tests)
            .filter_map(|(scale, judge)| {
                Some((scale.id().to_owned(), judge.test.as_ref().ok()?.0.clone()))
            })
            .collect();
        let course = history.course(instrument).map_err(Failure::input)?.judged_against(&own);
        let review = policy.review(&[course], today);
        Ok(review.flags.into_iter().map(|flag| (flag.scale, flag.rule)).collect())
    }
}
