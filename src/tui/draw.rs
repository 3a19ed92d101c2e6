//! From the state to a picture. Nothing is changed.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Clear, Widget};
use unicode_width::UnicodeWidthStr;

use super::app::App;
use super::depth;
use super::ink::Ink;
use super::keymap;
use super::layer::Layer;
use super::panels::sheet::{self, Sheet};
use super::panels::{
    Changed, Hint, ask, bar, bars, card, disk, expectations, goals, help, hints, lesson, list,
    messages, metadata_log, newest, prompt, say, share, tool,
};
use super::screens::{
    Areas, Pane, SMALLEST, areas, draw_charts, draw_cluster, draw_compare, draw_control, draw_disk,
    draw_group, draw_messages, draw_partition, draw_why, is_too_small,
};
use super::{Action, Look, wrap};
use crate::explain::Lang;

/// Draws the screen.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    let cursor = render(app, frame.buffer_mut());
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

/// Draws the screen into a buffer of its size. Returns where the cursor is, if something is typed.
pub fn render(app: &App, buf: &mut Buffer) -> Option<Position> {
    let look = app.look(Pane::Cluster).focus(false);
    buf.set_style(*buf.area(), look.theme.text);
    if app.ui.blank {
        finish(app, buf);
        return None;
    }
    if is_too_small(app.ui.area) {
        too_small(&look, app.ui.area, buf);
        finish(app, buf);
        return None;
    }
    let places = areas(app);
    match &app.frozen {
        Some(picture) if picture.area == *buf.area() => {
            buf.clone_from(picture);
            // What goes on around the panes is drawn anew.
            for area in [places.bar, places.newest, places.goals, places.say, places.hints] {
                Clear.render(area, buf);
                buf.set_style(area, look.theme.text);
            }
        }
        _ => panes(app, &places, buf),
    }
    let title = app.title();
    bar::draw(&look, &app.timeline, &app.bar_view(&title), places.bar, buf);
    if !places.newest.is_empty() {
        let (story, lens) = (app.timeline.story(), app.lens());
        newest::draw(&look, story, lens, places.newest, buf);
    }
    goals::draw(&look, app.timeline.runner(), places.goals, buf);
    say::draw(&look, app.ui.message.as_ref(), app.narration().as_deref(), places.say, buf);
    let offered = if app.ui.layers.is_empty() { offered(app) } else { offered_above(app) };
    if !places.bars.is_empty() {
        bars::draw(&look, app, places.bars, buf);
    }
    hints::draw(&look, &offered, places.hints, buf);
    let mut cursor = None;
    for layer in &app.ui.layers {
        cursor = draw_layer(app, &look.focus(true), layer, &places, buf);
    }
    finish(app, buf);
    cursor
}

/// Puts what the terminal cannot show in what it can.
fn finish(app: &App, buf: &mut Buffer) {
    app.ui.charset.apply(buf);
    if app.ui.few_colours {
        depth::apply(buf);
    }
}

fn panes(app: &App, places: &Areas, buf: &mut Buffer) {
    let changed = Changed::of(app.timeline.story(), app.timeline.at());
    for (pane, area) in &places.panes {
        match pane {
            Pane::Why => draw_why(app, *area, buf),
            Pane::Messages => draw_messages(app, *area, buf),
            Pane::Tree | Pane::File => draw_disk(app, *pane, *area, buf),
            Pane::Partition => draw_partition(app, &changed, *area, buf),
            Pane::Charts => draw_charts(app, *area, buf),
            Pane::Group => draw_group(app, &changed, *area, buf),
            Pane::Compare => draw_compare(app, *area, buf),
            Pane::Control | Pane::Records => draw_control(app, *pane, &changed, *area, buf),
            pane => draw_cluster(app, *pane, &changed, *area, buf),
        }
    }
}

impl App {
    /// The screen as it is.
    pub fn picture(&self) -> Buffer {
        let mut buf = Buffer::empty(self.ui.area);
        render(self, &mut buf);
        buf
    }
}

