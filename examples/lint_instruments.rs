//! Lints instrument files of your own: every finding of every file, and vectors that do not come out.
//!
//! `cargo run --example lint_instruments -- FOLDER_OR_FILE...` (default: `instruments`).
//! Exit 0 if all is well, 1 if there is a finding, 2 if a path cannot be read.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use straingauge::{Instrument, score::Vectors};

fn main() -> ExitCode {
    let mut paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if paths.is_empty() {
        paths.push(PathBuf::from("instruments"));
    }
    // A reader that closes the pipe early is no finding.
    ExitCode::from(run(&paths, &mut io::stdout()).unwrap_or(0))
}

/// Writes every finding; gives the exit code.
pub(crate) fn run(paths: &[PathBuf], out: &mut dyn Write) -> io::Result<u8> {
    let mut files = Vec::new();
    for path in paths {
        if let Err(error) = definitions(path, &mut files) {
            writeln!(out, "{}: {error}", path.display())?;
            return Ok(2);
        }
    }
    files.sort();
    let mut findings = 0;
    for file in &files {
        if let Some(withdrawn) = withdrawn(file) {
            writeln!(out, "{}: note: {withdrawn}", file.display())?;
        }
        for finding in lint(file) {
            writeln!(out, "{}: {finding}", file.display())?;
            findings += 1;
        }
    }
    writeln!(out, "{} definitions, {findings} findings", files.len())?;
    Ok(u8::from(findings > 0))
}

/// Definition files under a path: vectors and wording packs are no definitions.
fn definitions(path: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_other =
                name.ends_with(".vectors.toml") || ["wording", "withdrawn.toml"].contains(&&*name);
            let is_toml = path.extension().is_some_and(|extension| extension == "toml");
            if !is_other && (path.is_dir() || is_toml) {
                definitions(&path, found)?;
            }
        }
    } else {
        std::fs::metadata(path)?;
        found.push(path.to_owned());
    }
    Ok(())
}

/// Why the version in this file was withdrawn; such a file stays readable, so it is no finding.
fn withdrawn(file: &Path) -> Option<&'static straingauge::catalog::Withdrawal> {
    Instrument::parse(&std::fs::read_to_string(file).ok()?).ok()?.withdrawn()
}

fn lint(file: &Path) -> Vec<String> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => return vec![error.to_string()],
    };
    let instrument = match Instrument::parse_bytes(&file.to_string_lossy(), &bytes) {
        Ok(instrument) => instrument,
        Err(error) => return error.findings().iter().map(ToString::to_string).collect(),
    };
    // A definition without vectors is read, but nothing proves it.
    let Ok(text) = std::fs::read_to_string(file.with_extension("vectors.toml")) else {
        return Vec::new();
    };
    match Vectors::parse(&text) {
        Ok(vectors) => vectors.check(&instrument).iter().map(ToString::to_string).collect(),
        Err(error) => vec![format!("its vectors: {error}")],
    }
}
