//! Scores out as delimited text: one row a person.

use std::io::Write;

use super::{Import, Row, SurveyError};
use crate::score::{ScaleView, Scorer, Scores};

/// Writes the scores of an import: `row`, the column of ids and those that are handed through under
/// their own names, then for each scale `S` the columns `S`, `S_answered` and `S_status`, with a band
/// set in force `S_band` and `S_band_certain`, and for each criterion its outcome. With several
/// instruments the names begin with the instrument's id. A hyphen in an id becomes `_`, so that
/// every name is one in R, Python, SPSS and Stata.
///
/// ```
/// use straingauge::survey::{Import, ItemColumns, Profile, ScoreTable};
/// let phq9 = straingauge::catalog::get("phq-9")?;
/// let header = (1..=9).map(|n| format!("q{n}")).collect::<Vec<_>>().join(",");
/// let file = format!("who,{header}\nA,1,1,1,1,1,1,1,1,1\nB,1,1,1,1,1,1,1,1,\n");
/// let import = Import::new(Profile::plain()).instrument(&phq9, ItemColumns::prefix("q")).id("who");
/// let mut reader = import.open(file.as_bytes())?;
/// let mut table = ScoreTable::new(Vec::new(), &import, [phq9.scorer()])?;
/// while let Some(row) = reader.next_row()? {
///     table.write(row)?;
/// }
/// let written = String::from_utf8(table.finish()?)?;
/// assert!(written.starts_with("row,who,total,total_answered,total_status,total_band,total_band_certain,"));
/// assert!(written.contains("\n1,A,9,9,complete,mild,yes,"));
/// assert!(written.contains("\n2,B,,8,too-few-answered,,,"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ScoreTable<W: Write> {
    output: W,
    /// Lines that have not been handed on.
    held: Vec<u8>,
    scorers: Vec<Scorer>,
    scores: Vec<Scores>,
    texts: Vec<Texts>,
    has_id: bool,
    handed_through: usize,
}

/// What the columns of a scale add to its name; the last two where a band set is in force.
const PARTS: [&str; 5] = ["", "_answered", "_status", "_band", "_band_certain"];

/// Held lines are handed on beyond this many bytes.
const HELD: usize = 1 << 16;

impl<W: Write> ScoreTable<W> {
    /// Writes the header. `scorers` are those of the import's instruments, in its order.
    ///
    /// # Errors
    /// A column that would have the name of another one; output that cannot be written.
    pub fn new(
        output: W,
        import: &Import,
        scorers: impl IntoIterator<Item = Scorer>,
    ) -> Result<Self, SurveyError> {
        let scorers: Vec<Scorer> = scorers.into_iter().collect();
        let mut names = vec!["row".to_owned()];
        names.extend(import.id_column().map(|name| name.trim().to_owned()));
        names.extend(import.handed_through().iter().map(|name| name.trim().to_owned()));
        for scorer in &scorers {
            let instrument = scorer.instrument().id();
            let prefix = if scorers.len() > 1 { format!("{instrument}_") } else { String::new() };
            let name = |id: &str, part: &str| format!("{prefix}{id}{part}").replace('-', "_");
            for scale in scorer.scales() {
                let banded = scorer.band_set(scale.id()).is_some();
                let parts = if banded { PARTS.as_slice() } else { PARTS.get(..3).unwrap_or(&[]) };
                names.extend(parts.iter().map(|part| name(scale.id(), part)));
            }
            names.extend(scorer.criteria().map(|criterion| name(criterion.id(), "")));
        }
        for (at, name) in names.iter().enumerate() {
            if names.iter().take(at).any(|other| other == name) {
                return Err(SurveyError::OutputColumnTwice { name: name.clone() });
            }
        }
        let scores: Vec<Scores> = scorers.iter().map(Scorer::no_scores).collect();
        let mut table = Self {
            output,
            held: Vec::with_capacity(HELD + HELD / 4),
            texts: scores
                .iter()
                .flat_map(|scores| scores.iter().map(|view| Texts::of(scores, &view)))
                .collect(),
            scores,
            scorers,
            has_id: import.has_id(),
            handed_through: import.handed_through().len(),
        };
        for (at, name) in names.iter().enumerate() {
            if at > 0 {
                table.held.push(b',');
            }
            cell(&mut table.held, name);
        }
        table.held.push(b'\n');
        table.hand_on(0)?;
        Ok(table)
    }

