//! Is this data any good? Reliability, item statistics, response quality, and whether the key fits.
//!
//! Without arguments it examines the simulated sample:
//! `cargo run --release --example examine_items`. With arguments it examines a file of your own;
//! `--help` lists them.

use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::{Map, Value, json};
use straingauge::Instrument;
use straingauge::answers::{Answer, Columns, MissingKind};
use straingauge::instrument::{Item, Scale};
use straingauge::num::{Deletion, ItemTable};
use straingauge::quality::{
    KeyCheck, KeyFinding, KeyProblem, NotAssessable, PersonQuality, QualityOptions, ResponseQuality,
};
use straingauge::reliability::{ItemStatistics, Omega, ReliabilityError, ScaleReliability};
use straingauge::score::{KeyedError, Scorer};
use straingauge::survey::{Import, ItemColumns, Profile, Reader, Sentinels};
use straingauge::words::Words;

mod support;

use support::{Failure, Given, Known, SURVEY, SURVEY_HELP, Survey, write_file};

const HELP: &str = "\
examine_items                      examines the bundled simulated sample
examine_items --instrument ID[@VERSION] --input FILE.csv [options]

  --scale ID                  only this scale
  --deletion listwise|pairwise  what becomes of people with gaps (default listwise)
  --total COL                 a stored total, to see by which rule it was made
  --group COL                 sites or other sub-samples, to see whether they agree
  --json FILE                 coefficients and findings
  --people FILE.csv           indices of response quality, one row a person
";

/// What this command knows beyond [`SURVEY`].
const OWN: &[Known] = &[
    ("--scale", true),
    ("--deletion", true),
    ("--total", true),
    ("--group", true),
    ("--json", true),
    ("--people", true),
];

#[allow(dead_code)] // the tests include this file as a module
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let stdout = &mut io::BufWriter::new(io::stdout().lock());
    ExitCode::from(run(&arguments, stdout, &mut io::stderr()))
}

/// The whole command: exit code 0, 1 for wrong input, 2 for wrong usage.
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
        let _ = writeln!(err, "examine_items: {}{hint}", failure.message);
    }
    failure.code
}

fn command(arguments: &[String], out: &mut dyn Write, err: &mut dyn Write) -> Result<(), Failure> {
    let given = Given::parse(arguments, &[SURVEY, OWN])?;
    let mut survey = Survey::of(&given)?;
    // What stops another command is what this one is to find.
    survey.profile = survey.profile.as_coded().leaving_unread();
    let asked = survey.only()?;
    let deletion = match given.one("--deletion")? {
        None | Some("listwise") => Deletion::Listwise,
        Some("pairwise") => Deletion::Pairwise,
        Some(other) => {
            let message = format!("--deletion: `{other}` is not listwise or pairwise");
            return Err(Failure::usage(message));
        }
    };
    let scale = given.one("--scale")?;
    if let Some(scale) = scale
        && asked.instrument.scale(scale).is_none()
    {
        let known: Vec<&str> = asked.instrument.scales().iter().map(Scale::id).collect();
        let message = format!("--scale: no scale `{scale}`; there are {}", known.join(", "));
        return Err(Failure::usage(message));
    }
    let (total, group) = (given.one("--total")?, given.one("--group")?);
    // A total is a number, whatever an SPSS file calls it; a group bears its name.
    let import = survey.import();
    let import = total.iter().fold(import, |import, total| import.column_as_stored(*total));
    let import = group.iter().fold(import, |import, group| import.column(*group));
    let mut reader = survey.open(&import)?;
    // Coefficients are of one occasion: a person who counts twice makes them look surer than they are.
    let waves = reader.report().waves.map_or(0, |all| all.waves.len());
    if waves > 1 {
        return Err(Failure::usage(format!(
            "the file holds {waves} waves; name one with --waves NAME"
        )));
    }
    let mut file = Answers::new(&asked.instrument, |item| reader.is_asked(0, item));
    file.read(&mut reader, (total.is_some(), group.is_some()))
        .map_err(|error| survey.about(error))?;
    let report = reader.into_report();
    writeln!(err, "{}", report.summary(&Words::english()))?;

    let examined = Examined::of(&asked.scorer, &file, (scale, deletion))?;
    if let Some(path) = given.one("--json")? {
        write_file(path, |to| {
            serde_json::to_writer_pretty(&mut *to, &examined.to_json()).map_err(io::Error::from)?;
            Ok(writeln!(to)?)
        })?;
    }
    if let Some(path) = given.one("--people")? {
        write_file(path, |to| people(&examined.quality, to))?;
    }
    examined.print(out)?;
    Survey::verdict(&report)
}

