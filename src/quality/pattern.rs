//! Runs of one answer, and the spread of a person's answers: one pass over the bytes.

use crate::answers::Answer;

/// People who are worked on together: their counts stay in the fastest cache.
const BLOCK: usize = 2048;

/// Room between counts: a page apart they would hinder each other in the processor's buffers.
const ASIDE: usize = 416;

/// How one person filled in a form: runs of identical codes, and the codes' spread.
///
/// Codes are taken as given, in the order of the form, before any reversal. A missing answer ends a
/// run and belongs to none.
///
/// ```
/// use straingauge::quality::AnswerPattern;
/// // Three people, four items; 254 is a skipped item.
/// let columns: [&[u8]; 4] = [&[2, 1, 254], &[2, 3, 0], &[2, 254, 1], &[1, 3, 4]];
/// let mut people = Vec::new();
/// AnswerPattern::of_columns(&columns, &[], &mut people);
/// assert_eq!(people.iter().map(|p| p.longstring()).collect::<Vec<_>>(), [3, 1, 1]);
/// assert_eq!(people[0].average_longstring(), Some(2.0)); // runs of 3 and 1
/// assert_eq!(people[0].irv(), Some(0.5));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AnswerPattern {
    sum: u32,
    squares: u32,
    longest: u16,
    runs: u16,
    answered: u16,
}

impl AnswerPattern {
    /// Patterns of all people of a table, one column of answer bytes per item, into `people`, whose
    /// memory is reused.
    ///
    /// `breaks` are the positions of items where a run cannot go on because the response options
    /// change. People are those of the shortest column.
    pub fn of_columns(columns: &[&[u8]], breaks: &[usize], people: &mut Vec<Self>) {
        let rows = columns.iter().map(|column| column.len()).min().unwrap_or(0);
        people.clear();
        people.resize(rows, Self::default());
        // Bytes add up beside each other sixteen at a time; what they cannot hold is done by row.
        let narrow = columns.len() < usize::from(u8::MAX);
        let mut block = Block::new();
        for (at, people) in people.chunks_mut(BLOCK).enumerate() {
            let start = at * BLOCK;
            if narrow {
                block.clear();
                let mut before: Option<&[u8]> = None;
                for (item, column) in columns.iter().enumerate() {
                    let Some(cells) = column.get(start..start + people.len()) else { continue };
                    block.add(cells, before.filter(|_| !breaks.contains(&item)));
                    before = Some(cells);
                }
                block.write(people);
            } else {
                for (row, person) in (start..).zip(people) {
                    *person = Self::of_row(columns, breaks, row);
                }
            }
        }
    }

    /// The [`longstring`](Self::longstring) of everybody and nothing else, into `longest`, whose
    /// memory is reused: a fraction of the time of [`of_columns`](Self::of_columns).
    ///
    /// ```
    /// use straingauge::quality::AnswerPattern;
    /// let columns: [&[u8]; 4] = [&[2, 1, 254], &[2, 3, 0], &[2, 254, 1], &[1, 3, 4]];
    /// let mut longest = Vec::new();
    /// AnswerPattern::longstrings(&columns, &[], &mut longest);
    /// assert_eq!(longest, [3, 1, 1]);
    /// ```
    pub fn longstrings(columns: &[&[u8]], breaks: &[usize], longest: &mut Vec<u16>) {
        let rows = columns.iter().map(|column| column.len()).min().unwrap_or(0);
        longest.clear();
        longest.resize(rows, 0);
        if columns.len() >= usize::from(u8::MAX) {
            for (row, longest) in longest.iter_mut().enumerate() {
                *longest = Self::of_row(columns, breaks, row).longest;
            }
            return;
        }
        let (mut run, mut most) = (vec![0_u8; BLOCK], vec![0_u8; BLOCK]);
        for (at, longest) in longest.chunks_mut(BLOCK).enumerate() {
            let start = at * BLOCK;
            most.fill(0);
            let mut before: Option<&[u8]> = None;
            for (item, column) in columns.iter().enumerate() {
                let Some(cells) = column.get(start..start + longest.len()) else { continue };
                let runs = run.iter_mut().zip(most.iter_mut());
                match before.filter(|_| !breaks.contains(&item)) {
                    Some(before) => {
                        for ((x, y), (run, most)) in cells.iter().zip(before).zip(runs) {
                            *run = ((*run & ones(x == y)) + 1) & ones(is_code(*x));
                            *most = (*most).max(*run);
                        }
                    }
                    None => {
                        for (x, (run, most)) in cells.iter().zip(runs) {
                            *run = u8::from(is_code(*x));
                            *most = (*most).max(*run);
                        }
                    }
                }
                before = Some(cells);
            }
            for (longest, most) in longest.iter_mut().zip(&most) {
                *longest = u16::from(*most);
            }
        }
    }

