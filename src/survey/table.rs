//! Scores out as delimited text: one row a person.

use std::fmt::Write as _;
use std::io::Write;

use super::{Import, Row, SurveyError};
use crate::score::{Scorer, Scores};

/// Writes the scores of an import: `row`, `id` if a column of ids was named, the columns that are
/// handed through, then for each scale its value, band and status, and for each criterion its
/// outcome. With several instruments the names begin with `ID/`.
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
/// assert!(written.starts_with("row,id,total,total.band,total.status,"));
/// assert!(written.contains("\n1,A,9,mild,complete,"));
/// assert!(written.contains("\n2,B,,,too-few-answered,"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ScoreTable<W: Write> {
    output: csv::Writer<W>,
    scorers: Vec<Scorer>,
    scores: Vec<Scores>,
    has_id: bool,
    handed_through: usize,
    number: String,
}

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
        names.extend(import.has_id().then(|| "id".to_owned()));
        names.extend(import.handed_through().iter().map(|name| name.trim().to_owned()));
        for scorer in &scorers {
            let instrument = scorer.instrument().id();
            let prefix = if scorers.len() > 1 { format!("{instrument}/") } else { String::new() };
            for scale in scorer.scales() {
                let scale = scale.id();
                names.push(format!("{prefix}{scale}"));
                names.push(format!("{prefix}{scale}.band"));
                names.push(format!("{prefix}{scale}.status"));
            }
            names.extend(scorer.criteria().map(|criterion| format!("{prefix}{}", criterion.id())));
        }
        for (at, name) in names.iter().enumerate() {
            if names.iter().take(at).any(|other| other == name) {
                return Err(SurveyError::OutputColumnTwice { name: name.clone() });
            }
        }
        let mut output = csv::Writer::from_writer(output);
        output.write_record(&names).map_err(|error| SurveyError::output(&error.into()))?;
        Ok(Self {
            output,
            scorers,
            scores: Vec::new(),
            has_id: import.has_id(),
            handed_through: import.handed_through().len(),
            number: String::new(),
        })
    }

    /// Scores a row, notes in the import report what could not be scored, and writes the scores,
    /// which it also gives back: one for each instrument.
    ///
    /// # Errors
    /// A scorer that is not of the row's instrument; output that cannot be written.
    pub fn write(&mut self, mut row: Row<'_>) -> Result<&[Scores], SurveyError> {
        self.scores.clear();
        for (at, scorer) in self.scorers.iter().enumerate() {
            let scores = scorer.score_row(row.answers(at))?;
            row.note(at, &scores);
            self.scores.push(scores);
        }
        let failed = |error: csv::Error| SurveyError::output(&error.into());
        let (output, number) = (&mut self.output, &mut self.number);
        output.write_field(render(number, row.number())).map_err(failed)?;
        if self.has_id {
            output.write_field(row.id().unwrap_or_default()).map_err(failed)?;
        }
        for at in 0..self.handed_through {
            output.write_field(row.cell(at)).map_err(failed)?;
        }
        for scores in &self.scores {
            for view in scores.iter() {
                match view.value() {
                    Ok(score) => output.write_field(render(number, score.to_f64())),
                    Err(_) => output.write_field(""),
                }
                .map_err(failed)?;
                output.write_field(view.band().map_or("", |band| band.label())).map_err(failed)?;
                output.write_field(view.status().as_str()).map_err(failed)?;
            }
            for view in scores.criteria() {
                output.write_field(view.outcome().as_str()).map_err(failed)?;
            }
        }
        output.write_record(None::<&[u8]>).map_err(failed)?;
        Ok(&self.scores)
    }

    /// Writes what is still held back.
    ///
    /// # Errors
    /// Output that cannot be written.
    pub fn finish(self) -> Result<W, SurveyError> {
        self.output.into_inner().map_err(|error| SurveyError::output(error.error()))
    }
}

/// A number as text, the shortest that reads back as the same number.
fn render(into: &mut String, number: impl std::fmt::Display) -> &str {
    into.clear();
    // Writing to a string does not fail.
    let _ = write!(into, "{number}");
    into
}
