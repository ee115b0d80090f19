//! What has happened to one person over time, and when should somebody look.
//!
//! Without arguments it follows a simulated course and explains itself:
//! `cargo run --release --example follow_course`. With arguments it reads check-ins, one a row, and writes a
//! table with one row for each person and scale; `--help` lists them.

use std::collections::HashMap;
use std::io::{self, Write};
use std::process::ExitCode;

use straingauge::change::{
    Between, ChangeError, ChangeNumbers, ChangeOptions, ChangeTest, Errors, History, Method,
    RELIABLE_FROM, Reading, Reference, RobustTrend, Series, TrendOptions, Verdict, Yardstick,
    reliable_trend, robust_trend,
};
use straingauge::date::Date;
use straingauge::instrument::{Instrument, Scale};
use straingauge::score::{Outcome, Scorer};
use straingauge::watch::{Policy, ready};
use straingauge::words::Words;

#[path = "support/demonstration.rs"]
mod demonstration;
mod support;

pub(crate) use support::SURVEY;
use support::{Failure, Given, Known, Survey, write_file};

const HELP: &str = "\
follow_course                      follows the bundled simulated course and explains itself
follow_course --instrument ID[@VERSION] --input FILE.csv --id COL --date COL [options]

  --instrument ID[@VERSION]   which instrument
  --definition FILE.toml      a definition of your own, before the built-in ones
  --input FILE.csv            one administration a row, one header row (- is standard input)
  --id COL  --date COL        columns of the person and of the day (YYYY-MM-DD); any order of rows
  --items COL,COL,...         item columns in printed order; or --prefix P; without either: <item id>
  --method NAME               jacobson-truax (default), christensen-mendoza, chelune, iverson, temkin,
                              gulliksen-lord-novick, hsu-linn-lord, speer, nunnally-kotsch, srb,
                              srb-sample, srb-new-case, crawford-howell
  --sd X --reliability R [--mean M]
                              a reference of your own, for every scale
  --norm ID                   a norm of the instrument, for its scale (default: the first usable one, else a
                              published smallest change)
  --from baseline|previous    compare the last score with the first (default) or with the one before
  --confidence C              default 0.95
  --policy FILE               a watch policy (TOML or JSON), or own-use, peer-support, occupational-health
  --today YYYY-MM-DD          the day of the policy's review (default: the last day in the file)
  --same-day first|last       which of two check-ins of a person on one day counts (default: neither; the person
                              is then not assessable)
  --missing TEXT=KIND,TEXT  --labels  --delimiter CHAR  --encoding NAME  --strict
  --variant ID  --bands ID  --min-answered N     as in score_survey
  --output FILE.csv           the table (default: standard output)

Columns: id,scale,n,first,last,change,method,se_diff,rci,p,verdict,slope_per_30_days,trend_z,trend_p,
theil_sen_per_30_days,mk_s,mk_p,flags. Empty where undefined: a change needs two scored check-ins, a trend three,
Theil-Sen and Mann-Kendall five. change and rci keep the sign of the raw difference; the verdict (worse, better,
no-reliable-change, not-assessable) knows the direction. A published change has no se_diff, rci or p.
Flags on the whole instrument stand on each of the person's rows.
";

/// What this command knows beyond [`SURVEY`].
pub(crate) const OWN: &[Known] = &[
    ("--date", true),
    ("--method", true),
    ("--sd", true),
    ("--reliability", true),
    ("--mean", true),
    ("--norm", true),
    ("--from", true),
    ("--confidence", true),
    ("--policy", true),
    ("--today", true),
    ("--same-day", true),
    ("--output", true),
];

