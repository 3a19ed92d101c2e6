//! The bare dashboard that P14 and P17 are held against: sixty widgets on 200x60 cells, everything
//! new in each frame.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Gauge, List, Paragraph, Row, Sparkline, Table};

use super::clock::cpu;

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
        Row::new(vec![format!("kq-{line}"), format!("{}", value + line), format!("{}", value / 2)])
    });
    Table::new(rows, [Constraint::Length(5), Constraint::Fill(1), Constraint::Fill(1)])
}

fn gauge(value: u64) -> Gauge<'static> {
    Gauge::default().percent((value % 101) as u16).style(Style::new().green())
}

/// P14: the bare dashboard; the main view beside it comes with the terminal.
pub(crate) fn rows(options: &super::Options) -> Vec<super::row::Row> {
    use super::row::{Goal, Row, median};
    let mut dashboard = Dashboard::new();
    dashboard.frames(20);
    let times = (0..options.rounds(9)).map(|_| dashboard.frames(100)).collect();
    let name = "P14 the bare dashboard alone".to_owned();
    let note = "a frame of 60 widgets, 200x60".to_owned();
    vec![Row::absolute(name, Goal::Shown(f64::INFINITY), (median(times), "us"), note)]
}