    /// The [`irv`](Self::irv) of everybody and nothing else, to the last bit, into `irvs`, whose
    /// memory is reused; NaN, the gap of a column of numbers, below two answers.
    ///
    /// ```
    /// use straingauge::quality::AnswerPattern;
    /// let columns: [&[u8]; 3] = [&[2, 1], &[2, 254], &[5, 254]]; // 254: skipped
    /// let mut irvs = Vec::new();
    /// AnswerPattern::irvs(&columns, &mut irvs);
    /// assert_eq!(irvs[0], 3_f64.sqrt());
    /// assert!(irvs[1].is_nan()); // one answer
    /// ```
    pub fn irvs(columns: &[&[u8]], irvs: &mut Vec<f64>) {
        let rows = columns.iter().map(|column| column.len()).min().unwrap_or(0);
        irvs.clear();
        irvs.resize(rows, f64::NAN);
        if columns.len() >= usize::from(u8::MAX) {
            for (row, irv) in irvs.iter_mut().enumerate() {
                *irv = Self::of_row(columns, &[], row).irv().unwrap_or(f64::NAN);
            }
            return;
        }
        let (mut answered, mut sums) = (vec![0_u8; BLOCK], vec![0_u16; BLOCK + ASIDE]);
        let (mut narrow, mut wide) = (vec![0_u16; BLOCK + 2 * ASIDE], vec![0_u32; BLOCK]);
        for (at, irvs) in irvs.chunks_mut(BLOCK).enumerate() {
            let start = at * BLOCK;
            let len = irvs.len();
            let cells = || columns.iter().filter_map(|c| c.get(start..start + len));
            let code = |x: u8| u16::from(x & ones(is_code(x)));
            answered.fill(0);
            sums.fill(0);
            narrow.fill(0);
            // Two items at a time: the counts are fetched and put back half as often.
            for pair in columns.chunks(2) {
                let of = |at: usize| pair.get(at).and_then(|c| c.get(start..start + len));
                let Some(first) = of(0) else { continue };
                let counts = answered.iter_mut().zip(sums.iter_mut()).zip(narrow.iter_mut());
                if let Some(second) = of(1) {
                    for ((x, y), ((answered, sum), squares)) in first.iter().zip(second).zip(counts)
                    {
                        let (a, b) = (code(*x), code(*y));
                        *answered += u8::from(is_code(*x)) + u8::from(is_code(*y));
                        *sum += a + b;
                        *squares = squares.saturating_add((a * a).saturating_add(b * b));
                    }
                } else {
                    for (x, ((answered, sum), squares)) in first.iter().zip(counts) {
                        let a = code(*x);
                        *answered += u8::from(is_code(*x));
                        *sum += a;
                        *squares = squares.saturating_add(a * a);
                    }
                }
            }
            let counts = answered.iter().zip(&sums);
            // Squares of usual codes fit 16 bits, which is half the work; the sum stops at the top
            // where they may not.
            let full = narrow.iter().map(|s| u16::from(*s == u16::MAX)).sum::<u16>();
            if full == 0 {
                write_irvs(irvs, counts, narrow.iter().map(|s| f64::from(*s)));
            } else {
                wide.fill(0);
                for cells in cells() {
                    for (x, squares) in cells.iter().zip(wide.iter_mut()) {
                        *squares += u32::from(code(*x) * code(*x));
                    }
                }
                write_irvs(irvs, counts, wide.iter().map(|s| f64::from(*s)));
            }
        }
    }

