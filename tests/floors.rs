//! A module uses only modules on a lower floor, so that dependencies run one way.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic
)]

use std::{collections::BTreeSet, fs, path::Path};

/// Rooms from the ground up; rooms of one line share a floor and may not use each other.
const FLOORS: &[&[&str]] = &[
    &["date", "num", "stored", "words"],
    &["instrument"],
    &["catalog", "answers"],
    &["form"],
    &["score"],
    &["survey", "change", "reliability", "quality"],
    &["watch", "group"],
    &["exchange", "schema"],
    &["error"],
];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Every room that a file names as `crate::room` or inside `crate::{room, …}`.
fn rooms_used(text: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            let names = if let Some(group) = rest.strip_prefix('{') {
                let mut depth = 0_usize;
                let mut names = vec![String::new()];
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => names.push(String::new()),
                        c if depth == 0 => names.last_mut().unwrap().push(c),
                        _ => {}
                    }
                }
                names
            } else {
                vec![rest.to_owned()]
            };
            for name in names {
                let room: String =
                    name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                used.insert(room);
            }
        }
    }
    used
}

#[test]
fn no_room_uses_a_room_above_or_beside_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&source, &mut files);
    let mut edges = 0;
    for file in files {
        let relative = file.strip_prefix(&source).unwrap().with_extension("");
        let own = relative.components().next().unwrap().as_os_str().to_str().unwrap().to_owned();
        if own == "lib" {
            continue;
        }
        let own_floor =
            floor(&own).unwrap_or_else(|| panic!("room `{own}` has no floor: add it to FLOORS"));
        for room in rooms_used(&fs::read_to_string(&file).unwrap()) {
            if room == own {
                continue;
            }
            let Some(their_floor) = floor(&room) else {
                panic!("{}: `crate::{room}` is no room; name the room itself", file.display())
            };
            edges += 1;
            assert!(their_floor < own_floor, "{}: `{own}` uses `{room}`", file.display());
        }
    }
    assert!(edges > 0 || !source.join("score").exists(), "the reader of paths found nothing");
}

#[test]
fn no_file_is_too_long_to_read() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&source, &mut files);
    for file in files {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 620, "{}: {lines} lines", file.display());
    }
}
