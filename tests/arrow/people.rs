//! People, their answers and their scores, in words that no door shares.

use straingauge::answers::{Answer, Cells, Frame, MissingKind};
use straingauge::score::{NO_BAND, Scorer};
use straingauge::survey::{Import, ItemColumns, Profile, Sentinels};
use straingauge::{Instrument, catalog};

pub const MISSING: &str = "-99=declined,88=not-applicable";

pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below as u64) as usize
    }
}

/// All scales of a person: value in bits, band, status.
#[derive(Debug, Clone, PartialEq)]
pub struct Person(pub Vec<(Option<u64>, Option<String>, String)>);

impl Person {
    pub fn one_by_one(scorer: &Scorer, rows: &[Vec<u8>]) -> Vec<Self> {
        let person = |row: &Vec<u8>| {
            let scores = scorer.score_row(row).unwrap();
            let scales = scores.iter().map(|view| {
                let value = view.value().ok().map(|score| score.to_f64().to_bits());
                let band = view.band().map(|band| band.label().to_owned());
                (value, band, view.status().to_string())
            });
            Self(scales.collect())
        };
        rows.iter().map(person).collect()
    }

    pub fn in_a_frame(scorer: &Scorer, rows: &[Vec<u8>]) -> Vec<Self> {
        let columns = turned(rows);
        let mut frame = Frame::new(scorer.instrument(), rows.len());
        for (item, column) in scorer.instrument().items().iter().zip(&columns) {
            frame = frame.column(item.id(), Cells::from(column)).unwrap();
        }
        let scored = scorer.score_frame(&frame).unwrap();
        let person = |row: usize| {
            let scales = scored.scales.iter().map(|scale| {
                let value = scale.states[row].is_scored().then(|| scale.values[row].to_bits());
                let band = scale.bands[row];
                let set = scorer.band_set(&scale.scale).filter(|_| band != NO_BAND);
                let band = set.map(|set| set.bands()[usize::from(band)].label().to_owned());
                (value, band, scale.states[row].to_string())
            });
            Self(scales.collect())
        };
        (0..rows.len()).map(person).collect()
    }
}

/// Columns of rows, or rows of columns.
pub fn turned<T: Clone>(table: &[Vec<T>]) -> Vec<Vec<T>> {
    (0..table[0].len()).map(|at| table.iter().map(|line| line[at].clone()).collect()).collect()
}

pub fn profile() -> Profile {
    Profile::plain().with_sentinels(Sentinels::parse(MISSING).unwrap())
}

/// Columns of cells by name.
pub type File = Vec<(String, Vec<String>)>;

/// The item cells of the bundled sample, and the rows that the CSV reader makes of them.
pub fn sample(instrument: &Instrument, prefix: &str) -> (File, Vec<Vec<u8>>) {
    let text = include_str!("../../examples/data/staff_survey.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let cells: Vec<Vec<String>> =
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    let columns = names.into_iter().zip(turned(&cells));
    let columns = columns.filter(|(name, _)| name.starts_with(prefix)).collect();
    let import = Import::new(profile()).instrument(instrument, ItemColumns::prefix(prefix));
    let mut reader = import.open(text.as_bytes()).unwrap();
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row().unwrap() {
        rows.push(row.answers(0).to_vec());
    }
    (columns, rows)
}

/// Random rows: one answer in `missing` is of one of `kinds`.
pub fn random(of: &Instrument, rows: usize, missing: usize, kinds: &[MissingKind]) -> Vec<Vec<u8>> {
    let mut dice = Dice(rows as u64 + missing as u64);
    let mut row = || {
        let items = of.items().iter();
        let byte = |item: &straingauge::instrument::Item| match dice.roll(missing) {
            0 => Answer::Missing(kinds[dice.roll(kinds.len())]).to_byte(),
            _ => {
                let options = item.responses().options();
                options[dice.roll(options.len())].code()
            }
        };
        items.map(byte).collect()
    };
    (0..rows).map(|_| row()).collect()
}

pub fn scorers() -> Vec<Scorer> {
    catalog::all().map(|instrument| instrument.scorer()).collect()
}