const HEADER: [&str; 18] = [
    "id",
    "scale",
    "n",
    "first",
    "last",
    "change",
    "method",
    "se_diff",
    "rci",
    "p",
    "verdict",
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

/// The whole command: exit code 0, 1 for wrong input, 2 for wrong usage.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let done = match arguments {
        [] => demonstration::demonstrate(out),
        [only] if only == "--help" || only == "-h" => write!(out, "{HELP}").map_err(Failure::from),
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
    let wanted = Wanted::of(&given, scorer)?;
    let policy = given.one("--policy")?.map(policy).transpose()?;
    let same_day = SameDay::of(&given)?;
    let today = given.one("--today")?.map(day).transpose()?;
    let people = People::read(&survey, &given, err)?;
    let today = today.or_else(|| people.last_day());
    let mut write = |output: &mut dyn Write| -> Result<(), Failure> {
        let mut table = csv::Writer::from_writer(output);
        table.write_record(HEADER).map_err(broken)?;
        let mut safety = [0_usize; 2];
        for (id, check_ins) in &people.in_order {
            let checked = match same_day.check(check_ins) {
                Ok(checked) => checked,
                Err(day) => {
                    writeln!(
                        err,
                        "{id}: two check-ins on {day}; say which counts with --same-day first or last"
                    )?;
                    for scale in scorer.scales() {
                        table.write_record(not_assessable(id, scale)).map_err(broken)?;
                    }
                    continue;
                }
            };
            let course = Scored::of(scorer, &checked, &mut safety)?;
            let flags = match (&policy, today) {
                (Some(policy), Some(today)) => course.flags(policy, (today, &wanted))?,
                _ => Vec::new(),
            };
            for ((scale, series), test) in course.series.iter().zip(&wanted.tests) {
                let record = row(id, (scale, series), (test.as_ref(), &wanted), &flags);
                table.write_record(record).map_err(broken)?;
            }
        }
        table.flush()?;
        let [met, undetermined] = safety;
        if met + undetermined > 0 {
            let note = Words::english().say("safety.note", &[]);
            writeln!(
                err,
                "safety items: met {met} times, undetermined {undetermined} times\n  {note}"
            )?;
        }
        Ok(())
    };
    match given.one("--output")? {
        Some(path) => write_file(path, write),
        None => write(out),
    }
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
    tests: Vec<Option<(Yardstick, ChangeTest)>>,
}

impl Wanted {
    fn of(given: &Given, scorer: &Scorer) -> Result<Self, Failure> {
        let between = match given.one("--from")? {
            None | Some("baseline") => Between::FirstAndLast,
            Some("previous") => Between::LastTwo,
            Some(other) => {
                return Err(Failure::usage(format!(
                    "--from: `{other}` is not baseline or previous"
                )));
            }
        };
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
        let own = own_reference(given)?;
        let norm = given.one("--norm")?;
        if own.is_some() && norm.is_some() {
            return Err(Failure::usage("give --norm, or --sd with --reliability, not both"));
        }
        let instrument = scorer.instrument();
        if let Some(norm) = norm.filter(|norm| instrument.norm(norm).is_none()) {
            let known: Vec<&str> = instrument.norms().iter().map(|norm| norm.id()).collect();
            let message =
                format!("--norm: no `{norm}` in {}; known: {}", instrument.id(), known.join(", "));
            return Err(Failure::usage(message));
        }
        let usage = |error: ChangeError| Failure::usage(error);
        let mut tests = Vec::new();
        for scale in scorer.scales() {
            let compile = |yardstick: Yardstick| {
                let test =
                    ChangeTest::new(&yardstick, scale.direction(), &options).map_err(usage)?;
                Ok::<_, Failure>(Some((yardstick, test)))
            };
            let named = norm.map(|id| Yardstick::norm(instrument, scale.id(), id));
            tests.push(match (&own, named) {
                (Some(own), _) => compile(own.clone().into())?,
                (None, Some(Ok(norm))) => compile(norm)?,
                _ => {
                    let all = Yardstick::all(instrument, scale.id());
                    ChangeTest::first_usable(&all, scale.direction(), &options)
                        .map(|(yardstick, test)| (yardstick.clone(), test))
                }
            });
        }
        Ok(Self { between, confidence, tests })
    }
}

