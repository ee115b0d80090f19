//! How a survey export is read: the options that every command shares, in one place.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use straingauge::Instrument;
use straingauge::catalog;
use straingauge::form::WordingPack;
use straingauge::score::{ScoreOptions, Scorer};
use straingauge::survey::{
    Encoding, Import, ImportReport, ItemColumns, Profile, Reader, Sentinels, SurveyError, Tool,
    WaveColumns,
};

use super::files::{Spool, is_same_file, look_at, open_text};
use super::{Failure, Given, Known, names, number};

/// The options by which a survey export is read, for [`Survey::of`].
pub(crate) const SURVEY: &[Known] = &[
    ("--instrument", true),
    ("--definition", true),
    ("--input", true),
    ("--items", true),
    ("--prefix", true),
    ("--id", true),
    ("--missing", true),
    ("--labels", false),
    ("--delimiter", true),
    ("--encoding", true),
    ("--sheet", true),
    ("--profile", true),
    ("--wording", true),
    ("--recode", true),
    ("--strict", false),
    ("--variant", true),
    ("--bands", true),
    ("--min-answered", true),
    ("--suffix", true),
    ("--skip", true),
    ("--decimal", true),
    ("--as-coded", false),
    ("--leave-unread", false),
    ("--finished-only", false),
    ("--wave-columns", true),
    ("--waves", true),
];

/// What [`SURVEY`] says in the `--help` of a command.
pub(crate) const SURVEY_HELP: &str = "\
How the file is read, the same in every command.
These belong to the --instrument before them:
  --instrument ID[@VERSION]   which instrument
  --definition FILE.toml      a definition of your own, before the built-in ones
  --items COL,COL,...         its item columns in printed order (all, or all but the unscored ones)
                              a name with a comma in \"quotation marks\"; FIRST..LAST a range; #7 the
                              seventh column
  --prefix P  --suffix S      its item columns are P<item id>S; without any: <item id>
  --recode TEXT=CODE,...      the file's own answer codes, such as A1=0,A2=1
  --variant ID  --bands ID    another variant, another band set
  --min-answered N            scores from N answers up, in place of the rule of the definition
  --min-answered SCALE=N,...  the same for single scales; 0.8 is a share of the scale's items
These hold for the file:
  --input FILE.csv            the export, one header row (- is standard input)
  --profile TOOL              plain (default), qualtrics, qualtrics-legacy, redcap, limesurvey,
                              surveymonkey, google-forms, microsoft-forms, spss, or auto: shows what
                              the file looks like and takes the only tool that accounts for it
  --wording PACK.toml         a pack's option texts are labels too; without --items or --prefix its
                              item texts find the columns; again for another language or instrument
  --missing TEXT=KIND,TEXT    texts that stand for a missing answer; kinds: not-asked, skipped,
                              declined, not-applicable; a text alone is skipped, =KIND the blank cell
  --labels                    cells may hold the label of an answer
  --delimiter CHAR            between cells, default comma (tab or \\t for a tab)
  --encoding NAME             utf-8 (default), windows-1252, shift_jis or any other by its WHATWG label;
                              of an SPSS file, in place of the one that it names
  --sheet NAME                of a workbook: this sheet, not the first that is shown
  --decimal MARK              , or . in numbers; default . (, where the delimiter is ;)
  --skip N                    rows above the header: a title, a note
  --as-coded                  the codes are the instrument's, whatever base they seem to count from
  --leave-unread              go on where one text that is not understood stands in many cells
  --finished-only             leave out responses that the file says were not finished
  --wave-columns PATTERN      the waves stand side by side, their columns named by PATTERN, such as
                              {item}_T{wave}: one row of the file is then one row for each wave in which
                              anything was answered. {item} is the item's column without the wave, and
                              so are other columns where there is one for each wave
  --waves NAME,NAME           these waves only, in this order; needed where they are no numbers
  --strict                    stop at the first cell that is not understood
  --id COL                    who answered

