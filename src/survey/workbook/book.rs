//! The parts of a workbook: which sheet is its first, its strings, its dates.

use std::{
    collections::HashMap,
    io::{BufReader, Read, Seek, SeekFrom},
};

use zip::{ZipArchive, read::ZipFile};

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

/// A workbook whose first sheet can be read.
pub(super) struct Book<R> {
    pub(super) archive: ZipArchive<BufReader<R>>,
    /// The name of the sheet's part.
    pub(super) sheet: String,
    pub(super) strings: Strings,
    pub(super) dates: Dates,
}

impl<R: Read + Seek> Book<R> {
    pub(super) fn open(mut file: R) -> Result<Self, SurveyError> {
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
            if is_other {
                wrong("it is no .xlsx, but another kind of file; save it as .xlsx")
            } else {
                error
            }
        })?;
        let main = package.of_kind("officeDocument").next();
        let main = main.ok_or_else(|| wrong("_rels/.rels: it names no workbook"))?.to_owned();
        if main.rsplit('.').next() == Some("bin") {
            return Err(wrong("it is an .xlsb; save it as .xlsx"));
        }
        let (folder, file) = main.rsplit_once('/').unwrap_or(("", &main));
        let parts = Relations::read(&mut archive, folder, &format!("{folder}/_rels/{file}.rels"))?;
        let (sheet, from_1904) = first_sheet(&mut archive, &main, &parts)?;
        let strings = match parts.of_kind("sharedStrings").next() {
            Some(part) => Strings::read(open(&mut archive, part)?)?,
            None => Strings::default(),
        };
        let mut dates = Dates::new(from_1904);
        if let Some(part) = parts.of_kind("styles").next() {
            dates.read(open(&mut archive, part)?)?;
        }
        Ok(Self { archive, sheet, strings, dates })
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

/// The part of the first sheet of cells that is not hidden, and whether days count from 1904.
fn first_sheet<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    name: &str,
    parts: &Relations,
) -> Result<(String, bool), SurveyError> {
    let mut part = open(archive, name)?;
    let sheets = parts.0.iter().filter(|relation| relation.kind == "worksheet");
    let sheets: HashMap<&str, &str> =
        sheets.map(|relation| (relation.id.as_str(), relation.target.as_str())).collect();
    let mut from_1904 = false;
    let mut found = None;
    while let Some(piece) = part.next()? {
        let Piece::Start(element) = piece else { continue };
        match element.name() {
            "workbookPr" => {
                let date1904 = element.attribute("date1904")?;
                // An extension has an element of the same name.
                from_1904 |= date1904.is_some_and(|value| value == "1" || value == "true");
            }
            "sheet" if found.is_none() => {
                let hidden = element.attribute("state")?.is_some_and(|state| state != "visible");
                let id = element.attribute("id")?.unwrap_or_default();
                found = sheets.get(&*id).filter(|_| !hidden).map(|sheet| (*sheet).to_owned());
            }
            _ => {}
        }
    }
    let found = found.ok_or_else(|| part.wrong("it has no sheet of cells that is shown"))?;
    Ok((found, from_1904))
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
