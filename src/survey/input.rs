//! Bytes of a file through a window of fixed size, and the line at which it stands.

use std::io::{self, Read};

/// How much is read at once, and the longest line that is looked at as a whole.
const WINDOW: usize = 1 << 16;

/// A window onto the input.
#[derive(Debug)]
pub(super) struct Input<R> {
    source: R,
    window: Vec<u8>,
    /// What of the window has been taken, and how far it is filled.
    taken: usize,
    filled: usize,
    ended: bool,
    lines: Lines,
}

/// Lines that lie behind, whatever ended them.
#[derive(Debug, Default)]
struct Lines {
    behind: u64,
    after_return: bool,
}

impl Lines {
    fn pass(&mut self, bytes: &[u8]) {
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let is_return = |at: usize| bytes.get(at) == Some(&b'\r');
            // The second byte of a pair ends no further line.
            let after_return = at.checked_sub(1).map_or(self.after_return, is_return);
            self.behind += u64::from(is_return(at) || !after_return);
        }
        if let Some(last) = bytes.last() {
            self.after_return = *last == b'\r';
        }
    }
}

impl<R: Read> Input<R> {
    /// `head` was read from `source` and comes first.
    pub(super) fn new(head: &[u8], source: R) -> Self {
        let mut window = vec![0; WINDOW];
        let filled = head.len().min(WINDOW);
        if let Some((start, head)) = window.get_mut(..filled).zip(head.get(..filled)) {
            start.copy_from_slice(head);
        }
        Self { source, window, taken: 0, filled, ended: false, lines: Lines::default() }
    }

    /// What has been read and not been taken.
    #[inline]
    pub(super) fn ahead(&self) -> &[u8] {
        self.window.get(self.taken..self.filled).unwrap_or_default()
    }

    /// Reads on; `false` at the end of the input, and where the window is full.
    pub(super) fn read_on(&mut self) -> io::Result<bool> {
        if self.filled == self.window.len() {
            self.window.copy_within(self.taken.., 0);
            (self.taken, self.filled) = (0, self.filled - self.taken);
        } else if self.taken == self.filled {
            (self.taken, self.filled) = (0, 0);
        }
        let room = self.window.get_mut(self.filled..).unwrap_or_default();
        if self.ended || room.is_empty() {
            return Ok(false);
        }
        let count = read_some(&mut self.source, room)?;
        self.filled = (self.filled + count).min(self.window.len());
        self.ended = count == 0;
        Ok(!self.ended)
    }

    /// Whether nothing follows what is ahead.
    pub(super) const fn has_ended(&self) -> bool {
        self.ended
    }

    /// The line of the next byte, from 1.
    pub(super) const fn line(&self) -> u64 {
        self.lines.behind + 1
    }

    /// Takes bytes that may hold line ends.
    pub(super) fn take(&mut self, count: usize) {
        let end = self.taken.saturating_add(count).min(self.filled);
        self.lines.pass(self.window.get(self.taken..end).unwrap_or_default());
        self.taken = end;
    }

    /// Takes a line, and the byte that ends it if it is not the input that ends.
    #[inline]
    pub(super) fn take_line(&mut self, length: usize, end: Option<u8>) {
        self.taken = (self.taken + length + usize::from(end.is_some())).min(self.filled);
        self.lines.behind += u64::from(end.is_some());
        self.lines.after_return = end == Some(b'\r');
    }

    /// Takes the line ends that come at once, and says how many bytes they are.
    #[inline]
    pub(super) fn take_line_ends(&mut self) -> usize {
        let ends = self.ahead().iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        if ends > 0 {
            self.take(ends);
        }
        ends
    }
}

/// Reads, again where a signal came in between.
pub(super) fn read_some(source: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}
