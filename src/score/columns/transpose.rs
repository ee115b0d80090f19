//! Rows to columns.

// Indices are below the lengths that the callers cut to: sixteen rows of a table, eight words.
#![allow(clippy::indexing_slicing)]

/// Rows that are turned together: two squares of eight by eight, side by side in one wide register.
const ROWS: usize = 16;
type Line = [u64; ROWS / 8];

/// Rows to columns of `block` bytes each.
#[inline(never)]
pub(super) fn transpose(rows: &[u8], (items, block): (usize, usize), columns: &mut [u8]) {
    let whole = if items < 8 { 0 } else { rows.len() / (ROWS * items) * ROWS };
    for (row, some) in (0..whole).step_by(ROWS).zip(rows.chunks_exact(ROWS * items.max(1))) {
        let mut item = 0;
        while item < items {
            // The last eight items may have been done in part before: their bytes are the same.
            let first = item.min(items - 8);
            let word = |row: usize| {
                let bytes = some[row * items + first..].first_chunk();
                bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
            };
            let mut squares: [Line; 8] =
                std::array::from_fn(|at| std::array::from_fn(|square| word(square * 8 + at)));
            turn(&mut squares);
            for (at, line) in squares.iter().enumerate() {
                let to = (first + at) * block + row;
                let bytes = line.map(u64::to_le_bytes);
                columns[to..to + ROWS].copy_from_slice(bytes.as_flattened());
            }
            item += 8;
        }
    }
    for (row, bytes) in rows.chunks(items.max(1)).enumerate().skip(whole) {
        for (item, byte) in bytes.iter().enumerate() {
            columns[item * block + row] = *byte;
        }
    }
}

/// Squares of eight by eight bytes, rows to columns: halves, quarters, eighths change places.
#[inline]
fn turn(squares: &mut [Line; 8]) {
    const STEPS: [(usize, u64); 3] =
        [(4, 0x0000_0000_ffff_ffff), (2, 0x0000_ffff_0000_ffff), (1, 0x00ff_00ff_00ff_00ff)];
    for (apart, mask) in STEPS {
        for at in 0..8 {
            if at & apart == 0 {
                let (one, other) = (squares[at], squares[at + apart]);
                let bits = apart * 8;
                squares[at] =
                    std::array::from_fn(|lane| (one[lane] & mask) | (other[lane] & mask) << bits);
                squares[at + apart] =
                    std::array::from_fn(|lane| (one[lane] >> bits & mask) | (other[lane] & !mask));
            }
        }
    }
}
