//! What there is to tell, line by line.

use ratatui::style::Style;

use super::said;
use crate::cluster::ProcessState;
use crate::ids::{BrokerId, Name};
use crate::tui::panels::{TableView, Thing};
use crate::tui::{Look, frame, wrap};
use crate::view::{ControllerView, ImageView, Lens, PendingView, SessionView};

/// Where texts begin.
pub(super) const INDENT: u16 = 5;

/// So many differences of a broker are told one by one.
const DIFFERENCES: usize = 3;

/// A broker.
pub(super) struct Server {
    pub(super) id: BrokerId,
    pub(super) name: Name,
    pub(super) process: ProcessState,
    pub(super) session: Option<SessionView>,
    pub(super) image: Option<ImageView>,
}

/// A line of the panel.
pub(super) enum Line {
    Controller(ControllerView),
    /// The names of the columns of brokers.
    Head,
    Broker(Server),
    Text {
        style: Style,
        sign: &'static str,
        text: String,
    },
}

/// All lines, each with the row that it belongs to.
pub(super) struct Body {
    pub(super) lines: Vec<(Option<usize>, Line)>,
    /// Where registration, epoch, heartbeat, session, applied offset and delay of brokers stand.
    pub(super) columns: [u16; 6],
}

/// What can be selected: controllers, brokers, and partitions with which the controller is not done.
pub(super) fn things(lens: Lens<'_>) -> Vec<Thing> {
    let controllers = lens.controllers().into_iter().map(|one| Thing::Controller(one.id));
    let brokers = lens.broker_ids().into_iter().map(Thing::Broker);
    let pending = lens.pending_partitions().into_iter().map(|one| Thing::Partition(one.tp));
    controllers.chain(brokers).chain(pending).collect()
}

impl Body {
    pub(super) fn of(look: &Look<'_>, lens: Lens<'_>, width: u16) -> Self {
        let controllers = lens.controllers();
        let servers = servers(lens);
        let mut body = Self { lines: Vec::new(), columns: columns(&servers, width) };
        let mut row = 0;
        let has_active = controllers.iter().any(|one| one.active);
        for controller in controllers {
            body.lines.push((Some(row), Line::Controller(controller)));
            row += 1;
        }
        if !has_active {
            let awaited = lens.awaits_first_controller();
            let text = if awaited { said::nobody_yet(look) } else { said::nobody(look) };
            body.text(None, look, width, text);
        }
        body.lines.push((None, Line::Head));
        let mut stale = false;
        for server in servers {
            let told = server.image.as_ref().map(|image| said::differences(look, lens, image));
            let leaving = said::leaving(look, lens, &server);
            body.lines.push((Some(row), Line::Broker(server)));
            if let Some(leaving) = leaving {
                body.text(Some(row), look, width, leaving);
            }
            let told = told.unwrap_or_default();
            stale |= !told.is_empty();
            let more = told.len().saturating_sub(DIFFERENCES);
            for one in told.into_iter().take(DIFFERENCES) {
                body.text(Some(row), look, width, one);
            }
            if more > 0 {
                body.text(Some(row), look, width, said::more(look, more));
            }
            row += 1;
        }
        if lens.image().is_none() {
            return body;
        }
        if !stale {
            body.text(None, look, width, said::all_alike(look));
        }
        let pending = lens.pending_partitions();
        if pending.is_empty() {
            body.text(None, look, width, said::nothing_pending(look));
        }
        for one in &pending {
            body.pending(row, look, lens, one, width);
            row += 1;
        }
        body
    }

    fn pending(
        &mut self,
        row: usize,
        look: &Look<'_>,
        lens: Lens<'_>,
        of: &PendingView,
        width: u16,
    ) {
        for one in said::pending(look, lens, of) {
            self.text(Some(row), look, width, one);
        }
    }

    /// A sentence, in as many lines as it takes.
    fn text(&mut self, row: Option<usize>, look: &Look<'_>, width: u16, says: said::Says) {
        let text = look.told(says.text);
        for (index, line) in wrap::rows(&text, width.saturating_sub(INDENT + 1)).enumerate() {
            let sign = if index == 0 { says.sign } else { "" };
            let line = Line::Text { style: says.style, sign, text: line.to_owned() };
            self.lines.push((row, line));
        }
    }

    /// The first line shown in so many rows: all of what is selected is seen, if it fits.
    pub(super) fn top(&self, view: &TableView<'_>, height: u16) -> usize {
        let height = usize::from(height);
        let of = |(row, _): &(Option<usize>, Line)| row.is_some() && *row == view.selected;
        let last = self.lines.iter().rposition(of);
        let first = self.lines.iter().position(of);
        // What stands above the first row belongs to it.
        let first = first.filter(|_| view.selected != Some(0)).or(last.map(|_| 0));
        let top = frame::scroll(last, view.top, self.lines.len(), height);
        frame::scroll(first, top, self.lines.len(), height)
    }
}

fn servers(lens: Lens<'_>) -> Vec<Server> {
    let sessions = lens.sessions();
    let brokers = lens.broker_ids().into_iter().filter_map(|id| {
        let node = lens.node_of(id)?;
        Some(Server {
            id,
            name: lens.name(node).clone(),
            process: lens.process_state(node),
            session: sessions.iter().find(|one| one.broker == id).copied(),
            image: lens.broker_image(id),
        })
    });
    brokers.collect()
}

fn columns(servers: &[Server], width: u16) -> [u16; 6] {
    let name = servers.iter().map(|one| one.name.len()).max().unwrap_or(0).clamp(8, 24) as u16;
    // Where there is room, columns stand further apart.
    let apart = if width >= 110 { 4 } else { 0 };
    let mut at = 3 + name + 2;
    let mut columns = [0; 6];
    for (column, wide) in columns.iter_mut().zip([16, 6, 11, 10, 8, 0]) {
        *column = at;
        at += wide + apart;
    }
    columns
}