/// `--sd`, `--reliability`, `--mean`.
fn own_reference(given: &Given) -> Result<Option<Reference>, Failure> {
    let (sd, r): (Option<f64>, Option<f64>) =
        (given.number("--sd")?, given.number("--reliability")?);
    let mean: Option<f64> = given.number("--mean")?;
    match (sd, r) {
        (Some(sd), Some(r)) => {
            let reference = Reference::new("given").with_sd(sd).with_reliability(r);
            Ok(Some(mean.map_or(reference.clone(), |mean| reference.with_mean(mean))))
        }
        (None, None) if mean.is_none() => Ok(None),
        _ => Err(Failure::usage("--sd and --reliability belong together; --mean is added to them")),
    }
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

/// One check-in: its day, and one byte an item.
type CheckIn = (Date, Vec<u8>);

/// Everybody in the order of the file.
struct People {
    in_order: Vec<(String, Vec<CheckIn>)>,
}

impl People {
    fn read(survey: &Survey, given: &Given, err: &mut dyn Write) -> Result<Self, Failure> {
        let date = given.required("--date")?;
        let import = survey.import().column(date).ids_may_repeat();
        let mut reader = survey.open(&import)?;
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut in_order: Vec<(String, Vec<CheckIn>)> = Vec::new();
        let (mut unusable, mut shown) = (0_u64, 0);
        while let Some(row) = reader.next_row().map_err(|error| survey.about(error))? {
            let id = row.id().unwrap_or_default().trim();
            let day: Result<Date, _> = Date::parse_day(row.cell(0));
            let day = match day {
                Ok(day) if !id.is_empty() => day,
                found => {
                    let why = match found {
                        Err(error) => error.to_string(),
                        Ok(_) => "no id".to_owned(),
                    };
                    let message = format!("row {}: {why}; the row takes no part", row.number());
                    if given.has("--strict") {
                        return Err(Failure::input(message).about(&survey.input));
                    }
                    unusable += 1;
                    if shown < 20 {
                        shown += 1;
                        writeln!(err, "{message}")?;
                    }
                    continue;
                }
            };
            let place = match places.get(id) {
                Some(place) => *place,
                None => {
                    places.insert(id.to_owned(), in_order.len());
                    in_order.push((id.to_owned(), Vec::new()));
                    in_order.len() - 1
                }
            };
            if let Some((_, check_ins)) = in_order.get_mut(place) {
                check_ins.push((day, row.answers(0).to_vec()));
            }
        }
        writeln!(err, "{}", reader.into_report().summary(&Words::english()))?;
        if unusable > 0 {
            writeln!(err, "{unusable} rows without a usable id or date took no part")?;
        }
        Ok(Self { in_order })
    }

    fn last_day(&self) -> Option<Date> {
        self.in_order.iter().flat_map(|(_, check_ins)| check_ins).map(|(day, _)| *day).max()
    }
}

/// Which of two check-ins on one day counts.
enum SameDay {
    Neither,
    First,
    Last,
}

impl SameDay {
    fn of(given: &Given) -> Result<Self, Failure> {
        match given.one("--same-day")? {
            None => Ok(Self::Neither),
            Some("first") => Ok(Self::First),
            Some("last") => Ok(Self::Last),
            Some(other) => {
                Err(Failure::usage(format!("--same-day: `{other}` is not first or last")))
            }
        }
    }

    /// The check-ins in time order, one a day, or the day with two.
    fn check<'c>(&self, check_ins: &'c [CheckIn]) -> Result<Vec<&'c CheckIn>, Date> {
        let mut sorted: Vec<&CheckIn> = check_ins.iter().collect();
        sorted.sort_by_key(|(day, _)| *day);
        let mut kept: Vec<&CheckIn> = Vec::with_capacity(sorted.len());
        for check_in in sorted {
            match (kept.last_mut(), self) {
                (Some(last), _) if last.0 != check_in.0 => kept.push(check_in),
                (None, _) => kept.push(check_in),
                (Some(_), Self::Neither) => return Err(check_in.0),
                (Some(_), Self::First) => {}
                (Some(last), Self::Last) => *last = check_in,
            }
        }
        Ok(kept)
    }
}

/// One person's check-ins, scored.
struct Scored<'a> {
    scorer: &'a Scorer,
    check_ins: &'a [&'a CheckIn],
    series: Vec<(&'a Scale, Series)>,
}

/// A raised flag: the scale that it is about, or the whole instrument, and the rule.
type Raised = (Option<String>, String);

impl<'a> Scored<'a> {
    fn of(
        scorer: &'a Scorer,
        check_ins: &'a [&'a CheckIn],
        safety: &mut [usize; 2],
    ) -> Result<Self, Failure> {
        let empty = |scale: &'a Scale| {
            let (low, high) = scale.range();
            let series = Series::new(scale.id(), scale.direction());
            (scale, series.with_range(low.to_f64(), high.to_f64()))
        };
        let mut series: Vec<_> = scorer.scales().map(empty).collect();
        for (day, answers) in check_ins {
            let scores = scorer.score_row(answers).map_err(Failure::input)?;
            for ((_, series), view) in series.iter_mut().zip(scores.iter()) {
                if let Some(reading) = Reading::of(&view) {
                    series.push(*day, reading).map_err(Failure::input)?;
                }
            }
            let [met, undetermined] = safety;
            for view in scores.safety() {
                match view.outcome() {
                    Outcome::Met => *met += 1,
                    Outcome::Undetermined => *undetermined += 1,
                    _ => {}
                }
            }
        }
        Ok(Self { scorer, check_ins, series })
    }

    fn flags(
        &self,
        policy: &Policy,
        (today, wanted): (Date, &Wanted),
    ) -> Result<Vec<Raised>, Failure> {
        let instrument: &Instrument = self.scorer.instrument();
        let mut history = History::new(instrument.id());
        for (day, answers) in self.check_ins {
            let record = self.scorer.score_row(answers).map_err(Failure::input)?.to_record();
            if let Some(variant) =
                record.receipt.variant.clone().filter(|_| history.entries().is_empty())
            {
                history = History::of_variant(instrument.id(), variant);
            }
            history.push(*day, record).map_err(Failure::input)?;
        }
        // The policy judges by the same yardsticks as the table.
        let own: Vec<(String, Yardstick)> = self
            .scorer
            .scales()
            .zip(&wanted.tests)
            .filter_map(|(scale, test)| Some((scale.id().to_owned(), test.as_ref()?.0.clone())))
            .collect();
        let course = history.course(instrument).map_err(Failure::input)?.judged_against(&own);
        let review = policy.review(&[course], today);
        Ok(review.flags.into_iter().map(|flag| (flag.scale, flag.rule)).collect())
    }
}

