//! The file as written: the serde twin that [`super::Instrument`] is checked from.
//!
//! No flatten, no tagged or untagged enum, unknown keys refused: so an error keeps its line and
//! column, and the JSON Schema says what serde reads. Nothing here is checked across fields.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::stored::map_only;

use super::terms::{
    ChangeKind, Construct, Direction, LicenceClass, NotApplicableRule, Origin, ReliabilityKind,
    Role, Standing, Use,
};

/// Declares a table of the file: derives, kebab-case keys and no unknown ones.
macro_rules! tables {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident : $type:ty,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "kebab-case", deny_unknown_fields, remote = "Self")]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }
        map_only!($name);
    )*};
}

tables! {
    /// A definition file.
    RawInstrument {
        /// Version of the file format: 1.
        format: u8,
        /// Kebab-case name, the same in every version.
        id: String,
        /// `major.minor.patch`.
        version: String,
        /// Full name.
        title: String,
        /// Edition of the questionnaire.
        edition: String,
        /// Year of the edition.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        year: Option<u16>,
        /// Family names of the authors.
        authors: Vec<String>,
        /// What it measures.
        measures: Vec<Construct>,
        /// Whom it was made for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        population: Option<String>,
        /// LOINC code of the panel.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        loinc: Option<String>,
        /// What a user must know, in plain words.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        cautions: Vec<String>,
        /// How the authors want the items ordered or mixed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<String>,
        /// Terms of use.
        licence: RawLicence,
        /// What the numbers below rest on, by key.
        sources: BTreeMap<String, RawSource>,
        /// Response sets, by name.
        responses: BTreeMap<String, RawResponses>,
        /// The items in printed order.
        form: RawForm,
        /// Quantities scored from the items.
        scales: Vec<RawScale>,
        /// Named partitions of scales.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        bands: Vec<RawBands>,
        /// Published boolean rules.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        criteria: Vec<RawCriterion>,
        /// Reference distributions.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        norms: Vec<RawNorm>,
        /// Published smallest changes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changes: Vec<RawChange>,
        /// Named lists of scales.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        variants: Vec<RawVariant>,
    }

    /// Terms of use.
    RawLicence {
        /// Class of the terms.
        class: LicenceClass,
        /// Who holds the rights.
        holder: String,
        /// The terms in our own words.
        terms: String,
        /// Day of the last look, ISO.
        checked: String,
        /// Uses that need the holder's consent first, beside those that the class implies.
        #[serde(default)]
        ask_first_for: Vec<Use>,
        /// Uses that the terms allow without asking although the class asks for every use.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        free_for: Vec<Use>,
        /// Credit lines that an app must show.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        credit: Vec<String>,
        /// Where the terms stand.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    }

    /// A work that a reader can look up.
    RawSource {
        /// Title or short description.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// Authors.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        authors: Option<String>,
        /// Year.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        year: Option<u16>,
        /// DOI, without a resolver.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doi: Option<String>,
        /// ISBN.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        isbn: Option<String>,
        /// Address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    }

    /// One set of response options: `options`, or a `range` of whole units.
    RawResponses {
        /// `[code, "label"]` in printed order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        options: Option<Vec<(i64, String)>>,
        /// `[lowest, highest]` code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        range: Option<(i64, i64)>,
        /// Labels of some codes of a range.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        labels: Vec<(i64, String)>,
        /// Label of the option that the item does not apply.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not_applicable: Option<String>,
        /// Label of the option by which a person says that they cannot tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        do_not_know: Option<String>,
    }

    /// The form: order here is printed order.
    RawForm {
        /// Period asked about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recall: Option<String>,
        /// Response set of items that name none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        responses: Option<String>,
        /// Words that a wording pack may replace.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        slots: Vec<String>,
        /// The items.
        items: Vec<RawItem>,
    }

    /// One item, by topic, never by wording.
    RawItem {
        /// Id, as printed where the numbering is sure.
        id: String,
        /// One to five words of our own.
        topic: String,
        /// Response set.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        responses: Option<String>,
        /// LOINC code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        loinc: Option<String>,
        /// Touches on matters that need care.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        sensitive: bool,
        /// What a person should know before the item is shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// No scale uses it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unscored: bool,
        /// The answer that another answer implies.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        implied: Option<RawImplied>,
    }

    /// An answer that a gate item implies for an item left out.
    RawImplied {
        /// A test on an earlier item, such as `"gate = 0"`.
        when: String,
        /// The code that then holds.
        code: i64,
    }

    /// What a number rests on.
    RawBasis {
        /// Key of a source.
        source: String,
        /// Who stands behind it.
        origin: Origin,
        /// How it stands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<Standing>,
        /// How well it is known: `A` or `B`, or `own` for a key or missing rule that the file's makers
        /// decided themselves.
        grade: String,
        /// The people that it was found in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        population: Option<String>,
        /// Sensitivity in that population, 0 to 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sensitivity: Option<f64>,
        /// Specificity in that population, 0 to 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        specificity: Option<f64>,
        /// A remark.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }

    /// A scale: exactly one of `sum`, `mean`, `ratio`, `from`.
    RawScale {
        /// Id.
        id: String,
        /// Name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// Items, or scales whose items are meant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sum: Option<Vec<String>>,
        /// Items, or scales whose items are meant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mean: Option<Vec<String>>,
        /// Two scales: the first per item over the second per item.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ratio: Option<(String, String)>,
        /// A scale to transform.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// Factor of `from`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        times: Option<f64>,
        /// One value per integer of the range of `from`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        table: Option<Vec<f64>>,
        /// Standard error per entry of `table`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<Vec<f64>>,
        /// Reverse-keyed items.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reverse: Vec<String>,
        /// Values of an item's options, in the order of its response set.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        recode: BTreeMap<String, Vec<i64>>,
        /// Lowest and highest value.
        range: (f64, f64),
        /// Which way it points.
        direction: Direction,
        /// Decimals to show.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decimals: Option<u8>,
        /// Rule for missing answers; absent means that all items are needed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        missing: Option<RawMissing>,
        /// What an item that does not apply does to the scale.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not_applicable: Option<NotApplicableRule>,
        /// LOINC code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        loinc: Option<String>,
        /// The variant that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only_in: Option<String>,
        /// What the key rests on.
        basis: RawBasis,
    }

    /// How many answers a scale needs.
    RawMissing {
        /// Fewest answers.
        needs: u32,
        /// What the rule rests on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<RawBasis>,
    }

    /// A band set: lower edges only, so gaps and overlaps cannot be written.
    RawBands {
        /// Id of the set.
        id: String,
        /// The scales that it divides.
        scales: Vec<String>,
        /// Used where the caller names none.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        default: bool,
        /// What the edges rest on.
        basis: RawBasis,
        /// `[lower edge, "label"]`.
        steps: Vec<(f64, String)>,
    }

    /// A criterion: one of `all`, `any`, `none`, or `of` with `at-least` and `at-most`.
    RawCriterion {
        /// Id.
        id: String,
        /// Name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// What it is for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<Role>,
        /// Met if all are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        all: Option<Vec<String>>,
        /// Met if one is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        any: Option<Vec<String>>,
        /// Met if no one is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        none: Option<Vec<String>>,
        /// Counted against `at-least` and `at-most`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Vec<String>>,
        /// Fewest of `of`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_least: Option<u32>,
        /// Most of `of`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u32>,
        /// What the rule rests on; a step needs none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<RawBasis>,
    }

    /// A reference distribution.
    RawNorm {
        /// Id.
        id: String,
        /// Scale.
        scale: String,
        /// Who was measured.
        population: String,
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        country: Option<String>,
        /// How many people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u32>,
        /// Mean.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mean: Option<f64>,
        /// Standard deviation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sd: Option<f64>,
        /// The coding that the numbers are in, where it is worth saying.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        coding: Option<String>,
        /// Published standard error of measurement.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sem: Option<f64>,
        /// Reliabilities.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reliability: Vec<RawReliability>,
        /// Reliability and SD come from the same people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        same_sample: Option<bool>,
        /// Mean change at retest without treatment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retest_mean_shift: Option<f64>,
        /// What it rests on.
        basis: RawBasis,
    }

    /// One reliability of a norm.
    RawReliability {
        /// How it was estimated.
        kind: ReliabilityKind,
        /// The coefficient, between 0 and 1.
        value: f64,
        /// Days between the two occasions, for a retest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        days: Option<f64>,
        /// How many people, where they are not the norm's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u32>,
        /// Source, where it is not the norm's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<String>,
    }

    /// A published smallest change.
    RawChange {
        /// Scale.
        scale: String,
        /// Points of the scale, positive.
        points: f64,
        /// What such a change means.
        kind: ChangeKind,
        /// What it rests on.
        basis: RawBasis,
    }

    /// A named list of scales.
    RawVariant {
        /// Id.
        id: String,
        /// Name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// Its scales, in order.
        scales: Vec<String>,
        /// What it rests on.
        basis: RawBasis,
    }
}
