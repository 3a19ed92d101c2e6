//! The durian: every group gets a whole one, a segment of it is a partition, and a segment has one
//! eater. A picture of ours for what the groups' panel says in words; both show the same.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use crate::client::consumer::Reads;
use crate::ids::{Name, TopicPartition};
use crate::tui::ink::{Ink, put};
use crate::tui::{Look, frame};
use crate::view::{ConsumerView, GroupView, Lens};

/// A segment takes so many cells at least, and so many at most.
const SEGMENT: (u16, u16) = (14, 24);
/// And so many rows, its rind included.
const ROWS: u16 = 4;

/// A group and what it eats.
struct Durian {
    name: Name,
    group: Option<GroupView>,
    eaters: Vec<ConsumerView>,
    segments: Vec<TopicPartition>,
}

fn durians(lens: Lens<'_>) -> Vec<Durian> {
    let all = lens.topic_partitions();
    let durians = lens.group_processes().into_iter().map(|(name, processes)| {
        let topics: Vec<&Name> = processes
            .iter()
            .filter_map(|(_, node)| lens.consumer_spec(*node))
            .filter_map(|spec| match &spec.reads {
                Reads::Subscribe(topics) => Some(topics),
                Reads::AssignAll(_) | Reads::Assign(_) => None,
            })
            .flatten()
            .collect();
        let segments = all.iter().filter(|tp| topics.contains(&&tp.topic)).cloned().collect();
        let eaters = processes.iter().filter_map(|(_, node)| lens.consumer(*node)).collect();
        Durian { group: lens.group(&name), name, eaters, segments }
    });
    durians.collect()
}

/// Draws one durian per group, as many as there is room for.
pub fn draw(look: &Look<'_>, lens: Lens<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (look.theme, look.lang());
    let title = lang.pick(
        "Durian: a segment = a partition, its eater = a consumer",
        "榴莲：一瓣 = 一个分区，吃的人 = 消费者",
    );
    let inner = frame::draw(look, title, area, buf, |_| {});
    if inner.height < ROWS + 1 {
        return;
    }
    let durians = durians(lens);
    if durians.is_empty() {
        let none = lang.pick("no groups yet", "还没有消费者组");
        Ink::new(buf, inner.x + 1, inner.y, inner.right()).styled(theme.label, none);
    }
    let mut y = inner.y;
    for (index, durian) in durians.iter().enumerate() {
        if y + ROWS + 1 > inner.bottom() {
            frame::more(look, false, true, area, buf);
            break;
        }
        let left = (durians.len() - index - 1) as u16;
        let bottom = inner.bottom().saturating_sub(left * (ROWS + 1)).max(y + ROWS + 1);
        let room = Rect { y, height: bottom.min(inner.bottom()) - y, ..inner };
        y += draw_one(look, lens, durian, room, buf);
    }
}

/// Draws a durian and returns how many rows it took.
fn draw_one(look: &Look<'_>, lens: Lens<'_>, durian: &Durian, room: Rect, buf: &mut Buffer) -> u16 {
    let (theme, lang) = (look.theme, look.lang());
    let count = durian.segments.len();
    let mut ink = Ink::new(buf, room.x + 1, room.y, room.right());
    ink.styled(theme.title, &durian.name).text("  ");
    let whole = lang.pick(
        format!("a whole durian of its own, {count} segments"),
        format!("自己有一整个榴莲，{count} 瓣"),
    );
    ink.styled(theme.group, &whole);
    let idle = idle(durian);
    if !idle.is_empty() {
        let idle = idle.join(", ");
        ink.style(theme.lagging);
        put!(ink, "  {}", lang.pick(format!("nothing for {idle}"), format!("没得吃：{idle}")));
    }
    let across = usize::from((room.width.saturating_sub(1) / SEGMENT.0).max(1)).min(count.max(1));
    let width = ((room.width.saturating_sub(1)) / across as u16).min(SEGMENT.1);
    let lines = usize::from((room.height - 1) / ROWS).max(1);
    let shown = count.min(across * lines);
    for (index, tp) in durian.segments.iter().take(shown).enumerate() {
        let area = Rect {
            x: room.x + 1 + (index % across) as u16 * width,
            y: room.y + 1 + (index / across) as u16 * ROWS,
            width: width - 1,
            height: ROWS,
        };
        segment(look, lens, durian, tp, area, buf);
    }
    if shown < count {
        let told =
            lang.pick(format!("and {} more", count - shown), format!("还有 {} 瓣", count - shown));
        let x = room.right().saturating_sub(told.width() as u16 + 1);
        Ink::new(buf, x, room.y, room.right()).styled(theme.label, &told);
    }
    1 + shown.div_ceil(across) as u16 * ROWS
}

/// Members that have no segment.
fn idle(durian: &Durian) -> Vec<&str> {
    let eaters = durian.eaters.iter().filter(|one| one.alive && one.state == "Stable");
    eaters.filter(|one| one.owned.is_empty()).map(|one| &*one.name).collect()
}

/// A segment: which, who eats it, and how much is eaten and left.
fn segment(
    look: &Look<'_>,
    lens: Lens<'_>,
    durian: &Durian,
    tp: &TopicPartition,
    area: Rect,
    buf: &mut Buffer,
) {
    let (theme, lang) = (look.theme, look.lang());
    let place = durian.eaters.iter().position(|one| one.alive && one.owned.contains_key(tp));
    let style = place.map_or(theme.lagging, |place| flavour(look, place));
    let inner = frame::draw(&look.focus(place.is_some()), &tp.to_string(), area, buf, |_| {});
    let (x, end) = (inner.x, inner.right());
    let mut ink = Ink::new(buf, x, inner.y, end);
    ink.style(style);
    if let Some(place) = place {
        put!(ink, "{} {}", theme.signs.member, durian.eaters[place].name);
    } else {
        put!(ink, "{} {}", theme.signs.absent, lang.pick("nobody eats", "没人吃"));
    }
    let group = durian.group.as_ref();
    let eaten = group.and_then(|group| group.committed.get(tp));
    let left = group.and_then(|group| lens.lag_of(group, tp));
    let mut ink = Ink::new(buf, x, inner.y + 1, end);
    ink.style(theme.text);
    if let Some(eaten) = eaten {
        let left = left.map_or_else(|| "?".to_owned(), |left| left.to_string());
        let told = lang.pick(format!("ate {eaten}, left {left}"), format!("吃 {eaten} 剩 {left}"));
        // Numbers are whole or not there.
        let short = format!("{eaten} +{left}");
        let fits = told.width() <= usize::from(ink.room());
        ink.clipped(if fits { &told } else { &short }, theme.signs.more);
    } else {
        ink.text(theme.signs.nothing);
    }
}

/// The colour of an eater: its name stands there too.
fn flavour(look: &Look<'_>, place: usize) -> Style {
    let theme = look.theme;
    [theme.leader, theme.in_sync, theme.group, theme.zombie, theme.you][place % 5]
}
