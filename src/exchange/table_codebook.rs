//! What each column of a whole table means: what the file hands through, then instrument after
//! instrument.

use super::codebook::{Column, shorten, to_csv};
use super::{Codebook, column_name};
use crate::score::Scorer;
use crate::words::Words;

/// A codebook of a table that [`ScoreTable`](crate::survey::ScoreTable) wrote, with every column of it
/// in its order.
///
/// ```
/// use straingauge::exchange::TableCodebook;
/// let scorers = ["phq-9", "gad-7"].map(|id| straingauge::catalog::get(id).unwrap().scorer());
/// let codebook = TableCodebook::of(["row", "id", "team"], &scorers);
/// let names: Vec<&str> = codebook.columns().map(|column| column.name.as_str()).collect();
/// assert_eq!(names[..5], ["row", "id", "team", "phq_9_total", "phq_9_total_answered"]);
/// assert!(codebook.to_csv().contains("\ngad_7_total,score,"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TableCodebook {
    given: Vec<Column>,
    books: Vec<Codebook>,
}

impl TableCodebook {
    /// The codebook of a table that begins with these columns (`row`, the ids, the wave, what is
    /// handed through) and goes on with the scores of these scorers.
    pub fn of<I: IntoIterator<Item: Into<String>>>(given: I, scorers: &[Scorer]) -> Self {
        Self::in_words(given, scorers, &Words::english())
    }

    /// [`Self::of`] in the words of a catalogue.
    pub fn in_words<I: IntoIterator<Item: Into<String>>>(
        given: I,
        scorers: &[Scorer],
        words: &Words,
    ) -> Self {
        let given = given.into_iter().map(Into::into).map(|name: String| {
            let key = match name.as_str() {
                "row" => "codebook.row",
                "wave" => "codebook.wave",
                _ => "codebook.given",
            };
            let meaning = words.say(key, &[("column", &name)]);
            Column::given(name.clone(), &name, meaning)
        });
        let books = scorers.iter().map(|scorer| {
            let book = Codebook::in_words(scorer, words);
            if scorers.len() == 1 {
                return book;
            }
            let prefix = column_name(&book.instrument);
            book.with_prefix(&format!("{prefix}_"))
        });
        let mut whole = Self { given: given.collect(), books: books.collect() };
        let of_books = whole.books.iter_mut().flat_map(|book| &mut book.columns);
        shorten(whole.given.iter_mut().chain(of_books));
        whole
    }

    /// The columns in the order of the table.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.given.iter().chain(self.books.iter().flat_map(|book| &book.columns))
    }

    /// A page for people.
    pub fn to_markdown(&self) -> String {
        let mut page =
            String::from("# Columns of the table\n\n| column | short name | meaning |\n");
        page.push_str("|---|---|---|\n");
        for column in &self.given {
            let short = column.short_name.as_deref().unwrap_or_default();
            let cell = |text: &str| text.replace('|', "\\|");
            let (name, meaning) = (cell(&column.name), cell(&column.meaning));
            page.push_str(&format!("| `{name}` | {short} | {meaning} |\n"));
        }
        for book in &self.books {
            page.push_str(&format!("\n{}", book.to_markdown()));
        }
        page
    }

    /// The columns as CSV, one a line.
    pub fn to_csv(&self) -> String {
        to_csv(self.columns())
    }
}
