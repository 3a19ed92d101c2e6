//! The bar, groups, producers, the story, and why.

use kafkascope::explain::Lang;
use kafkascope::explain::why::{self, Chain};
use kafkascope::scenario::timeline::Timeline;
use kafkascope::tui::panels::bar::{self, BarView};
use kafkascope::tui::panels::story::{self, StoryView};
use kafkascope::tui::panels::why::WhyView;
use kafkascope::tui::panels::{self, TableView, groups, producers};
use kafkascope::tui::{Theme, Tone};
use ratatui::buffer::Buffer;

use crate::run::{self, at, lens, mono, snapshot, styled, text};

fn draw_groups(timeline: &Timeline, width: u16, height: u16, theme: &Theme, lang: Lang) -> Buffer {
    let changed = run::changed(timeline);
    let view = TableView { selected: None, top: 0, changed: &changed };
    run::drawn(width, height, theme, lang, |look, area, buf| {
        groups::draw(look, lens(timeline), &view, area, buf);
    })
}

#[test]
fn consumers_join() {
    for moment in ["2s", "10s", "20.9s", "22s", "45s", "80s"] {
        let timeline = at("add-consumer", moment);
        let screen = text(&draw_groups(&timeline, 48, 8, &mono(), Lang::En));
        snapshot(&format!("groups-{moment}"), screen);
    }
    let timeline = at("add-consumer", "80s");
    snapshot("groups-zh", text(&draw_groups(&timeline, 48, 8, &mono(), Lang::Zh)));
    let buf = draw_groups(&timeline, 48, 8, &Theme::new(Tone::Dark, false), Lang::En);
    snapshot("groups-colours", styled(&buf));
}

#[test]
fn consumers_crash_and_leave() {
    for moment in ["15s", "25s", "60s"] {
        let timeline = at("consumer-crash-vs-leave", moment);
        let screen = text(&draw_groups(&timeline, 60, 9, &mono(), Lang::En));
        snapshot(&format!("groups-crash-{moment}"), screen);
    }
}

#[test]
fn a_group_whose_coordinator_died() {
    let timeline = at("broker-down", "10.5s");
    let screen = text(&draw_groups(&timeline, 60, 6, &mono(), Lang::En));
    snapshot("groups-coordinator", screen);
}

fn draw_producers(timeline: &Timeline, width: u16, lang: Lang) -> String {
    let changed = run::changed(timeline);
    let view = TableView { selected: None, top: 0, changed: &changed };
    text(&run::drawn(width, 5, &mono(), lang, |look, area, buf| {
        producers::draw(look, lens(timeline), &view, area, buf);
    }))
}

#[test]
fn producers_send() {
    let mut all = Vec::new();
    for (scenario, moment) in [
        ("broker-down", "5s"),
        ("broker-down", "10.5s"),
        ("isr-shrink", "35s"),
        ("acks-matrix", "12s"),
    ] {
        let timeline = at(scenario, moment);
        for width in [40, 70] {
            all.push(draw_producers(&timeline, width, Lang::En));
        }
        all.push(draw_producers(&timeline, 60, Lang::Zh));
    }
    snapshot("producers", all.join("\n"));
}

const STORY: StoryView<'_> =
    StoryView { selected: None, top: None, filter: "", asides: false, group: None };

fn draw_story(
    timeline: &Timeline,
    view: &StoryView<'_>,
    (width, height): (u16, u16),
    theme: &Theme,
    lang: Lang,
) -> Buffer {
    run::drawn(width, height, theme, lang, |look, area, buf| {
        story::draw(look, timeline.story(), lens(timeline), view, area, buf);
    })
}

