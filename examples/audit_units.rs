//! From a staff survey to a report on units that cannot point at a person.
//!
//! Without arguments it reports on the simulated sample:
//! `cargo run --release --example audit_units`. With arguments it reads a file; `--help` lists them.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;

use straingauge::group::{
    GroupError, GroupReport, Ledger, Matched, Measures, Person, Plan, Salt, Tallies,
};
use straingauge::score::Scorer;
use straingauge::survey::{Import, ItemColumns, Profile, Reader, Sentinels};
use straingauge::words::Words;

mod support;

use support::{Failure, Given, Known, SURVEY, Survey, write_file};

const HELP: &str = "\
audit_units [--html FILE]          reports on the bundled simulated sample
audit_units --instrument ID[@VERSION] --input FILE.csv --unit COL[,COL...] [options]

  --instrument ID[@VERSION]   which instrument
  --definition FILE.toml      a definition of your own, before the built-in ones
  --input FILE.csv            the export, one header row, one person a row (- is standard input)
  --items COL,COL,...         its item columns in printed order
  --prefix P                  its item columns are P<item id>; without either: <item id>
  --unit COL[,COL...]         the columns that say where a person works, from the top down; a blank
                              cell ends the path
  --invited FILE.csv          people invited: the same unit columns and a column `invited`
  --k N                       shows nothing about fewer than N people (default 10, at least 5)
  --wave COL                  the wave of each row; waves are released in order, and the last one is
                              reported with its change
  --id COL                    who answered; with --wave
  --ledger FILE  --salt TEXT  keeps and obeys a record of what was released before; with --wave.
                              Keep the salt secret and apart from the file
  --output FILE.csv           a row for each unit and scale
  --json FILE                 everything in the report
  --html FILE                 a page for people
  --missing TEXT=KIND,...  --labels  --delimiter CHAR  --encoding NAME  --strict
  --variant ID  --bands ID  --min-answered N      as in score_survey
";

/// What this command knows beyond [`SURVEY`].
const OWN: &[Known] = &[
    ("--unit", true),
    ("--invited", true),
    ("--k", true),
    ("--wave", true),
    ("--ledger", true),
    ("--salt", true),
    ("--output", true),
    ("--json", true),
    ("--html", true),
];

#[allow(dead_code)] // the tests include this file as a module
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let stdout = &mut io::BufWriter::new(io::stdout().lock());
    ExitCode::from(run(&arguments, stdout, &mut io::stderr()))
}

/// The whole command: exit code 0 (also when nothing may be shown), 1 for wrong input, 2 for wrong
/// usage.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let done = match arguments {
        [only] if only == "--help" || only == "-h" => write!(out, "{HELP}").map_err(Failure::from),
        _ => command(arguments, out, err),
    };
    let done = done.and_then(|()| Ok(out.flush()?));
    let Err(failure) = done else { return 0 };
    if !failure.message.is_empty() {
        let hint = if failure.code == 2 { "\n(--help lists the options)" } else { "" };
        // There is nowhere else to say it.
        let _ = writeln!(err, "audit_units: {}{hint}", failure.message);
    }
    failure.code
}

fn command(arguments: &[String], out: &mut dyn Write, err: &mut dyn Write) -> Result<(), Failure> {
    let given = Given::parse(arguments, &[SURVEY, OWN])?;
    if ["--input", "--instrument", "--definition"].iter().any(|name| given.has(name)) {
        let (report, read) = audit(&given)?;
        writeln!(err, "{read}")?;
        return deliver(&given, &report, out);
    }
    if let Some(option) = arguments.iter().find(|a| a.starts_with("--") && !a.starts_with("--html"))
    {
        return Err(Failure::usage(format!("{option} needs --instrument and --input")));
    }
    writeln!(out, "A simulated staff survey in two waves. No real person is described here.\n")?;
    deliver(&given, &sample()?, out)
}