Exit code: 0 done; 1 refused, nothing written; 2 the command line is wrong; 3 written, with findings
that a reader should know first: doubts about coding, texts that were not read, rows that come twice,
bands that missing answers leave open.
";

/// Options that name a file to write.
const WRITTEN: [&str; 6] = ["--output", "--report", "--codebook", "--json", "--html", "--people"];
/// An instrument as asked for: its columns, and how it is scored.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) instrument: Instrument,
    pub(crate) columns: ItemColumns,
    pub(crate) scorer: Scorer,
}

/// A survey export as asked for.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(crate) asked: Vec<Asked>,
    pub(crate) profile: Profile,
    pub(crate) input: String,
    /// Standard input, kept so that it can be looked through before it is read.
    spool: Option<Spool>,
    pub(crate) id: Option<String>,
    /// The waves of a file with a wave beside a wave.
    pub(crate) waves: Option<WaveColumns>,
    /// What was found out about the file, for standard error.
    pub(crate) notes: Vec<String>,
}

impl Survey {
    /// Reads the options of [`SURVEY`].
    pub(crate) fn of(given: &Given) -> Result<Self, Failure> {
        let input = given.required("--input")?.to_owned();
        let written: Vec<&str> = WRITTEN.iter().flat_map(|name| given.all(name)).collect();
        for (at, path) in written.iter().enumerate().filter(|(_, path)| **path != "-") {
            let mut twins = written.iter().take(at).copied().chain([input.as_str()]);
            if let Some(twin) = twins.find(|twin| is_same_file(path, twin)) {
                return Err(Failure::usage(format!(
                    "`{path}` and `{twin}` are one file: what is written would replace it; name another"
                )));
            }
        }
        let spool = if input == "-" { Some(Spool::of(io::stdin())?) } else { None };
        let pool = given.all("--definition").map(definition).collect::<Result<Vec<_>, _>>()?;
        let packs = given.all("--wording").map(wording).collect::<Result<Vec<_>, _>>()?;
        let asked = asked(given, (&pool, &packs))?;
        let (profile, mut notes) =
            profile(given, spool.as_ref().map_or(Path::new(&input), |spool| &spool.0))?;
        let id = given.one("--id")?.map(str::to_owned);
        notes.extend(asked.iter().filter_map(|asked| {
            let old = asked.instrument.withdrawn()?;
            let (id, version) = (old.id(), old.version());
            Some(format!(
                "{id}@{version} is withdrawn: {} Use {id}@{}.",
                old.reason(),
                old.instead()
            ))
        }));
        let waves = waves(given)?;
        Ok(Self { asked, profile, input, spool, id, waves, notes })
    }

    /// The only instrument, for commands that take one.
    pub(crate) fn only(&self) -> Result<&Asked, Failure> {
        match self.asked.as_slice() {
            [only] => Ok(only),
            _ => Err(Failure::usage("give one --instrument")),
        }
    }

    /// What to read. More columns can be added.
    pub(crate) fn import(&self) -> Import {
        let import = Import::new(self.profile.clone());
        let import = self.asked.iter().fold(import, |import, asked| {
            import.instrument(&asked.instrument, asked.columns.clone())
        });
        let import = self.id.iter().fold(import, |import, id| import.id(id));
        self.waves.iter().fold(import, |import, waves| import.waves(waves.clone()))
    }

    /// Opens the input after it has been looked through once: what stops a run stops it before
    /// anything is written.
    pub(crate) fn open(&self, import: &Import) -> Result<Reader<Box<dyn Read>>, Failure> {
        let mut first = self.open_once(import)?;
        while first.next_row().map_err(|error| self.about(error))?.is_some() {}
        self.open_once(import)
    }

    /// Text, and by their first bytes workbooks; SPSS files by their profile.
    fn open_once(&self, import: &Import) -> Result<Reader<Box<dyn Read>>, Failure> {
        let path = self.spool.as_ref().map_or(Path::new(&self.input), |spool| &spool.0);
        let file = File::open(path).map_err(|e| Failure::input(e).about(&self.input))?;
        let opened = if self.profile.tool() == Tool::Spss {
            import.open_sav(io::BufReader::new(file))
        } else {
            open_text(import, file)
        };
        opened.map_err(|error| self.about(error))
    }

