//! Listings of log directories: `tree`, `ls`, `ls -R`, `find`, of one broker or of several.
//!
//! Whatever made it, a listing comes to paths. A directory named like `kq-0` is a replica; what it lies in is
//! the log directory of a broker.

use std::collections::{BTreeMap, BTreeSet};

use super::{Found, FoundTopic, ImportError, Remark, remark};

/// What only log directories and their replicas have in them.
const FILES: [&str; 8] = [
    "meta.properties",
    "recovery-point-offset-checkpoint",
    "replication-offset-checkpoint",
    "log-start-offset-checkpoint",
    "cleaner-offset-checkpoint",
    "leader-epoch-checkpoint",
    "partition.metadata",
    "bootstrap.checkpoint",
];

/// The topic whose partitions Kafka makes itself, and how many there are unless one says otherwise.
const OFFSETS: (&str, u32) = ("__consumer_offsets", 50);

/// The log of the metadata: not a replica that anybody placed.
const METADATA: &str = "__cluster_metadata";

/// True if something in the text is of a log directory.
pub(super) fn is_listing(text: &str) -> bool {
    FILES.iter().any(|file| text.contains(file))
        || text.lines().any(|line| branch(line).is_some() || header(line).is_some())
}

/// The directory and number of a replica: `kq-0`.
fn replica(name: &str) -> Option<(&str, u32)> {
    let (topic, number) = name.rsplit_once('-')?;
    let is_topic = !topic.is_empty()
        && topic.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"._-".contains(&letter));
    let is_number = number == "0" || !number.starts_with(['0', '+']);
    (is_topic && is_number).then_some(())?;
    Some((topic, number.parse().ok()?))
}

/// How deep a line of `tree` is, and the name in it.
fn branch(line: &str) -> Option<(usize, &str)> {
    let marks = ["├── ", "└── ", "|-- ", "`-- ", "+-- ", "\\-- "];
    let (at, mark) = marks.iter().find_map(|mark| line.find(mark).map(|at| (at, mark)))?;
    let before = &line[..at];
    before.chars().all(|letter| matches!(letter, '│' | '|' | ' ' | '\u{a0}')).then_some(())?;
    let depth = before.chars().count() / 4 + 1;
    Some((depth, bare(&line[at + mark.len()..])))
}

/// The directory that `ls -R` lists next, or that somebody wrote above a listing.
fn header(line: &str) -> Option<&str> {
    let line = line.trim();
    if let Some(name) = line.strip_prefix("==>").and_then(|rest| rest.strip_suffix("<==")) {
        return Some(name.trim());
    }
    line.strip_suffix(':').filter(|name| !name.contains(' ') && !name.is_empty())
}

/// A name without what `tree` and `ls` put around it: owner and size before, a slash behind.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let text =
        text.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(text, |(_, name)| name);
    let text = text.split(" -> ").next().unwrap_or(text).trim();
    text.trim_end_matches('/')
}

/// The parts of a path.
fn split(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect()
}

/// The paths of a listing.
fn paths(text: &str) -> BTreeSet<Vec<String>> {
    let mut paths = BTreeSet::new();
    // The directories that a line of `tree` lies in, or the one that `ls -R` lists.
    let mut above: Vec<String> = Vec::new();
    // How many of those are above the branches of `tree`.
    let mut root = 0;
    let mut unnamed = 0;
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    for (index, line) in lines.iter().enumerate() {
        let is_sum = line.starts_with("total ") || line.contains(" directories");
        if line.is_empty() || is_sum {
            continue;
        }
        if let Some((depth, name)) = branch(line) {
            above.truncate(root + depth - 1);
            above.extend(split(name));
            paths.insert(above.clone());
            continue;
        }
        let begins_tree = |line: &&str| branch(line).is_some_and(|(depth, _)| depth == 1);
        if lines.get(index + 1).is_some_and(begins_tree) {
            // What the branches grow from.
            above = split(bare(line));
            if above.is_empty() {
                unnamed += 1;
                above.push(format!("tree {unnamed}"));
            }
            root = above.len();
            continue;
        }
        if let Some(name) = header(line) {
            above = split(name);
            root = above.len();
            continue;
        }
        above.truncate(root);
        for name in names(line) {
            let mut path = above.clone();
            path.extend(split(name));
            for depth in above.len() + 1..=path.len() {
                paths.insert(path[..depth].to_vec());
            }
        }
    }
    paths
}

/// The names in a line of `ls` or `find`.
fn names(line: &str) -> Vec<&str> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mode = words.first().is_some_and(|word| {
        word.len() >= 10 && word.starts_with(['d', '-', 'l']) && word[1..].starts_with(['r', '-'])
    });
    if mode {
        // Permissions, links, owner, group, size, three words of time, name.
        return words.get(8).into_iter().map(|name| bare(name)).collect();
    }
    words.into_iter().map(bare).collect()
}

