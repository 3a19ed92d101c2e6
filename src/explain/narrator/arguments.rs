//! Fields as arguments of messages: every one by its name, and with what sentences need beside it.
//!
//! For a field `x`, `$x` is its text or number; nothing is `none`. The id of a broker or controller
//! comes with `$x_name`, a list with `$x_count` and, without brackets, `$x_plain`; a span of time
//! with `$x_zero`.

use fluent_bundle::{FluentArgs, FluentValue};
use unicode_width::UnicodeWidthStr;

use super::catalogue::Catalogue;
use super::reasons;
use super::values::Value;
use super::{amounts, wanted};
use crate::explain::World;
use crate::explain::world;
use crate::fact::Fact;
use crate::ids::BrokerId;
use crate::sim::NodeId;

/// Numbers beyond are not exact in the numbers of messages, and no selector asks for them.
const EXACT: i128 = 1 << 53;

/// The longest text that is told whole.
const LONGEST: usize = 72;

/// What a list may take before the rest of it is counted.
const LIST_COLUMNS: usize = 48;

/// Fills in the arguments of a message.
pub(super) struct Arguments<'a> {
    catalogue: &'static Catalogue,
    world: &'a dyn World,
    args: FluentArgs<'static>,
}

impl<'a> Arguments<'a> {
    /// None yet.
    pub(super) fn new(catalogue: &'static Catalogue, world: &'a dyn World) -> Self {
        Self { catalogue, world, args: FluentArgs::new() }
    }

    /// The arguments.
    pub(super) fn get(&self) -> &FluentArgs<'static> {
        &self.args
    }

    /// One more.
    pub(super) fn set(&mut self, name: &'static str, value: impl Into<FluentValue<'static>>) {
        self.args.set(name, value);
    }

    /// The name of a node.
    pub(super) fn node(&mut self, name: &'static str, node: NodeId) {
        self.args.set(name, self.world.node(node).to_owned());
    }

    /// All of `fields`.
    pub(super) fn fields(&mut self, fields: Vec<(&'static str, Value)>) {
        for (name, value) in fields {
            self.value(name, value);
        }
    }

    /// One field with what belongs to it.
    pub(super) fn value(&mut self, name: &'static str, value: Value) {
        match value {
            Value::None => {
                self.args.set(name, "none");
                self.args.set(format!("{name}_name"), "none");
            }
            Value::Server(id) => {
                self.args.set(name, id);
                self.args.set(format!("{name}_name"), self.server_name(id));
            }
            Value::Span(nanos) => {
                self.args.set(name, amounts::span(self.catalogue, nanos));
                self.args.set(format!("{name}_zero"), if nanos == 0 { "true" } else { "false" });
            }
            Value::List(items) => self.list(name, &items),
            Value::Number(number) if number.abs() < EXACT => {
                self.args.set(name, number as i64);
            }
            // A value that happens to be this word is told from no value.
            Value::Text(text) if text == "none" => self.args.set(name, "“none”"),
            other => self.args.set(name, self.text(&other)),
        }
    }

    /// What `fact` needs from settings, and from Kafka's own words.
    pub(super) fn context(&mut self, node: NodeId, fact: &Fact) {
        if let Some((name, key, of)) = wanted::setting(node, fact, self.world) {
            let own = of.and_then(|of| self.world.setting(of, key));
            let value = own.as_deref().or_else(|| world::default_of(key)).unwrap_or("?");
            self.args.set(name, amounts::setting(self.catalogue, key, value));
        }
        if let Fact::CoordinatorLost { cause, .. } = fact {
            let answer = cause.strip_prefix("error response ").unwrap_or("none");
            self.args.set("answer", answer.to_owned());
        }
        if let Fact::RebalanceStarted { reason, .. } = fact {
            let reason = reasons::read(reason);
            let rest = if reason.rest.is_empty() { "none" } else { reason.rest };
            self.args.set("reason_kind", reason.kind);
            self.args.set("reason_members", shortened(reason.members));
            self.args.set("reason", shortened(rest));
        }
    }

    fn server_name(&self, id: i32) -> String {
        match self.world.server(BrokerId(id)) {
            Some(node) => self.world.node(node).to_owned(),
            None => format!("broker-{id}"),
        }
    }

    /// One value as text.
    fn text(&self, value: &Value) -> String {
        match value {
            Value::None => "none".to_owned(),
            Value::Flag(flag) => flag.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Text(text) => shortened(text),
            Value::Server(id) => id.to_string(),
            Value::Node(node) => self.world.node(NodeId(*node)).to_owned(),
            Value::Span(nanos) => amounts::span(self.catalogue, *nanos),
            Value::List(items) => {
                items.iter().map(|item| self.text(item)).collect::<Vec<_>>().join(" → ")
            }
            Value::Fields(_) => unreachable!("a line with parts says them itself"),
        }
    }

    fn list(&mut self, name: &'static str, items: &[Value]) {
        let numbers = items.iter().all(|item| matches!(item, Value::Server(_)));
        let none = FluentArgs::new();
        let words = || self.catalogue.format("list-separator", &none).unwrap_or_default();
        let comma = if numbers { ",".to_owned() } else { words() };
        let mut text = String::new();
        let mut left = items.len();
        for item in items {
            let item = self.text(item);
            if text.width() + item.width() > LIST_COLUMNS && left > 1 && left < items.len() {
                break;
            }
            if !text.is_empty() {
                text.push_str(&comma);
            }
            text.push_str(&item);
            left -= 1;
        }
        if left > 0 {
            let mut args = FluentArgs::new();
            args.set("count", left);
            args.set("total", items.len());
            text.push_str(&self.catalogue.format("list-more", &args).unwrap_or_default());
        }
        self.args.set(name, if numbers { format!("[{text}]") } else { text.clone() });
        self.args.set(format!("{name}_plain"), text);
        self.args.set(format!("{name}_count"), items.len());
    }
}

/// Member ids by their first digits, and nothing longer than a line.
fn shortened(text: &str) -> String {
    let mut text = reasons::without_uuids(text);
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}