    /// Says what was found out about the file.
    pub(crate) fn say_notes(&self, err: &mut dyn Write) -> Result<(), Failure> {
        self.notes.iter().try_for_each(|note| Ok(writeln!(err, "{note}")?))
    }

    /// Exit code 3 where a reader of what was written should know something first.
    pub(crate) fn verdict(report: &ImportReport) -> Result<(), Failure> {
        if report.has_findings() {
            return Err(Failure { code: 3, message: String::new() });
        }
        Ok(())
    }

    /// An error of the input, with its name.
    pub(crate) fn about(&self, error: SurveyError) -> Failure {
        let failure = Failure::from(error);
        if failure.code == 1 { failure.about(&self.input) } else { failure }
    }
}

/// A wording pack.
pub(crate) fn wording(path: &str) -> Result<WordingPack, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::input(error).about(path))?;
    WordingPack::parse(&text).map_err(|error| Failure::input(error).about(path))
}

/// A definition file of the user's own.
pub(crate) fn definition(path: &str) -> Result<Instrument, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::input(error).about(path))?;
    Instrument::parse_bytes(path, &bytes).map_err(Failure::input)
}

/// An instrument by `ID` or `ID@VERSION`: from the files given, else built in.
pub(crate) fn instrument(name: &str, pool: &[Instrument]) -> Result<Instrument, Failure> {
    let (id, version) = name.split_once('@').map_or((name, None), |(id, v)| (id, Some(v)));
    let own = pool
        .iter()
        .filter(|own| own.id() == id && version.is_none_or(|v| own.version().to_string() == v))
        .max_by_key(|own| own.version());
    match own {
        Some(own) => Ok(own.clone()),
        None => Ok(catalog::get(name)?),
    }
}

/// Options that belong to the last `--instrument` before them, or to the first.
#[derive(Default)]
struct Wanted<'a> {
    name: Option<&'a str>,
    columns: Option<ItemColumns>,
    suffix: Option<&'a str>,
    prefix: Option<&'a str>,
    recode: Option<&'a str>,
    variant: Option<&'a str>,
    bands: Option<&'a str>,
    min_answered: Option<&'a str>,
}

/// Definitions and packs from files.
type Files<'f> = (&'f [Instrument], &'f [WordingPack]);

fn asked(given: &Given, files: Files<'_>) -> Result<Vec<Asked>, Failure> {
    let mut wanted = vec![Wanted::default()];
    for (option, value) in &given.0 {
        if *option == "--instrument" && wanted.last().is_none_or(|last| last.name.is_some()) {
            wanted.push(Wanted::default());
        }
        let Some(last) = wanted.last_mut() else { continue };
        let twice = match *option {
            "--instrument" => last.name.replace(value).is_some(),
            "--items" => {
                let both = last.prefix.is_some();
                last.columns.replace(ItemColumns::listed(names(value))).is_some() || both
            }
            "--prefix" => last.prefix.replace(value).is_some() || last.columns.is_some(),
            "--suffix" => last.suffix.replace(value).is_some(),
            "--recode" => last.recode.replace(value).is_some(),
            "--variant" => last.variant.replace(value).is_some(),
            "--bands" => last.bands.replace(value).is_some(),
            "--min-answered" => last.min_answered.replace(value).is_some(),
            _ => false,
        };
        if twice {
            let again = if last.columns.is_some() || last.prefix.is_some() {
                " (--items and --prefix are one choice)"
            } else {
                ""
            };
            return Err(Failure::usage(format!(
                "{option} is given twice for one instrument{again}"
            )));
        }
    }
    let asked: Vec<Asked> =
        wanted.into_iter().map(|wanted| one(wanted, files)).collect::<Result<_, _>>()?;
    let is_for = |pack: &WordingPack| asked.iter().any(|a| a.instrument.id() == pack.instrument());
    match files.1.iter().find(|pack| !is_for(pack)) {
        Some(pack) => Err(Failure::usage(format!(
            "--wording: a pack for {} is given, which is not asked for",
            pack.instrument()
        ))),
        None => Ok(asked),
    }
}