fn draw_layer(
    app: &App,
    look: &Look<'_>,
    layer: &Layer,
    places: &Areas,
    buf: &mut Buffer,
) -> Option<Position> {
    let whole = app.ui.area;
    match layer {
        Layer::Prompt(line) => {
            let offers = line.offers(app.names(), app.lens(), look.lang());
            return Some(prompt::draw(look, line, offers, whole, buf));
        }
        Layer::Filter { editor, .. } => {
            return Some(sheet::line(look, "/", editor, places.hints, buf));
        }
        Layer::Offset { editor, walk } => {
            let asked = disk::walk::asked(look, walk);
            return Some(sheet::line(look, &asked, editor, places.hints, buf));
        }
        Layer::Help { search, .. } => {
            let (page, area) = page(app, look, layer)?;
            sheet::draw(look, &page, top_of(layer), area, buf);
            return Some(sheet::line(look, "/", search, places.hints, buf));
        }
        Layer::List { filter, typing: true, .. } => {
            let (page, area) = page(app, look, layer)?;
            sheet::draw(look, &page, top_of(layer), area, buf);
            return Some(sheet::line(look, "/", filter, places.hints, buf));
        }
        _ => {
            let (page, area) = page(app, look, layer)?;
            sheet::draw(look, &page, top_of(layer), area, buf);
        }
    }
    None
}

fn top_of(layer: &Layer) -> usize {
    layer.clone().top().copied().unwrap_or_default()
}

/// The page of a layer and where it stands; none for a line that is typed.
pub(super) fn page(app: &App, look: &Look<'_>, layer: &Layer) -> Option<(Sheet, Rect)> {
    let whole = app.ui.area;
    // A page of help is as high as the screen, whatever is searched for; others are as high as they
    // must be.
    let room = Rect { height: whole.height - 1, ..whole };
    let full = sheet::place(room, 8, usize::MAX);
    let page = match layer {
        Layer::Prompt(_) | Layer::Filter { .. } | Layer::Offset { .. } => return None,
        Layer::Message { key, .. } => {
            let place = app.window.find(*key)?;
            let one = (&app.window.passages[place], &app.window.messages[place]);
            return Some((messages::sheet(look, app.lens(), one, full), full));
        }
        Layer::Find { walk, .. } => {
            return Some((disk::walk::sheet(look, app.lens(), walk, full), full));
        }
        Layer::Help { search, .. } => {
            return Some((help::sheet(look, search.text(), full), full));
        }
        Layer::Cards { cards, next, .. } => {
            let levels = &app.timeline.runner().scenario().levels;
            card::sheet(look, *cards.last()?, levels, *next, full)
        }
        Layer::Record { offset, .. } => metadata_log::sheet(look, app.lens(), *offset, full),
        Layer::List { kind, selected, filter, .. } => {
            list::sheet(look, app, *kind, *selected, filter.text(), full)
        }
        Layer::Ask(gate) => ask::gate(look, app, gate, full),
        Layer::Goals { hints, .. } => goals::sheet(look, app.timeline.runner(), *hints, full),
        Layer::Reveal { step, .. } => ask::reveal(look, app, *step, full),
        Layer::Lesson { .. } => lesson::sheet(look, app, full),
        Layer::Expectations { .. } => expectations::sheet(look, app.timeline.runner(), full),
        Layer::Tool { line, output, left, .. } => {
            let page = tool::sheet(look, line, output, *left);
            let area = sheet::place(room, 10, page.rows.len());
            return Some((page, area));
        }
        Layer::Code { code, .. } => share::sheet(look, code, full),
        Layer::Mistakes { text, .. } => {
            let lang = look.lang();
            let mut page = Sheet {
                title: lang
                    .pick("The file cannot run; the old run is kept", "文件有误，保留原来的运行")
                    .to_owned(),
                foot: lang.pick("mend and save it · Esc closes", "改好后保存 · Esc 关闭"),
                ..Sheet::default()
            };
            for row in text.trim_end().lines() {
                page.row(vec![(look.theme.text, row.to_owned())]);
            }
            page
        }
    };
    let area = sheet::place(room, 8, page.rows.len());
    Some((page, area))
}

