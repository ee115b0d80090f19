//! What a file looks like: candidates with evidence. The caller picks.

use std::io::Read;

use super::cells::Cells;
use super::header::import_id;
use super::rows::CsvRows;
use super::{Profile, SurveyError, Tool};

/// A tool that may have written a file, and what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate {
    /// The tool.
    pub tool: Tool,
    /// What speaks for it, in words.
    pub evidence: Vec<String>,
    /// Columns that the tool would not write so.
    pub unexplained: Vec<String>,
}

impl Candidate {
    /// Whether the tool accounts for every column.
    pub const fn explains_every_column(&self) -> bool {
        self.unexplained.is_empty()
    }
}

impl std::fmt::Display for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.tool, self.evidence.join("; "))?;
        match self.unexplained.as_slice() {
            [] => Ok(()),
            columns => {
                let shown: Vec<&str> = columns.iter().take(10).map(String::as_str).collect();
                let more = if columns.len() > 10 { ", ..." } else { "" };
                write!(f, "; but not {}{more}", shown.join(", "))
            }
        }
    }
}

impl Profile {
    /// Which tools may have written a file that begins so, each with its evidence, the one with the
    /// most of it first. The delimiter and the encoding are this profile's. Nothing is decided here.
    ///
    /// A whole file may be given; only its first rows are read.
    ///
    /// ```
    /// use straingauge::survey::{Profile, Tool};
    /// let file = "id,submitdate,lastpage,startlanguage,pq[SQ001],pq[SQ002]\n1,,,en,Often,Never\n";
    /// let candidates = Profile::plain().detect(file.as_bytes())?;
    /// assert_eq!(candidates[0].tool, Tool::LimeSurvey);
    /// assert!(candidates[0].explains_every_column());
    /// # Ok::<(), straingauge::survey::SurveyError>(())
    /// ```
    ///
    /// # Errors
    /// A file that is neither text nor of a known kind.
    pub fn detect(&self, input: impl Read) -> Result<Vec<Candidate>, SurveyError> {
        let mut rows = match CsvRows::open(input, self) {
            Ok(rows) => rows,
            Err(SurveyError::NotText { found, .. }) if found.contains("SPSS file") => {
                return Ok(vec![by_kind(Tool::Spss, found)]);
            }
            Err(error) => return Err(error),
        };
        let mut first: Vec<Vec<String>> = Vec::new();
        let mut cells = Cells::new();
        for _ in 0..self.skipped() {
            rows.next(&mut cells)?;
        }
        while first.len() < LOOKED_AT && rows.next(&mut cells)?.is_some() {
            let text =
                |cell: &[u8]| std::str::from_utf8(cell).unwrap_or_default().trim().to_owned();
            first.push(cells.iter().map(text).collect());
        }
        candidates(&first)
    }

    /// [`Self::detect`] for a workbook: the sheet that this profile names, or the first that is
    /// shown.
    ///
    /// # Errors
    /// A file that is not a workbook.
    #[cfg(feature = "xlsx")]
    pub fn detect_workbook(
        &self,
        input: impl Read + std::io::Seek,
    ) -> Result<Vec<Candidate>, SurveyError> {
        candidates(&super::workbook::first_rows(input, self, LOOKED_AT)?)
    }
}

/// Rows at the start of a file that are looked at.
const LOOKED_AT: usize = 4;

/// Which tools may have written a file with these first rows.
fn candidates(first: &[Vec<String>]) -> Result<Vec<Candidate>, SurveyError> {
    let Some(header) = first.first() else { return Err(SurveyError::Empty) };
    let mut candidates: Vec<Candidate> =
        Tool::all().filter_map(|(tool, _)| candidate(tool, header, first)).collect();
    if candidates.is_empty() {
        candidates.push(plain(header));
    }
    candidates.sort_by_key(|c| (c.unexplained.len(), std::cmp::Reverse(c.evidence.len())));
    Ok(candidates)
}

fn by_kind(tool: Tool, found: &str) -> Candidate {
    Candidate { tool, evidence: vec![format!("the file is {found}")], unexplained: Vec::new() }
}

