//! The matrix for the last row of a class: every replica is a tile two rows high.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr;

use super::rows::{self, Row};
use super::{ClusterView, FIRST_ROW, head, shape};
use crate::ids::BrokerId;
use crate::tui::ink::{Ink, put};
use crate::tui::words::Words;
use crate::tui::{Look, frame};
use crate::view::{BrokerGlance, Lens, PartitionView, ReplicaWord};

/// A tile takes so many cells at least, and so many at most.
const TILE: (u16, u16) = (14, 26);

/// Draws the matrix in large signs.
pub fn draw(look: &Look<'_>, lens: Lens<'_>, view: &ClusterView<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, words) = (look.theme, Words::of(look.lang()));
    let controllers = lens.controller_glances();
    let inner = frame::draw(look, words.cluster, area, buf, |ink| {
        head::controllers(look, lens, view, &controllers, ink);
    });
    if inner.height < 5 {
        return;
    }
    let image = lens.image();
    let glance = |id: &BrokerId| lens.broker_glance(*id, image);
    let brokers: Vec<BrokerGlance> = lens.broker_ids().iter().filter_map(glance).collect();
    let name = (inner.width / 6).clamp(10, 24);
    let fit = usize::from((inner.width - name) / TILE.0).max(1);
    let left = view.left.min(brokers.len().saturating_sub(fit));
    let shown: Vec<&BrokerGlance> = brokers.iter().skip(left).take(fit).collect();
    let column = ((inner.width - name) / shown.len().max(1) as u16).min(TILE.1 + 2);
    let x = |place: usize| inner.x + name + place as u16 * column;
    for (place, broker) in shown.iter().enumerate() {
        let end = (x(place) + column - 1).min(inner.right());
        let style = if view.changed.node(broker.node) { theme.changed } else { theme.title };
        Ink::new(buf, x(place), inner.y, end).styled(style, lens.name(broker.node));
        if let Some((sign, word, style)) = head::state(look, lens, broker) {
            let mut ink = Ink::new(buf, x(place), inner.y + 1, end);
            ink.style(style);
            put!(ink, " {sign} {word} ");
        }
    }
    let Some(image) = image else { return };
    let count = rows::count(image, view.internal);
    let room = inner.height - 2;
    let step = if count * 3 <= usize::from(room) + 1 { 3 } else { 2 };
    let fit = usize::from((room + step - 2) / step).max(1);
    let selected = view.selected.and_then(|(row, _)| row.checked_sub(FIRST_ROW));
    let top = frame::scroll(selected, view.top, count, fit);
    for (line, row) in rows::from(image, view.internal, top).take(fit).enumerate() {
        let y = inner.y + 2 + line as u16 * step;
        let is_selected = selected == Some(top + line);
        let mut ink = Ink::new(buf, inner.x, y, inner.x + name);
        ink.style(theme.title).text(if is_selected { theme.signs.selected } else { " " });
        let Row::Partition(topic, number) = row else {
            ink.clipped(&row.topic().name, theme.signs.more);
            continue;
        };
        let Some(partition) = lens.partition_of(topic, number) else { continue };
        label(look, view, &partition, &mut ink);
        let mut ink = Ink::new(buf, inner.x + 1, y + 1, inner.x + name);
        ink.style(if partition.leader.is_none() { theme.alert } else { theme.label });
        below(look, &partition, &mut ink);
        for (place, broker) in shown.iter().enumerate() {
            let tile = Rect::new(x(place), y, column.saturating_sub(2), 2);
            draw_tile(look, view, &partition, broker, tile.intersection(inner), buf);
        }
    }
    frame::more(look, top > 0, top + fit < count, area, buf);
    if shown.len() < brokers.len() {
        let mut ink = Ink::new(buf, area.x + 2, area.bottom() - 1, area.right() - 2);
        ink.style(theme.title);
        put!(ink, " broker {}-{} / {} ", left + 1, left + shown.len(), brokers.len());
    }
}

fn label(look: &Look<'_>, view: &ClusterView<'_>, partition: &PartitionView, ink: &mut Ink<'_>) {
    let is_new = view.changed.partition(&partition.tp).leader;
    ink.style(if is_new { look.theme.changed } else { look.theme.title });
    ink.name(&partition.tp.to_string(), look.theme.signs.more);
}

/// What is unusual, otherwise the leader epoch.
fn below(look: &Look<'_>, partition: &PartitionView, ink: &mut Ink<'_>) {
    if partition.leader.is_none() {
        ink.text(Words::of(look.lang()).no_leader);
    } else if partition.isr.len() < partition.replicas.len() {
        let isr: Vec<_> = partition.isr.iter().map(ToString::to_string).collect();
        let text = format!("e{} ISR {}", partition.leader_epoch, isr.join(","));
        ink.clipped(&text, look.theme.signs.more);
    } else {
        put!(ink, "e{}", partition.leader_epoch);
    }
}

fn draw_tile(
    look: &Look<'_>,
    view: &ClusterView<'_>,
    partition: &PartitionView,
    broker: &BrokerGlance,
    tile: Rect,
    buf: &mut Buffer,
) {
    let Some(replica) = partition.replicas.iter().find(|one| one.broker == broker.id) else {
        let mut ink = Ink::new(buf, tile.x, tile.y, tile.right());
        ink.styled(look.theme.border, look.theme.signs.nothing);
        return;
    };
    let truncated = view.changed.is_truncated(&partition.tp, broker.node);
    let shape = shape(look, replica, broker, truncated);
    // What runs is a full tile, what does not is a hollow one.
    let is_full = !matches!(replica.word, ReplicaWord::Offline | ReplicaWord::Absent);
    let style = if is_full { full(shape.style) } else { shape.style };
    buf.set_style(tile, style);
    let mut ink = Ink::new(buf, tile.x, tile.y, tile.right());
    ink.style(style);
    put!(ink, " {} ", shape.sign);
    ink.clipped(shape.word, look.theme.signs.more);
    if tile.height > 1 {
        let mut ink = Ink::new(buf, tile.x, tile.y + 1, tile.right());
        let end = replica.log_end_offset.to_string();
        ink.style(style);
        put!(ink, "   {end}");
        // Who sees no colours sees where a tile ends.
        if let Some(mark) = replica.high_watermark.filter(|_| {
            usize::from(tile.width) > end.width() + 12 && replica.word == ReplicaWord::Leader
        }) {
            put!(ink, " {} {mark}", look.theme.signs.high_watermark);
        }
    }
}

fn full(style: Style) -> Style {
    style.add_modifier(Modifier::REVERSED | Modifier::BOLD)
}
