//! One message, opened: its header and body, field by field, and its bytes on the wire.

use bytes::Bytes;

use super::fields::{Field, fields};
use crate::cluster::{Message, Passage};
use crate::ids::Uuid;
use crate::view::disk::Part;

/// A message, opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The length and the fields of the header, with the bytes that they are.
    pub header: Vec<Part>,
    /// Where the body begins in the bytes.
    pub body_at: u64,
    /// The fields of the body, as they are read from its bytes.
    pub body: Vec<Field>,
    /// All bytes, from the length on.
    pub bytes: Bytes,
}

impl Opened {
    /// The message of a passage, as it is on the wire. None for the end of a connection.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn of(passage: &Passage) -> Option<Result<Self, String>> {
        let opened = match passage.message.as_ref()? {
            Message::Request(request) => request.frame().map(|frame| {
                let client = request.client_id.len() as u64;
                let mut header = vec![
                    (4, "length", (frame.header.len() + frame.body.len()).to_string()),
                    (2, "request_api_key", (request.body.api() as i16).to_string()),
                    (2, "request_api_version", request.api_version.to_string()),
                    (4, "correlation_id", request.correlation_id.to_string()),
                    (2 + client, "client_id", format!("\"{}\"", request.client_id)),
                ];
                header.extend((frame.header_version >= 2).then(|| (1, "tagged_fields", tagged())));
                Self::new(header, &frame.text, frame.bytes())
            }),
            Message::Response(response, _) => match passage.api_version {
                None => Err("its request was sent before".to_owned()),
                Some(version) => response.frame(version).map(|frame| {
                    let mut header = vec![
                        (4, "length", (frame.header.len() + frame.body.len()).to_string()),
                        (4, "correlation_id", response.correlation_id.to_string()),
                    ];
                    header.extend(
                        (frame.header_version >= 1).then(|| (1, "tagged_fields", tagged())),
                    );
                    Self::new(header, &frame.text, frame.bytes())
                }),
            },
        };
        Some(opened)
    }

    fn new(header: Vec<(u64, &'static str, String)>, text: &str, bytes: Bytes) -> Self {
        let mut at = 0;
        let parts = header.into_iter().map(|(len, name, value)| {
            let part = Part { at: at..at + len, name, value };
            at += len;
            part
        });
        let header: Vec<Part> = parts.collect();
        let body_at = header.last().map_or(0, |last| last.at.end);
        let mut body = fields(text);
        for field in &mut body {
            // As Kafka writes ids.
            if let Ok(id) = uuid::Uuid::try_parse(&field.value) {
                field.value = Uuid(id.as_u128()).to_string();
            }
        }
        Self { header, body_at, body, bytes }
    }
}

fn tagged() -> String {
    "0".to_owned()
}