    fn of_row(columns: &[&[u8]], breaks: &[usize], row: usize) -> Self {
        let mut pattern = Self::default();
        let (mut run, mut before) = (0_u16, None);
        for (item, column) in columns.iter().enumerate() {
            let code = column.get(row).filter(|byte| **byte <= Answer::HIGHEST_CODE).copied();
            let goes_on = code.is_some() && code == before && !breaks.contains(&item);
            if let Some(code) = code {
                run = if goes_on { run.saturating_add(1) } else { 1 };
                pattern.runs = pattern.runs.saturating_add(u16::from(!goes_on));
                pattern.answered = pattern.answered.saturating_add(1);
                pattern.longest = pattern.longest.max(run);
                pattern.sum += u32::from(code);
                pattern.squares += u32::from(code) * u32::from(code);
            }
            before = code;
        }
        pattern
    }

    /// Length of the longest run of identical codes; 0 where nothing was answered.
    pub const fn longstring(self) -> u16 {
        self.longest
    }

    /// Mean length of runs; `None` where nothing was answered.
    ///
    /// The R package careless counts each missing answer as a run of 1; here only answers count.
    pub fn average_longstring(self) -> Option<f64> {
        (self.runs > 0).then(|| f64::from(self.answered) / f64::from(self.runs))
    }

    /// Intra-individual response variability: the standard deviation (n - 1) of a person's codes;
    /// `None` below two answers (Dunn and others 2018, Journal of Business and Psychology
    /// 33:105-121, doi:10.1007/s10869-016-9479-0).
    pub fn irv(self) -> Option<f64> {
        let n = u64::from(self.answered);
        (n >= 2).then(|| {
            let (sum, squares) = (u64::from(self.sum), u64::from(self.squares));
            ((n * squares - sum * sum) as f64 / (n * (n - 1)) as f64).sqrt()
        })
    }

    /// Items answered.
    pub const fn answered(self) -> u16 {
        self.answered
    }
}

const fn is_code(byte: u8) -> bool {
    byte <= Answer::HIGHEST_CODE
}

/// All ones or all zeros, so that there is no branch.
fn ones(holds: bool) -> u8 {
    u8::from(holds).wrapping_neg()
}

/// Whole numbers this small are exact in f64, so this rounds where [`AnswerPattern::irv`] does.
fn write_irvs<'a>(
    irvs: &mut [f64],
    counts: impl Iterator<Item = (&'a u8, &'a u16)>,
    squares: impl Iterator<Item = f64>,
) {
    for (irv, ((answered, sum), squares)) in irvs.iter_mut().zip(counts.zip(squares)) {
        let (n, sum) = (f64::from(*answered), f64::from(*sum));
        // 0 / 0 below two answers.
        *irv = ((n * squares - sum * sum) / (n * (n - 1.0))).sqrt();
    }
}

/// Counts of a block of people, beside each other so that the processor's wide lanes are used.
struct Block {
    run: Box<[u8; BLOCK]>,
    longest: Box<[u8; BLOCK]>,
    runs: Box<[u8; BLOCK]>,
    answered: Box<[u8; BLOCK]>,
    sum: Box<[u16; BLOCK]>,
    squares: Box<[u32; BLOCK]>,
}

impl Block {
    fn new() -> Self {
        Self {
            run: Box::new([0; BLOCK]),
            longest: Box::new([0; BLOCK]),
            runs: Box::new([0; BLOCK]),
            answered: Box::new([0; BLOCK]),
            sum: Box::new([0; BLOCK]),
            squares: Box::new([0; BLOCK]),
        }
    }

    fn clear(&mut self) {
        self.run.fill(0);
        self.longest.fill(0);
        self.runs.fill(0);
        self.answered.fill(0);
        self.sum.fill(0);
        self.squares.fill(0);
    }

