//! References that the caller gives, scale by scale.

use straingauge::change::Reference;
use straingauge::instrument::{Instrument, Key, Scale};
use straingauge::score::Scorer;

use super::{Failure, Given};

/// A number of a reference: its option, and how it enters.
type Entry = (&'static str, fn(Reference, f64) -> Reference);

/// Options that each give one number of a reference: `X`, or `SCALE=X,...`.
const NUMBERS: [Entry; 6] = [
    ("--sd", Reference::with_sd),
    ("--reliability", Reference::with_reliability),
    ("--mean", Reference::with_mean),
    ("--retest-mean", Reference::with_retest_mean),
    ("--retest-sd", Reference::with_retest_sd),
    ("--retest-reliability", Reference::with_retest_reliability),
];

/// Returns for each scale of the scorer the reference given for it, if any. A number without a scale
/// belongs to the only scale there is; where there are several, it must say which. A scale that is
/// another one times a factor takes that one's reference times the factor, so that both say the
/// same.
pub(crate) fn own_references(
    given: &Given,
    scorer: &Scorer,
) -> Result<Vec<Option<Reference>>, Failure> {
    let scales: Vec<&Scale> = scorer.scales().collect();
    let mut found: Vec<Option<Reference>> = vec![None; scales.len()];
    let mut has: Vec<[bool; 2]> = vec![[false; 2]; scales.len()];
    for (option, (name, enter)) in NUMBERS.into_iter().enumerate() {
        for text in given.list(name)? {
            let (scale, number) = match text.split_once('=') {
                Some((scale, number)) => (Some(scale.trim()), number),
                None => (None, text.as_str()),
            };
            let number: f64 = number
                .trim()
                .parse()
                .map_err(|_| Failure::usage(format!("{name}: `{number}` is not a number")))?;
            let ids: Vec<&str> = scales.iter().map(|scale| scale.id()).collect();
            let at = match scale {
                Some(scale) => ids.iter().position(|id| *id == scale).ok_or_else(|| {
                    let known = ids.join(", ");
                    Failure::usage(format!("{name}: no scale `{scale}`; there are {known}"))
                })?,
                None if scales.len() == 1 => 0,
                None => {
                    let each: Vec<String> =
                        ids.iter().map(|id| format!("{name} {id}={number}")).collect();
                    return Err(Failure::usage(format!(
                        "{name} {number}: {} has several scales, and a number belongs to one; give {}",
                        scorer.instrument().id(),
                        each.join(" or ")
                    )));
                }
            };
            if let (Some(slot), Some(has)) = (found.get_mut(at), has.get_mut(at)) {
                let reference = slot.take().unwrap_or_else(|| Reference::new("given"));
                *slot = Some(enter(reference, number));
                if let Some(seen) = has.get_mut(option) {
                    *seen = true;
                }
            }
        }
    }
    for ((scale, reference), has) in scales.iter().zip(&found).zip(&has) {
        let Some(reference) = reference else { continue };
        if *has != [true, true] {
            return Err(Failure::usage(
                "--sd and --reliability belong together; the other numbers are added to them",
            ));
        }
        let (low, high) = scale.range();
        reference
            .expect_range(low.to_f64(), high.to_f64())
            .map_err(|error| Failure::usage(format!("{}: {error}", scale.id())))?;
    }
    let known = found.clone();
    for (scale, slot) in scales.iter().zip(&mut found) {
        if slot.is_none() {
            *slot = scales.iter().zip(&known).find_map(|(other, reference)| {
                let factor = factor(scorer.instrument(), other, scale)?;
                Some(reference.clone()?.times(factor))
            });
        }
    }
    Ok(found)
}

/// What values of one scale are multiplied by to give those of another, where that is how one of
/// them is made.
fn factor(instrument: &Instrument, from: &Scale, to: &Scale) -> Option<f64> {
    let made_of = |scale: &Scale, source: &Scale| match scale.key() {
        Key::Times { from, factor } => {
            let is = instrument.scales().get(*from)?.id() == source.id();
            is.then(|| factor.to_f64())
        }
        _ => None,
    };
    made_of(to, from).or_else(|| made_of(from, to).map(f64::recip))
}
