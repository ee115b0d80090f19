//! The parts of a workbook: its sheets, its strings, its dates.

use std::{
    collections::HashMap,
    io::{BufReader, Read, Seek, SeekFrom},
};

use zip::{ZipArchive, read::ZipFile};

use super::super::fold::fold;
use super::{
    SurveyError,
    dates::Dates,
    part::{Part, Piece},
    wrong,
};

/// What a container of the older Office kinds starts with.
const OLE: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Bytes that the strings of a workbook may take.
const MOST_OF_STRINGS: usize = 1 << 29;

/// A workbook with a sheet that can be read.
pub(super) struct Book<R> {
    pub(super) archive: ZipArchive<BufReader<R>>,
    /// The sheet that is read, and the others that are shown.
    pub(super) sheet: Sheet,
    pub(super) others: Vec<String>,
    pub(super) strings: Strings,
    pub(super) dates: Dates,
}

impl<R: Read + Seek> Book<R> {
    /// Opens the sheet of this name, else the first that is shown.
    pub(super) fn open(mut file: R, wanted: Option<&str>) -> Result<Self, SurveyError> {
        let mut magic = [0; OLE.len()];
        let locked = file.read_exact(&mut magic).is_ok() && magic == OLE;
        if locked {
            return Err(wrong(
                "it is locked with a password, or an .xls of before 2007; save it as .xlsx without a password",
            ));
        }
        let rewound = file.seek(SeekFrom::Start(0));
        rewound.map_err(|error| wrong(error.to_string()))?;
        let mut archive = ZipArchive::new(BufReader::new(file))
            .map_err(|error| wrong(format!("it is no .xlsx: {error}")))?;
        let package = Relations::read(&mut archive, "", "_rels/.rels").map_err(|error| {
            let is_other = archive.index_for_name("_rels/.rels").is_none();
            if is_other { other_archive(&archive) } else { error }
        })?;
        let main = package.of_kind("officeDocument").next();
        let main = main.ok_or_else(|| wrong("_rels/.rels: it names no workbook"))?.to_owned();
        if main.rsplit('.').next() == Some("bin") {
            return Err(wrong("it is an .xlsb; save it as .xlsx"));
        }
        let (folder, file) = main.rsplit_once('/').unwrap_or(("", &main));
        let parts = Relations::read(&mut archive, folder, &format!("{folder}/_rels/{file}.rels"))?;
        let (sheets, from_1904) = sheets(&mut archive, &main, &parts)?;
        let sheet = choose(&sheets, wanted, &main)?.clone();
        let is_other = |other: &&Sheet| !other.hidden && other.part != sheet.part;
        let others = sheets.iter().filter(is_other).map(|other| other.name.clone()).collect();
        let strings = match parts.of_kind("sharedStrings").next() {
            Some(part) => Strings::read(open(&mut archive, part)?)?,
            None => Strings::default(),
        };
        let mut dates = Dates::new(from_1904);
        if let Some(part) = parts.of_kind("styles").next() {
            dates.read(open(&mut archive, part)?)?;
        }
        Ok(Self { archive, sheet, others, strings, dates })
    }
}

/// Opens a part by its name.
pub(super) fn open<'a, R: Read + Seek>(
    archive: &'a mut ZipArchive<R>,
    name: &str,
) -> Result<Part<ZipFile<'a, R>>, SurveyError> {
    let at = |problem: String| wrong(format!("{name}: {problem}"));
    // Names of parts differ between writers in case and in what stands before and between folders.
    let mut index = archive.index_for_name(name);
    if index.is_none() {
        index = archive.file_names().position(|stored| {
            let stored = stored.unwrap_or_default().replace('\\', "/");
            stored.trim_start_matches('/').eq_ignore_ascii_case(name)
        });
    }
    let index = index.ok_or_else(|| at("the workbook has no such part".to_owned()))?;
    let file = archive.by_index(index).map_err(|error| at(error.to_string()))?;
    Ok(Part::new(name.to_owned(), file))
}

/// What a part points at.
struct Relations(Vec<Relation>);

struct Relation {
    id: String,
    kind: String,
    target: String,
}

impl Relations {
    fn read<R: Read + Seek>(
        archive: &mut ZipArchive<R>,
        folder: &str,
        name: &str,
    ) -> Result<Self, SurveyError> {
        let mut part = open(archive, name.trim_start_matches('/'))?;
        let mut relations = Vec::new();
        while let Some(piece) = part.next()? {
            let Piece::Start(element) = piece else { continue };
            if element.name() != "Relationship" {
                continue;
            }
            let attribute =
                |name| Ok::<_, SurveyError>(element.attribute(name)?.unwrap_or_default());
            let kind = attribute("Type")?;
            relations.push(Relation {
                id: attribute("Id")?,
                kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                target: resolve(folder, &attribute("Target")?),
            });
        }
        Ok(Self(relations))
    }

    fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a str> {
        let found = self.0.iter().filter(move |relation| relation.kind == kind);
        found.map(|relation| relation.target.as_str())
    }
}

