//! One part of a workbook, an XML document, read with a limit on what it unpacks to.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, BufRead, BufReader, Read},
    str::FromStr,
};

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesEnd, BytesStart, Event},
};

use super::{SurveyError, wrong};

/// Bytes that may be read before what was read is done with: a row, a string, or all of a part that
/// is not read in such steps.
const MOST: u64 = 1 << 24;

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
        let wrong = |problem: String| wrong(format!("{}: <{}>: {problem}", self.part, self.name()));
        for attribute in self.tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| wrong(error.to_string()))?;
            if attribute.key.local_name().into_inner() == name {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                return Ok(Some(value.map_err(|error| wrong(error.to_string()))?.into_owned()));
            }
        }
        Ok(None)
    }

    /// An attribute that counts something or names a place in a list.
    pub(super) fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, SurveyError> {
        let Some(text) = self.attribute(name)? else { return Ok(None) };
        let number = text.trim().parse().map_err(|_| {
            let (part, of) = (self.part, self.name());
            wrong(format!(
                "{part}: `{name}` of <{of}> is `{text}`, where a whole number from 0 is expected"
            ))
        });
        number.map(Some)
    }
}

/// What a cell or a shared string holds.
#[derive(Default)]
pub(super) struct Held {
    pub(super) text: String,
    /// Whether there is an element for it, if an empty one.
    pub(super) has_value: bool,
    /// How it was computed.
    pub(super) formula: Option<String>,
}

impl Held {
    /// The formula, if no program has computed it yet. An empty text can be what came out.
    pub(super) fn uncomputed(&self, is_text: bool) -> Option<&str> {
        let came_out = !self.text.trim().is_empty() || (is_text && self.has_value);
        self.formula.as_deref().filter(|_| !came_out)
    }
}

pub(super) struct Part<R> {
    /// The name in the archive, and how far it has been read.
    place: String,
    /// Of `place`, the bytes of the name.
    name: usize,
    xml: Reader<Limited<BufReader<R>>>,
    buffer: Vec<u8>,
    /// Elements that have started and not ended.
    depth: usize,
}

impl<R: Read> Part<R> {
    pub(super) fn new(name: String, bytes: R) -> Self {
        let mut xml = Reader::from_reader(Limited { input: BufReader::new(bytes), left: MOST });
        xml.config_mut().expand_empty_elements = true;
        Self { name: name.len(), place: name, xml, buffer: Vec::new(), depth: 0 }
    }

    pub(super) fn wrong(&self, problem: impl std::fmt::Display) -> SurveyError {
        wrong(format!("{}: {problem}", self.place))
    }

    /// Goes on to a row or a string: errors will name it, and it may be as large as any.
    pub(super) fn step(&mut self, kind: &str, number: u32) {
        self.place.truncate(self.name);
        // Writing to a string cannot fail.
        let _ = write!(self.place, ", {kind} {number}");
        self.xml.get_mut().left = MOST;
    }

    /// Allows as much again to be read, where what was read is done with.
    pub(super) fn go_on(&mut self) {
        self.xml.get_mut().left = MOST;
    }

    /// What comes next, or nothing at the end of the part; an empty element starts and ends.
    pub(super) fn next(&mut self) -> Result<Option<Piece<'_>>, SurveyError> {
        let Self { place, xml, buffer, depth, .. } = self;
        let at = |problem: String| wrong(format!("{place}: {problem}"));
        buffer.clear();
        let event = xml.read_event_into(buffer).map_err(|error| at(error.to_string()))?;
        Ok(Some(match event {
            Event::Eof if *depth == 0 => return Ok(None),
            Event::Eof => return Err(at("it ends before its elements do".to_owned())),
            Event::Start(tag) | Event::Empty(tag) => {
                *depth += 1;
                Piece::Start(Element { tag, part: place })
            }
            Event::End(tag) => {
                *depth = depth.saturating_sub(1);
                Piece::End(tag)
            }
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

    /// What the element of this name holds that has just started, up to its end: of a cell its value
    /// or its text and its formula, of a shared string its text.
    pub(super) fn held(&mut self, of: &str) -> Result<Held, SurveyError> {
        let mut held = Held::default();
        let (mut in_text, mut in_formula) = (false, false);
        // Where runs of text may stand.
        let mut in_string = of == "si";
        // Elements open that are no text: phonetic readings and what other programs add.
        let mut other = 0_usize;
        while let Some(piece) = self.next()? {
            match piece {
                Piece::Start(element) => match element.name() {
                    "rPh" | "extLst" => other += 1,
                    _ if other > 0 => other += 1,
                    name if in_text || in_formula || name == of || (name == "t" && !in_string) => {
                        let found = format!("a <{of}> holds a <{name}> where its text is expected");
                        return Err(self.wrong(found));
                    }
                    "v" | "is" if held.has_value => {
                        return Err(self.wrong(format!("a <{of}> holds more than one value")));
                    }
                    name @ ("v" | "is") => {
                        held.has_value = true;
                        (in_text, in_string) = (name == "v", name == "is");
                    }
                    "t" => in_text = true,
                    "f" => {
                        in_formula = true;
                        held.formula = Some(String::new());
                    }
                    _ => {}
                },
                Piece::End(_) if other > 0 => other -= 1,
                Piece::End(tag) => match tag.local_name().into_inner() {
                    name if name == of => break,
                    "t" | "v" => in_text = false,
                    "is" => in_string = false,
                    "f" => in_formula = false,
                    _ => {}
                },
                Piece::Text(_) if other > 0 => {}
                Piece::Text(more) if in_text => held.text.push_str(&more),
                Piece::Text(more) if in_formula => {
                    held.formula.get_or_insert_default().push_str(&more);
                }
                Piece::Text(_) => {}
            }
        }
        Ok(held)
    }

    /// Reads what is left, so that damage anywhere in the part is found.
    pub(super) fn finish(self) -> Result<(), SurveyError> {
        let name = self.place.get(..self.name).unwrap_or_default();
        let rest = io::copy(&mut self.xml.into_inner().input, &mut io::sink());
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