fn one(wanted: Wanted<'_>, (pool, packs): Files<'_>) -> Result<Asked, Failure> {
    let instrument = match (wanted.name, pool) {
        (Some(name), pool) => instrument(name, pool)?,
        (None, [only]) => only.clone(),
        (None, _) => return Err(Failure::usage("--instrument is missing")),
    };
    let mut options = ScoreOptions::new();
    if let Some(variant) = wanted.variant {
        options = options.variant(variant);
    }
    if let Some(bands) = wanted.bands {
        options = options.bands(bands);
    }
    if let Some(list) = wanted.min_answered {
        options = min_answered(options, list)?;
    }
    let scorer = instrument.scorer_with(&options)?;
    if let Some(bands) = wanted.bands {
        let read_by = |scale: &straingauge::instrument::Scale| {
            scorer.band_set(scale.id()).is_some_and(|set| set.id() == bands)
        };
        if !scorer.scales().any(read_by) {
            let message = format!("no scale that is scored has the band set `{bands}`");
            return Err(Failure::usage(message));
        }
    }
    let mut packs = packs.iter().filter(|pack| pack.instrument() == instrument.id());
    let has_texts =
        |pack: &&WordingPack| instrument.items().iter().any(|item| pack.item(item.id()).is_some());
    let named = match (wanted.columns, wanted.prefix, wanted.suffix) {
        (Some(_), _, Some(_)) => {
            return Err(Failure::usage("--suffix goes with --prefix or alone, not with --items"));
        }
        (Some(columns), ..) => Some(columns),
        (None, None, None) => None,
        (None, prefix, suffix) => {
            Some(ItemColumns::between(prefix.unwrap_or_default(), suffix.unwrap_or_default()))
        }
    };
    let columns = match named {
        Some(columns) => columns,
        // Without another word, a pack with the items' texts finds them by text.
        None => packs.clone().find(has_texts).map_or_else(ItemColumns::by_id, |pack| {
            packs.by_ref().find(|other| *other == pack);
            ItemColumns::by_text(pack)
        }),
    };
    let columns = packs.fold(columns, ItemColumns::with_wording);
    let columns = match wanted.recode {
        None => columns,
        Some(list) => columns
            .recoded(names(list).iter().map(|entry| recode(entry)).collect::<Result<Vec<_>, _>>()?),
    };
    Ok(Asked { instrument, columns, scorer })
}

/// `8` for every scale, `total=8` or `total=0.8` for one.
pub(crate) fn min_answered(options: ScoreOptions, list: &str) -> Result<ScoreOptions, Failure> {
    let mut seen: Vec<Option<String>> = Vec::new();
    names(list).iter().try_fold(options, |options, entry| {
        let of_scale = entry.rsplit_once('=').map(|(scale, rule)| (scale.trim(), rule.trim()));
        let scale = of_scale.map(|(scale, _)| scale.to_owned());
        if seen.contains(&scale) {
            return Err(Failure::usage(format!("--min-answered: `{entry}` comes twice")));
        }
        seen.push(scale);
        match of_scale {
            Some((scale, rule)) => Ok(options.min_answered_on(scale, rule.parse()?)),
            None if entry.contains('.') => Err(Failure::usage(format!(
                "--min-answered: a share belongs to a scale; write SCALE={entry}"
            ))),
            None => Ok(options.min_answered(number("--min-answered", entry)?)),
        }
    })
}

/// The waves that stand side by side.
fn waves(given: &Given) -> Result<Option<WaveColumns>, Failure> {
    let only = given.list("--waves")?;
    match given.one("--wave-columns")? {
        Some(pattern) => Ok(Some(WaveColumns::parse(pattern)?.only(only))),
        None if only.is_empty() => Ok(None),
        None => Err(Failure::usage("--waves needs --wave-columns")),
    }
}

