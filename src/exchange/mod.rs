//! wip
mod formula;
#[cfg(test)]
mod formula_test;
