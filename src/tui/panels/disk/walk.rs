//! How an offset is found, step by step: what each step does in one sentence, and what it looks at.

use std::cmp::Ordering;

use ratatui::layout::Rect;

use super::name;
use crate::explain::Lang;
use crate::ids::{BrokerId, Offset, TopicPartition};
use crate::log::{LOG, OFFSET_INDEX};
use crate::protocol::Compression;
use crate::tui::Look;
use crate::tui::panels::sheet::{self, Sheet};
use crate::view::Lens;
use crate::view::disk::{Find, Scanned, Step, Verdict};

/// What is walked through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// On whose disk.
    pub server: BrokerId,
    /// In which partition's log.
    pub tp: TopicPartition,
    /// Which offset.
    pub target: Offset,
    /// Which step is shown, from 0.
    pub step: usize,
}

/// The parts of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Segment,
    Index,
    Scan,
    Record,
}

impl Phase {
    const ALL: [Self; 4] = [Self::Segment, Self::Index, Self::Scan, Self::Record];

    const fn of(step: &Step) -> Self {
        match step {
            Step::OutOfRange { .. } | Step::End | Step::Segment => Self::Segment,
            Step::NoIndex
            | Step::Warm { .. }
            | Step::First { .. }
            | Step::Probe { .. }
            | Step::Position { .. } => Self::Index,
            Step::Scan { .. } | Step::Batch(_) => Self::Scan,
            Step::Record { .. } => Self::Record,
        }
    }

    fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Segment => lang.pick("segment by name", "按文件名选 segment"),
            Self::Index => lang.pick("sparse index", "稀疏索引"),
            Self::Scan => lang.pick("scan the .log", "扫描 .log"),
            Self::Record => lang.pick("record", "记录"),
        }
    }
}

/// What is written before the offset that is typed.
pub fn asked(look: &Look<'_>, walk: &Walk) -> String {
    let tp = &walk.tp;
    look.lang().pick(format!("offset to find in {tp}:"), format!("要在 {tp} 里查找的 offset："))
}

/// The bytes that a step looks at: a file, and a place in it.
pub fn place(lens: Lens<'_>, walk: &Walk) -> Option<(String, u64)> {
    let find = lens.find_offset(walk.server, &walk.tp, walk.target)?;
    let slot = |slot: u32| (find.path(OFFSET_INDEX), u64::from(slot) * 8);
    let in_log = |at: u64| (find.path(LOG), at);
    Some(match find.steps.get(walk.step)? {
        Step::OutOfRange { .. } => return None,
        Step::Segment | Step::End | Step::NoIndex | Step::Position { slot: None, .. } => in_log(0),
        Step::First { .. } => slot(0),
        Step::Warm { slot: at, .. }
        | Step::Probe { slot: at, .. }
        | Step::Position { slot: Some(at), .. } => slot(*at),
        Step::Scan { batches, .. } => in_log(batches.last().map_or(0, |one| one.position)),
        Step::Batch(found) => in_log(found.position),
        Step::Record { position, .. } => in_log(*position),
    })
}

/// How many steps there are.
pub fn steps(lens: Lens<'_>, walk: &Walk) -> usize {
    lens.find_offset(walk.server, &walk.tp, walk.target).map_or(0, |find| find.steps.len())
}

/// The page of a step.
pub fn sheet(look: &Look<'_>, lens: Lens<'_>, walk: &Walk, area: Rect) -> Sheet {
    let (theme, lang) = (look.theme, look.lang());
    let target = walk.target;
    let mut page = Sheet {
        title: title(lens, walk, lang),
        foot: lang.pick(
            "⏎ n next · p ⌫ back · o opens the bytes · ? card · Esc closes",
            "⏎ n 下一步 · p ⌫ 上一步 · o 打开这些字节 · ? 卡片 · Esc 关闭",
        ),
        ..Sheet::default()
    };
    let Some(find) = lens.find_offset(walk.server, &walk.tp, target) else {
        let none = lang.pick("There is no log of this partition here.", "这里没有这个分区的日志。");
        page.row(vec![(theme.text, none.to_owned())]);
        return page;
    };
    let number = walk.step.min(find.steps.len() - 1);
    let step = &find.steps[number];
    let here = Phase::of(step);
    let mut way = Vec::new();
    for (index, phase) in Phase::ALL.into_iter().enumerate() {
        let style = if phase == here { theme.selected } else { theme.label };
        way.push((style, format!(" {} {} ", index + 1, phase.name(lang))));
        if index < 3 {
            way.push((theme.label, theme.signs.to.to_owned()));
        }
    }
    page.row(way);
    page.gap();
    let width = sheet::width(area);
    let counted = lang.pick(
        format!("Step {} of {}. ", number + 1, find.steps.len()),
        format!("第 {} 步，共 {} 步。", number + 1, find.steps.len()),
    );
    let told = look.told(format!("{counted}{}", sentence(&find, number, lang)));
    page.text(theme.note, &told, 0, width);
    page.gap();
    let begin = page.rows.len();
    let used = begin + 2;
    let room = usize::from(area.height).saturating_sub(used + 2).max(4);
    picture(look, &find, number, room, &mut page);
    page
}

