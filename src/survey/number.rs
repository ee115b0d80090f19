//! A number as a cell writes it, compared exactly: no floating point, so nothing is rounded.

/// Digits before and after the decimal mark. Equal numbers have equal fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Number<'a> {
    /// Reads `4`, `-99`, `4.0` and, where the decimal mark may be a comma, `4,0`.
    ///
    /// Anything else is no number here: a sign `+`, an exponent, a leading zero, a mark without
    /// digits on both sides, `-0`. Where the comma is a decimal mark, `1.000` may be a thousand, so
    /// a point before exactly three digits is refused.
    pub(super) fn parse(text: &'a str, comma: bool) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let at = digits.find(|c| c == '.' || (comma && c == ','));
        let (whole, fraction) = match at {
            None => (digits, None),
            Some(at) => (digits.get(..at)?, Some(digits.get(at + 1..)?)),
        };
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
            return None;
        }
        let fraction = match fraction {
            None => "",
            Some(part) if !is_digits(part) => return None,
            Some(part) if comma && part.len() == 3 && digits.contains('.') => return None,
            Some(part) => part.trim_end_matches('0'),
        };
        if negative && whole == "0" && fraction.is_empty() {
            return None;
        }
        Some(Self { negative, whole, fraction })
    }

    /// The code that this number equals, if it is a whole number of one byte.
    pub(super) fn code(self) -> Option<u8> {
        if self.negative || !self.fraction.is_empty() { None } else { self.whole.parse().ok() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_exactly_or_not_at_all() {
        let code = |text, comma| Number::parse(text, comma).and_then(Number::code);
        for text in ["4", "4.0", "4.000"] {
            assert_eq!(code(text, false), Some(4), "{text}");
        }
        for text in ["4", "4.0", "4,0", "4,000", "4.00"] {
            assert_eq!(code(text, true), Some(4), "{text}");
        }
        assert_eq!(code("4,0", false), None);
        assert_eq!(code("4.000", true), None, "perhaps four thousand");
        for text in [
            "",
            "-",
            ".",
            "4.",
            ".5",
            "+4",
            "04",
            "4e0",
            "0x4",
            "4 ",
            "４",
            "-0",
            "-0.0",
            "4.5",
            "4..0",
            "1,000.0",
            "256",
            "-4",
            "4.0000000000000000000000000000001",
            "NaN",
            "inf",
        ] {
            assert_eq!(code(text, false), None, "{text}");
            assert_eq!(code(text, true), None, "{text}");
        }
        assert_eq!(Number::parse("-99.0", false), Number::parse("-99", false));
        assert_ne!(Number::parse("99", false), Number::parse("-99", false));
    }
}