/// The keys that are offered where the focus is, with the commands they give.
fn offered(app: &App) -> Vec<Hint> {
    let lang = app.ui.lang;
    if app.ui.presenting {
        return presenting(lang);
    }
    let rows = keymap::offered(app.focus()).filter_map(|row| {
        let (en, zh) = row.hint?;
        let says = match row.action {
            Action::RunPause if app.ui.playback.playing => lang.pick("pause", "暂停").to_owned(),
            Action::Open if app.focus() == Pane::Records => {
                lang.pick("all fields", "全部字段").to_owned()
            }
            Action::Right if app.focus() == Pane::Compare => {
                lang.pick("with another", "换一个").to_owned()
            }
            Action::Kill if !app.focus_runs() => return None,
            Action::Start if app.focus_runs() => return None,
            Action::Kill | Action::Start | Action::Add => app.command_of(row.action)?,
            Action::Open | Action::Right | Action::Close => on_disk(app, row.action, (en, zh)),
            _ => lang.pick(en, zh).to_owned(),
        };
        Some(Hint { key: row.keys[0], says })
    });
    rows.collect()
}

/// What a key does on the screen of a disk; elsewhere what it is said to do.
fn on_disk(app: &App, action: Action, (en, zh): (&str, &str)) -> String {
    let lang = app.ui.lang;
    let said = match (app.focus(), action) {
        (Pane::Tree | Pane::Messages, Action::Open) => lang.pick("open", "打开"),
        (Pane::File, Action::Open) if app.ui.disk.bytes => lang.pick("decoded", "解码"),
        (Pane::File, Action::Open) => lang.pick("bytes", "字节"),
        (Pane::Tree, Action::Right) => lang.pick("next server", "下一台"),
        (Pane::File, Action::Right) => lang.pick("next batch", "下一个 batch"),
        (Pane::File, Action::Close) => lang.pick("close", "关闭"),
        _ => lang.pick(en, zh),
    };
    said.to_owned()
}

/// What the bottom line offers to who holds a clicker.
fn presenting(lang: Lang) -> Vec<Hint> {
    let hints = [
        ("PgDn", lang.pick("next", "下一行")),
        ("PgUp", lang.pick("back", "上一行")),
        (".", lang.pick("blank", "黑屏")),
        ("Tab", lang.pick("pane", "窗格")),
        ("F5", lang.pick("end", "结束投影")),
        ("F1", lang.pick("help", "帮助")),
    ];
    hints.into_iter().map(|(key, says)| Hint { key, says: says.to_owned() }).collect()
}

/// What the bottom line offers while something lies on top: keys of the screen below do nothing.
fn offered_above(app: &App) -> Vec<Hint> {
    let lang = app.ui.lang;
    let says = match app.ui.layers.last() {
        Some(Layer::Ask(_)) => lang.pick("skip the question", "跳过提问"),
        _ => lang.pick("back", "返回"),
    };
    vec![Hint { key: "Esc", says: says.to_owned() }]
}

/// A polite word.
fn too_small(look: &Look<'_>, area: Rect, buf: &mut Buffer) {
    let (width, height) = SMALLEST;
    let lang = look.lang();
    let whole = [
        lang.pick("This window is too small.", "窗口太小了。").to_owned(),
        lang.pick(
            format!("Please make it {width}x{height} or larger;"),
            format!("请放大到至少 {width}x{height}；"),
        ),
        lang.pick(
            format!("it is {}x{} now.", area.width, area.height),
            format!("现在是 {}x{}。", area.width, area.height),
        ),
    ];
    let short = [lang
        .pick(format!("{width}x{height} or larger, please"), format!("请放大到 {width}x{height}"))];
    let size = [format!("{width}x{height}")];
    // The first that fits; the last may be cut.
    let all = [&whole[..], &short[..], &size[..]];
    let broken = |texts: &[String]| -> Vec<String> {
        let rows = texts.iter().flat_map(|text| wrap::rows(text, area.width));
        rows.map(str::to_owned).collect()
    };
    let fits = |rows: &Vec<String>| rows.len() <= usize::from(area.height);
    let rows = all.map(broken).into_iter().find(fits).unwrap_or_else(|| size.to_vec());
    let top = area.height.saturating_sub(rows.len() as u16) / 2;
    for (text, y) in rows.iter().zip(top..area.height) {
        let x = area.width.saturating_sub(text.width() as u16) / 2;
        Ink::new(buf, x, y, area.width).style(look.theme.text).text(text);
    }
}
