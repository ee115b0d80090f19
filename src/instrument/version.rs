//! Definition versions: `major.minor.patch`.

use std::{fmt, str::FromStr};

/// Version of a definition file. Patch: a citation or a label. Minor: something added that changes
/// no score. Major: any score can change.
///
/// ```
/// use straingauge::instrument::Version;
/// let version: Version = "1.2.3".parse().unwrap();
/// assert!(version < "1.10.0".parse().unwrap());
/// assert_eq!(version.to_string(), "1.2.3");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    major: u16,
    minor: u16,
    patch: u16,
}

/// The text is not three numbers joined by dots.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is no version: write major.minor.patch, such as 1.0.0")]
pub struct VersionError {
    found: String,
}

impl Version {
    /// Major part.
    pub const fn major(self) -> u16 {
        self.major
    }
    /// Minor part.
    pub const fn minor(self) -> u16 {
        self.minor
    }
    /// Patch part.
    pub const fn patch(self) -> u16 {
        self.patch
    }
}

impl FromStr for Version {
    type Err = VersionError;
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let part = |text: &str| {
            let plain =
                text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
            if plain { text.parse::<u16>().ok() } else { None }
        };
        let mut parts = text.split('.').map(part);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(major)), Some(Some(minor)), Some(Some(patch)), None) => {
                Ok(Self { major, minor, patch })
            }
            _ => Err(VersionError { found: text.chars().take(40).collect() }),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_plain_numbers() {
        for bad in ["", "1", "1.0", "1.0.0.0", "1.0.x", "01.0.0", "1.0.-1", "1.0.99999", "1..0"] {
            assert!(bad.parse::<Version>().is_err(), "{bad}");
        }
    }
}
