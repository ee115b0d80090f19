//! One line per embedded file. A test compares the list with the folder.

use std::sync::LazyLock;

use super::BuiltIn;
use crate::instrument::Instrument;

/// Embeds the definition files, each parsed on first use.
macro_rules! built_in {
    ($($id:literal $version:literal)*) => {
        /// Every built-in definition file, by id and version.
        pub static VERSIONS: [BuiltIn; [$($id),*].len()] = [$(BuiltIn {
            id: $id,
            version: $version,
            text: include_str!(concat!("../../instruments/", $id, "/", $version, ".toml")),
            parsed: LazyLock::new(|| {
                let name = concat!("instruments/", $id, "/", $version, ".toml");
                Instrument::parse_named(name, include_str!(concat!("../../instruments/", $id, "/", $version, ".toml")))
            }),
        },)*];
    };
}

built_in! {
    "bat-12" "1.0.0"
    "cbi" "1.0.0"
    "eri-short" "1.0.0"
    "mbi-hss" "1.0.0"
    "olbi" "1.0.0"
    "phq-9" "1.0.0"
    "promis-global-10" "1.0.0"
    "proqol-5" "1.0.0"
    "stss" "1.0.0"
    "swemwbs" "1.0.0"
    "wsas" "1.0.0"
}