fn title(lens: Lens<'_>, walk: &Walk, lang: Lang) -> String {
    let (target, tp, server) = (walk.target, &walk.tp, name(lens, walk.server));
    lang.pick(
        format!("Find offset {target} of {tp} on {server}"),
        format!("在 {server} 上找 {tp} 的 offset {target}"),
    )
}

/// All steps at once, one after the other, with a picture of each part of the way.
pub fn all(look: &Look<'_>, lens: Lens<'_>, walk: &Walk, width: u16) -> Sheet {
    let (theme, lang) = (look.theme, look.lang());
    let mut page = Sheet { title: title(lens, walk, lang), ..Sheet::default() };
    let Some(find) = lens.find_offset(walk.server, &walk.tp, walk.target) else { return page };
    for (number, step) in find.steps.iter().enumerate() {
        let told = format!("{}. {}", number + 1, sentence(&find, number, lang));
        page.text(theme.note, &look.told(told), 0, width.saturating_sub(4));
        let next = find.steps.get(number + 1).map(Phase::of);
        if next != Some(Phase::of(step)) {
            page.gap();
            picture(look, &find, number, 12, &mut page);
            page.gap();
        }
    }
    page
}

/// What a step does.
fn sentence(find: &Find, number: usize, lang: Lang) -> String {
    let target = find.target;
    match &find.steps[number] {
        Step::OutOfRange { start, end } => lang.pick(
            format!(
                "This log begins at {start} and ends before {end}: {target} is not in it. The broker answers \
                 OFFSET_OUT_OF_RANGE, and auto.offset.reset decides where the consumer goes on."
            ),
            format!(
                "这个日志从 {start} 开始，到 {end} 之前为止，没有 {target}。broker 回答 OFFSET_OUT_OF_RANGE，\
                 由 auto.offset.reset 决定消费者从哪里继续。"
            ),
        ),
        Step::End => lang.pick(
            format!(
                "{target} is the log end offset: the next record will get it. A fetch of it waits for up to \
                 fetch.max.wait.ms and is answered with nothing if none comes."
            ),
            format!("{target} 就是 log end offset：下一条记录会得到它。此时拉取会等到 fetch.max.wait.ms，没有新记录就返回空。"),
        ),
        Step::Segment => {
            let count = find.segments.len();
            let file = find.file(LOG);
            lang.pick(
                format!(
                    "Files are named after their first offset. Of the {count} segments the last one whose name is \
                     not above {target} must have it: {file}. No file was read for this."
                ),
                format!(
                    "文件以首个 offset 命名。{count} 个 segment 中，名字不大于 {target} 的最后一个就是它：{file}。\
                     这一步不用读任何文件。"
                ),
            )
        }
        step @ (Step::NoIndex
        | Step::Warm { .. }
        | Step::First { .. }
        | Step::Probe { .. }
        | Step::Position { .. }) => indexed(find, step, lang),
        Step::Scan { batches, verdict } => scan(find, number, batches, *verdict, lang),
        Step::Batch(found) => {
            let Scanned { position, base, last } = found;
            lang.pick(
                format!(
                    "Found: the batch {base}..{last} at byte {position}. The broker stops here: an answer to a fetch of \
                     {target} begins with this whole batch, byte for byte, and nothing in it was looked at."
                ),
                format!(
                    "找到了：第 {position} 字节的 batch {base}..{last}。broker 到此为止：对 {target} 的拉取就从这个完整的 \
                     batch 开始应答，一个字节也不改，里面的记录看都不看。"
                ),
            )
        }
        Step::Record { skipped, .. } if is_compressed(find) => lang.pick(
            format!(
                "The consumer goes on: it decompresses the batch, skips {skipped} {} whose offset (baseOffset + offsetDelta) is \
                 below {target}, and gives the next one to the application. Inside compressed bytes a record has no place of its \
                 own: who wants one needs the whole batch.",
                if *skipped == 1 { "record" } else { "records" }
            ),
            format!(
                "接下来是消费者的事：它解压这个 batch，跳过 offset（baseOffset + offsetDelta）小于 {target} 的 {skipped} 条记录，\
                 把下一条交给应用。在压缩的字节里，单条记录没有自己的位置：要一条就得解压整个 batch。"
            ),
        ),
        Step::Record { skipped, position } => lang.pick(
            format!(
                "The consumer goes on: it skips {skipped} {} of the batch whose offset (baseOffset + offsetDelta) is below \
                 {target}, and gives the next one to the application. It lies at byte {position} of the file.",
                if *skipped == 1 { "record" } else { "records" }
            ),
            format!(
                "接下来是消费者的事：它跳过 batch 里 offset（baseOffset + offsetDelta）小于 {target} 的 {skipped} 条记录，\
                 把下一条交给应用。它在文件的第 {position} 字节。"
            ),
        ),
    }
}

