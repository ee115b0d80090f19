//! Labels compared as a reader would: case, spacing and typography set aside.

/// The label without what tools change on the way: case, runs and kinds of white space, curly
/// quotation marks, kinds of dashes, invisible characters.
pub(super) fn fold(label: &str) -> String {
    let mut folded = String::with_capacity(label.len());
    let mut gap = false;
    for c in label.chars() {
        match c {
            // Soft hyphen, zero-width space and joiners, byte-order mark.
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => {}
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
        assert_ne!(fold("often"), fold("often!"));
        assert_ne!(fold("very often"), fold("veryoften"));
    }
}