fn deliver(given: &Given, report: &GroupReport, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(path) = given.one("--json")? {
        write_file(path, |file| {
            serde_json::to_writer_pretty(&mut *file, report).map_err(io::Error::from)?;
            Ok(writeln!(file)?)
        })?;
    }
    if let Some(path) = given.one("--html")? {
        let page = page(report)?;
        write_file(path, |file| Ok(file.write_all(page.as_bytes())?))?;
    }
    match given.one("--output")? {
        Some("-") => return Ok(out.write_all(report.to_csv().as_bytes())?),
        Some(path) => write_file(path, |file| Ok(file.write_all(report.to_csv().as_bytes())?))?,
        None => {}
    }
    Ok(out.write_all(report.to_text().as_bytes())?)
}

#[cfg(feature = "html")]
#[expect(clippy::unnecessary_wraps, reason = "its twin below fails")]
fn page(report: &GroupReport) -> Result<String, Failure> {
    Ok(report.to_html())
}

#[cfg(not(feature = "html"))]
fn page(_: &GroupReport) -> Result<String, Failure> {
    Err(Failure::usage("--html: this was built without the feature `html`"))
}

fn wrong(error: GroupError) -> Failure {
    match error {
        GroupError::BelowFloor { .. } | GroupError::EmptySalt => Failure::usage(error),
        error => Failure::input(error),
    }
}

/// People invited, by path of units.
type Invited = Vec<(Vec<String>, u64)>;

/// What is asked of the data.
struct Audit {
    scorer: Scorer,
    units: Vec<String>,
    waves: bool,
    plan: Plan,
    invited: Invited,
}

/// One row: wave, id, units, scores.
struct Member {
    wave: String,
    id: String,
    path: Vec<String>,
    person: Person,
}

fn audit(given: &Given) -> Result<(GroupReport, String), Failure> {
    let survey = Survey::of(given)?;
    let asked = survey.only()?;
    let units = given.list("--unit")?;
    if units.is_empty() {
        return Err(Failure::usage("--unit is missing"));
    }
    let wave = given.one("--wave")?;
    if wave.is_some() && survey.id.is_none() {
        return Err(Failure::usage("--wave needs --id, to recognise people"));
    }
    let (ledger, salt) = (given.one("--ledger")?, given.one("--salt")?);
    if ledger.is_some() && (wave.is_none() || salt.is_none()) {
        return Err(Failure::usage("--ledger needs --id, --salt and --wave"));
    }
    if salt.is_some() && ledger.is_none() {
        return Err(Failure::usage("--salt needs --ledger"));
    }
    let plan = match given.number("--k")? {
        Some(k) => Plan::default().with_threshold(k).map_err(wrong)?,
        None => Plan::default(),
    };
    let invited = match given.one("--invited")? {
        Some(path) => {
            let text = std::fs::read(path).map_err(|error| Failure::input(error).about(path))?;
            invited(&text, &units).map_err(|failure| failure.about(path))?
        }
        None => Invited::new(),
    };
    let import = survey.import().columns(units.clone());
    let import = wave.iter().fold(import, |import, wave| import.column_as_stored(*wave));
    let import = if wave.is_some() { import.ids_may_repeat() } else { import };
    let audit = Audit { scorer: asked.scorer.clone(), units, waves: wave.is_some(), plan, invited };
    let mut reader = survey.open(&import)?;
    let report = if audit.waves {
        // Without a file the record lasts as long as the command, and so may its salt.
        let salt = Salt::new(salt.unwrap_or("for this run")).map_err(wrong)?;
        let mut record = match ledger {
            Some(path) => read_ledger(path, &salt)?,
            None => Ledger::new(&salt),
        };
        let report = audit.waves(&mut reader, &mut record, &salt)?;
        if let Some(path) = ledger {
            // What was not recorded is not released.
            write_file(path, |file| {
                Ok(serde_json::to_writer(file, &record).map_err(io::Error::from)?)
            })?;
        }
        report
    } else {
        audit.once(&mut reader)?
    };
    Ok((report, reader.into_report().summary(&Words::english())))
}