/// True where the records of the batch that was found are compressed.
fn is_compressed(find: &Find) -> bool {
    find.found().is_some_and(|(_, batch)| batch.compression() != Some(Compression::None))
}

/// What a step in the index does.
fn indexed(find: &Find, step: &Step, lang: Lang) -> String {
    let target = find.target;
    let entry = |slot: u32| find.entries[slot as usize];
    let than = |order: Ordering| match order {
        Ordering::Less => lang.pick("below", "小于"),
        Ordering::Equal => lang.pick("equal to", "等于"),
        Ordering::Greater => lang.pick("above", "大于"),
    };
    match step {
        Step::NoIndex => lang.pick(
            "Its .index has no entry yet: one is made once more than index.interval.bytes of .log were written. So the scan \
             begins at byte 0."
                .to_owned(),
            "它的 .index 还没有任何项：.log 写够 index.interval.bytes 才记一项。所以从第 0 字节开始扫描。"
                .to_owned(),
        ),
        Step::Warm { slot, order } => {
            let (count, at) = (find.entries.len(), entry(*slot).offset);
            let (file, than) = (find.file(OFFSET_INDEX), than(*order));
            let aside = find.index_len;
            lang.pick(
                format!(
                    "{file} has {count} entries of 8 bytes ({aside} bytes long). Binary search begins at entry {slot}, \
                     the first of the last 8 KiB, which stay in the page cache: offset {at} is {than} {target}."
                ),
                format!(
                    "{file} 有 {count} 项，每项 8 字节（文件长 {aside} 字节）。二分查找先看第 {slot} 项，\
                     即常驻页缓存的末尾 8 KiB 的第一项：offset {at} {than} {target}。"
                ),
            )
        }
        Step::First { order } => {
            let (at, than) = (entry(0).offset, than(*order));
            lang.pick(
                format!("Then entry 0: offset {at} is {than} {target}."),
                format!("再看第 0 项：offset {at} {than} {target}。"),
            )
        }
        Step::Probe { slot, range: (first, last), order } => {
            let (at, than_word) = (entry(*slot).offset, than(*order));
            let on = match order {
                Ordering::Less => lang.pick("go on in the upper half", "在后一半继续"),
                Ordering::Equal => lang.pick("this is it", "正是它"),
                Ordering::Greater => lang.pick("go on in the lower half", "在前一半继续"),
            };
            lang.pick(
                format!(
                    "Entries {first} to {last} are left. The one in the middle, {slot}, has offset {at}, {than_word} \
                     {target}: {on}."
                ),
                format!("剩下第 {first} 到 {last} 项。中间的第 {slot} 项 offset 是 {at}，{than_word} {target}：{on}。"),
            )
        }
        Step::Position { slot: Some(slot), position } => {
            let at = entry(*slot).offset;
            lang.pick(
                format!(
                    "Entry {slot} is the last one not above {target}: the batch that ends with offset {at} begins at byte \
                     {position} of {}. The scan begins there, not at 0.",
                    find.file(LOG)
                ),
                format!(
                    "第 {slot} 项是不大于 {target} 的最后一项：以 offset {at} 结尾的 batch 从 {} 的第 {position} 字节开始。\
                     扫描从那里开始，而不是从 0。",
                    find.file(LOG)
                ),
            )
        }
        Step::Position { slot: None, .. } => lang.pick(
            format!(
                "All entries are above {target}: it lies before the first one, so the scan begins at byte 0."
            ),
            format!("所有项都大于 {target}：它在第一项之前，所以从第 0 字节开始扫描。"),
        ),
        other => unreachable!("{other:?} is no step in the index"),
    }
}