fn plain(header: &[String]) -> Candidate {
    let unnamed =
        |name: &&String| name.is_empty() || header.iter().filter(|other| other == name).count() > 1;
    Candidate {
        tool: Tool::Plain,
        evidence: vec!["nothing that a survey tool adds".to_owned()],
        unexplained: header.iter().filter(unnamed).cloned().collect(),
    }
}

/// The candidate, if anything that only this tool writes speaks for it.
fn candidate(tool: Tool, header: &[String], rows: &[Vec<String>]) -> Option<Candidate> {
    let layout = tool.layout();
    let known: Vec<&str> =
        header.iter().map(String::as_str).filter(|name| layout.metadata.contains(name)).collect();
    let row = |at: usize| rows.get(at).map(Vec::as_slice).unwrap_or_default();
    let others = || header.iter().filter(|name| !layout.metadata.contains(&name.as_str()));
    let unlike = |like: &dyn Fn(&str) -> bool| -> Vec<String> {
        others().filter(|name| !like(name)).cloned().collect()
    };
    let mut evidence = Vec::new();
    if known.len() > 1 {
        evidence.push(format!("columns {}", known.join(", ")));
    }
    let unexplained = match tool {
        Tool::Qualtrics => {
            let with_id = row(2).iter().filter(|cell| import_id(cell).is_some()).count();
            if with_id == 0 {
                return None;
            }
            evidence.push(format!("an ImportId in {with_id} of {} cells of row 3", header.len()));
            let ids = row(2).iter().map(Some).chain(std::iter::repeat(None));
            let without = |cell: Option<&String>| cell.and_then(|cell| import_id(cell)).is_none();
            header.iter().zip(ids).filter(|(_, id)| without(*id)).map(|(n, _)| n.clone()).collect()
        }
        Tool::QualtricsLegacy => {
            let legacy = ["ResponseID", "ResponseSet"];
            if !legacy.iter().all(|name| row(1).iter().any(|cell| cell == name)) {
                return None;
            }
            evidence.push(format!("{} in row 2", legacy.join(" and ")));
            Vec::new()
        }
        Tool::Redcap => {
            let completion = header.iter().filter(|n| n.ends_with("_complete")).count();
            if completion > 0 {
                evidence.push(format!("{completion} completion columns"));
            }
            let checkboxes = header.iter().filter(|name| name.contains("___")).count();
            if checkboxes > 0 {
                evidence.push(format!("{checkboxes} checkbox columns"));
            }
            let own = ["redcap_", "Repeat ", "Event Name"];
            let marked = known.iter().any(|name| own.iter().any(|own| name.starts_with(own)));
            if !marked && completion == 0 {
                return None;
            }
            let labelled = known.iter().any(|name| name.contains(' '));
            let raw = |name: &str| {
                name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
                    && !name.is_empty()
            };
            unlike(&|name| labelled || raw(name))
        }
        Tool::LimeSurvey => {
            if !known.contains(&"submitdate") && !known.contains(&"lastpage") {
                return None;
            }
            unlike(&|name| {
                let code = name.split('[').next().unwrap_or_default();
                code.starts_with(|c: char| c.is_ascii_alphabetic())
                    && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            })
        }
        Tool::SurveyMonkey => {
            if !(known.contains(&"Respondent ID") && known.contains(&"Collector ID")) {
                return None;
            }
            let parts = row(1).iter().map(String::as_str).chain(std::iter::repeat(""));
            let nameless =
                header.iter().zip(parts).filter(|(q, part)| q.is_empty() && part.is_empty());
            nameless.map(|(name, _)| name.clone()).collect()
        }
        Tool::GoogleForms => {
            if header.first().map(String::as_str) != Some("Timestamp") {
                return None;
            }
            evidence.push("Timestamp is the first column".to_owned());
            unlike(&|name| !name.is_empty())
        }
        Tool::MicrosoftForms => {
            if !["Start time", "Completion time"].iter().all(|name| known.contains(name)) {
                return None;
            }
            unlike(&|name| !name.is_empty())
        }
        Tool::Plain | Tool::Spss => return None,
    };
    Some(Candidate { tool, evidence, unexplained })
}
