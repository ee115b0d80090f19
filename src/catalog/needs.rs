//! What an instrument needs from the app that embeds it.

use crate::instrument::{Criterion, Instrument, Item, Role, Use};

/// A wording pack that ships with the crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwnWording {
    /// Language of the pack.
    pub locale: &'static str,
    /// The pack, for [`WordingPack::parse`](crate::form::WordingPack::parse).
    pub text: &'static str,
    instrument: &'static str,
    major: u16,
}

/// Embeds the packs of our own instruments: instrument, major version, folder, locales.
macro_rules! own_wording {
    ($($id:literal $major:literal $folder:literal [$($locale:literal)*])*) => {
        /// Our own instruments with their wording, which is under CC0. English stands first.
        static OWN_WORDING: &[OwnWording] = &[$($(OwnWording {
            locale: $locale,
            text: include_str!(concat!("../../instruments/", $id, "/", $folder, "/", $locale, ".toml")),
            instrument: $id,
            major: $major,
        },)*)*];
    };
}

own_wording! {
    "practice-environment" 1 "wording/1" ["en"]
    "practice-environment" 2 "wording" ["en" "es" "fr" "de"]
    "pulse" 1 "wording/1" ["en"]
    "pulse" 2 "wording" ["en" "es" "fr" "de"]
}

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
/// let locales: Vec<&str> = pulse.needs().own_wordings.iter().map(|pack| pack.locale).collect();
/// assert_eq!(locales, ["en", "es", "fr", "de"]);
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
    /// All packs that ship for this major version, English first.
    pub own_wordings: Vec<OwnWording>,
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
        let major = self.version().major();
        let own = OWN_WORDING.iter().filter(|pack| pack.instrument == self.id());
        let own: Vec<OwnWording> = own.filter(|pack| pack.major == major).copied().collect();
        Needs {
            item_texts: self.items().len(),
            option_texts: option_texts.collect(),
            slots: self.slots(),
            own_wording: own.iter().find(|pack| pack.locale == "en").map(|pack| pack.text),
            own_wordings: own,
            holder: self.licence().holder(),
            ask_first_for: self.licence().ask_first_for(),
            credit: self.licence().credit(),
            sensitive: self.items().iter().filter(|item| item.is_sensitive()).collect(),
            safety: self.criteria().iter().filter(|c| c.role() == Some(Role::Safety)).collect(),
        }
    }
}
