//! Files in and out: looked at by their content, written whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process;

use straingauge::survey::{Candidate, Import, Profile, Reader, SurveyError};

use super::Failure;

/// A file of this run's own that is gone when the run ends.
#[derive(Debug)]
pub(super) struct Spool(pub(super) PathBuf);

impl Spool {
    /// Keeps what can be read only once.
    pub(super) fn of(mut source: impl Read) -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("straingauge-{}.part", process::id()));
        let mut options = File::options();
        options.write(true).create_new(true);
        // Answers are nobody else's to read.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        let spool = Self(path);
        io::copy(&mut source, &mut file)?;
        Ok(spool)
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // There is nowhere to say that it stays.
        let _ = fs::remove_file(&self.0);
    }
}

/// Whether two paths lead to one file, through links too.
pub(super) fn is_same_file(one: &str, other: &str) -> bool {
    #[cfg(unix)]
    if let (Ok(one), Ok(other)) = (fs::metadata(one), fs::metadata(other)) {
        use std::os::unix::fs::MetadataExt as _;
        return one.is_file() && (one.dev(), one.ino()) == (other.dev(), other.ino());
    }
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other && one.is_file(),
        _ => one == other,
    }
}

/// Whether a file is a workbook or another archive, by its first bytes.
#[cfg(feature = "xlsx")]
fn is_archive(file: &mut File) -> Result<bool, SurveyError> {
    let mut head = [0; 4];
    let is_archive = file.read_exact(&mut head).is_ok() && head == *b"PK\x03\x04";
    let failed =
        |error: io::Error| SurveyError::Io { kind: error.kind(), message: error.to_string() };
    io::Seek::rewind(file).map_err(failed)?;
    Ok(is_archive)
}

#[cfg(feature = "xlsx")]
pub(super) fn look_at(profile: &Profile, mut file: File) -> Result<Vec<Candidate>, SurveyError> {
    if is_archive(&mut file)? { profile.detect_workbook(file) } else { profile.detect(file) }
}

#[cfg(not(feature = "xlsx"))]
pub(super) fn look_at(profile: &Profile, file: File) -> Result<Vec<Candidate>, SurveyError> {
    profile.detect(file)
}

#[cfg(feature = "xlsx")]
pub(super) fn open_text(
    import: &Import,
    mut file: File,
) -> Result<Reader<Box<dyn Read>>, SurveyError> {
    if is_archive(&mut file)? {
        import.open_workbook(io::BufReader::new(file))
    } else {
        import.open(Box::new(file))
    }
}

#[cfg(not(feature = "xlsx"))]
pub(super) fn open_text(import: &Import, file: File) -> Result<Reader<Box<dyn Read>>, SurveyError> {
    import.open(Box::new(file))
}

/// Writes a file whole or not at all: what stood there stays until `body` has succeeded.
pub(crate) fn write_file<T>(
    path: &str,
    body: impl FnOnce(&mut dyn Write) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut files = Files::default();
    let done = files.write(path, body)?;
    files.keep()?;
    Ok(done)
}

/// The files of a run: all of them in their places, or none. What stood there stays until then.
#[derive(Debug, Default)]
pub(crate) struct Files(Vec<Part>);

#[derive(Debug)]
struct Part {
    written: PathBuf,
    target: PathBuf,
}

impl Files {
    /// Writes a file beside its place.
    pub(crate) fn write<T>(
        &mut self,
        path: &str,
        body: impl FnOnce(&mut dyn Write) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let target = PathBuf::from(path);
        // A device or a pipe cannot be replaced.
        let in_place = fs::metadata(&target).is_ok_and(|known| !known.is_file());
        let written = if in_place { target.clone() } else { PathBuf::from(format!("{path}.part")) };
        let own = |error| Failure::from(error).about(path);
        let mut writer = BufWriter::new(File::create(&written).map_err(own)?);
        if !in_place {
            self.0.push(Part { written, target });
        }
        let done = body(&mut writer)?;
        writer.flush().map_err(own)?;
        Ok(done)
    }

    /// Puts every file in its place.
    pub(crate) fn keep(mut self) -> Result<(), Failure> {
        for Part { written, target } in self.0.drain(..) {
            let own = |error| Failure::from(error).about(&target.display().to_string());
            fs::rename(&written, &target).map_err(own)?;
        }
        Ok(())
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        for part in &self.0 {
            // There is nowhere to say that it stays.
            let _ = fs::remove_file(&part.written);
        }
    }
}
