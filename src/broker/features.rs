//! What a broker of this level can do, as it says at registration.

use kafka_protocol::messages::broker_registration_request::Feature;
use kafka_protocol::protocol::StrBytes;

/// Features with the lowest and the highest level that Kafka 4.1 supports, in the order in which a
/// broker lists them.
const SUPPORTED: [(&str, i16, i16); 6] = [
    ("group.version", 0, 1),
    ("kraft.version", 0, 1),
    ("metadata.version", 7, 27),
    ("share.version", 0, 1),
    ("transaction.version", 0, 2),
    ("eligible.leader.replicas.version", 0, 1),
];

/// The features of a registration.
pub(super) fn supported() -> Vec<Feature> {
    let features = SUPPORTED.into_iter().map(|(name, min, max)| {
        Feature::default()
            .with_name(StrBytes::from_static_str(name))
            .with_min_supported_version(min)
            .with_max_supported_version(max)
    });
    features.collect()
}
