//! ApiVersions (key 18): what this broker understands.
//!
//! In Kafka: `ApiVersionManager`. The ranges are those of the messages this broker exchanges.

use kafka_protocol::messages::ApiVersionsResponse;
use kafka_protocol::messages::api_versions_response::ApiVersion;
use strum::IntoEnumIterator;

use crate::node::{Outbox, ReplyTo};
use crate::protocol::{Api, ResponseBody};

/// Answers with every request kind that is handled here.
pub(in crate::broker) fn answer(from: ReplyTo, out: &mut Outbox) {
    let keys = Api::iter().filter_map(|api| {
        let key = kafka_protocol::messages::ApiKey::try_from(api as i16).ok()?;
        let range = key.valid_versions();
        Some(
            ApiVersion::default()
                .with_api_key(api as i16)
                .with_min_version(range.min)
                .with_max_version(range.max),
        )
    });
    let answer = ApiVersionsResponse::default().with_api_keys(keys.collect());
    out.reply(from, ResponseBody::ApiVersions(Box::new(answer)));
}
