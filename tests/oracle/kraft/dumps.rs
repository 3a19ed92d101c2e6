//! What `kafka-dump-log --print-data-log` printed of the files of a recorded cluster: the screen of a
//! disk must say the same of the same bytes, line by line.
//!
//! Of compressed batches only the lines of the batches are compared: their records cannot be read. Of
//! indexes the recordings have only that they are sane.

use kafkascope::log::Disk;
use kafkascope::view::disk::{Contents, FileKind};

use crate::harness::source::Files;

/// True for a case with texts of that tool.
pub(crate) fn fits(files: &Files) -> bool {
    files.keys().any(|path| path.ends_with("/dump.txt"))
}

/// Compares all texts of a case. Returns how many lines there were.
pub(crate) fn compare(files: &Files) -> Result<usize, String> {
    let mut count = 0;
    for (path, text) in files {
        let Some(directory) = path.strip_suffix("/dump.txt") else { continue };
        let text = String::from_utf8_lossy(text);
        for section in text.split("Dumping ./").skip(1) {
            let (name, printed) = section.split_once('\n').unwrap_or((section, ""));
            let whole = format!("{directory}/{name}");
            let bytes = files.get(&whole).ok_or_else(|| format!("{whole} is not recorded"))?;
            count += same(name, bytes, printed).map_err(|wrong| format!("{whole}: {wrong}"))?;
        }
    }
    Ok(count)
}

fn same(name: &str, bytes: &[u8], printed: &str) -> Result<usize, String> {
    let mut disk = Disk::default();
    disk.restore(name, bytes.to_vec());
    let contents = Contents::of(&disk, name).expect("it was just put there");
    let mut ours: Vec<String> = (0..contents.rows()).map(|row| contents.line(row)).collect();
    let mut lines: Vec<&str> = printed.lines().collect();
    match contents.kind {
        FileKind::Log => {
            lines.retain(|line| !line.starts_with("Log starting offset: "));
            if lines.iter().any(|line| {
                line.contains(" compresscodec: ") && !line.contains(" compresscodec: none ")
            }) {
                lines.retain(|line| !line.starts_with("| "));
                ours.retain(|line| !line.starts_with("| "));
            }
        }
        // The tool does not print the head.
        FileKind::Snapshot => _ = ours.remove(0),
        FileKind::OffsetIndex | FileKind::TimeIndex => {
            lines.retain(|line| !line.ends_with("passed sanity check."));
            ours.truncate(lines.len());
        }
        _ => {}
    }
    let pairs = lines.iter().zip(&ours).enumerate();
    for (number, (theirs, ours)) in pairs {
        if theirs.trim_end() != ours.trim_end() {
            return Err(format!("line {number}: Kafka printed `{theirs}`, ours is `{ours}`"));
        }
    }
    if lines.len() != ours.len() {
        let (theirs, ours) = (lines.len(), ours.len());
        return Err(format!("Kafka printed {theirs} lines, ours are {ours}"));
    }
    Ok(lines.len())
}
