//! LOINC's answer codes for the items of which the instruments' files name LOINC codes.
//!
//! A LOINC answer code stands for a text, not for a number: the same code is 0 in one list and 1 in
//! another. So each list below is only read for the items that use it.

/// Answer lists with the code of each answer.
struct AnswerList {
    items: &'static [&'static str],
    answers: &'static [(&'static str, u8)],
}

/// LL358-3 and LL359-1, as the profiles of HL7 and of the German medical informatics initiative
/// list them; the last two answers of LL359-1 are out of numeric order.
const LISTS: &[AnswerList] = &[
    AnswerList {
        items: &[
            "44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3",
            "44260-8", "69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7",
        ],
        answers: &[("LA6568-5", 0), ("LA6569-3", 1), ("LA6570-1", 2), ("LA6571-9", 3)],
    },
    AnswerList {
        items: &["69722-7"],
        answers: &[("LA6572-7", 0), ("LA6573-5", 1), ("LA6575-0", 2), ("LA6574-3", 3)],
    },
];

/// The number that a LOINC answer stands for as an answer to the item of this LOINC code.
pub(super) fn code_of(item: &str, answer: &str) -> Option<u8> {
    let list = LISTS.iter().find(|list| list.items.contains(&item))?;
    list.answers.iter().find(|(known, _)| *known == answer).map(|(_, code)| *code)
}