fn scan(find: &Find, number: usize, batches: &[Scanned], verdict: Verdict, lang: Lang) -> String {
    let target = find.target;
    let first = batches[0];
    let Scanned { position, base, last } = first;
    match verdict {
        Verdict::Before if batches.len() > 1 => {
            let (count, end) = (batches.len(), batches[batches.len() - 1].last);
            lang.pick(
                format!(
                    "So it goes on with {count} more batches, up to offset {end}: of each only the header is read, and \
                     batchLength leads to the next."
                ),
                format!("就这样再经过 {count} 个 batch，到 offset {end}：每个只读头部，靠 batchLength 跳到下一个。"),
            )
        }
        Verdict::Before => {
            let is_first = !matches!(find.steps[number - 1], Step::Scan { .. });
            let how = if is_first {
                lang.pick("The scan reads the header at", "扫描：读")
            } else {
                lang.pick("The next header, at", "下一个头部：")
            };
            lang.pick(
                format!("{how} byte {position}: baseOffset {base} is below {target}. It may hold it: remember it, and look at \
                         the next."),
                format!("{how}第 {position} 字节的头部，baseOffset {base} 小于 {target}。可能就在里面：记住它，再看下一个。"),
            )
        }
        Verdict::Here => lang.pick(
            format!("The header at byte {position}: baseOffset {base} is {target} itself."),
            format!("第 {position} 字节的头部：baseOffset {base} 正是 {target}。"),
        ),
        Verdict::After => lang.pick(
            format!(
                "The header at byte {position}: baseOffset {base} is above {target}. So it was the one before, whose last \
                 offset is not below {target}."
            ),
            format!("第 {position} 字节的头部：baseOffset {base} 大于 {target}。所以是前一个，它的末尾 offset 不小于 {target}。"),
        ),
        Verdict::Gap => lang.pick(
            format!(
                "The header at byte {position}: baseOffset {base} is above {target}, and the one before ended earlier: \
                 {target} is in a gap, and {base}..{last} comes next."
            ),
            format!(
                "第 {position} 字节的头部：baseOffset {base} 大于 {target}，而前一个更早就结束了：{target} 落在空洞里，\
                 接下来是 {base}..{last}。"
            ),
        ),
    }
}

/// Adds what a step looks at, in at most `room` rows.
fn picture(look: &Look<'_>, find: &Find, number: usize, room: usize, page: &mut Sheet) {
    match Phase::of(&find.steps[number]) {
        Phase::Segment => segments(look, find, room, page),
        Phase::Index => index(look, find, number, room, page),
        Phase::Scan => batches(look, find, number, room, page),
        Phase::Record => records(look, find, room, page),
    }
}

/// The rows around `middle` of so many.
fn around(middle: usize, count: usize, room: usize) -> std::ops::Range<usize> {
    let first = middle.saturating_sub(room / 2).min(count.saturating_sub(room));
    first..count.min(first + room)
}

fn segments(look: &Look<'_>, find: &Find, room: usize, page: &mut Sheet) {
    let (theme, signs) = (look.theme, look.theme.signs);
    let chosen = find.segment;
    for at in around(chosen.unwrap_or(0), find.segments.len(), room) {
        let base = find.segments[at];
        let is_it = chosen == Some(at);
        let (style, sign) =
            if is_it { (theme.selected, signs.selected) } else { (theme.text, " ") };
        let next = find.segments.get(at + 1);
        let span =
            next.map_or_else(|| format!("{base}.."), |next| format!("{base}..{}", next.0 - 1));
        let file = crate::log::file_name(base, LOG);
        page.row(vec![(style, format!("{sign} {file}")), (theme.label, format!("   {span}"))]);
    }
}