// A file as columns: bytes for scoring, numbers as stored for the key check.

struct Answers {
    instrument: Instrument,
    /// Bytes of the asked items, by position in the form.
    bytes: Vec<Option<Vec<u8>>>,
    /// Numbers as stored, whether the item offers them or not.
    stored: Vec<Option<Vec<Option<i16>>>>,
    totals: Option<Vec<Option<f64>>>,
    groups: Option<Vec<Option<String>>>,
}

impl Answers {
    fn new(instrument: &Instrument, asked: impl Fn(usize) -> bool) -> Self {
        let items = 0..instrument.items().len();
        Self {
            instrument: instrument.clone(),
            bytes: items.clone().map(|item| asked(item).then(Vec::new)).collect(),
            stored: items.map(|item| asked(item).then(Vec::new)).collect(),
            totals: None,
            groups: None,
        }
    }

    fn read<R: io::Read>(
        &mut self,
        reader: &mut Reader<R>,
        (total, group): (bool, bool),
    ) -> Result<(), straingauge::survey::SurveyError> {
        self.totals = total.then(Vec::new);
        self.groups = group.then(Vec::new);
        while let Some(row) = reader.next_row()? {
            let columns = self.bytes.iter_mut().zip(&mut self.stored).zip(row.answers(0));
            for (item, ((bytes, stored), byte)) in columns.enumerate() {
                let number = match Answer::from_byte(*byte) {
                    Answer::Code(code) => Some(i16::from(code)),
                    // A number that the item does not offer is just what the key check is for.
                    Answer::Missing(MissingKind::Unreadable) => {
                        row.item_text(0, item).and_then(whole_number)
                    }
                    Answer::Missing(_) => None,
                };
                if let (Some(bytes), Some(stored)) = (bytes, stored) {
                    bytes.push(*byte);
                    stored.push(number);
                }
            }
            let mut cells = [total, group].into_iter().scan(0, |next, is_there| {
                let cell = is_there.then(|| row.cell(*next).trim().to_owned());
                *next += usize::from(is_there);
                Some(cell)
            });
            let (total, group) = (cells.next().flatten(), cells.next().flatten());
            if let (Some(totals), Some(cell)) = (&mut self.totals, total) {
                totals.push(cell.parse().ok().filter(|total: &f64| total.is_finite()));
            }
            if let (Some(groups), Some(cell)) = (&mut self.groups, group) {
                groups.push((!cell.is_empty()).then_some(cell));
            }
        }
        Ok(())
    }

    fn columns(&self) -> Result<Columns<'_>, Failure> {
        let people = self.bytes.iter().flatten().map(Vec::len).next().unwrap_or(0);
        let mut table = Columns::new(&self.instrument, people);
        for (item, bytes) in self.instrument.items().iter().zip(&self.bytes) {
            if let Some(bytes) = bytes {
                table = table.column(item.id(), bytes).map_err(Failure::input)?;
            }
        }
        Ok(table)
    }

    fn stored(&self) -> Result<ItemTable, Failure> {
        let mut table = ItemTable::new();
        for (item, stored) in self.instrument.items().iter().zip(&self.stored) {
            if let Some(stored) = stored {
                table.push(item.id(), stored.iter().copied()).map_err(Failure::input)?;
            }
        }
        Ok(table)
    }
}

/// A whole number, written with or without a fraction of nought.
fn whole_number(text: &str) -> Option<i16> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if !fraction.bytes().all(|digit| digit == b'0') {
        return None;
    }
    whole.parse().ok().filter(|number| *number != i16::MIN)
}