/// A number at full precision, or nothing.
fn number(value: Option<f64>) -> String {
    match value {
        None => String::new(),
        Some(value) if value != 0.0 && value.abs() < 1e-5 => format!("{value:e}"),
        Some(value) => value.to_string(),
    }
}

fn not_assessable(id: &str, scale: &Scale) -> Vec<String> {
    let filled = |column: &&str| match *column {
        "id" => id.to_owned(),
        "scale" => scale.id().to_owned(),
        "verdict" => "not-assessable".to_owned(),
        _ => String::new(),
    };
    HEADER.iter().map(filled).collect()
}

/// One row of the table.
fn row(
    id: &str,
    (scale, series): (&Scale, &Series),
    (test, wanted): (Option<&(Yardstick, ChangeTest)>, &Wanted),
    flags: &[Raised],
) -> Vec<String> {
    let points = series.points();
    let judged: Option<ChangeNumbers> =
        test.and_then(|(_, test)| series.judged_by(test, wanted.between).ok()).map(|c| c.numbers);
    let first = match wanted.between {
        Between::LastTwo => points.len().checked_sub(2).and_then(|at| points.get(at)),
        _ => points.first(),
    };
    let first = first.or(points.first()).map(|point| point.value());
    let last = points.last().map(|point| point.value());
    let change = first.zip(last).filter(|_| points.len() > 1).map(|(first, last)| last - first);
    let verdict = match judged.map(|numbers| numbers.verdict) {
        Some(verdict @ (Verdict::Worse | Verdict::Better | Verdict::NoReliableChange)) => {
            verdict.word()
        }
        _ => "not-assessable",
    };
    let (slope, trend) = slope(series, test.map(|(yardstick, _)| yardstick), wanted);
    let robust = robust(series, wanted.confidence);
    let of_scale =
        flags.iter().filter(|(about, _)| about.as_deref().is_none_or(|id| id == scale.id()));
    let flags: Vec<&str> = of_scale.map(|(_, rule)| rule.as_str()).collect();
    let method = test.filter(|_| judged.is_some()).map_or("", |(_, test)| test.method().name());
    vec![
        id.to_owned(),
        scale.id().to_owned(),
        points.len().to_string(),
        number(first),
        number(last),
        number(change),
        method.to_owned(),
        number(judged.and_then(|numbers| numbers.standard_error)),
        number(judged.and_then(|numbers| numbers.index)),
        number(judged.and_then(|numbers| numbers.p)),
        verdict.to_owned(),
        number(slope),
        number(trend.map(|(z, _)| z)),
        number(trend.map(|(_, p)| p)),
        number(robust.map(|robust| robust.slope_per_30_days)),
        robust.map_or(String::new(), |robust| robust.s.to_string()),
        number(robust.map(|robust| robust.p)),
        flags.join(";"),
    ]
}

/// Slope per 30 days from three check-ins; z and p where the yardstick has a standard error.
fn slope(
    series: &Series,
    yardstick: Option<&Yardstick>,
    wanted: &Wanted,
) -> (Option<f64>, Option<(f64, f64)>) {
    let options = TrendOptions::new().with_confidence(wanted.confidence);
    if let Some(yardstick @ Yardstick::Reference(_)) = yardstick
        && let Ok(trend) = series.trend(Some(yardstick), &options)
    {
        return (trend.slope_per_30_days, trend.reliable.map(|line| (line.z, line.p)));
    }
    let (times, values) = columns(series);
    let line = reliable_trend(&times, &values, Errors::Same(1.0));
    (line.filter(|_| times.len() >= RELIABLE_FROM).map(|line| line.slope * 30.0), None)
}

fn robust(series: &Series, confidence: f64) -> Option<RobustTrend> {
    let (times, values) = columns(series);
    robust_trend(&times, &values, confidence)
}

fn columns(series: &Series) -> (Vec<f64>, Vec<f64>) {
    let points = series.points().iter();
    points.map(|point| (f64::from(point.date().number()), point.value())).unzip()
}