#[test]
fn the_story_of_a_broker_that_dies() {
    let timeline = at("broker-down", "20s");
    for lang in [Lang::En, Lang::Zh] {
        let screen = text(&draw_story(&timeline, &STORY, (80, 16), &mono(), lang));
        snapshot(&format!("story-{}", lang.code()), screen);
    }
    let wide = text(&draw_story(&timeline, &STORY, (150, 16), &mono(), Lang::En));
    snapshot("story-wide", wide);
    let dark = Theme::new(Tone::Dark, false);
    let look = kafkascope::tui::Look::new(&dark, Lang::En);
    let (story, end) = (timeline.story(), timeline.story().len());
    let place = story::moved(&look, story, lens(&timeline), &STORY, end, -4).expect("it has lines");
    let selected = StoryView { selected: Some(place), ..STORY };
    let buf = draw_story(&timeline, &selected, (80, 12), &dark, Lang::En);
    snapshot("story-colours", styled(&buf));
    let filtered = StoryView { filter: "KQ-0", ..STORY };
    let screen = text(&draw_story(&timeline, &filtered, (80, 10), &mono(), Lang::En));
    snapshot("story-filtered", screen);
}

#[test]
fn the_selected_line_is_seen_wherever_it_is() {
    let timeline = at("broker-down", "25s");
    let theme = mono();
    let look = kafkascope::tui::Look::new(&theme, Lang::En);
    let (story, lens) = (timeline.story(), lens(&timeline));
    let mut top = None;
    let mut place = story::moved(&look, story, lens, &STORY, story.len(), 0);
    let mut seen = 0;
    while let Some(selected) = place {
        let view = StoryView { selected: Some(selected), top, ..STORY };
        let area = ratatui::layout::Rect::new(0, 0, 80, 9);
        let buf = draw_story(&timeline, &view, (80, 9), &theme, Lang::En);
        let screen = text(&buf);
        assert!(screen.contains('▶'), "line {selected} is not seen\n{screen}");
        let y = (0..9).find(|y| buf[(1, *y)].symbol() == "▶").expect("it is seen");
        assert_eq!(story::line_at(&look, story, lens, &view, area, y), Some(selected));
        top = Some(story::scrolled(&look, story, lens, &view, area));
        let next = story::moved(&look, story, lens, &view, selected, -1);
        place = next.filter(|next| *next < selected);
        seen += 1;
    }
    assert!(seen > 10, "{seen} lines");
}

fn chain(timeline: &Timeline, says: &str) -> Chain {
    let narrator = kafkascope::explain::Narrator::new(Lang::En);
    let lens = lens(timeline);
    let mut lines = timeline.story().iter();
    let line = lines.find(|line| narrator.line(line.latest, &lens).contains(says));
    let line = line.unwrap_or_else(|| panic!("nothing says {says}"));
    why::chain(timeline, &lens, line.first.event, Some(line.first.number)).expect("it happened")
}

fn draw_why(
    timeline: &Timeline,
    chain: &Chain,
    selected: usize,
    (width, height): (u16, u16),
    theme: &Theme,
    lang: Lang,
) -> Buffer {
    let view = WhyView { selected, top: 0 };
    run::drawn(width, height, theme, lang, |look, area, buf| {
        panels::why::draw(look, chain, timeline, &view, area, buf);
    })
}

#[test]
fn why_another_leads() {
    let timeline = at("broker-down", "20s");
    let chain = chain(&timeline, "kq-0: leader 3 → 1");
    for lang in [Lang::En, Lang::Zh] {
        let screen = text(&draw_why(&timeline, &chain, 0, (80, 22), &mono(), lang));
        snapshot(&format!("why-{}", lang.code()), screen);
    }
    snapshot("why-fenced", text(&draw_why(&timeline, &chain, 1, (80, 22), &mono(), Lang::En)));
    snapshot("why-wide", text(&draw_why(&timeline, &chain, 1, (150, 18), &mono(), Lang::En)));
    let dark = Theme::new(Tone::Dark, false);
    snapshot("why-colours", styled(&draw_why(&timeline, &chain, 0, (80, 18), &dark, Lang::En)));
}

