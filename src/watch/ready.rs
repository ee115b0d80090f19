//! Three policies to start from, each with its reasoning. None sends anything to anybody.

use super::{Policy, PolicyError};

/// Id and text of each ready policy: for a person's own use, for a conversation with a peer
/// supporter, for an occupational-health service.
pub const READY: [(&str, &str); 3] = [
    ("own-use", include_str!("policies/own-use.toml")),
    ("peer-support", include_str!("policies/peer-support.toml")),
    ("occupational-health", include_str!("policies/occupational-health.toml")),
];

/// The ready policy of this id.
///
/// ```
/// let policy = straingauge::watch::ready("own-use").unwrap()?;
/// assert_eq!(policy.looks(), 12);
/// # Ok::<(), straingauge::watch::PolicyError>(())
/// ```
pub fn ready(id: &str) -> Option<Result<Policy, PolicyError>> {
    READY.iter().find(|(known, _)| *known == id).map(|(_, text)| Policy::parse(text))
}