/// Reads a listing.
pub(super) fn read(text: &str) -> Result<Found, ImportError> {
    let paths = paths(text);
    let mut dirs: BTreeMap<Vec<String>, Vec<(String, u32)>> = BTreeMap::new();
    let mut remarks: Vec<Remark> = Vec::new();
    let mut going = 0;
    for path in &paths {
        let Some((name, dir)) = path.split_last() else { continue };
        if name.ends_with("-delete") || name.ends_with("-future") || name.ends_with("-stray") {
            going += 1;
            continue;
        }
        let Some((topic, number)) = replica(name) else { continue };
        // A log directory may be called kafka-logs-1: it has replicas in it.
        let below = paths.range(path.clone()..).skip(1).take_while(|one| one.starts_with(path));
        let mut inside = below.filter(|one| one.len() == path.len() + 1);
        if topic == METADATA || inside.any(|one| replica(&one[path.len()]).is_some()) {
            continue;
        }
        dirs.entry(dir.to_vec()).or_default().push((topic.to_owned(), number));
    }
    if dirs.is_empty() {
        return Err(ImportError::NoPartition);
    }
    if going > 0 {
        remarks.push(remark(
            format!("{going} directories that are being deleted or moved are left out"),
            format!("略去 {going} 个正在删除或迁移的目录"),
        ));
    }
    Ok(found(&dirs, remarks))
}

/// The last number in a path: `node-2/data` is of broker 2.
fn number_in(dir: &[String]) -> Option<u32> {
    dir.iter().rev().find_map(|part| {
        let end = part.rfind(|letter: char| letter.is_ascii_digit())?;
        let begin = part[..end]
            .rfind(|letter: char| !letter.is_ascii_digit())
            .map_or(0, |at| at + part[at..].chars().next().map_or(1, char::len_utf8));
        part[begin..=end].parse().ok()
    })
}

/// The cluster of these log directories: one for each broker.
fn found(dirs: &BTreeMap<Vec<String>, Vec<(String, u32)>>, remarks: Vec<Remark>) -> Found {
    let kind = remark(
        "From a listing of log directories. It tells nothing of leaders (they are dealt out in turn), of \
         settings, groups and clients; what else differs here stands behind #.",
        "来自日志目录列表。它看不出谁是 leader（这里轮流分配），也不含配置、消费者组和客户端；其他不同之处写在 # 后。",
    );
    let mut found = Found { kind: Some(kind), remarks, ..Found::default() };
    let numbers: Vec<Option<u32>> = dirs.keys().map(|dir| number_in(dir)).collect();
    let distinct: BTreeSet<u32> = numbers.iter().copied().flatten().collect();
    let told = distinct.len() == dirs.len() && dirs.len() > 1;
    let ids: Vec<u32> = if told {
        numbers.into_iter().flatten().collect()
    } else {
        (1..=dirs.len() as u32).collect()
    };
    for ((dir, _), id) in dirs.iter().zip(&ids) {
        let path = if dir.is_empty() { ".".to_owned() } else { dir.join("/") };
        found.remarks.push(remark(format!("broker {id}: {path}"), format!("broker {id}：{path}")));
    }
    found.remarks.push(if dirs.len() == 1 {
        remark(
            "one log directory is listed: replicas on other brokers are not known, and if a broker has several \
             log directories, neither are those",
            "只列出了一个日志目录：其他 broker 上的副本未知；若一个 broker 有多个日志目录，也未知",
        )
    } else {
        remark(
            "each log directory is taken for a broker of its own; a listing does not say whether one has several",
            "每个日志目录按一个 broker 处理；列表看不出一个 broker 是否有多个日志目录",
        )
    });
    for (replicas, id) in dirs.values().zip(&ids) {
        found.brokers.insert(*id);
        for (topic, number) in replicas {
            let topic = found.topics.entry(topic.as_str().into()).or_default();
            let brokers = topic.replicas.entry(*number).or_default();
            if !brokers.contains(id) {
                brokers.push(*id);
            }
        }
    }
    for (name, topic) in &mut found.topics {
        for (number, brokers) in &mut topic.replicas {
            // Leaders are dealt out over those that have a replica.
            brokers.sort_unstable();
            let first = *number as usize % brokers.len();
            brokers.rotate_left(first);
        }
        if &**name == OFFSETS.0 {
            topic.remarks.extend(cut_off(topic));
        }
    }
    found
}

/// Partitions of `__consumer_offsets` that are missing because a listing in the order of names was cut.
fn cut_off(topic: &FoundTopic) -> Option<Remark> {
    let (name, count) = OFFSETS;
    let shown = topic.replicas.len();
    let mut all: Vec<String> = (0..count).map(|number| number.to_string()).collect();
    all.sort();
    let is_head = shown < count as usize
        && all[..shown].iter().all(|number| {
            number.parse().is_ok_and(|number: u32| topic.replicas.contains_key(&number))
        });
    is_head.then(|| {
        remark(
            format!(
                "{shown} partitions of {name} are listed: just the first of {count} in the order of their names, \
                 as `head` cuts them; {count} is Kafka's default (offsets.topic.num.partitions)"
            ),
            format!(
                "列出了 {name} 的 {shown} 个分区：正好是 {count} 个按名字排序的前 {shown} 个，像被 head \
                 截断；{count} 是 Kafka 的默认值（offsets.topic.num.partitions）"
            ),
        )
    })
}