// What is found.

struct Examined<'a> {
    instrument: &'a Instrument,
    scales: Vec<(String, Result<Coefficients, String>)>,
    items: Vec<ItemStatistics>,
    quality: ResponseQuality<'a>,
    findings: Vec<KeyFinding>,
}

struct Coefficients {
    scale: ScaleReliability,
    omega: Result<Omega, ReliabilityError>,
}

impl<'a> Examined<'a> {
    fn of(
        scorer: &'a Scorer,
        file: &'a Answers,
        (scale, deletion): (Option<&str>, Deletion),
    ) -> Result<Self, Failure> {
        let table = file.columns()?;
        let mut scales = Vec::new();
        let wanted = |id: &str| scale.is_none_or(|scale| scale == id);
        let reported = scorer.scales().map(Scale::id).chain(scale);
        let mut ids: Vec<&str> = reported.filter(|id| wanted(id)).collect();
        ids.dedup();
        for id in ids {
            let coefficients = match scorer.keyed(&table, id) {
                Ok(keyed) => ScaleReliability::of_scale(&keyed, deletion)
                    .map(|scale| Coefficients { omega: scale.omega(), scale })
                    .map_err(|error| error.to_string()),
                // Unless asked for by name, a scale without items of its own is passed over.
                Err(KeyedError::NotOfItems { .. } | KeyedError::NotAsked { .. })
                    if scale.is_none() =>
                {
                    continue;
                }
                Err(error) => Err(error.to_string()),
            };
            scales.push((id.to_owned(), coefficients));
        }
        let options = QualityOptions::new().distance_deletion(deletion);
        let quality = ResponseQuality::of(&table, &options).map_err(Failure::input)?;
        Ok(Self {
            instrument: scorer.instrument(),
            scales,
            items: ItemStatistics::of(&table),
            quality,
            findings: key_check(scorer.instrument(), file, scale)?,
        })
    }

    fn to_json(&self) -> Value {
        let mut scales = Map::new();
        for (id, coefficients) in &self.scales {
            scales.insert(id.clone(), coefficients_json(coefficients));
        }
        let words = Words::english();
        let finding = |finding: &KeyFinding| {
            let mut value = json!(finding);
            if let Some(fields) = value.as_object_mut() {
                fields.insert("text".into(), finding.explain(&words).into());
            }
            value
        };
        let findings: Vec<Value> = self.findings.iter().map(finding).collect();
        json!({ "scales": scales, "key_check": findings })
    }
}

fn key_check(
    instrument: &Instrument,
    file: &Answers,
    scale: Option<&str>,
) -> Result<Vec<KeyFinding>, Failure> {
    let stored = file.stored()?;
    let mut check = KeyCheck::new(instrument, &stored);
    if let Some(groups) = &file.groups {
        check = check.groups(groups);
    }
    if let Some(totals) = &file.totals {
        check = check.total(total_of(instrument, &stored, (scale, totals))?, totals);
    }
    check.run().map_err(Failure::input)
}

/// The scale that a stored total is of: the one asked for, else the one that explains most of it.
fn total_of(
    instrument: &Instrument,
    stored: &ItemTable,
    (scale, totals): (Option<&str>, &[Option<f64>]),
) -> Result<String, Failure> {
    if let Some(scale) = scale {
        return Ok(scale.to_owned());
    }
    let mut best: Option<(f64, &str)> = None;
    for id in instrument.scales().iter().map(Scale::id) {
        // Scales that are not of items, or were not asked whole, cannot be it.
        let Ok(findings) = KeyCheck::new(instrument, stored).total(id, totals).run() else {
            continue;
        };
        let about_total = |finding: &&KeyFinding| {
            matches!(finding.problem(), KeyProblem::TotalDiffers | KeyProblem::TotalUnexplained)
        };
        let share = findings.iter().find(about_total).map_or(1.0, |finding| {
            let number = |name: &str| finding.evidence().get(name).copied().unwrap_or(0.0);
            number("explained") / number("compared").max(1.0)
        });
        if best.is_none_or(|(known, _)| share > known) {
            best = Some((share, id));
        }
    }
    let none = || Failure::usage("--total: no scale here was asked whole; name one with --scale");
    best.map(|(_, id)| id.to_owned()).ok_or_else(none)
}

