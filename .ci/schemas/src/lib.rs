//! Nothing to see here: the test is in `tests/agree.rs`.
