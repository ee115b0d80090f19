//! Every sentence that a person reads, keyed and replaceable.
//!
//! Logic names a key and gives the numbers; the sentence itself stands in a table, so that another
//! language is another table and no logic changes. English ships; [`Words::replace`] brings others.

use std::borrow::Cow;
use std::collections::BTreeMap;

mod english;

/// A message catalogue: key to template, with `{name}` where a value goes.
///
/// ```
/// use straingauge::words::Words;
/// let mut words = Words::english();
/// assert_eq!(words.say("score.too-few-answered", &[("answered", &2), ("needed", &3), ("total", &6)]),
///            "2 of 6 answered, at least 3 needed");
/// words.replace("score.too-few-answered", "{answered} von {total} beantwortet, {needed} nötig");
/// assert_eq!(words.say("score.too-few-answered", &[("answered", &2), ("needed", &3), ("total", &6)]),
///            "2 von 6 beantwortet, 3 nötig");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    replaced: BTreeMap<String, String>,
}

impl Words {
    /// The sentences that ship with the crate.
    pub const fn english() -> Self {
        Self { replaced: BTreeMap::new() }
    }

    /// Uses `template` wherever `key` is said.
    pub fn replace(&mut self, key: impl Into<String>, template: impl Into<String>) -> &mut Self {
        self.replaced.insert(key.into(), template.into());
        self
    }

    /// Every key that ships, with its English template, so that a translator sees them all.
    pub fn keys() -> impl Iterator<Item = (&'static str, &'static str)> {
        english::SENTENCES.iter().copied()
    }

    /// The template of a key, if there is one.
    pub fn template(&self, key: &str) -> Option<&str> {
        self.replaced.get(key).map(String::as_str).or_else(|| {
            let at = english::SENTENCES.binary_search_by_key(&key, |(known, _)| known).ok()?;
            english::SENTENCES.get(at).map(|(_, template)| *template)
        })
    }

    /// The sentence of `key` with the values filled in; the key itself where no sentence is known.
    pub fn say(&self, key: &str, values: &[(&str, &dyn std::fmt::Display)]) -> String {
        let Some(template) = self.template(key) else { return key.to_owned() };
        let mut said = String::with_capacity(template.len() + 16);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            said.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                said.push('{');
                rest = after;
                continue;
            };
            match values.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => said.push_str(&value.to_string()),
                None => {
                    said.push('{');
                    said.push_str(name);
                    said.push('}');
                }
            }
            rest = tail;
        }
        said.push_str(rest);
        said
    }

    /// The words for a label or an id: its own entry under `prefix`, else the id with spaces.
    pub fn label<'a>(&'a self, prefix: &str, id: &'a str) -> Cow<'a, str> {
        let key = format!("{prefix}.{id}");
        if let Some(own) = self.replaced.get(&key) {
            return Cow::Borrowed(own);
        }
        if id.contains('-') { Cow::Owned(id.replace('-', " ")) } else { Cow::Borrowed(id) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_so_that_lookup_finds_them() {
        assert!(english::SENTENCES.is_sorted_by(|a, b| a.0 < b.0));
        for (key, template) in Words::keys() {
            assert_eq!(Words::english().template(key), Some(template));
        }
    }

    #[test]
    fn unknown_names_and_broken_templates_stay_visible() {
        let mut words = Words::english();
        words.replace("x", "{a} and {b} and {c");
        assert_eq!(words.say("x", &[("a", &1)]), "1 and {b} and {c");
        assert_eq!(words.say("no.such", &[]), "no.such");
        assert_eq!(words.label("band", "moderately-severe"), "moderately severe");
    }
}