fn coefficients_json(coefficients: &Result<Coefficients, String>) -> Value {
    let Coefficients { scale, omega } = match coefficients {
        Ok(coefficients) => coefficients,
        Err(reason) => return json!({ "error": reason }),
    };
    let by_item = |values: &[Option<f64>]| -> Map<String, Value> {
        scale.items().iter().cloned().zip(values.iter().map(|value| json!(value))).collect()
    };
    let (alpha, halves) = (scale.alpha(), scale.split_half_odd_even());
    let interval = alpha.interval(CONFIDENCE).map(|interval| [interval.low, interval.high]);
    let mut json = json!({
        "n": scale.n(),
        "deletion": scale.deletion().to_string(),
        "items": scale.items(),
        "mean": scale.mean(),
        "sd": scale.sd(),
        "alpha": alpha.raw(),
        "flat_items": scale.flat(),
        "alpha_with_flat_items": scale.alpha_with_flat(),
        "alpha_ci": interval,
        "alpha_standardized": alpha.standardized(),
        "alpha_if_dropped": by_item(alpha.if_dropped()),
        "item_rest": by_item(scale.item_rest()),
        "omega": omega.as_ref().ok().map(Omega::total),
        "split_half_odd_even": halves.as_ref().ok().map(|halves| halves.spearman_brown),
        "split_half_odd_even_flanagan_rulon": halves.as_ref().ok().map(|h| h.flanagan_rulon),
        "guttman_lambda2": scale.guttman_lambda2(),
        "guttman_lambda6": scale.guttman_lambda6().ok(),
        "sem": scale.sem(),
    });
    if let Some(fields) = json.as_object_mut() {
        match omega {
            Ok(omega) => {
                fields.insert("omega_estimator".into(), OMEGA.into());
                fields.insert("omega_rmsea".into(), json!(omega.fit().rmsea));
                fields.insert("omega_cfi".into(), json!(omega.fit().cfi));
            }
            Err(reason) => {
                fields.insert("omega_undefined".into(), reason.to_string().into());
            }
        }
    }
    json
}

const CONFIDENCE: f64 = 0.95;
const OMEGA: &str = "one factor, maximum likelihood, covariance metric";

/// One row a person; an index that cannot be told is left blank.
fn people(quality: &ResponseQuality<'_>, to: &mut dyn Write) -> Result<(), Failure> {
    writeln!(
        to,
        "row,longstring,average_longstring,irv,even_odd,mahalanobis_d2,mahalanobis_p,missing_share,straightline_across_keys"
    )?;
    for person in quality.people() {
        let distance = person.mahalanobis();
        writeln!(
            to,
            "{},{},{},{},{},{},{},{},{}",
            person.row() + 1,
            cell(person.longstring()),
            cell(person.average_longstring()),
            cell(person.irv()),
            cell(person.even_odd()),
            cell(distance.clone().map(|distance| distance.squared)),
            cell(distance.map(|distance| distance.p)),
            person.missing_share(),
            cell(person.straightline_across_keys()),
        )?;
    }
    Ok(())
}

fn cell<T: std::fmt::Display>(value: Result<T, NotAssessable>) -> String {
    value.map_or_else(|_| String::new(), |value| value.to_string())
}

// The report.

