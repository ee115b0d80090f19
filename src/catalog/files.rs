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
    "ambi-9" "1.0.0"
    "bat-12" "1.0.0"
    "bat-23" "1.0.0"
    "bat-4" "1.0.0"
    "bms-10" "1.0.0"
    "brs" "1.0.0"
    "cbi" "1.0.0"
    "dass-21" "1.0.0"
    "eri-short" "1.0.0"
    "gad-2" "1.0.0"
    "gad-7" "1.0.0"
    "hse-msit" "1.0.0"
    "ies-r" "1.0.0"
    "ies-r" "2.0.0"
    "itq" "1.0.0"
    "k10" "1.0.0"
    "k6" "1.0.0"
    "keds" "1.0.0"
    "lass" "1.0.0"
    "mbi-es" "1.0.0"
    "mbi-gs" "1.0.0"
    "mbi-hss" "1.0.0"
    "mbi-hss-mp" "1.0.0"
    "mbi-two-item" "1.0.0"
    "mids" "1.0.0"
    "mini-z-2" "1.0.0"
    "mios" "1.0.0"
    "miss-hp" "1.0.0"
    "olbi" "1.0.0"
    "pc-ptsd-5" "1.0.0"
    "pcl-5" "1.0.0"
    "pfi" "1.0.0"
    "phq-2" "1.0.0"
    "phq-4" "1.0.0"
    "phq-8" "1.0.0"
    "phq-9" "1.0.0"
    "practice-environment" "1.0.0"
    "practice-environment" "2.0.0"
    "promis-anxiety-4a" "1.0.0"
    "promis-depression-4a" "1.0.0"
    "promis-fatigue-4a" "1.0.0"
    "promis-global-10" "1.0.0"
    "promis-sleep-disturbance-4a" "1.0.0"
    "promis-social-4a" "1.0.0"
    "proqol-5" "1.0.0"
    "pss-10" "1.0.0"
    "pss-4" "1.0.0"
    "psychological-safety-7" "1.0.0"
    "pulse" "1.0.0"
    "pulse" "2.0.0"
    "scs-sf" "1.0.0"
    "short-proqol" "1.0.0"
    "single-item-burnout" "1.0.0"
    "smbm-12" "1.0.0"
    "smbm-14" "1.0.0"
    "spos-8" "1.0.0"
    "stsi-oa" "1.0.0"
    "stss" "1.0.0"
    "swemwbs" "1.0.0"
    "swls" "1.0.0"
    "ucla-3" "1.0.0"
    "uwes-3" "1.0.0"
    "uwes-9" "1.0.0"
    "vts" "1.0.0"
    "was" "1.0.0"
    "wemwbs" "1.0.0"
    "who-5" "1.0.0"
    "wsas" "1.0.0"
}
