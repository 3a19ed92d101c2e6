//! Presenter mode: one pane, large signs, high contrast, and the keys of a clicker.

use crate::scenario::timeline::Unit;
use crate::tui::app::App;
use crate::tui::key::{Code, Key};
use crate::tui::screens::{Pane, Screen};
use crate::tui::{Action, Theme, Tone};

impl App {
    /// Begins to present, or ends it.
    pub fn present(&mut self, on: bool) {
        self.noting(|app| {
            let ui = &mut app.ui;
            ui.presenting = on;
            ui.tone = match (ui.tone, on) {
                (Tone::Dark, true) => Tone::Stark,
                (Tone::Light, true) => Tone::StarkLight,
                (Tone::Stark, false) => Tone::Dark,
                (Tone::StarkLight, false) => Tone::Light,
                (tone, _) => tone,
            };
            app.theme = Theme::new(app.ui.tone, app.ui.charset.is_plain());
            app.frozen = None;
        });
    }

    /// What a clicker's keys do while somebody presents; none for all others.
    pub(super) fn clicker(&self, key: Key) -> Option<Action> {
        match key.code {
            _ if !self.ui.presenting => None,
            Code::PageDown => Some(Action::Forward(Unit::Line)),
            Code::PageUp => Some(Action::Back(Unit::Line)),
            _ => None,
        }
    }

    /// Shows the groups as durians, alone on the screen, or everything as it was.
    pub(super) fn peel(&mut self) {
        let ui = &mut self.ui;
        ui.durian = !ui.durian;
        ui.zoomed = ui.durian;
        if ui.durian {
            (ui.screen, ui.home) = (Screen::Cluster, Pane::Groups);
        } else {
            ui.home = Pane::Cluster;
        }
    }
}
