//! The bytes of an SPSS file, and the 8-byte elements of its cases.

use std::io::{self, BufRead, BufReader, Read, Take};

use flate2::bufread::ZlibDecoder;

use super::SurveyError;

/// The input with its position and byte order.
pub(super) struct Bytes<'r> {
    input: Box<dyn Read + 'r>,
    at: u64,
    big: bool,
    /// Whether what is read was packed in the file.
    packed: bool,
}

impl std::fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bytes")
            .field("at", &self.at)
            .field("big", &self.big)
            .finish_non_exhaustive()
    }
}

impl<'r> Bytes<'r> {
    pub(super) fn new(input: impl Read + 'r) -> Self {
        Self { input: Box::new(input), at: 0, big: false, packed: false }
    }

    pub(super) fn wrong(&self, problem: impl Into<String>) -> SurveyError {
        SurveyError::Sav { at: self.at, problem: problem.into() }
    }

    pub(super) const fn set_big(&mut self, big: bool) {
        self.big = big;
    }

    /// Fills `into`, or says that the file ended; `false` if it ended before the first byte.
    pub(super) fn fill(&mut self, into: &mut [u8]) -> Result<bool, SurveyError> {
        let mut done = 0;
        while let Some(rest) = into.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.input.read(rest) {
                Ok(0) if done == 0 => return Ok(false),
                Ok(0) => return Err(self.wrong("it ends in the middle of a record")),
                Ok(count) => {
                    done += count;
                    self.at += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(SurveyError::input(&error)),
            }
        }
        Ok(true)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], SurveyError> {
        let mut bytes = [0; N];
        if self.fill(&mut bytes)? { Ok(bytes) } else { Err(self.wrong("it ends too early")) }
    }

    pub(super) fn integer(&mut self) -> Result<i32, SurveyError> {
        let bytes = self.array()?;
        Ok(self.integer_of(bytes))
    }

    pub(super) const fn integer_of(&self, bytes: [u8; 4]) -> i32 {
        if self.big { i32::from_be_bytes(bytes) } else { i32::from_le_bytes(bytes) }
    }

    pub(super) fn number(&mut self) -> Result<f64, SurveyError> {
        let bytes = self.array()?;
        Ok(self.number_of(bytes))
    }

    pub(super) const fn number_of(&self, bytes: [u8; 8]) -> f64 {
        if self.big { f64::from_be_bytes(bytes) } else { f64::from_le_bytes(bytes) }
    }

    pub(super) const fn bytes_of(&self, number: f64) -> [u8; 8] {
        if self.big { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    /// A count of 8 bytes that is no less than nothing, as far as it is one.
    pub(super) fn long_of(&self, bytes: [u8; 8]) -> Option<u64> {
        let long = if self.big { i64::from_be_bytes(bytes) } else { i64::from_le_bytes(bytes) };
        u64::try_from(long).ok()
    }

    /// A length that the file states.
    pub(super) fn length(&mut self, most: usize) -> Result<usize, SurveyError> {
        let stated = self.integer()?;
        let length = usize::try_from(stated).ok().filter(|length| *length <= most);
        length.ok_or_else(|| self.wrong(format!("a length of {stated}; at most {most} is read")))
    }

    pub(super) fn take(&mut self, length: usize) -> Result<Vec<u8>, SurveyError> {
        let mut bytes = Vec::new();
        let mut left = length;
        while left > 0 {
            let mut piece = [0; 512];
            let piece = piece.get_mut(..left.min(512)).unwrap_or_default();
            if !self.fill(piece)? {
                return Err(self.wrong("it ends too early"));
            }
            bytes.extend_from_slice(piece);
            left -= piece.len();
        }
        Ok(bytes)
    }

    /// Reads what is left of the packed cases, so that damage in their last block is found.
    pub(super) fn finish(&mut self) -> Result<(), SurveyError> {
        let mut rest = [0; 512];
        while self.packed
            && self.input.read(&mut rest).map_err(|error| SurveyError::input(&error))? > 0
        {}
        Ok(())
    }

    /// Goes on with what is packed in blocks of zlib, as the cases of a `.zsav` are.
    pub(super) fn unpack(mut self) -> Result<Self, SurveyError> {
        let start = self.at;
        let [header, trailer, _length] = [self.array()?, self.array()?, self.array()?];
        let (header, trailer) = (self.long_of(header), self.long_of(trailer));
        let packed = trailer.and_then(|end| end.checked_sub(self.at));
        let Some(packed) = packed.filter(|_| header == Some(start)) else {
            return Err(self.wrong("it does not say where its compressed cases begin and end"));
        };
        let Self { input, at, big, .. } = self;
        // A file without cases has no block.
        let decoder = (packed > 0).then(|| ZlibDecoder::new(BufReader::new(input.take(packed))));
        let blocks = Blocks { decoder, at };
        Ok(Self { input: Box::new(blocks), at, big, packed: true })
    }
}

/// Blocks of zlib, one behind the other.
struct Blocks<R> {
    /// Nothing once all have been read.
    decoder: Option<ZlibDecoder<BufReader<Take<R>>>>,
    /// Where they begin in the file.
    at: u64,
}

impl<R: Read> Read for Blocks<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        while let Some(decoder) = &mut self.decoder {
            let count = decoder.read(into).map_err(|error| match error.kind() {
                InvalidData | InvalidInput | UnexpectedEof => {
                    let problem = format!(
                        "its compressed cases, which begin there, are damaged or cut off ({error})"
                    );
                    io::Error::other(SurveyError::Sav { at: self.at, problem })
                }
                _ => error,
            })?;
            if count > 0 || into.is_empty() {
                return Ok(count);
            }
            let Some(mut rest) = self.decoder.take().map(ZlibDecoder::into_inner) else { break };
            if !rest.fill_buf()?.is_empty() {
                self.decoder = Some(ZlibDecoder::new(rest));
            }
        }
        Ok(0)
    }
}

/// The elements of the cases, one after the other.
#[derive(Debug)]
pub(super) struct Elements<'r> {
    pub(super) bytes: Bytes<'r>,
    pub(super) system_missing: f64,
    commands: Option<Commands>,
}

/// The state of byte compression: commands of the current group, and the bias of small numbers.
#[derive(Debug)]
struct Commands {
    bias: f64,
    group: [u8; 8],
    next: usize,
}

impl<'r> Elements<'r> {
    /// The elements that follow; with a bias if small numbers are compressed into bytes.
    pub(super) fn new(bytes: Bytes<'r>, system_missing: f64, bias: Option<f64>) -> Self {
        let commands = bias.map(|bias| Commands { bias, group: [0; 8], next: 8 });
        Self { bytes, system_missing, commands }
    }

    /// The next element; `None` at the end of the data.
    pub(super) fn next(&mut self) -> Result<Option<[u8; 8]>, SurveyError> {
        let Some(commands) = &mut self.commands else {
            let mut element = [0; 8];
            return Ok(self.bytes.fill(&mut element)?.then_some(element));
        };
        loop {
            let Some(command) = commands.group.get(commands.next).copied() else {
                if !self.bytes.fill(&mut commands.group)? {
                    return Ok(None);
                }
                commands.next = 0;
                continue;
            };
            commands.next += 1;
            return Ok(Some(match command {
                0 => continue,
                252 => return Ok(None),
                253 => self.bytes.array()?,
                254 => *b"        ",
                255 => self.bytes.bytes_of(self.system_missing),
                small => self.bytes.bytes_of(f64::from(small) - commands.bias),
            }));
        }
    }
}