fn read_ledger(path: &str, salt: &Salt) -> Result<Ledger, Failure> {
    let text = match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ledger::new(salt)),
        read => read.map_err(|error| Failure::input(error).about(path))?,
    };
    let ledger: Ledger =
        serde_json::from_slice(&text).map_err(|error| Failure::input(error).about(path))?;
    ledger.expect_salt(salt).map_err(|error| wrong(error).about(path))?;
    Ok(ledger)
}

/// A path ends at its first blank level.
fn path<'a>(cells: impl Iterator<Item = &'a str>) -> Vec<String> {
    cells.map(str::trim).take_while(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn invited(text: &[u8], units: &[String]) -> Result<Invited, Failure> {
    let mut rows = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
    let header = rows.headers().map_err(Failure::input)?.clone();
    let at = |name: &str| {
        header.iter().position(|known| known.trim_start_matches('\u{feff}') == name).ok_or_else(
            || {
                let known = header.iter().collect::<Vec<_>>().join(", ");
                Failure::input(format!("there is no column `{name}`; there are {known}"))
            },
        )
    };
    let columns = units.iter().map(|name| at(name)).collect::<Result<Vec<_>, _>>()?;
    let count = at("invited")?;
    let mut all = Invited::new();
    for row in rows.records() {
        let row = row.map_err(Failure::input)?;
        let cell = |column: usize| row.get(column).unwrap_or_default();
        let people = cell(count).parse().map_err(|_| {
            let line = row.position().map_or(0, csv::Position::line);
            Failure::input(format!("line {line}: `{}` is no number of people", cell(count)))
        })?;
        all.push((path(columns.iter().map(|column| cell(*column))), people));
    }
    Ok(all)
}

impl Audit {
    fn measures(&self) -> Measures {
        Measures::of(&self.scorer).with_items_of(&self.scorer)
    }

    fn invite(&self, tallies: &mut Tallies) -> Result<(), GroupError> {
        for (path, people) in &self.invited {
            let unit = tallies.unit("unit", path)?;
            tallies.invite("unit", unit, *people)?;
        }
        Ok(())
    }

    fn each<R: io::Read>(
        &self,
        reader: &mut Reader<R>,
        mut take: impl FnMut(Member) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let measures = self.measures();
        let mut person = measures.person();
        while let Some(mut row) = reader.next_row()? {
            let answers = row.answers(0);
            let scores = self.scorer.score_row(answers).map_err(Failure::input)?;
            row.note(0, &scores);
            measures.read(&scores, &mut person).map_err(wrong)?;
            measures.read_items(answers, &mut person);
            let number = row.number();
            let blank = |what: &str| Failure::input(format!("row {number} has no {what}"));
            let id = row.id().unwrap_or_default().trim();
            let wave = if self.waves { row.cell(self.units.len()).trim() } else { "" };
            if self.waves && id.is_empty() {
                return Err(blank("id"));
            }
            if self.waves && wave.is_empty() {
                return Err(blank("wave"));
            }
            take(Member {
                wave: wave.to_owned(),
                id: id.to_owned(),
                path: path((0..self.units.len()).map(|column| row.cell(column))),
                person: person.clone(),
            })?;
        }
        Ok(())
    }

    /// Everybody once, nothing before or after.
    fn once<R: io::Read>(&self, reader: &mut Reader<R>) -> Result<GroupReport, Failure> {
        let mut tallies = Tallies::new(self.measures(), ["unit"]).map_err(wrong)?;
        self.invite(&mut tallies).map_err(wrong)?;
        self.each(reader, |member| {
            let unit = tallies.unit("unit", &member.path).map_err(wrong)?;
            tallies.add(&[unit], &member.person).map_err(wrong)
        })?;
        tallies.publish(&self.plan).map_err(wrong)
    }

    /// One wave after the other through the ledger. The report is that of the last one.
    fn waves<R: io::Read>(
        &self,
        reader: &mut Reader<R>,
        ledger: &mut Ledger,
        salt: &Salt,
    ) -> Result<GroupReport, Failure> {
        let mut waves: BTreeMap<(u64, String), Vec<Member>> = BTreeMap::new();
        self.each(reader, |member| {
            // Numbers in their order, then everything else in its own.
            let rank = member.wave.parse().unwrap_or(u64::MAX);
            waves.entry((rank, member.wave.clone())).or_default().push(member);
            Ok(())
        })?;
        let mut before: Option<(GroupReport, Vec<Member>)> = None;
        for ((_, wave), members) in waves {
            let mut report = self.wave(ledger, salt, &wave, &members)?;
            if let Some((earlier, then)) = &before {
                let matched = self.matched(then, &members).map_err(wrong)?;
                let change = ledger.change(earlier, &report).map_err(wrong)?;
                report = report.with_change(change.with_matched(&matched)).map_err(wrong)?;
            }
            before = Some((report, members));
        }
        let (report, _) = before.ok_or_else(|| Failure::input("there are no rows"))?;
        Ok(report)
    }

    fn wave(
        &self,
        ledger: &mut Ledger,
        salt: &Salt,
        wave: &str,
        members: &[Member],
    ) -> Result<GroupReport, Failure> {
        let mut tallies = ledger.tallies(self.measures(), ["unit"]).map_err(wrong)?;
        self.invite(&mut tallies).map_err(wrong)?;
        for member in members {
            let unit = tallies.unit("unit", &member.path).map_err(wrong)?;
            tallies.add_known(&[unit], salt.key(&member.id), &member.person).map_err(wrong)?;
        }
        let failed = |error| wrong(error).about(&format!("wave {wave}"));
        ledger.publish(&tallies, &self.plan, wave).map_err(failed)
    }

    fn matched(&self, then: &[Member], now: &[Member]) -> Result<Matched, GroupError> {
        let mut matched = Matched::new(&self.measures());
        let mut people: BTreeMap<&str, [Option<&Member>; 2]> = BTreeMap::new();
        for (wave, members) in [then, now].into_iter().enumerate() {
            for member in members {
                let waves = people.entry(&member.id).or_default();
                if let Some(slot) = waves.get_mut(wave) {
                    *slot = Some(member);
                }
            }
        }
        for waves in people.into_values() {
            let [then, now] = waves.map(|member| member.map(|m| (m.path.as_slice(), &m.person)));
            matched.add(then, now)?;
        }
        Ok(matched)
    }
}

// The demonstration.

const SAMPLE: &[u8] = include_bytes!("data/staff_survey.csv");
const SAMPLE_INVITED: &[u8] = include_bytes!("data/invited.csv");
const SAMPLE_MISSING: &str = "-99=declined,88=not-applicable";

fn sample() -> Result<GroupReport, Failure> {
    let instrument = straingauge::catalog::get("proqol-5")?;
    let units = ["directorate", "team"].map(str::to_owned);
    let profile = Profile::plain().with_sentinels(Sentinels::parse(SAMPLE_MISSING)?);
    let import = Import::new(profile)
        .instrument(&instrument, ItemColumns::prefix("pq"))
        .id("staff_id")
        .columns(units.clone())
        .column("wave");
    let audit = Audit {
        scorer: instrument.scorer(),
        invited: invited(SAMPLE_INVITED, &units)?,
        units: units.into(),
        waves: true,
        plan: Plan::default(),
    };
    let salt = Salt::new("the sample is simulated").map_err(wrong)?;
    audit.waves(&mut import.open(SAMPLE)?, &mut Ledger::new(&salt), &salt)
}