impl Examined<'_> {
    fn print(&self, out: &mut dyn Write) -> Result<(), Failure> {
        writeln!(out, "{}\n", self.instrument.title().to_uppercase())?;
        for (id, coefficients) in &self.scales {
            match coefficients {
                Ok(coefficients) => self.print_scale(out, id, coefficients)?,
                Err(reason) => writeln!(out, "{id}: {reason}\n")?,
            }
        }
        self.print_quality(out)?;
        writeln!(out, "DOES THE KEY FIT THE FILE?\n")?;
        if self.findings.is_empty() {
            writeln!(out, "  nothing found that does not fit\n")?;
        }
        let words = Words::english();
        for finding in &self.findings {
            writeln!(out, "  {}", finding.explain(&words))?;
        }
        if !self.findings.is_empty() {
            writeln!(out, "  Nothing was changed.\n")?;
        }
        Ok(())
    }

    fn print_scale(
        &self,
        out: &mut dyn Write,
        id: &str,
        Coefficients { scale, omega }: &Coefficients,
    ) -> Result<(), Failure> {
        let (alpha, deletion) = (scale.alpha(), scale.deletion());
        let (title, people) = (self.instrument.scale(id).map_or(id, Scale::title), scale.people());
        let (k, n) = (scale.items().len(), scale.n());
        writeln!(out, "{title} ({id}): {k} items, n {n} of {people} people, {deletion}")?;
        write!(out, "  mean {:.2}, SD {:.2}; alpha {:.3}", scale.mean(), scale.sd(), alpha.raw())?;
        if let Some(interval) = alpha.interval(CONFIDENCE) {
            write!(out, " (95 % {:.3} to {:.3}, Feldt)", interval.low, interval.high)?;
        }
        writeln!(out, ", standardised {:.3}", alpha.standardized())?;
        if !scale.flat().is_empty() {
            let (flat, all) = (scale.flat().join(", "), k + scale.flat().len());
            let raw = scale.alpha_with_flat();
            writeln!(
                out,
                "  everybody gave one answer to {flat}, which no coefficient counts; raw alpha of all {all} items {raw:.4}, of the {k} that vary {:.4}",
                alpha.raw()
            )?;
        }
        match omega {
            Ok(omega) => {
                write!(out, "  omega {:.3} ({OMEGA}", omega.total())?;
                match omega.fit().rmsea {
                    Some(rmsea) => writeln!(out, "; RMSEA {rmsea:.3})")?,
                    None => writeln!(out, ")")?,
                }
            }
            Err(reason) => writeln!(out, "  omega: {reason}")?,
        }
        if let Ok(halves) = scale.split_half_odd_even() {
            write!(out, "  odd-even halves {:.3} (Spearman-Brown)", halves.spearman_brown)?;
            write!(out, ", {:.3} (Flanagan-Rulon); ", halves.flanagan_rulon)?;
        }
        write!(out, "lambda 2 {:.3}", scale.guttman_lambda2())?;
        if let Ok(lambda6) = scale.guttman_lambda6() {
            write!(out, ", lambda 6 {lambda6:.3}")?;
        }
        match scale.sem() {
            Some(sem) => writeln!(out, "; standard error of measurement {sem:.2}\n")?,
            None => writeln!(
                out,
                "; alpha is negative, so there is no standard error of measurement\n"
            )?,
        }

        writeln!(
            out,
            "    {:<14} {:<26} rest r  if dropped   mean    SD  missing  floor ceiling",
            "item", "topic"
        )?;
        for (at, item) in scale.items().iter().enumerate() {
            let topic = self.instrument.item(item).map_or("", Item::topic);
            let topic: String = topic.chars().take(26).collect();
            let number = |values: &[Option<f64>]| {
                values.get(at).copied().flatten().map_or("-".to_owned(), |r| format!("{r:.3}"))
            };
            let (rest, dropped) = (number(scale.item_rest()), number(alpha.if_dropped()));
            write!(out, "    {item:<14} {topic:<26} {rest:>6} {dropped:>11}")?;
            if let Some(item) = self.items.iter().find(|known| known.item() == item) {
                let number = |value: Option<f64>| value.map_or("-".into(), |v| format!("{v:.2}"));
                let share = |share: Option<f64>| {
                    share.map_or("-".into(), |share| format!("{:.0} %", 100.0 * share))
                };
                write!(
                    out,
                    " {:>6} {:>5} {:>8} {:>6} {:>7}",
                    number(item.mean()),
                    number(item.sd()),
                    item.missing_total(),
                    share(item.floor_share()),
                    share(item.ceiling_share()),
                )?;
            }
            writeln!(out)?;
        }
        Ok(writeln!(
            out,
            "    (rest r and alpha as keyed; mean, SD, floor and ceiling as answered)\n"
        )?)
    }

    fn print_quality(&self, out: &mut dyn Write) -> Result<(), Failure> {
        let summary = self.quality.summary().map_err(Failure::input)?;
        writeln!(out, "HOW WERE THE ANSWERS GIVEN?\n")?;
        for count in summary.flags.iter().filter(|count| count.assessable > 0) {
            let (flag, people, of) = (count.flag, count.people, count.assessable);
            writeln!(out, "  {flag:<26} {people:>5} of {of} people")?;
        }
        let indices: [(&str, Index); 5] = [
            ("longest run of one answer", |person| person.longstring().map(f64::from)),
            ("spread of own answers", |person| person.irv()),
            ("even-odd inconsistency", |person| person.even_odd()),
            ("synonyms, own correlation", |person| person.synonyms()),
            ("Mahalanobis distance, p", |person| person.mahalanobis().map(|distance| distance.p)),
        ];
        for (name, index) in indices {
            let mut values = Vec::new();
            let mut why = None;
            for person in self.quality.people() {
                match index(&person) {
                    Ok(value) => values.push(value),
                    Err(reason) => why = why.or(Some(reason)),
                }
            }
            values.sort_by(f64::total_cmp);
            let at = |share: f64| straingauge::num::quantile::quantile_type7(&values, share);
            match (at(0.05), at(0.5), at(0.95), why) {
                (Some(low), Some(middle), Some(high), _) => writeln!(
                    out,
                    "  {name:<26} {:>5} people: median {middle:.2}, nine in ten between {low:.2} and {high:.2}",
                    values.len(),
                )?,
                (.., Some(reason)) => writeln!(out, "  {name:<26} not assessable: {reason}")?,
                _ => {}
            }
        }
        writeln!(out, "\n    {:<22} {:>24}   {:>24}", "", "everybody", "without flagged people")?;
        let describe = |scale: &straingauge::quality::ScaleDescription| {
            let number = |value: Option<f64>| value.map_or("-".into(), |v| format!("{v:.2}"));
            let alpha = number(scale.alpha);
            format!(
                "n {:>4} {:>6} ({:>5}) {alpha:>5}",
                scale.n,
                number(scale.mean),
                number(scale.sd)
            )
        };
        for scale in &summary.scales {
            let (all, fewer) = (describe(&scale.everybody), describe(&scale.unflagged));
            writeln!(out, "    {:<22} {all:>26} {fewer:>26}", scale.scale)?;
        }
        writeln!(
            out,
            "    (n, mean, SD, alpha; {} of {} people flagged)\n  Advice, not a verdict: nobody was left out.\n",
            summary.flagged, summary.people
        )?;
        Ok(())
    }
}

type Index = fn(&PersonQuality<'_, '_>) -> Result<f64, NotAssessable>;

// The demonstration.

const SAMPLE: &[u8] = include_bytes!("data/staff_survey.csv");
const SAMPLE_MISSING: &str = "-99=declined,88=not-applicable";

fn demonstrate(out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "A simulated staff survey, examined. No real person is described here.\n")?;
    for (id, prefix) in [("proqol-5", "pq"), ("cbi", "cbi_")] {
        let instrument = straingauge::catalog::get(id)?;
        let profile = Profile::plain().with_sentinels(Sentinels::parse(SAMPLE_MISSING)?);
        let import = Import::new(profile)
            .instrument(&instrument, ItemColumns::prefix(prefix))
            .columns(["directorate"]);
        let mut reader = import.open(SAMPLE)?;
        let mut file = Answers::new(&instrument, |item| reader.is_asked(0, item));
        file.read(&mut reader, (false, true))?;
        let scorer = instrument.scorer();
        Examined::of(&scorer, &file, (None, Deletion::Listwise))?.print(out)?;
    }
    writeln!(out, "For your own file: examine_items --help")?;
    Ok(())
}
