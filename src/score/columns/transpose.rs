//! Rows to columns.

// Indices are below the lengths that the callers cut to: eight rows of a table, eight words.
#![allow(clippy::indexing_slicing)]

/// Rows to columns of `block` bytes each, eight by eight.
#[inline(never)]
pub(super) fn transpose(rows: &[u8], (items, block): (usize, usize), columns: &mut [u8]) {
    let whole = if items < 8 { 0 } else { rows.len() / (8 * items) * 8 };
    for (row, eight) in (0..whole).step_by(8).zip(rows.chunks_exact(8 * items.max(1))) {
        let mut item = 0;
        while item < items {
            // The last eight items may have been done in part before: their bytes are the same.
            let first = item.min(items - 8);
            let line = |at: usize| {
                let bytes = eight[at * items + first..].first_chunk();
                bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
            };
            let mut square: [u64; 8] = std::array::from_fn(line);
            turn(&mut square);
            for (at, line) in square.iter().enumerate() {
                let to = (first + at) * block + row;
                columns[to..to + 8].copy_from_slice(&line.to_le_bytes());
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

/// Eight by eight bytes, rows to columns: halves, quarters, eighths change places.
#[inline]
fn turn(square: &mut [u64; 8]) {
    const STEPS: [(usize, u64); 3] =
        [(4, 0x0000_0000_ffff_ffff), (2, 0x0000_ffff_0000_ffff), (1, 0x00ff_00ff_00ff_00ff)];
    for (apart, mask) in STEPS {
        for at in 0..8 {
            if at & apart == 0 {
                let (one, other) = (square[at], square[at + apart]);
                let bits = apart * 8;
                square[at] = (one & mask) | (other & mask) << bits;
                square[at + apart] = (one >> bits & mask) | (other & !mask);
            }
        }
    }
}
