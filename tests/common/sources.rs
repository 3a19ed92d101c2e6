//! The program's own sources, for tests that read them.

use std::fs;
use std::path::{Path, PathBuf};

/// Where the sources lie.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All source files, those of tests left out: where each lies below the root, and its code.
pub(crate) fn sources() -> Vec<(PathBuf, String)> {
    let (root, mut files) = (root(), Vec::new());
    source_files(&root, &mut files);
    files.sort();
    assert!(files.len() > 100, "only {} files were found", files.len());
    let inside = files.into_iter().map(|path| {
        let text = fs::read_to_string(&path).expect("sources are text");
        (path.strip_prefix(&root).expect("it was found there").to_owned(), code(&text))
    });
    inside.filter(|(path, _)| !is_test(path)).collect()
}

/// The module that a file belongs to: the first word of its path.
pub(crate) fn module(path: &Path) -> String {
    let first = path.iter().next().expect("a file has a name").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

fn is_test(path: &Path) -> bool {
    path.iter().any(|part| part == "tests" || part == "tests.rs" || part == "testing.rs")
}

fn source_files(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("sources can be listed") {
        let path = entry.expect("sources can be listed").path();
        if path.is_dir() {
            source_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The code of a file that is no test and no comment.
pub(crate) fn code(text: &str) -> String {
    let tests = text.find("#[cfg(test)]\nmod ").filter(|at| text[*at..].contains('{'));
    let own = &text[..tests.unwrap_or(text.len())];
    own.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}
