//! The cells of one row.

/// Least room for a row's bytes, so that few rows need more.
const ROOM: usize = 1 << 10;

/// Bytes of a line that are looked at together.
const BLOCK: usize = 64;

/// A bit for each byte of the block that is `wanted`.
///
/// Eight bytes at a time as one number: how fast a line is cut then does not depend on what stands
/// in it, as it does where every byte is a branch.
#[inline]
fn places(block: &[u8; BLOCK], wanted: u8) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let wanted = u64::from_ne_bytes([wanted; 8]);
    let mut places = 0;
    for (at, word) in block.as_chunks::<8>().0.iter().enumerate() {
        let differs = u64::from_le_bytes(*word) ^ wanted;
        // The high bit of each byte that is zero, and nothing else.
        let equal = !(((differs & LOW) + LOW) | differs | LOW);
        // One bit of each byte, collected in the highest byte.
        let bits = (equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        places |= bits << (8 * at);
    }
    places
}

/// The cells of one row: their bytes in one piece, and where each of them begins.
///
/// A row takes the place of the one before it, so that reading allocates nothing.
#[derive(Debug, Clone)]
pub(super) struct Cells {
    /// At least the row's bytes; what lies behind them is of an earlier row.
    bytes: Vec<u8>,
    /// Where each cell begins, and where one more would.
    starts: Vec<usize>,
    /// How many cells there are.
    count: usize,
    /// Bytes between two cells: the delimiter in a line as it stands, none once it was parsed.
    between: usize,
}

impl Cells {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; ROOM], starts: vec![0], count: 0, between: 0 }
    }

    /// How many cells the row has.
    pub(super) const fn len(&self) -> usize {
        self.count
    }

    /// A cell by its position in the row.
    #[inline]
    pub(super) fn get(&self, at: usize) -> Option<&[u8]> {
        self.view().get(at)
    }

    /// For one look-up after another.
    #[inline]
    pub(super) fn view(&self) -> View<'_> {
        let starts = self.starts.get(..=self.count).unwrap_or_default();
        View { bytes: &self.bytes, starts, between: self.between }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.count).map_while(|at| self.get(at))
    }

    /// Takes a line without quotation marks, cut at every delimiter.
    #[inline]
    pub(super) fn split(&mut self, line: &[u8], delimiter: u8) {
        let blocks = line.len().div_ceil(BLOCK);
        if self.bytes.len() < blocks * BLOCK {
            self.bytes.resize((blocks * BLOCK).next_power_of_two(), 0);
        }
        if let Some(bytes) = self.bytes.get_mut(..line.len()) {
            bytes.copy_from_slice(line);
        }
        let mut count = 1;
        let mut before = 0;
        for block in self.bytes.as_chunks::<BLOCK>().0.iter().take(blocks) {
            let mut found = places(block, delimiter);
            let left = line.len() - before;
            if left < BLOCK {
                // What follows the line is of an earlier row.
                found &= (1 << left) - 1;
            }
            if self.starts.len() <= count + BLOCK {
                self.starts.resize(2 * count + 2 * BLOCK, 0);
            }
            let room = self.starts.get_mut(count..).unwrap_or_default();
            let size = room.len();
            let mut room = room.iter_mut();
            while found != 0 {
                let Some(start) = room.next() else { break };
                *start = before + found.trailing_zeros() as usize + 1;
                found &= found - 1;
            }
            count += size - room.len();
            before += BLOCK;
        }
        if self.starts.len() <= count {
            self.starts.resize(count + BLOCK, 0);
        }
        if let Some(start) = self.starts.get_mut(count) {
            *start = line.len() + 1;
        }
        (self.count, self.between) = (count, 1);
    }

    /// Empties the row; cells are added by [`Self::push`] or by a [`Filling`].
    pub(super) const fn clear(&mut self) {
        (self.count, self.between) = (0, 0);
    }

    /// Adds a cell to a row that was not split.
    pub(super) fn push(&mut self, cell: &[u8]) {
        let start = self.starts.get(self.count).copied().unwrap_or_default();
        let end = start + cell.len();
        if self.bytes.len() < end {
            self.bytes.resize(end.next_power_of_two(), 0);
        }
        if let Some(bytes) = self.bytes.get_mut(start..end) {
            bytes.copy_from_slice(cell);
        }
        self.count += 1;
        self.starts.truncate(self.count);
        self.starts.push(end);
    }

    /// Whether the bytes of all cells, and those between, are ASCII.
    pub(super) fn is_ascii(&self) -> bool {
        let end = self.starts.get(self.count).and_then(|next| next.checked_sub(self.between));
        end.and_then(|end| self.bytes.get(..end)).is_none_or(<[u8]>::is_ascii)
    }
}

/// The cells of a row, to be looked up.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'c> {
    bytes: &'c [u8],
    starts: &'c [usize],
    between: usize,
}

impl<'c> View<'c> {
    /// A cell by its position in the row.
    #[inline]
    pub(super) fn get(self, at: usize) -> Option<&'c [u8]> {
        let [start, next] = *self.starts.get(at..)?.first_chunk()?;
        self.bytes.get(start..next.checked_sub(self.between)?)
    }
}

/// A row that a parser is writing, piece by piece.
#[derive(Debug)]
pub(super) struct Filling<'c> {
    cells: &'c mut Cells,
    written: usize,
}

impl<'c> Filling<'c> {
    /// Begins the row anew.
    pub(super) fn of(cells: &'c mut Cells) -> Self {
        cells.clear();
        Self { cells, written: 0 }
    }

    /// Where the next bytes go, and where the next cells end. Neither is empty.
    pub(super) fn room(&mut self) -> (&mut [u8], &mut [usize]) {
        let cells = &mut *self.cells;
        if cells.bytes.len() <= self.written {
            cells.bytes.resize((2 * self.written).max(ROOM), 0);
        }
        if cells.starts.len() <= cells.count + 1 {
            cells.starts.resize(2 * cells.count + 32, 0);
        }
        let bytes = cells.bytes.get_mut(self.written..).unwrap_or_default();
        (bytes, cells.starts.get_mut(cells.count + 1..).unwrap_or_default())
    }

    /// So much of the room was used.
    pub(super) const fn wrote(&mut self, bytes: usize, ends: usize) {
        self.written += bytes;
        self.cells.count += ends;
    }
}
