//! What an instrument needs from the app that embeds it.

use crate::instrument::{Criterion, Instrument, Item, Role, Use};

/// Our own instruments with their wording, which is under CC0.
const OWN_WORDING: [(&str, &str); 2] = [
    (
        "practice-environment",
        include_str!("../../instruments/practice-environment/wording/en.toml"),
    ),
    ("pulse", include_str!("../../instruments/pulse/wording/en.toml")),
];

/// What an app brings, asks for and shows before anybody answers an instrument.
///
/// ```
/// use straingauge::instrument::Use;
///
/// let phq9 = straingauge::catalog::get("phq-9")?;
/// let needs = phq9.needs();
/// assert_eq!(needs.item_texts, 10); // a wording pack with ten item texts
/// assert!(needs.permission_for(&[Use::Workplace, Use::Commercial]).is_empty());
/// assert_eq!(needs.credit.len(), 1); // a line to show
/// assert_eq!(needs.sensitive[0].topic(), "thoughts of death"); // a word before it is shown
/// assert_eq!(needs.safety[0].id(), "thoughts-of-death"); // and a person who looks at once
///
/// let mbi = straingauge::catalog::get("mbi-hss")?;
/// assert_eq!(mbi.needs().permission_for(&[Use::Research]), [Use::Research]);
///
/// let pulse = straingauge::catalog::get("pulse")?; // our own: the wording ships
/// let pack = straingauge::form::WordingPack::parse(pulse.needs().own_wording.unwrap())?;
/// assert_eq!(pack.licence(), "CC0-1.0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Needs<'a> {
    /// Items that need a text in the wording pack: all of them.
    pub item_texts: usize,
    /// Response set and code of each option that the pack must put into words, because the file
    /// has no label for it. Whole ranges need none.
    pub option_texts: Vec<(&'a str, u8)>,
    /// Places in the wording that the pack or the app may fill, such as the word for clients.
    pub slots: &'a [String],
    /// A wording pack in English that ships with the crate: for instruments of our own only.
    pub own_wording: Option<&'static str>,
    /// Who can give permission.
    pub holder: &'a str,
    /// Uses for which the holder must be asked first.
    pub ask_first_for: &'a [Use],
    /// Credit lines that must be shown.
    pub credit: &'a [String],
    /// Items that touch on hard matters: show their note first.
    pub sensitive: Vec<&'a Item>,
    /// Criteria that need a person who looks at once. Where nobody can, do not ask.
    pub safety: Vec<&'a Criterion>,
}

impl Needs<'_> {
    /// Those of these uses for which the holder must be asked first.
    pub fn permission_for(&self, uses: &[Use]) -> Vec<Use> {
        uses.iter().copied().filter(|of| self.ask_first_for.contains(of)).collect()
    }
}

impl Instrument {
    /// What an app brings, asks for and shows before anybody answers it.
    ///
    /// A reading aid, not legal advice: the terms and the day on which they were read are in
    /// [`Self::licence`].
    pub fn needs(&self) -> Needs<'_> {
        let option_texts = self.response_sets().filter(|set| !set.is_range()).flat_map(|set| {
            let silent = set.options().iter().filter(|option| option.label().is_none());
            silent.map(|option| (set.name(), option.code()))
        });
        let own = OWN_WORDING.iter().find(|(id, _)| *id == self.id());
        Needs {
            item_texts: self.items().len(),
            option_texts: option_texts.collect(),
            slots: self.slots(),
            own_wording: own.map(|(_, text)| *text),
            holder: self.licence().holder(),
            ask_first_for: self.licence().ask_first_for(),
            credit: self.licence().credit(),
            sensitive: self.items().iter().filter(|item| item.is_sensitive()).collect(),
            safety: self.criteria().iter().filter(|c| c.role() == Some(Role::Safety)).collect(),
        }
    }
}
