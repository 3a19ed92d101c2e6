//! One record with all its fields.

use ratatui::layout::Rect;

use super::fields::{self, Value};
use crate::ids::{Offset, TopicId};
use crate::protocol::MetadataRecord;
use crate::tui::panels::sheet::{self, Sheet};
use crate::tui::{Look, wrap};
use crate::view::{Lens, MetadataContent, MetadataEntry};

/// The page of the record at `offset`.
pub fn sheet(look: &Look<'_>, lens: Lens<'_>, offset: Offset, area: Rect) -> Sheet {
    let (theme, lang) = (look.theme, look.lang());
    let server = lens.metadata_log_of();
    let found = server.map(|server| lens.metadata_records(server, offset, offset.next()));
    let entry = found.and_then(|mut found| found.pop());
    let mut sheet = Sheet {
        title: format!("__cluster_metadata-0  {offset}"),
        foot: lang
            .pick("↑ ↓ other records · w why · Esc closes", "↑ ↓ 其他记录 · w 为什么 · Esc 关闭"),
        ..Sheet::default()
    };
    let Some(entry) = entry else {
        let gone = lang.pick("this record was not written yet", "这条记录还没有写入");
        sheet.row(vec![(theme.label, gone.to_owned())]);
        return sheet;
    };
    let mut page = Writer { look, lens, entry: &entry, width: sheet::width(area), sheet };
    let millis = entry.at.as_millis();
    let (first, next) = entry.batch;
    page.row("offset", &offset.to_string());
    page.row("timestamp", &format!("{}.{:03}", millis / 1_000, millis % 1_000));
    page.row("partitionLeaderEpoch", &format!("{}  (controller epoch)", entry.epoch));
    let together = next.0 - first.0;
    page.row(
        "batch",
        &lang.pick(
            format!("{first}-{}, {together} appended together", next.0 - 1),
            format!("{first}-{}，{together} 条一起追加", next.0 - 1),
        ),
    );
    let kind = entry.type_name();
    page.row(
        "type",
        &match &entry.content {
            MetadataContent::Record(version, record) => {
                format!("{kind}  (type {}, version {version})", record.api_key())
            }
            MetadataContent::Control(..) => {
                let of_raft = lang.pick("a control record of the quorum", "quorum 的控制记录");
                format!("{kind}  ({of_raft})")
            }
        },
    );
    page.sheet.gap();
    let fields = fields::fields(&entry);
    if fields.is_empty() {
        let none = lang.pick("it has no fields", "没有字段");
        page.sheet.row(vec![(theme.label, none.to_owned())]);
    }
    for (name, value) in fields {
        page.field(&name, &value, 0);
    }
    page.sheet
}

/// What a field is written with.
struct Writer<'a> {
    look: &'a Look<'a>,
    lens: Lens<'a>,
    entry: &'a MetadataEntry,
    width: u16,
    sheet: Sheet,
}

impl Writer<'_> {
    /// A field: in one row, or with a row for each field in it.
    fn field(&mut self, name: &str, value: &Value, depth: usize) {
        let name = format!("{}{name}", "  ".repeat(depth));
        if let Value::List(values) = value
            && values.iter().any(|one| matches!(one, Value::Table(_)))
        {
            for one in values {
                self.row(&name, "");
                let Value::Table(fields) = one else { continue };
                for (name, value) in fields {
                    self.field(name, value, depth + 1);
                }
            }
            return;
        }
        let text = value.line();
        let field = name.trim_start();
        let meaning = fields::meaning(self.entry.type_name(), field, &text, self.look.lang());
        let topic = topic_id(self.entry).filter(|_| field == "topicId");
        let topic = topic.and_then(|id| fields::topic_name(id, self.lens));
        match topic.as_deref().or(meaning) {
            Some(note) => self.row(&name, &format!("{text}  ({note})")),
            None => self.row(&name, &text),
        }
    }

    fn row(&mut self, name: &str, text: &str) {
        let theme = self.look.theme;
        let head = format!("{name:<24} ");
        let blank = " ".repeat(head.len());
        let room = self.width.saturating_sub(head.len() as u16);
        let mut parts = wrap::rows(text, room);
        let first = parts.next().unwrap_or_default().to_owned();
        self.sheet.row(vec![(theme.label, head), (theme.text, first)]);
        for part in parts {
            self.sheet.row(vec![(theme.text, format!("{blank}{part}"))]);
        }
    }
}

fn topic_id(entry: &MetadataEntry) -> Option<TopicId> {
    let MetadataContent::Record(_, record) = &entry.content else { return None };
    Some(match record {
        MetadataRecord::Partition(record) => record.topic_id,
        MetadataRecord::PartitionChange(record) => record.topic_id,
        MetadataRecord::Topic(record) => record.topic_id,
        MetadataRecord::RemoveTopic(record) => record.topic_id,
        _ => return None,
    })
}

/// The term of the card of a record.
pub fn term(entry: &MetadataEntry) -> &'static str {
    let MetadataContent::Record(_, record) = &entry.content else { return "quorum" };
    match record {
        MetadataRecord::NoOp(_) => "no-op record",
        MetadataRecord::RegisterBroker(_)
        | MetadataRecord::UnregisterBroker(_)
        | MetadataRecord::BrokerRegistrationChange(_)
        | MetadataRecord::FenceBroker(_)
        | MetadataRecord::UnfenceBroker(_) => "broker registration",
        MetadataRecord::Topic(_) | MetadataRecord::RemoveTopic(_) => "topic creation",
        MetadataRecord::Config(_) => "dynamic config",
        MetadataRecord::RegisterController(_) => "ControllerRegistration",
        _ => "metadata record",
    }
}
