//! What there is to compare: the files of a directory, plain or compressed, packed or not.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

/// The files of a recorded case by their paths in it.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The recording of a cluster: a directory with a `case.json` and an `events.jsonl`, or of a shell: with
/// a `state.json` and a `commands.jsonl`.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// Where it lies.
    pub(crate) path: String,
    pub(crate) files: Arc<Files>,
}

/// A file that belongs to no recording.
#[derive(Clone, Debug)]
pub(crate) struct Single {
    /// Where it lies, without the ending that says that it is compressed.
    pub(crate) path: String,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Disk(PathBuf),
    Packed(Vec<u8>),
}

/// All that was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) cases: Vec<Case>,
    pub(crate) singles: Vec<Single>,
}

impl Single {
    /// Its bytes.
    pub(crate) fn read(&self) -> Vec<u8> {
        match &self.place {
            Place::Disk(path) => plain(path),
            Place::Packed(bytes) => bytes.clone(),
        }
    }
}

impl Found {
    /// Looks below `root`.
    pub(crate) fn below(root: &Path) -> Self {
        let mut singles = Vec::new();
        look(root, "", &mut singles);
        singles.sort_by(|one, other| one.path.cmp(&other.path));
        let directory = |path: &str| path.rsplit_once('/').map(|(before, _)| before.to_owned());
        let has = |path: String| singles.binary_search_by(|one| one.path.cmp(&path)).is_ok();
        let shapes = [("case.json", "events.jsonl"), ("state.json", "commands.jsonl")];
        let roots: Vec<String> = singles
            .iter()
            .filter_map(|single| Some((directory(&single.path)?, &single.path)))
            .filter(|(root, path)| {
                let found = |(first, second): &(&str, &str)| {
                    **path == format!("{root}/{first}") && has(format!("{root}/{second}"))
                };
                shapes.iter().any(found)
            })
            .map(|(root, _)| root)
            .collect();
        let mut cases: BTreeMap<String, Files> =
            roots.into_iter().map(|root| (root, Files::new())).collect();
        let mut found = Self::default();
        for single in singles {
            let parents = single.path.match_indices('/').map(|(at, _)| at);
            let at = parents.rev().find(|at| cases.contains_key(&single.path[..*at]));
            match at {
                Some(at) => {
                    let files = cases.get_mut(&single.path[..at]).expect("it was just found");
                    files.insert(single.path[at + 1..].to_owned(), single.read());
                }
                None => found.singles.push(single),
            }
        }
        let case = |(path, files)| Case { path, files: Arc::new(files) };
        found.cases = cases.into_iter().map(case).collect();
        found
    }
}

/// What is written for people, or makes recordings.
fn is_ignored(path: &Path, name: &str) -> bool {
    if path.is_dir() {
        return matches!(name, "tools" | "clients") || name.starts_with('.');
    }
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    name == "README.md"
        || name.ends_with(".pom.xml")
        || matches!(ending, "py" | "sh" | "java" | "go" | "js")
        || is_script(path)
}

/// True for a name that ends with a dot and `ending`.
pub(crate) fn has_ending(name: &str, ending: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, after)| after == ending)
}

fn is_script(path: &Path) -> bool {
    let mut begin = [0; 2];
    let file = std::fs::File::open(path);
    file.is_ok_and(|mut file| file.read_exact(&mut begin).is_ok()) && begin == *b"#!"
}

fn look(directory: &Path, under: &str, singles: &mut Vec<Single>) {
    let entries = std::fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    for entry in entries {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if is_ignored(&path, &name) {
            continue;
        }
        let whole = if under.is_empty() { name } else { format!("{under}/{name}") };
        if path.is_dir() {
            look(&path, &whole, singles);
            continue;
        }
        let whole = whole.strip_suffix(".zst").unwrap_or(&whole).to_owned();
        if has_ending(&whole, "tar") {
            unpack(&path, under, singles);
        } else {
            singles.push(Single { path: whole, place: Place::Disk(path) });
        }
    }
}

/// The files of a packed directory.
fn unpack(path: &Path, under: &str, singles: &mut Vec<Single>) {
    let bytes = plain(path);
    let mut archive = tar::Archive::new(&*bytes);
    for entry in archive.entries().expect("an archive") {
        let mut entry = entry.expect("an entry");
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = entry.path().expect("a path").to_string_lossy().into_owned();
        let mut bytes = Vec::with_capacity(entry.size() as usize);
        entry.read_to_end(&mut bytes).expect("a whole archive");
        let whole = if under.is_empty() { name } else { format!("{under}/{name}") };
        singles.push(Single { path: whole, place: Place::Packed(bytes) });
    }
}

/// The bytes of a file, decompressed if its name says that it is compressed.
fn plain(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if path.extension().is_none_or(|ending| ending != "zst") {
        return bytes;
    }
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(&*bytes).expect("a zstd frame");
    let mut out = Vec::new();
    decoder.read_to_end(&mut out).expect("a whole zstd frame");
    out
}

/// The lines of a `.jsonl` file of a case.
pub(crate) fn lines(files: &Files, path: &str) -> Vec<Value> {
    rows(files.get(path).expect("the shape says it is there"))
}

/// A `.json` file of a case.
pub(crate) fn json(files: &Files, path: &str) -> Value {
    let bytes = files.get(path).expect("the shape says it is there");
    serde_json::from_slice(bytes).expect("the file is JSON")
}

/// The lines of a `.jsonl` file.
pub(crate) fn rows(bytes: &[u8]) -> Vec<Value> {
    split(bytes).map(|line| serde_json::from_slice(line).expect("a line is JSON")).collect()
}

/// The lines of a file.
pub(crate) fn split(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}