/// `A1=0`: the file's code, and the instrument's.
fn recode(entry: &str) -> Result<(String, u8), Failure> {
    let (text, code) = entry
        .rsplit_once('=')
        .ok_or_else(|| Failure::usage(format!("--recode: `{entry}` is not TEXT=CODE")))?;
    Ok((text.trim().to_owned(), number("--recode", code.trim())?))
}

/// The profile, and what was found out about the file where it was looked at.
fn profile(given: &Given, input: &Path) -> Result<(Profile, Vec<String>), Failure> {
    let mut notes = Vec::new();
    let tool = match given.one("--profile")? {
        None => Tool::Plain,
        Some("auto") => {
            let (tool, found) = detect(&described(given, Profile::plain())?, input)?;
            notes = found;
            tool
        }
        Some(word) => Tool::from_word(word).ok_or_else(|| {
            let words: Vec<&str> = Tool::all().map(|(_, word)| word).collect();
            Failure::usage(format!("--profile: `{word}` is not auto, {}", words.join(", ")))
        })?,
    };
    Ok((described(given, Profile::of(tool))?, notes))
}

/// The only tool that accounts for every column of a file.
fn detect(profile: &Profile, input: &Path) -> Result<(Tool, Vec<String>), Failure> {
    let name = input.display().to_string();
    let file = File::open(input).map_err(|error| Failure::input(error).about(&name))?;
    let found = look_at(profile, file).map_err(|error| Failure::from(error).about(&name))?;
    let notes: Vec<String> = found.iter().map(|one| format!("candidate {one}")).collect();
    let mut whole = found.iter().filter(|candidate| candidate.explains_every_column());
    match (whole.next(), whole.next()) {
        (Some(only), None) => Ok((only.tool, notes)),
        _ => Err(Failure::usage(format!(
            "--profile auto: no single tool accounts for every column of {name}; name one\n{}",
            notes.join("\n")
        ))),
    }
}

fn described(given: &Given, mut profile: Profile) -> Result<Profile, Failure> {
    if let Some(text) = given.one("--delimiter")? {
        let text = if matches!(text, "\\t" | "tab") { "\t" } else { text };
        let mut characters = text.chars();
        profile = match (characters.next(), characters.next()) {
            (Some(delimiter), None) => profile.with_delimiter(delimiter)?,
            _ => return Err(SurveyError::Delimiter { found: text.to_owned() }.into()),
        };
    }
    if let Some(name) = given.one("--encoding")? {
        let encoding = Encoding::from_word(name).ok_or_else(|| {
            Failure::usage(format!(
                "--encoding: `{name}` is not an encoding that is read; write utf-8, windows-1252, windows-1250, windows-1251, iso-8859-2, shift_jis, gbk, big5, euc-kr or another label of the WHATWG Encoding Standard"
            ))
        })?;
        profile = profile.with_encoding(encoding);
    }
    if let Some(name) = given.one("--sheet")? {
        profile = profile.with_sheet(name);
    }
    if given.has("--missing") {
        let declared = given.all("--missing").collect::<Vec<_>>().join(",");
        let sentinels = Sentinels::parse(&declared).map_err(Failure::from);
        profile = profile.with_sentinels(sentinels.map_err(|failure| failure.about("--missing"))?);
    }
    if let Some(mark) = given.one("--decimal")? {
        profile = match mark {
            "," => profile.with_decimal_comma(true),
            "." => profile.with_decimal_comma(false),
            _ => return Err(Failure::usage(format!("--decimal: `{mark}` is not , or ."))),
        };
    }
    if let Some(rows) = given.number("--skip")? {
        profile = profile.skipping(rows);
    }
    if given.has("--as-coded") {
        profile = profile.as_coded();
    }
    if given.has("--leave-unread") {
        profile = profile.leaving_unread();
    }
    if given.has("--finished-only") {
        profile = profile.finished_only();
    }
    if given.has("--labels") {
        profile = profile.reading_labels();
    }
    if given.has("--strict") {
        profile = profile.strict();
    }
    Ok(profile)
}
