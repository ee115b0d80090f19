//! The instrument file: read, checked, and from then on without doubt.
//!
//! [`Instrument::parse`] turns a TOML definition into an [`Instrument`], or says everything that is
//! wrong with it. The same checks are the public linter, [`lint`]. The file's keys are described in
//! `instruments/README.md` and, as data, by the types of [`raw`].

use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest, Sha256};

mod check;
pub(crate) mod entangle;
mod finding;
mod locate;
mod model;
mod number;
pub mod raw;
mod terms;
mod test_text;
mod version;

pub(crate) use check::Definition;
pub use finding::{Defect, Finding, LoadError, Place};
pub use model::{
    BandSet, BandStep, Basis, Comparison, Criterion, Implied, Item, Key, Keying, Licence, Norm,
    Part, PublishedChange, Reliability, ResponseOption, ResponseSet, Scale, Source, Term, Variant,
};
pub use number::Exact;
pub use terms::{
    ChangeKind, Construct, Direction, Grade, LicenceClass, NotApplicableRule, Origin,
    ReliabilityKind, Role, Standing, Use,
};
pub use version::{Version, VersionError};

/// A questionnaire at one edition, described by one definition file that has passed every check.
///
/// Cheap to clone: clones share the definition.
///
/// ```
/// let text = include_str!("../../instruments/phq-9/1.0.0.toml");
/// let phq9 = straingauge::Instrument::parse(text)?;
/// assert_eq!(phq9.id(), "phq-9");
/// assert_eq!(phq9.scale("total").unwrap().range().1.to_f64(), 27.0);
/// # Ok::<(), straingauge::instrument::LoadError>(())
/// ```
#[derive(Clone)]
pub struct Instrument(Arc<Checked>);

struct Checked {
    definition: Definition,
    file_hash: String,
}

/// `Instrument(cbi@1.0.0)`: the whole definition would drown every message that quotes it.
impl std::fmt::Debug for Instrument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Instrument({}@{})", self.id(), self.version())
    }
}

/// Equal if made from the same bytes.
impl PartialEq for Instrument {
    fn eq(&self, other: &Self) -> bool {
        self.0.file_hash == other.0.file_hash
    }
}

impl Eq for Instrument {}

impl Instrument {
    /// Reads and checks a definition.
    ///
    /// # Errors
    /// Every defect of the file, with its place; see [`Defect`].
    pub fn parse(text: &str) -> Result<Self, LoadError> {
        Self::parse_named("definition", text)
    }

    /// [`Self::parse`] with the file's name, which errors then carry.
    ///
    /// # Errors
    /// Every defect of the file, with its place; see [`Defect`].
    pub fn parse_named(file: &str, text: &str) -> Result<Self, LoadError> {
        load(text)
            .map(|definition| {
                let file_hash = hex_sha256(text.as_bytes());
                Self(Arc::new(Checked { definition, file_hash }))
            })
            .map_err(|findings| LoadError { file: file.to_owned(), findings })
    }

