//! One part of a workbook, an XML document, read with a limit on what it unpacks to.

use std::{
    borrow::Cow,
    io::{self, BufRead, BufReader, Read},
};

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesEnd, BytesStart, Event},
};

use super::{SurveyError, wrong};

/// Bytes that a part may unpack to.
const MOST: u64 = 1 << 30;

/// Where a part starts, ends or says something.
pub(super) enum Piece<'b> {
    Start(Element<'b>),
    End(BytesEnd<'b>),
    Text(Cow<'b, str>),
}

/// An element with its attributes; names count without their prefix.
pub(super) struct Element<'b> {
    tag: BytesStart<'b>,
    part: &'b str,
}

impl Element<'_> {
    pub(super) fn name(&self) -> &str {
        self.tag.local_name().into_inner()
    }

    pub(super) fn attribute(&self, name: &str) -> Result<Option<String>, SurveyError> {
        let at = |problem: String| wrong(format!("{}: {problem}", self.part));
        for attribute in self.tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| at(error.to_string()))?;
            if attribute.key.local_name().into_inner() == name {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                return Ok(Some(value.map_err(|error| at(error.to_string()))?.into_owned()));
            }
        }
        Ok(None)
    }
}

pub(super) struct Part<R> {
    name: String,
    xml: Reader<Limited<BufReader<R>>>,
    buffer: Vec<u8>,
}

impl<R: Read> Part<R> {
    pub(super) fn new(name: String, bytes: R) -> Self {
        let mut xml = Reader::from_reader(Limited { input: BufReader::new(bytes), left: MOST });
        xml.config_mut().expand_empty_elements = true;
        Self { name, xml, buffer: Vec::new() }
    }

    pub(super) fn wrong(&self, problem: impl std::fmt::Display) -> SurveyError {
        wrong(format!("{}: {problem}", self.name))
    }

    /// Allows so many bytes from here on, where what came before need not be kept.
    pub(super) fn allow(&mut self, bytes: u64) {
        self.xml.get_mut().left = bytes;
    }

    /// What comes next, or nothing at the end of the part; an empty element starts and ends.
    pub(super) fn next(&mut self) -> Result<Option<Piece<'_>>, SurveyError> {
        let Self { name, xml, buffer } = self;
        let at = |problem: String| wrong(format!("{name}: {problem}"));
        buffer.clear();
        let event = xml.read_event_into(buffer).map_err(|error| at(error.to_string()))?;
        Ok(Some(match event {
            Event::Eof => return Ok(None),
            Event::Start(tag) | Event::Empty(tag) => Piece::Start(Element { tag, part: name }),
            Event::End(tag) => Piece::End(tag),
            Event::Text(text) => Piece::Text(text.xml10_content()),
            Event::CData(text) => Piece::Text(text.xml10_content()),
            Event::GeneralRef(entity) => {
                let character = entity.resolve_char_ref().map_err(|error| at(error.to_string()))?;
                let entity = entity.into_inner();
                Piece::Text(match character {
                    Some(character) => Cow::Owned(character.to_string()),
                    None => Cow::Borrowed(
                        resolve_predefined_entity(&entity)
                            .ok_or_else(|| at(format!("`&{entity};` stands for nothing")))?,
                    ),
                })
            }
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_) => {
                Piece::Text(Cow::Borrowed(""))
            }
        }))
    }

    /// Appends the text of what a cell or a shared string holds, up to the end of that element;
    /// formulas and phonetic readings are not text.
    pub(super) fn text_to(&mut self, end: &str, text: &mut String) -> Result<(), SurveyError> {
        let (mut inside, mut phonetic) = (false, false);
        while let Some(piece) = self.next()? {
            match piece {
                Piece::Start(element) => match element.name() {
                    "v" | "t" => inside = true,
                    "rPh" => phonetic = true,
                    _ => {}
                },
                Piece::End(tag) => match tag.local_name().into_inner() {
                    name if name == end => return Ok(()),
                    "v" | "t" => inside = false,
                    "rPh" => phonetic = false,
                    _ => {}
                },
                Piece::Text(more) if inside && !phonetic => text.push_str(&more),
                Piece::Text(_) => {}
            }
        }
        Err(self.wrong(format!("it ends within <{end}>")))
    }

    /// Reads what is left, so that damage anywhere in the part is found.
    pub(super) fn finish(self) -> Result<(), SurveyError> {
        let Self { name, xml, .. } = self;
        let mut input = xml.into_inner().input;
        let rest = io::copy(&mut input, &mut io::sink());
        rest.map(|_| ()).map_err(|error| wrong(format!("{name}: {error}")))
    }
}

/// Refuses to go on when more has been read than is allowed.
struct Limited<R> {
    input: R,
    left: u64,
}

impl<R: BufRead> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Limited<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let ready = self.input.fill_buf()?;
        let allowed = usize::try_from(self.left).map_or(ready.len(), |left| ready.len().min(left));
        if allowed == 0 && !ready.is_empty() {
            return Err(io::Error::other("it unpacks to more than survey answers would"));
        }
        Ok(ready.get(..allowed).unwrap_or(ready))
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count as u64);
        self.input.consume(count);
    }
}
