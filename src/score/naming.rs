//! Names for the columns of a table of scores.

/// What the columns of a scale add to its name; the last two where a band set is in force.
pub(crate) const PARTS: [&str; 5] = ["", "_answered", "_status", "_band", "_band_certain"];

/// Longest name that every program takes: Stata's limit.
const LONGEST: usize = 32;

/// The name of a column, which R, Python, SPSS and Stata take as it is: letters, digits and `_`,
/// with a letter first.
pub(crate) fn column_name(id: &str) -> String {
    let known = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = id.chars().map(known).collect();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("v{name}") }
}

/// For each name a second one of at most 32 characters, where it is longer or no name that every
/// program takes. No two are the same, capitals set aside.
pub(crate) fn short_names(names: &[String]) -> Vec<Option<String>> {
    let fits = |name: &String| name.len() <= LONGEST && column_name(name) == **name;
    let mut taken: Vec<String> =
        names.iter().filter(|name| fits(name)).map(|name| name.to_ascii_lowercase()).collect();
    let short = |name: &String| {
        if fits(name) {
            return None;
        }
        let name = column_name(name);
        let part = PARTS.iter().rev().find(|part| name.ends_with(*part)).copied().unwrap_or("");
        let stem = name.strip_suffix(part).unwrap_or(&name);
        let numbered = (1_usize..).map(|number| {
            let end = if number == 1 { part.to_owned() } else { format!("{number}{part}") };
            let stem = stem.get(..LONGEST.saturating_sub(end.len())).unwrap_or(stem);
            format!("{}{end}", stem.trim_end_matches('_'))
        });
        let mut free = numbered.filter(|name| !taken.contains(&name.to_ascii_lowercase()));
        let name = free.next().unwrap_or_default();
        taken.push(name.to_ascii_lowercase());
        Some(name)
    };
    names.iter().map(short).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_identifiers_and_short_ones_differ() {
        assert_eq!(column_name("phq-9"), "phq_9");
        assert_eq!(column_name("7-items"), "v7_items");
        let names = [
            "total",
            "practice_environment_workload_and_values_band_certain",
            "practice_environment_workload_and_values_band",
            "practice_environment_workload_and_values",
            "practice_environment_workload_and_control",
            "What is your team?",
            "1st",
        ]
        .map(str::to_owned);
        let short: Vec<Option<String>> = short_names(&names);
        let expected = [
            None,
            Some("practice_environmen_band_certain"),
            Some("practice_environment_worklo_band"),
            Some("practice_environment_workload_an"),
            Some("practice_environment_workload_a2"),
            Some("What_is_your_team"),
            Some("v1st"),
        ];
        assert_eq!(short.iter().map(Option::as_deref).collect::<Vec<_>>(), expected);
    }
}
