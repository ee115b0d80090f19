//! Labels compared as a reader would: case, spacing and typography set aside.

use std::borrow::Cow;

/// The label without what tools change on the way: case, runs and kinds of white space, curly
/// quotation marks, kinds of dashes, invisible characters.
pub(super) fn fold(label: &str) -> String {
    let label = &without_markup(label);
    let mut folded = String::with_capacity(label.len());
    let mut gap = false;
    for c in label.chars() {
        match c {
            c if is_invisible(c) => {}
            c if c.is_whitespace() => gap = !folded.is_empty(),
            c => {
                if std::mem::take(&mut gap) {
                    folded.push(' ');
                }
                match c {
                    '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2032}' | '\u{b4}'
                    | '`' => {
                        folded.push('\'');
                    }
                    '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' => folded.push('"'),
                    '\u{2010}'..='\u{2015}' | '\u{2212}' => folded.push('-'),
                    '\u{2026}' => folded.push_str("..."),
                    c => folded.extend(c.to_lowercase()),
                }
            }
        }
    }
    folded
}

/// Soft hyphen, zero-width space and joiners, marks of the direction of writing, byte-order mark.
pub(super) const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
    )
}

/// Entities that survey tools leave in labels.
const ENTITIES: [(&str, char); 7] = [
    ("nbsp", ' '),
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("shy", '\u{ad}'),
];

/// The text without simple tags, its entities as the characters that they stand for.
fn without_markup(text: &str) -> Cow<'_, str> {
    if !text.contains(['<', '&']) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        plain.push_str(rest.get(..at).unwrap_or_default());
        let from = rest.get(at..).unwrap_or_default();
        let (shown, taken) = tag(from).or_else(|| entity(from)).unwrap_or_else(|| {
            let is_tag = from.starts_with('<');
            (if is_tag { "<" } else { "&" }.into(), 1)
        });
        plain.push_str(&shown);
        rest = from.get(taken..).unwrap_or_default();
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// `<b>`, `</p>`, `<br />`: what shows in its place, and how long it is.
fn tag(text: &str) -> Option<(String, usize)> {
    let inside = text.strip_prefix('<')?;
    let end = inside.find(['>', '<']).filter(|end| inside.as_bytes().get(*end) == Some(&b'>'))?;
    let name = inside.get(..end)?.trim_start_matches('/');
    let name: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let breaks = ["br", "p", "div", "li"].iter().any(|tag| name.eq_ignore_ascii_case(tag));
    Some((if breaks { " " } else { "" }.to_owned(), end + 2))
}

/// `&nbsp;`, `&#39;`, `&#x27;`: the character, and how long it is.
fn entity(text: &str) -> Option<(String, usize)> {
    let inside = text.strip_prefix('&')?;
    let end = inside.find(';').filter(|end| *end <= 8)?;
    let name = inside.get(..end)?;
    let number = name.strip_prefix('#').and_then(|digits| {
        let hex = digits.strip_prefix(['x', 'X']);
        let (digits, radix) = hex.map_or((digits, 10), |hex| (hex, 16));
        char::from_u32(u32::from_str_radix(digits, radix).ok()?)
    });
    let known = ENTITIES.iter().find(|(known, _)| *known == name).map(|(_, c)| *c);
    Some((known.or(number)?.to_string(), end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_sets_typography_aside_and_nothing_else() {
        assert_eq!(fold("  Very\u{a0} \t OFTEN "), "very often");
        assert_eq!(
            fold("Can\u{2019}t say \u{2013} \u{201c}never\u{201d}"),
            "can't say - \"never\""
        );
        assert_eq!(fold("ÄUSSERST häufig"), "äusserst häufig");
        assert_eq!(fold("of\u{ad}ten\u{feff}"), "often");
        assert_eq!(fold("Not&nbsp;at <b>all</b>"), "not at all");
        assert_eq!(fold("<p>Very often<br/></p>"), "very often");
        assert_eq!(fold("can&#39;t &amp; won&#x27;t"), "can't & won't");
        assert_eq!(fold("\u{202a}often\u{202c}"), "often");
        assert_eq!(fold("less than < 3 & more"), "less than < 3 & more");
        assert_ne!(fold("often"), fold("often!"));
        assert_ne!(fold("very often"), fold("veryoften"));
    }
}