    /// Adds an item's answers; `before` are those of the item that a run may come from.
    fn add(&mut self, cells: &[u8], before: Option<&[u8]>) {
        let before = before.unwrap_or(&[]);
        let counts =
            self.longest.iter_mut().zip(self.runs.iter_mut()).zip(self.answered.iter_mut());
        let step = |run: &mut u8,
                    longest: &mut u8,
                    (runs, answered): (&mut u8, &mut u8),
                    (x, same): (u8, bool)| {
            let there = u8::from(x <= Answer::HIGHEST_CODE);
            let on = u8::from(same);
            // All ones or all zeros, so that there is no branch.
            *run = ((*run & on.wrapping_neg()) + 1) & there.wrapping_neg();
            *longest = (*longest).max(*run);
            *runs += there & !on;
            *answered += there;
        };
        if before.is_empty() {
            for ((x, run), ((longest, runs), answered)) in
                cells.iter().zip(self.run.iter_mut()).zip(counts)
            {
                step(run, longest, (runs, answered), (*x, false));
            }
        } else {
            let cells = cells.iter().zip(before);
            for (((x, y), run), ((longest, runs), answered)) in
                cells.zip(self.run.iter_mut()).zip(counts)
            {
                step(run, longest, (runs, answered), (*x, x == y));
            }
        }
        for ((x, sum), squares) in
            cells.iter().zip(self.sum.iter_mut()).zip(self.squares.iter_mut())
        {
            let code = if *x <= Answer::HIGHEST_CODE { u16::from(*x) } else { 0 };
            *sum += code;
            *squares += u32::from(code * code);
        }
    }

    fn write(&self, people: &mut [AnswerPattern]) {
        let runs = self.longest.iter().zip(self.runs.iter()).zip(self.answered.iter());
        let codes = self.sum.iter().zip(self.squares.iter());
        for (person, (((longest, runs), answered), (sum, squares))) in
            people.iter_mut().zip(runs.zip(codes))
        {
            *person = AnswerPattern {
                sum: u32::from(*sum),
                squares: *squares,
                longest: u16::from(*longest),
                runs: u16::from(*runs),
                answered: u16::from(*answered),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns of small codes with gaps from a fixed sequence.
    fn synthetic(rows: usize, items: usize, top: u64) -> Vec<Vec<u8>> {
        let mut state = 11_u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let draw = state >> 33;
            if draw.is_multiple_of(17) {
                251 + u8::try_from(draw / 17 % 5).unwrap()
            } else {
                u8::try_from(draw / 17 % top).unwrap()
            }
        };
        (0..items).map(|_| (0..rows).map(|_| draw()).collect()).collect()
    }

    #[test]
    fn blocks_of_people_and_single_people_are_counted_alike() {
        for (rows, items, top) in
            [(5000, 30, 3), (2049, 7, 251), (3000, 2, 4), (10, 254, 2), (3, 255, 2), (40, 300, 251)]
        {
            let columns = synthetic(rows, items, top);
            let columns: Vec<&[u8]> = columns.iter().map(Vec::as_slice).collect();
            for breaks in [vec![], vec![0, 3, 5]] {
                let mut people = Vec::new();
                AnswerPattern::of_columns(&columns, &breaks, &mut people);
                assert_eq!(people.len(), rows);
                for (row, person) in people.iter().enumerate() {
                    assert_eq!(*person, AnswerPattern::of_row(&columns, &breaks, row));
                }
                let (mut longest, mut irvs) = (vec![7; 3], vec![7.0; 3]);
                AnswerPattern::longstrings(&columns, &breaks, &mut longest);
                assert!(longest.iter().copied().eq(people.iter().map(|p| p.longstring())));
                AnswerPattern::irvs(&columns, &mut irvs);
                assert_eq!(irvs.len(), rows);
                for (irv, person) in irvs.iter().zip(&people) {
                    let alone = person.irv();
                    assert_eq!(irv.is_nan(), alone.is_none());
                    assert!(alone.is_none_or(|alone| alone.to_bits() == irv.to_bits()));
                }
            }
        }
    }

    #[test]
    fn one_answer_throughout_and_none_at_all() {
        let same: Vec<Vec<u8>> = vec![vec![250, 254]; 254];
        let columns: Vec<&[u8]> = same.iter().map(Vec::as_slice).collect();
        let mut people = vec![AnswerPattern::default(); 9];
        AnswerPattern::of_columns(&columns, &[], &mut people);
        assert_eq!((people[0].longstring(), people[0].average_longstring()), (254, Some(254.0)));
        assert_eq!(people[0].irv(), Some(0.0));
        assert_eq!(
            (people[1].longstring(), people[1].average_longstring(), people[1].irv()),
            (0, None, None)
        );
        AnswerPattern::of_columns(&[], &[], &mut people);
        assert!(people.is_empty());
    }
}
