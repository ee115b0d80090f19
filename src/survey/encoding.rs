//! How text is stored as bytes.

use serde::{Deserialize, Serialize};

/// How text is stored as bytes: any encoding that keeps ASCII as it is, by its label in the WHATWG
/// Encoding Standard.
///
/// ```
/// use straingauge::survey::Encoding;
/// assert_eq!(Encoding::from_word("latin1"), Some(Encoding::WINDOWS_1252));
/// assert_eq!(Encoding::from_word("Shift_JIS").unwrap().as_str(), "shift_jis");
/// assert_eq!(Encoding::from_word("utf-16le"), None); // save such a file as UTF-8
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Encoding(&'static encoding_rs::Encoding);

/// Windows and ISO code pages by their numbers, with the label of the encoding.
const PAGES: &[(u32, &str)] = &[
    (866, "ibm866"),
    (874, "windows-874"),
    (932, "shift_jis"),
    (936, "gbk"),
    (949, "euc-kr"),
    (950, "big5"),
    (1250, "windows-1250"),
    (1251, "windows-1251"),
    (1252, "windows-1252"),
    (1253, "windows-1253"),
    (1254, "windows-1254"),
    (1255, "windows-1255"),
    (1256, "windows-1256"),
    (1257, "windows-1257"),
    (1258, "windows-1258"),
    (10_000, "macintosh"),
    (10_007, "x-mac-cyrillic"),
    (20_866, "koi8-r"),
    (20_932, "euc-jp"),
    (21_866, "koi8-u"),
    (28_591, "iso-8859-1"),
    (28_592, "iso-8859-2"),
    (28_593, "iso-8859-3"),
    (28_594, "iso-8859-4"),
    (28_595, "iso-8859-5"),
    (28_596, "iso-8859-6"),
    (28_597, "iso-8859-7"),
    (28_598, "iso-8859-8"),
    (28_599, "iso-8859-9"),
    (28_603, "iso-8859-13"),
    (28_605, "iso-8859-15"),
    (51_932, "euc-jp"),
    (51_936, "gbk"),
    (51_949, "euc-kr"),
    (54_936, "gb18030"),
    (65_001, "utf-8"),
];

/// Encodings without a code page here.
#[cfg(any(test, feature = "schema"))]
const OTHERS: &[&str] =
    &["iso-8859-8-i", "iso-8859-10", "iso-8859-14", "iso-8859-16", "x-user-defined"];

/// Encodings in which spreadsheets and survey tools save text, the one of each script first.
const USUAL: &[&str] = &[
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "shift_jis",
    "gbk",
    "big5",
    "euc-kr",
    "macintosh",
];

impl Encoding {
    /// UTF-8, with or without a byte-order mark.
    pub const UTF_8: Self = Self(&encoding_rs::UTF_8_INIT);
    /// What Excel writes on Western European Windows.
    pub const WINDOWS_1252: Self = Self(&encoding_rs::WINDOWS_1252_INIT);

    /// The encoding of this label, or of a code page such as `cp936`; none for what does not keep
    /// ASCII as it is, such as UTF-16.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.trim();
        let page = word.get(..2).filter(|start| start.eq_ignore_ascii_case("cp"));
        let page = page.and_then(|_| word.get(2..)?.parse().ok());
        let known = encoding_rs::Encoding::for_label(word.as_bytes());
        let known = known.filter(|known| known.is_ascii_compatible()).map(Self);
        known.or_else(|| Self::of_page(page?))
    }

    /// The encoding of a code page by its number.
    pub(super) fn of_page(number: u32) -> Option<Self> {
        let label = PAGES.iter().find(|(known, _)| *known == number)?.1;
        encoding_rs::Encoding::for_label(label.as_bytes()).map(Self)
    }

    /// Its label, in small letters for those that have a code page.
    pub fn as_str(self) -> &'static str {
        let is_own = |label: &&str| label.eq_ignore_ascii_case(self.0.name());
        PAGES.iter().map(|(_, label)| *label).find(is_own).unwrap_or_else(|| self.0.name())
    }

    /// The text, unless some bytes stand for nothing.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<std::borrow::Cow<'_, str>> {
        self.0.decode_without_bom_handling_and_without_replacement(bytes)
    }

    /// The text, with a sign in place of bytes that stand for nothing.
    pub(super) fn decode_lossily(self, bytes: &[u8]) -> std::borrow::Cow<'_, str> {
        self.0.decode_without_bom_handling(bytes).0
    }

    /// Whether a byte of ASCII can be a part of another character.
    pub(super) fn hides_ascii(self) -> bool {
        !self.0.is_single_byte() && self != Self::UTF_8
    }

    /// What bytes say in each usual encoding that has a character for all of them.
    pub(super) fn readings(bytes: &[u8]) -> Vec<Reading> {
        let known = USUAL.iter().filter_map(|label| Self::from_word(label));
        let read = known.filter_map(|encoding| {
            let text = encoding.decode(bytes)?.trim().to_owned();
            let is_plain = !text.chars().any(|c| c.is_control() || c == '\u{fffd}');
            is_plain.then(|| Reading { encoding, text: super::error::shorten(&text, 40) })
        });
        read.collect()
    }
}

/// What bytes would say in an encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading {
    /// The encoding.
    pub encoding: Encoding,
    /// The text, shortened.
    pub text: String,
}

impl TryFrom<String> for Encoding {
    type Error = String;

    /// Stored forms hold each encoding under one name, the one that [`Encoding::as_str`] gives.
    fn try_from(word: String) -> Result<Self, String> {
        Self::from_word(&word)
            .filter(|known| known.as_str() == word)
            .ok_or_else(|| format!("`{word}` is not the name of an encoding that is read"))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Encoding {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Encoding".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let labels = PAGES.iter().map(|(_, label)| *label).chain(OTHERS.iter().copied());
        let mut names: Vec<&str> = labels.filter_map(Self::from_word).map(Self::as_str).collect();
        names.sort_unstable();
        names.dedup();
        schemars::json_schema!({
            "description": "How text is stored as bytes: the name of an encoding that keeps ASCII as it is.",
            "type": "string",
            "enum": names
        })
    }
}

impl From<Encoding> for String {
    fn from(encoding: Encoding) -> Self {
        encoding.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every encoding that any label leads to is in the lists, so that its stored name reads back.
    #[test]
    fn every_encoding_has_one_stored_name() {
        for label in PAGES.iter().map(|(_, label)| *label).chain(OTHERS.iter().copied()) {
            let known = Encoding::from_word(label).unwrap();
            assert_eq!(Encoding::try_from(known.as_str().to_owned()).unwrap(), known);
        }
        assert!(Encoding::try_from("latin1".to_owned()).is_err(), "a label, but not the name");
    }
}