#[test]
fn the_bar_says_where_the_cursor_is() {
    let mut timeline = at("broker-down", "25s");
    timeline.go_to(kafkascope::scenario::parse_instant("19.5s").expect("an instant"));
    let view =
        BarView { title: "A broker dies", run: None, playing: false, speed: "1x", frozen: false };
    let mut all = Vec::new();
    for lang in [Lang::En, Lang::Zh] {
        for (width, height) in [(80, 1), (120, 1), (100, 2), (200, 1), (30, 1)] {
            let buf = run::drawn(width, height, &mono(), lang, |look, area, buf| {
                bar::draw(look, &timeline, &view, area, buf);
            });
            all.push(text(&buf));
        }
    }
    timeline.type_line("kill broker-2").expect("there is one");
    let buf = run::drawn(120, 2, &mono(), Lang::En, |look, area, buf| {
        bar::draw(look, &timeline, &view, area, buf);
    });
    all.push(text(&buf));
    snapshot("bar", all.join("\n"));
}

#[test]
fn the_scrub_bar_leads_to_moments() {
    let timeline = at("broker-down", "20s");
    let view =
        BarView { title: "A broker dies", run: None, playing: true, speed: "1x", frozen: false };
    let theme = mono();
    let look = kafkascope::tui::Look::new(&theme, Lang::En);
    for area in [ratatui::layout::Rect::new(0, 0, 100, 1), ratatui::layout::Rect::new(0, 3, 80, 2)]
    {
        let mut buf = Buffer::empty(ratatui::layout::Rect::new(0, 0, 100, 6));
        bar::draw(&look, &timeline, &view, area, &mut buf);
        let y = area.bottom() - 1;
        let cursor = (0..100).find(|x| buf[(*x, y)].symbol() == "┃").expect("there is a cursor");
        let moment = bar::moment_at(&look, &timeline, &view, area, cursor, y);
        let off = moment.expect("it is on the bar").as_nanos().abs_diff(timeline.at().as_nanos());
        assert!(off < 3_000_000_000, "{off} ns");
    }
}

#[test]
fn ascii_is_ascii() {
    let theme = Theme::new(Tone::Mono, true);
    let timeline = at("broker-down", "20s");
    let chain = chain(&timeline, "kq-0: leader 3 → 1");
    let view =
        BarView { title: "A broker dies", run: None, playing: true, speed: "1x", frozen: false };
    let bar = run::drawn(120, 2, &theme, Lang::En, |look, area, buf| {
        bar::draw(look, &timeline, &view, area, buf);
    });
    for buf in [
        draw_groups(&timeline, 60, 8, &theme, Lang::En),
        draw_story(&timeline, &STORY, (80, 20), &theme, Lang::En),
        draw_why(&timeline, &chain, 0, (80, 30), &theme, Lang::En),
        bar,
    ] {
        let all = text(&buf);
        assert!(all.is_ascii(), "{all}");
    }
}

#[test]
fn small_rooms_are_no_trouble() {
    let timeline = at("broker-down", "20s");
    let chain = chain(&timeline, "kq-0: leader 3 → 1");
    let changed = run::changed(&timeline);
    let table = TableView { selected: Some(1), top: 0, changed: &changed };
    let selected = StoryView { selected: Some(3), ..STORY };
    let view =
        BarView { title: "A broker dies", run: None, playing: true, speed: "1x", frozen: false };
    for lang in [Lang::En, Lang::Zh] {
        for width in 0..45 {
            for height in 0..9 {
                run::drawn(width, height, &mono(), lang, |look, area, buf| {
                    let lens = lens(&timeline);
                    groups::draw(look, lens, &table, area, buf);
                    producers::draw(look, lens, &table, area, buf);
                    story::draw(look, timeline.story(), lens, &selected, area, buf);
                    panels::why::draw(look, &chain, &timeline, &WhyView::default(), area, buf);
                    bar::draw(look, &timeline, &view, area, buf);
                });
            }
        }
    }
}
