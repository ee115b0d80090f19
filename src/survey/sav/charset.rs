//! In which encoding the texts of an SPSS file stand.

use std::borrow::Cow;

use super::super::Encoding;

/// The encoding, and on whose word.
#[derive(Debug)]
pub(super) struct Charset {
    pub(super) encoding: Encoding,
    /// What the file says of it, for a message.
    says: String,
}

impl Charset {
    /// The encoding that the caller names, else the one that the file names, else its code page.
    /// Where none is known, only ASCII is understood.
    pub(super) fn of(stated: Option<Encoding>, name: Option<&str>, page: Option<i32>) -> Self {
        let says = match (name, page) {
            (Some(name), _) => format!("the file names its encoding `{name}`"),
            (None, Some(page)) => format!("the file names code page {page}"),
            (None, None) => "the file does not name its encoding".to_owned(),
        };
        // ASCII has no further characters, whatever a reader might make of them.
        let is_ascii = |name: &&str| name.to_ascii_lowercase().contains("ascii");
        let named = name.filter(|name| !is_ascii(name)).and_then(Encoding::from_word);
        let of_page = |page| u32::try_from(page).ok().and_then(Encoding::of_page);
        let known = match name {
            Some(_) => named,
            None => page.and_then(of_page),
        };
        Self { encoding: stated.or(known).unwrap_or(Encoding::UTF_8), says }
    }

    /// The text, or what is wrong with it and what to do.
    pub(super) fn decode<'t>(&self, bytes: &'t [u8]) -> Result<Cow<'t, str>, String> {
        self.encoding.decode(bytes).ok_or_else(|| {
            let readings = super::super::error::readings(&Encoding::readings(bytes));
            format!(
                "a text that is not {} ({}){readings}; name the encoding in which the file was saved, or save it anew in Unicode mode",
                self.encoding.as_str(),
                self.says
            )
        })
    }

    /// The text, with a sign in place of what it is not.
    pub(super) fn decode_lossily(&self, bytes: &[u8]) -> String {
        self.encoding.decode_lossily(bytes).trim_matches(['\0', ' ']).trim().to_owned()
    }
}
