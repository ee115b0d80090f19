//! What is promised of every type: it may be sent, shared, moved and caught behind.
#![allow(clippy::pedantic, missing_docs)]

use std::fmt::Debug;
use std::panic::{RefUnwindSafe, UnwindSafe};

use straingauge::{answers, catalog, instrument, num, score, words};

fn plain<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe + Debug>() {}
fn value<T: Clone + PartialEq + Send + Sync + Unpin + Debug + 'static>() {}
fn error<T: std::error::Error + Clone + PartialEq + Send + Sync + 'static>() {}

#[test]
fn types_are_plain_values() {
    plain::<score::Scorer>();
    plain::<score::Scores>();
    plain::<score::ScaleView<'static>>();
    plain::<score::Score<'static>>();
    plain::<score::CriterionView<'static>>();
    plain::<score::NormedScore<'static>>();
    plain::<answers::Columns<'static>>();
    plain::<answers::SheetBuilder>();
    plain::<catalog::BuiltIn>();
    value::<instrument::Instrument>();
    value::<instrument::Item>();
    value::<instrument::Scale>();
    value::<instrument::BandSet>();
    value::<instrument::Criterion>();
    value::<instrument::Norm>();
    value::<instrument::PublishedChange>();
    value::<instrument::Variant>();
    value::<instrument::Licence>();
    value::<instrument::Exact>();
    value::<instrument::Version>();
    value::<instrument::Finding>();
    value::<instrument::Place>();
    value::<instrument::raw::RawInstrument>();
    value::<answers::Sheet>();
    value::<answers::SheetRecord>();
    value::<answers::Answer>();
    value::<answers::MissingKind>();
    value::<score::ScoreRecord>();
    value::<score::Receipt>();
    value::<score::ColumnScores>();
    value::<score::ScoreOptions>();
    value::<score::Explanation>();
    value::<score::Vectors>();
    value::<score::VectorFailure>();
    value::<score::Outcome>();
    value::<score::Status>();
    value::<score::Band<'static>>();
    value::<words::Words>();
    value::<num::Interval>();
}

#[test]
fn errors_are_errors() {
    error::<instrument::LoadError>();
    error::<instrument::Defect>();
    error::<instrument::VersionError>();
    error::<answers::AnswerError>();
    error::<catalog::CatalogError>();
    error::<score::OptionError>();
    error::<score::VerifyError>();
    error::<score::VectorError>();
    error::<score::Absence>();
}

#[test]
fn a_scorer_is_shared_between_threads() {
    let scorer = catalog::get("cbi").unwrap().scorer();
    let row = vec![50; scorer.instrument().items().len()];
    let alone = scorer.score_row(&row).unwrap().to_record();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(scorer.score_row(&row).unwrap().to_record(), alone));
        }
    });
}
