//! P14: the main view beside a bare dashboard of sixty widgets on 200x60 cells, everything new in
//! each frame.

use kafkascope::scenario::{library, load};
use kafkascope::sim::{Duration, Instant};
use kafkascope::tui::{App, Key, Options, draw};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Gauge, List, Paragraph, Row as Cells, Sparkline, Table};

use super::clock::cpu;
use super::row::{Goal, Paired, Row};

const COLUMNS: usize = 10;
const ROWS: usize = 6;

/// The dashboard and the screen it is drawn on.
pub(crate) struct Dashboard {
    terminal: Terminal<TestBackend>,
    frame: u64,
}

impl Dashboard {
    /// Not yet drawn.
    pub(crate) fn new() -> Self {
        let terminal = Terminal::new(TestBackend::new(200, 60)).expect("memory is a terminal");
        Self { terminal, frame: 0 }
    }

    /// Draws so many frames: CPU microseconds each.
    pub(crate) fn frames(&mut self, count: u32) -> f64 {
        let (time, ()) = cpu(|| (0..count).for_each(|_| self.draw()));
        time.as_secs_f64() * 1e6 / f64::from(count)
    }

    fn draw(&mut self) {
        self.frame += 1;
        let now = self.frame;
        let drawn = self.terminal.draw(|frame| {
            let rows = Layout::vertical([Constraint::Fill(1); ROWS]).split(frame.area());
            for (row, area) in rows.iter().enumerate() {
                let columns = Layout::horizontal([Constraint::Fill(1); COLUMNS]).split(*area);
                for (column, area) in columns.iter().enumerate() {
                    let value = now * 7 + (row * COLUMNS + column) as u64 * 13;
                    let block = Block::bordered().title(format!("broker-{value}"));
                    match (row + column) % 5 {
                        0 => frame.render_widget(text(value).block(block), *area),
                        1 => frame.render_widget(list(value).block(block), *area),
                        2 => frame.render_widget(table(value).block(block), *area),
                        3 => frame.render_widget(gauge(value).block(block), *area),
                        _ => {
                            let bars: Vec<u64> =
                                (0..18).map(|bar| (value + bar * 5) % 17).collect();
                            frame.render_widget(
                                Sparkline::default().data(&bars).block(block),
                                *area,
                            );
                        }
                    }
                }
            }
        });
        drawn.expect("memory takes everything");
    }
}

fn text(value: u64) -> Paragraph<'static> {
    let lines = (0..8).map(|line| {
        let number = Span::styled(format!("{}", value + line), Style::new().fg(Color::Cyan));
        Line::from(vec![Span::raw("offset "), number])
    });
    Paragraph::new(lines.collect::<Vec<_>>())
}

fn list(value: u64) -> List<'static> {
    List::new((0..8).map(|line| format!("kq-{} {}", line, value + line * 3)))
}

fn table(value: u64) -> Table<'static> {
    let rows = (0..8).map(|line| {
        Cells::new(vec![
            format!("kq-{line}"),
            format!("{}", value + line),
            format!("{}", value / 2),
        ])
    });
    Table::new(rows, [Constraint::Length(5), Constraint::Fill(1), Constraint::Fill(1)])
}

fn gauge(value: u64) -> Gauge<'static> {
    Gauge::default().percent((value % 101) as u16).style(Style::new().green())
}

/// The main view of the built-in scenario `broker-down`, at moments around the one when a broker
/// was missed: each frame shows the next of them.
struct MainView {
    terminal: Terminal<TestBackend>,
    moments: Vec<App>,
    next: usize,
}

impl MainView {
    fn new() -> Self {
        let source = library::find("broker-down").expect("it is built in");
        let loaded = load(&source);
        let options = Options { size: (200, 60), ..Options::default() };
        let mut app = App::new(source, loaded, options);
        let moments = (0..20).map(|step| {
            app.go_to(Instant::ZERO + Duration::from_millis(20_000 + step * 50));
            app.clone()
        });
        let moments = moments.collect();
        let terminal = Terminal::new(TestBackend::new(200, 60)).expect("memory is a terminal");
        Self { terminal, moments, next: 0 }
    }

    /// Draws so many frames: CPU microseconds each.
    fn frames(&mut self, count: u32) -> f64 {
        let (time, ()) = cpu(|| {
            for _ in 0..count {
                self.next = (self.next + 1) % self.moments.len();
                let app = &self.moments[self.next];
                self.terminal.draw(|frame| draw(app, frame)).expect("memory takes everything");
            }
        });
        time.as_secs_f64() * 1e6 / f64::from(count)
    }

    /// How many frames the terminal loop draws in so many rounds in which nothing changes.
    fn drawn_for_nothing(&mut self, rounds: u32) -> u32 {
        let app = &mut self.moments[0];
        let (mut seen, mut draws) = (app.revision(), 0);
        for _ in 0..rounds {
            app.play(Duration::from_millis(16), || true);
            app.key(Key::char('Ü'));
            app.resize(200, 60);
            if seen != app.revision() {
                seen = app.revision();
                draws += 1;
            }
        }
        draws
    }
}

/// P14: the main view beside the bare dashboard, and that nothing is drawn when nothing changed.
pub(crate) fn rows(options: &super::Options) -> Vec<Row> {
    let mut dashboard = Dashboard::new();
    let mut view = MainView::new();
    dashboard.frames(20);
    view.frames(20);
    let paired = Paired::measure(options.rounds(9), || dashboard.frames(100), || view.frames(100));
    let draws = view.drawn_for_nothing(1_000);
    let nothing = "1000 rounds: time stands, a key without meaning, the same size".to_owned();
    vec![
        Row {
            name: "P14 a frame of the main view".into(),
            goal: Goal::AtMost(1.5, 1.0),
            floor: format!("{:.0} us", paired.floor),
            ours: format!("{:.0} us", paired.ours),
            ratio: paired.ratio,
            note: "200x60, broker-down from 20 s on; floor: 60 widgets".into(),
        },
        Row::absolute(
            "P14 draws when nothing changed".into(),
            Goal::AtMost(0.0, 0.0),
            (f64::from(draws), ""),
            nothing,
        ),
    ]
}