    /// [`Self::parse_named`] for bytes as read from a file, which may not even be text.
    ///
    /// # Errors
    /// Every defect of the file, with its place; see [`Defect`].
    pub fn parse_bytes(file: &str, bytes: &[u8]) -> Result<Self, LoadError> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::parse_named(file, text),
            Err(error) => {
                let defect = Defect::NotUtf8 { at: error.valid_up_to() };
                let finding = Finding { place: Place::default(), line: None, defect };
                Err(LoadError { file: file.to_owned(), findings: vec![finding] })
            }
        }
    }

    pub(crate) fn definition(&self) -> &Definition {
        &self.0.definition
    }

    /// Id, the same in every version.
    pub fn id(&self) -> &str {
        &self.definition().id
    }

    /// Version of the definition file.
    pub fn version(&self) -> Version {
        self.definition().version
    }

    /// Full name.
    pub fn title(&self) -> &str {
        &self.definition().title
    }

    /// Edition of the questionnaire.
    pub fn edition(&self) -> &str {
        &self.definition().edition
    }

    /// Year of the edition.
    pub fn year(&self) -> Option<u16> {
        self.definition().year
    }

    /// Family names of the authors.
    pub fn authors(&self) -> &[String] {
        &self.definition().authors
    }

    /// What it measures.
    pub fn measures(&self) -> &[Construct] {
        &self.definition().measures
    }

    /// Whom it was made for.
    pub fn population(&self) -> Option<&str> {
        self.definition().population.as_deref()
    }

    /// LOINC code of the panel.
    pub fn loinc(&self) -> Option<&str> {
        self.definition().loinc.as_deref()
    }

    /// What a user must know, in plain words.
    pub fn cautions(&self) -> &[String] {
        &self.definition().cautions
    }

    /// How the authors want the items ordered or mixed.
    pub fn order(&self) -> Option<&str> {
        self.definition().order.as_deref()
    }

    /// Terms of use.
    pub fn licence(&self) -> &Licence {
        &self.definition().licence
    }

    /// Everything that its numbers rest on, by key.
    pub fn sources(&self) -> impl ExactSizeIterator<Item = &Source> {
        self.definition().sources.iter().map(Arc::as_ref)
    }

    /// The response sets, by name.
    pub fn response_sets(&self) -> impl ExactSizeIterator<Item = &ResponseSet> {
        self.definition().responses.iter().map(Arc::as_ref)
    }

    /// Period that the items ask about.
    pub fn recall(&self) -> Option<&str> {
        self.definition().recall.as_deref()
    }

    /// Words that a wording pack may replace.
    pub fn slots(&self) -> &[String] {
        &self.definition().slots
    }

    /// The items in printed order.
    pub fn items(&self) -> &[Item] {
        &self.definition().items
    }

    /// The item of this id.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.item_position(id).and_then(|at| self.items().get(at))
    }

    /// Printed position, from 0, of the item of this id.
    pub fn item_position(&self, id: &str) -> Option<usize> {
        self.items().iter().position(|item| item.id() == id)
    }

    /// Every scale, those of variants included, in file order.
    pub fn scales(&self) -> &[Scale] {
        &self.definition().scales
    }

    /// The scale of this id.
    pub fn scale(&self, id: &str) -> Option<&Scale> {
        self.scales().iter().find(|scale| scale.id() == id)
    }

    /// Position in [`Self::scales`] of the scale of this id.
    pub fn scale_position(&self, id: &str) -> Option<usize> {
        self.scales().iter().position(|scale| scale.id() == id)
    }

    /// Items of a scale in printed order; those of its sources where it is made from other scales.
    pub fn items_of(&self, scale: &Scale) -> impl Iterator<Item = &Item> {
        let at = self.scale_position(scale.id()).unwrap_or(usize::MAX);
        let items = entangle::items_of(at, self.scales());
        items.into_iter().filter_map(|item| self.items().get(item))
    }

    /// The band sets.
    pub fn band_sets(&self) -> &[BandSet] {
        &self.definition().band_sets
    }

    /// The criteria, steps included.
    pub fn criteria(&self) -> &[Criterion] {
        &self.definition().criteria
    }

    /// The reference distributions.
    pub fn norms(&self) -> &[Norm] {
        &self.definition().norms
    }

    /// The norm of this id.
    pub fn norm(&self, id: &str) -> Option<&Norm> {
        self.norms().iter().find(|norm| norm.id() == id)
    }

    /// The published smallest changes.
    pub fn changes(&self) -> &[PublishedChange] {
        &self.definition().changes
    }

    /// The variants.
    pub fn variants(&self) -> &[Variant] {
        &self.definition().variants
    }

    /// The variant of this id.
    pub fn variant(&self, id: &str) -> Option<&Variant> {
        self.variants().iter().find(|variant| variant.id() == id)
    }

    /// SHA-256 of the definition file's bytes, in hexadecimal: `sha256sum` of the file gives the same.
    pub fn file_hash(&self) -> &str {
        &self.0.file_hash
    }
}

/// Everything that is wrong with a definition; empty if it loads.
///
/// ```
/// let findings = straingauge::instrument::lint("format = 1\nid = 'x'\ntitel = 'typing error'");
/// assert!(findings[0].to_string().contains("unknown field `titel`"));
/// ```
pub fn lint(text: &str) -> Vec<Finding> {
    load(text).err().unwrap_or_default()
}

fn load(text: &str) -> Result<Definition, Vec<Finding>> {
    let whole = |defect| vec![Finding { place: Place::default(), line: None, defect }];
    if text.len() > check::MOST_BYTES {
        let (found, limit) = (text.len(), check::MOST_BYTES);
        return Err(whole(Defect::TooLarge { what: "bytes", found, limit }));
    }
    let raw: raw::RawInstrument =
        toml::from_str(text).map_err(|error| whole(unreadable(text, &error)))?;
    check::check(&raw).map_err(|mut findings| {
        locate::lines(text, &mut findings);
        findings
    })
}

/// Why the text is no definition: a format of a later crate, or an error of the text itself.
fn unreadable(text: &str, error: &toml::de::Error) -> Defect {
    const LONGEST: usize = 2000;
    let first = text.lines().find(|line| !line.trim().is_empty() && !line.trim().starts_with('#'));
    let format =
        first.and_then(|line| line.split_once('=')).filter(|(key, _)| key.trim() == "format");
    let number = format.and_then(|(_, value)| value.split('#').next()?.trim().parse::<u8>().ok());
    if let Some(found) = number.filter(|found| *found != 1) {
        return Defect::Format { found };
    }
    let message = error.to_string();
    if message.len() <= LONGEST {
        return Defect::Syntax { message: message.trim_end().to_owned() };
    }
    // The picture of a hostile line can be a megabyte long.
    let start = error.span().map_or(0, |span| span.start);
    let line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
    let reason: String = error.message().chars().take(LONGEST).collect();
    Defect::Syntax { message: format!("TOML parse error at line {line}: {reason}") }
}

/// SHA-256 in hexadecimal.
pub(crate) fn hex_sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