    /// Scores a row, notes in the import report what could not be scored, and writes the scores,
    /// which it also gives back: one for each instrument.
    ///
    /// # Errors
    /// A scorer that is not of the row's instrument; output that cannot be written.
    pub fn write(&mut self, mut row: Row<'_>) -> Result<&[Scores], SurveyError> {
        for (at, (scorer, scores)) in self.scorers.iter().zip(&mut self.scores).enumerate() {
            scorer.score_row_into(row.answers(at), scores)?;
            row.note(at, scores);
        }
        let held = &mut self.held;
        number(held, row.number());
        if self.has_id {
            held.push(b',');
            cell(held, row.id().unwrap_or_default());
        }
        for at in 0..self.handed_through {
            held.push(b',');
            cell(held, row.cell(at));
        }
        let mut texts = self.texts.iter_mut();
        for scores in &self.scores {
            for (view, texts) in scores.iter().zip(&mut texts) {
                texts.write(&view, held);
            }
            for view in scores.criteria() {
                held.push(b',');
                held.extend_from_slice(view.outcome().as_str().as_bytes());
            }
        }
        held.push(b'\n');
        self.hand_on(HELD)?;
        Ok(&self.scores)
    }

    /// Hands on what is held, if it is more than `beyond` bytes.
    fn hand_on(&mut self, beyond: usize) -> Result<(), SurveyError> {
        if self.held.len() > beyond {
            self.output.write_all(&self.held).map_err(|error| SurveyError::output(&error))?;
            self.held.clear();
        }
        Ok(())
    }

    /// Writes what is still held back. Without it the last rows are lost.
    ///
    /// # Errors
    /// Output that cannot be written.
    pub fn finish(mut self) -> Result<W, SurveyError> {
        self.hand_on(0)?;
        self.output.flush().map_err(|error| SurveyError::output(&error))?;
        Ok(self.output)
    }
}

/// What has been written for the states of a scale, to be written again.
#[derive(Debug, Default)]
struct Texts {
    /// Whether a band set is in force.
    banded: bool,
    text: Vec<u8>,
    /// Start and end in the text, by state; both 0 where it has not come yet.
    places: Vec<(u32, u32)>,
}

impl Texts {
    fn of(scores: &Scores, view: &ScaleView<'_>) -> Self {
        let banded = scores.scorer().band_set(view.scale().id()).is_some();
        Self { banded, ..Self::default() }
    }

    fn write(&mut self, view: &ScaleView<'_>, held: &mut Vec<u8>) {
        let Some(state) = view.state() else { return scale_cells(view, self.banded, held) };
        let (start, end) = self.places.get(state).copied().unwrap_or_default();
        if let Some(known) = self.text.get(start as usize..end as usize).filter(|t| !t.is_empty()) {
            held.extend_from_slice(known);
            return;
        }
        let start = self.text.len();
        scale_cells(view, self.banded, &mut self.text);
        held.extend_from_slice(self.text.get(start..).unwrap_or_default());
        if self.places.len() <= state {
            self.places.resize(state + 1, (0, 0));
        }
        // The states of a scale are few, and so are the bytes of each.
        let place = (u32::try_from(start), u32::try_from(self.text.len()));
        if let (Some(slot), (Ok(start), Ok(end))) = (self.places.get_mut(state), place) {
            *slot = (start, end);
        }
    }
}

/// The cells of a scale, each after a comma.
fn scale_cells(view: &ScaleView<'_>, banded: bool, into: &mut Vec<u8>) {
    into.push(b',');
    if let Ok(score) = view.value() {
        number(into, score.to_f64());
    }
    into.push(b',');
    number(into, view.answered());
    into.push(b',');
    into.extend_from_slice(view.status().as_str().as_bytes());
    if banded {
        let band = view.band();
        into.push(b',');
        cell(into, band.map_or("", |band| band.label()));
        into.push(b',');
        let certain = |is: bool| if is { "yes" } else { "no" };
        into.extend_from_slice(band.map_or("", |band| certain(band.is_certain())).as_bytes());
    }
}

/// A number as text, the shortest that reads back as the same number.
fn number(into: &mut Vec<u8>, number: impl std::fmt::Display) {
    // Writing to memory does not fail.
    let _ = write!(into, "{number}");
}

/// A cell, in quotation marks where it needs them.
fn cell(into: &mut Vec<u8>, text: &str) {
    if !text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        into.extend_from_slice(text.as_bytes());
        return;
    }
    into.push(b'"');
    for (at, part) in text.split('"').enumerate() {
        if at > 0 {
            into.extend_from_slice(b"\"\"");
        }
        into.extend_from_slice(part.as_bytes());
    }
    into.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn cells_are_quoted_as_the_csv_crate_does() {
        for text in
            ["", "a", "a b", "a,b", "say \"no\"", "\"", "two\nlines", "\r", " x ", "é,ü", "-1", "#"]
        {
            let mut own = Vec::new();
            cell(&mut own, text);
            own.extend_from_slice(b",x\n");
            let mut theirs = csv::Writer::from_writer(Vec::new());
            theirs.write_record([text, "x"]).unwrap();
            assert_eq!(own, theirs.into_inner().unwrap(), "{text:?}");
        }
    }
}
