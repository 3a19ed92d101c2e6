//! One message, opened: fields and bytes.

use ratatui::layout::Rect;

use super::said;
use crate::cluster::Passage;
use crate::tui::Look;
use crate::tui::panels::sheet::{self, Sheet};
use crate::view::Lens;
use crate::view::message::{MessageView, Opened};

/// The page of a message.
pub fn sheet(
    look: &Look<'_>,
    lens: Lens<'_>,
    (passage, message): (&Passage, &MessageView),
    area: Rect,
) -> Sheet {
    let (theme, lang) = (look.theme, look.lang());
    let api = message.api.map_or("", crate::protocol::Api::name);
    let kind = if message.is_response {
        lang.pick("response", "应答")
    } else {
        lang.pick("request", "请求")
    };
    let (from, to) = (lens.name(message.from), lens.name(message.to));
    let mut page = Sheet {
        title: format!("{api} {kind}  {from} {} {to}", theme.signs.to),
        foot: lang.pick(
            "] answer · [ request · j k scroll · Esc closes",
            "] 应答 · [ 请求 · j k 滚动 · Esc 关闭",
        ),
        ..Sheet::default()
    };
    let width = sheet::width(area);
    page.text(theme.note, &look.told(said::sentence(lens, message, lang)), 0, width);
    page.gap();
    let opened = match Opened::of(passage) {
        None => return page,
        Some(Err(reason)) => {
            let why = lang.pick(
                format!("Its bytes cannot be shown: {reason}."),
                format!("无法显示它的字节：{reason}。"),
            );
            page.text(theme.lagging, &why, 0, width);
            return page;
        }
        Some(Ok(opened)) => opened,
    };
    let head = lang.pick("Header, with its bytes", "头部及其字节");
    page.row(vec![(theme.title, head.to_owned())]);
    for part in &opened.header {
        let bytes = &opened.bytes[part.at.start as usize..part.at.end as usize];
        let hex: Vec<String> = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let more = if bytes.len() > 8 { theme.signs.more } else { "" };
        page.row(vec![
            (theme.key, format!("  {:<22}", part.name)),
            (theme.text, format!("{:<24}", part.value)),
            (theme.label, format!("{:>5}  {}{more}", part.at.start, hex.join(" "))),
        ]);
    }
    page.gap();
    let len = opened.bytes.len() as u64 - opened.body_at;
    let body = lang.pick(
        format!(
            "Body, {len} bytes from {} on (a field that this version lacks stands at its default)",
            opened.body_at
        ),
        format!("正文，从 {} 起 {len} 字节（此版本没有的字段显示为默认值）", opened.body_at),
    );
    page.text(theme.title, &body, 0, width);
    for field in &opened.body {
        let indent = " ".repeat(2 + 2 * usize::from(field.depth));
        page.row(vec![
            (theme.key, format!("{indent}{}  ", field.name)),
            (theme.text, field.value.clone()),
        ]);
    }
    page.gap();
    let bytes = lang.pick("As it is on the wire", "网络上的字节");
    page.row(vec![(theme.title, bytes.to_owned())]);
    let per_row = if width >= 73 { 16 } else { 8 };
    for (row, chunk) in opened.bytes.chunks(per_row).enumerate().take(ROWS) {
        let hex: Vec<String> = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
        let letters: String = chunk
            .iter()
            .map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' })
            .collect();
        let at = row * per_row;
        page.row(vec![
            (theme.label, format!("  {at:04x}  ")),
            (theme.text, format!("{:<wide$}", hex.join(" "), wide = per_row * 3)),
            (theme.label, format!(" {letters}")),
        ]);
    }
    let left = opened.bytes.len().saturating_sub(ROWS * per_row);
    if left > 0 {
        let more = lang.pick(format!("  and {left} bytes more"), format!("  还有 {left} 字节"));
        page.row(vec![(theme.label, more)]);
    }
    page
}

/// Rows of bytes that are shown.
const ROWS: usize = 256;