fn index(look: &Look<'_>, find: &Find, number: usize, room: usize, page: &mut Sheet) {
    let (theme, lang, signs) = (look.theme, look.lang(), look.theme.signs);
    let count = find.entries.len();
    if count == 0 {
        return;
    }
    let last = count as u32 - 1;
    let (slot, range) = match &find.steps[number] {
        Step::Warm { slot, .. } => (Some(*slot), (0, last)),
        Step::First { .. } => (Some(0), (0, last)),
        Step::Probe { slot, range, .. } => (Some(*slot), *range),
        Step::Position { slot, .. } => (*slot, slot.map_or((0, last), |slot| (slot, slot))),
        _ => (None, (0, last)),
    };
    let titles = format!(
        "  {:>6}{:>16}{:>10}{:>10}",
        lang.pick("entry", "项号"),
        "relativeOffset",
        "offset",
        "position"
    );
    page.row(vec![(theme.label, titles)]);
    let base = find.segment.map_or(Offset(0), |at| find.segments[at]);
    for at in around(slot.unwrap_or(0) as usize, count, room.saturating_sub(1)) {
        let entry = find.entries[at];
        let at = at as u32;
        let relative = entry.offset.0.saturating_sub(base.0);
        let row = format!("{at:>6}{relative:>16}{:>10}{:>10}", entry.offset, entry.position);
        let (style, sign) = if slot == Some(at) {
            (theme.selected, signs.selected)
        } else if (range.0..=range.1).contains(&at) {
            (theme.title, signs.rope)
        } else {
            (theme.label, " ")
        };
        page.row(vec![(style, format!("{sign} {row}"))]);
    }
}

fn batches(look: &Look<'_>, find: &Find, number: usize, room: usize, page: &mut Sheet) {
    let (theme, signs) = (look.theme, look.theme.signs);
    let current = match &find.steps[number] {
        Step::Scan { batches, .. } => batches.last().map(|one| one.position),
        Step::Batch(found) => Some(found.position),
        _ => None,
    };
    let is_found = matches!(find.steps[number], Step::Batch(_));
    let begin = find.steps.iter().find_map(|step| match step {
        Step::Position { position, .. } => Some(*position),
        _ => None,
    });
    let begin = begin.unwrap_or(0);
    let titles = format!(
        "  {:>9}{:>12}{:>12}{:>7}{:>7}",
        "position", "baseOffset", "lastOffset", "count", "size"
    );
    page.row(vec![(theme.label, titles)]);
    let place = |position: u64| find.batches.partition_point(|(at, _)| *at < position);
    let here = place(current.unwrap_or(0));
    for (at, batch) in &find.batches[around(here, find.batches.len(), room.saturating_sub(1))] {
        let (base, last) = (batch.base_offset(), batch.last_offset());
        let (count, size) = (batch.count(), batch.size_in_bytes());
        let row = format!("{at:>9}{base:>12}{last:>12}{count:>7}{size:>7}");
        let is_current = current == Some(*at);
        let (style, sign) = match (is_current, is_found) {
            (true, true) => (theme.selected, signs.good),
            (true, false) => (theme.selected, signs.selected),
            // What the scan has passed.
            _ if *at >= begin && current.is_some_and(|current| *at < current) => {
                (theme.title, signs.rope)
            }
            _ => (theme.label, " "),
        };
        page.row(vec![(style, format!("{sign} {row}"))]);
    }
}

fn records(look: &Look<'_>, find: &Find, room: usize, page: &mut Sheet) {
    let (theme, signs) = (look.theme, look.theme.signs);
    let Some((_, batch)) = find.found() else { return };
    let decoder = crate::view::disk::Decoder::of(&find.tp.to_string());
    let all: Vec<_> = batch.iter().map_while(Result::ok).collect();
    let here = all.iter().position(|record| record.offset >= find.target).unwrap_or(0);
    for at in around(here, all.len(), room) {
        let record = &all[at];
        let (style, sign) = match at.cmp(&here) {
            Ordering::Equal => (theme.selected, signs.good),
            Ordering::Less => (theme.label, signs.rope),
            Ordering::Greater => (theme.label, " "),
        };
        let (key, value) = decoder.read(record);
        let delta = record.offset.0 - batch.base_offset().0;
        let row = format!(
            "{sign} {} + {delta} = {}   key: {}   payload: {}",
            batch.base_offset(),
            record.offset,
            key.unwrap_or_default(),
            value.unwrap_or_default()
        );
        page.row(vec![(style, row)]);
    }
}
