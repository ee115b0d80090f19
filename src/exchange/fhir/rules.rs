//! Rules other than the file's, in the version and the id of a questionnaire.
//!
//! Two questionnaires with the same address, version and id must not compute two things.

use crate::instrument::{Instrument, Scale, hex_sha256};
use crate::score::{ScoreOptions, Scorer};

/// Longest id of a resource.
const LONGEST_ID: usize = 64;

/// What a scorer does otherwise than the file: `needs-7`, `variant-…`, `bands-…`, `criterion-…`,
/// joined by dots; empty for the file's own rules.
pub(super) fn other_rules(scorer: &Scorer) -> String {
    let instrument = scorer.instrument();
    let mut words = Vec::new();
    let active = positions(scorer);
    let mut plain = instrument.scorer();
    if positions(&plain) != active
        && let Some(variant) = instrument.variants().iter().find(|v| v.scales() == active)
    {
        words.push(format!("variant-{}", variant.id()));
        let options = ScoreOptions::new().variant(variant.id());
        plain = instrument.scorer_with(&options).unwrap_or(plain);
    }
    let scales = || scorer.scales().map(Scale::id);
    let differs = |id: &str| scorer.rule_hash(id) != plain.rule_hash(id);
    let missing = &scorer.options().missing;
    words.extend(missing.every().filter(|_| scales().any(differs)).map(|n| format!("needs-{n}")));
    for (id, needs) in missing.of_scales(instrument) {
        words.extend(differs(&id).then(|| format!("needs-{id}-{needs}")));
    }
    for id in scales() {
        let set = scorer.band_set(id).map(|set| format!("bands-{}", set.id()));
        let own = plain.band_set(id).map(|set| format!("bands-{}", set.id()));
        words.extend(set.filter(|set| Some(set) != own.as_ref() && !words.contains(set)));
    }
    let known = |id: &str| plain.criteria().any(|criterion| criterion.id() == id);
    let criteria = scorer.criteria().filter(|criterion| !known(criterion.id()));
    words.extend(criteria.map(|criterion| format!("criterion-{}", criterion.id())));
    words.join(".")
}

fn positions(scorer: &Scorer) -> Vec<usize> {
    let instrument = scorer.instrument();
    scorer.scales().filter_map(|scale| instrument.scale_position(scale.id())).collect()
}

/// The version of a questionnaire: the file's, other rules behind a plus.
pub(super) fn version(instrument: &Instrument, rules: &str) -> String {
    let version = instrument.version();
    if rules.is_empty() { version.to_string() } else { format!("{version}+{rules}") }
}

/// The id of a questionnaire; where it would be too long, its end is a hash.
pub(super) fn resource_id(instrument: &Instrument, rules: &str) -> String {
    let mut id = instrument.id().to_owned();
    if !rules.is_empty() {
        id = format!("{id}-{rules}");
    }
    if id.len() > LONGEST_ID {
        let hash: String = hex_sha256(id.as_bytes()).chars().take(12).collect();
        let start: String = id.chars().take(LONGEST_ID - 1 - hash.len()).collect();
        id = format!("{start}-{hash}");
    }
    id
}