/// A target as the name of a part: relative to the folder, or from the root.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut steps: Vec<&str> = Vec::new();
    if !target.starts_with('/') {
        steps.extend(folder.split('/'));
    }
    for step in target.split('/') {
        match step {
            ".." => drop(steps.pop()),
            "." => {}
            step => steps.push(step),
        }
    }
    steps.retain(|step| !step.is_empty());
    steps.join("/")
}

/// A sheet of cells: its name, the name of its part, and whether it is hidden.
#[derive(Clone)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) part: String,
    hidden: bool,
}

/// The sheets of cells in their order, and whether days count from 1904.
fn sheets<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    name: &str,
    parts: &Relations,
) -> Result<(Vec<Sheet>, bool), SurveyError> {
    let mut part = open(archive, name)?;
    let known = parts.0.iter().filter(|relation| relation.kind == "worksheet");
    let known: HashMap<&str, &str> =
        known.map(|relation| (relation.id.as_str(), relation.target.as_str())).collect();
    let mut from_1904 = false;
    let mut found = Vec::new();
    while let Some(piece) = part.next()? {
        let Piece::Start(element) = piece else { continue };
        match element.name() {
            "workbookPr" => {
                let date1904 = element.attribute("date1904")?;
                // An extension has an element of the same name.
                from_1904 |= date1904.is_some_and(|value| value == "1" || value == "true");
            }
            "sheet" => {
                let hidden = element.attribute("state")?.is_some_and(|state| state != "visible");
                let id = element.attribute("id")?.unwrap_or_default();
                let name = element.attribute("name")?.unwrap_or_default();
                let part = known.get(&*id).map(|part| (*part).to_owned());
                found.extend(part.map(|part| Sheet { name, part, hidden }));
            }
            _ => {}
        }
    }
    Ok((found, from_1904))
}

/// The sheet of this name, hidden or not, else the first that is shown.
fn choose<'s>(
    sheets: &'s [Sheet],
    wanted: Option<&str>,
    part: &str,
) -> Result<&'s Sheet, SurveyError> {
    let Some(wanted) = wanted else {
        let shown = sheets.iter().find(|sheet| !sheet.hidden);
        return shown
            .ok_or_else(|| wrong(format!("{part}: it has no sheet of cells that is shown")));
    };
    let same = |sheet: &&Sheet| fold(&sheet.name) == fold(wanted);
    let exact = sheets.iter().find(|sheet| sheet.name == wanted);
    exact.or_else(|| sheets.iter().find(same)).ok_or_else(|| {
        let names: Vec<String> = sheets.iter().map(|sheet| format!("`{}`", sheet.name)).collect();
        wrong(format!("it has no sheet `{wanted}`; its sheets are {}", names.join(", ")))
    })
}

/// What an archive is that is not a workbook.
fn other_archive<R: Read + Seek>(archive: &ZipArchive<R>) -> SurveyError {
    const SHOWN: usize = 5;
    if archive.index_for_name("mimetype").is_some()
        && archive.index_for_name("content.xml").is_some()
    {
        return wrong("it is an OpenDocument file (.ods); save it as .xlsx");
    }
    let names = archive.file_names().map(Result::unwrap_or_default);
    let files: Vec<String> =
        names.filter(|name| !name.ends_with('/')).map(|name| format!("`{name}`")).collect();
    let (count, shown) = (files.len(), files.get(..SHOWN).unwrap_or(&files).join(", "));
    let more = if count > SHOWN { " and more" } else { "" };
    let noun = if count == 1 { "file" } else { "files" };
    wrong(format!(
        "it is a ZIP archive with {count} {noun} ({shown}{more}), not a workbook; unpack it and read what is in it"
    ))
}

/// The strings that cells share, one behind the other.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<usize>,
}

impl Strings {
    fn read<R: Read>(mut part: Part<R>) -> Result<Self, SurveyError> {
        let mut strings = Self::default();
        let mut number = 0;
        while let Some(piece) = part.next()? {
            if matches!(&piece, Piece::Start(element) if element.name() == "si") {
                part.step("string", number);
                number += 1;
                strings.text.push_str(&unescape(&part.held("si")?.text));
                strings.ends.push(strings.text.len());
                if strings.text.len() + size_of_val(&*strings.ends) > MOST_OF_STRINGS {
                    return Err(
                        part.wrong("the workbook has more text than is read; save it as CSV")
                    );
                }
            }
        }
        Ok(strings)
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before));
        self.text.get(start.copied().unwrap_or(0)..end)
    }
}

/// A string in which `_x000D_` and its like stand for characters that XML cannot hold.
pub(super) fn unescape(string: &str) -> String {
    let mut text = String::with_capacity(string.len());
    let mut rest = string;
    while let Some(at) = rest.find("_x") {
        let (before, escape) = rest.split_at(at);
        text.push_str(before);
        let digits = escape.get(2..6).filter(|_| escape.get(6..7) == Some("_"));
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let (character, used) = match code.and_then(char::from_u32) {
            Some(character) => (character, 7),
            None => ('_', 1),
        };
        text.push(character);
        rest = escape.get(used..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}
