//! Opening files that are not text.

use std::io::Read;

use super::header::{Header, HeaderColumn};
use super::rows::CsvRows;
use super::sav::{SavText, Use};
use super::{Import, Reader, SurveyError, Tool};

impl Import {
    /// Opens an SPSS file (`.sav` or `.zsav`), whose variables are the columns.
    ///
    /// A value that the file declares missing is `skipped`, or what the profile declares for that
    /// value; one that is an answer of the item is refused, unless the profile declares it with its
    /// mark (`user-missing 0`). A file whose value labels give a code another meaning than the
    /// instrument does, or that labels codes which the item does not have, is refused; labels that
    /// nothing is known about are noted in the report. Columns handed through hold the file's
    /// labels, and nothing where the file declares the value missing. Texts are read in the
    /// encoding of the profile if it names one, else in that of the file; those in columns that are
    /// not asked for are not read. Memory does not grow with the cases.
    ///
    /// # Errors
    /// A file that is not of SPSS, that holds fewer or more cases than it promises, and those of
    /// [`Self::open`].
    pub fn open_sav<'r, R: Read + 'r>(
        &self,
        input: R,
    ) -> Result<Reader<Box<dyn Read + 'r>>, SurveyError> {
        let mut sav = SavText::open(input, self.profile.stated_encoding())?;
        let columns = sav.columns();
        let as_text = self.profile.clone().for_text(Tool::Spss);
        let as_sav =
            Self { profile: as_text.clone().with_encoding(sav.encoding()), ..self.clone() };
        sav.read_for(&as_sav.uses(&columns)?)?;
        let rows = CsvRows::open(Box::new(sav) as Box<dyn Read + 'r>, &as_text)?;
        as_sav.start(rows, columns)
    }

    /// Opens a sheet of a workbook (`.xlsx`), the one that the profile names or the first that is
    /// shown, through [`workbook_to_csv`](super::workbook_to_csv).
    ///
    /// Holds the sheet's text in memory, up to 256 MiB; a larger one is written to a file with
    /// `workbook_to_csv`, and that opened.
    ///
    /// # Errors
    /// Those of `workbook_to_csv`, a sheet that is too large, and those of [`Self::open`].
    #[cfg(feature = "xlsx")]
    pub fn open_workbook<'r, R: Read + std::io::Seek>(
        &self,
        input: R,
    ) -> Result<Reader<Box<dyn Read + 'r>>, SurveyError> {
        let (text, notes) = super::workbook::workbook_text(input, &self.profile)?;
        let as_text =
            Self { profile: self.profile.clone().for_text(self.profile.tool()), ..self.clone() };
        let mut reader = as_text.open(Box::new(std::io::Cursor::new(text)) as Box<dyn Read + 'r>)?;
        reader.notes.extend(notes);
        Ok(reader)
    }

    /// What each column is read for.
    fn uses(&self, columns: &[HeaderColumn]) -> Result<Vec<Use>, SurveyError> {
        let header = Header { columns: columns.to_vec(), delimiter: self.profile.delimiter() };
        let mut uses = vec![Use::Unused; columns.len()];
        let mut set = |at: usize, wanted| {
            if let Some(known) = uses.get_mut(at) {
                *known = wanted;
            }
        };
        if let Some(id) = &self.id {
            set(header.get(id)?, Use::AsStored);
        }
        for name in &self.columns {
            let wanted = if self.as_stored.contains(name) { Use::AsStored } else { Use::InWords };
            set(header.get(name)?, wanted);
        }
        for (instrument, columns) in &self.instruments {
            for at in columns.resolve(instrument, &header)?.into_iter().flatten() {
                set(at, Use::Answers);
            }
        }
        Ok(uses)
    }
}
