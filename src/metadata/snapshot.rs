//! An image as the records of a snapshot (KIP-630).
//!
//! In Kafka: the `write` methods of `MetadataImage` and its parts. Topics and configurations come
//! here by name; in Kafka their order is that of a hash map.

use super::image::ClusterImage;
use crate::ids::{BrokerEpoch, BrokerId};
use crate::protocol::metadata_record::{
    ClientQuotaRecord, ConfigRecord, FeatureLevelRecord, MetadataRecord, MetadataVersion,
    ProducerIdsRecord, TopicRecord,
};

impl ClusterImage {
    /// The records that make this image from an empty one, `metadata.version` first.
    ///
    /// # Panics
    /// Inside a transaction of records: a snapshot holds none.
    pub fn to_records(&self) -> Vec<MetadataRecord> {
        assert!(!self.in_transaction(), "a snapshot ends outside of transactions");
        let mut records = Vec::new();
        self.feature_records(&mut records);
        records.extend(self.brokers().map(|broker| broker.to_record().into()));
        records.extend(self.controllers().map(|controller| controller.to_record().into()));
        self.topic_records(&mut records);
        for (resource, configs) in self.configs().iter() {
            records.extend(configs.iter().map(|(name, value)| {
                MetadataRecord::from(ConfigRecord {
                    resource_type: resource.kind.to_wire(),
                    resource_name: resource.name.clone(),
                    name: name.clone(),
                    value: Some(value.clone()),
                })
            }));
        }
        for (entity, quotas) in self.client_quotas() {
            records.extend(quotas.iter().map(|(key, value)| {
                let (entity, key, value) = (entity.to_vec(), key.clone(), *value);
                MetadataRecord::from(ClientQuotaRecord { entity, key, value, remove: false })
            }));
        }
        records.extend(self.next_producer_id().map(|next_producer_id| {
            let (broker_id, broker_epoch) = (BrokerId(-1), BrokerEpoch(-1));
            MetadataRecord::from(ProducerIdsRecord { broker_id, broker_epoch, next_producer_id })
        }));
        records
    }

    fn feature_records(&self, records: &mut Vec<MetadataRecord>) {
        let (version, others): (Vec<_>, Vec<_>) =
            self.features().iter().partition(|(name, _)| &***name == MetadataVersion::FEATURE);
        records.extend(version.into_iter().chain(others).map(|(name, feature_level)| {
            MetadataRecord::from(FeatureLevelRecord { name: name.clone(), feature_level })
        }));
    }

    fn topic_records(&self, records: &mut Vec<MetadataRecord>) {
        let level = self.features().metadata_version().unwrap_or(MetadataVersion::NEWEST);
        let (directories, elr) = (level.has_directory_assignment(), level.has_elr());
        for topic in self.topics() {
            records.push(TopicRecord { name: topic.name.clone(), topic_id: topic.id }.into());
            records.extend(topic.partitions().map(|(index, partition)| {
                MetadataRecord::from(partition.to_record(topic.id, index, directories, elr))
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ids::{PartitionIndex, Uuid};
    use crate::metadata::MetadataDelta;
    use crate::protocol::metadata_record::{
        LeaderChange, PartitionChangeRecord, PartitionRecord, RemoveTopicRecord,
    };

    fn brokers() -> impl Strategy<Value = Vec<BrokerId>> {
        proptest::collection::vec((1..5).prop_map(BrokerId), 1..4)
    }

    /// A record that fits what earlier ones can have made: topics 1 to 3, two partitions each.
    fn step() -> impl Strategy<Value = (u8, u128, i32, Vec<BrokerId>)> {
        (0..5_u8, 1..4_u128, 0..2, brokers())
    }

    fn record(
        image: &ClusterImage,
        (kind, topic, partition, brokers): (u8, u128, i32, Vec<BrokerId>),
    ) -> MetadataRecord {
        let (topic_id, partition_id) = (Uuid(topic), PartitionIndex(partition));
        let known = image.partition(topic_id, partition_id).is_some();
        // The second partition comes after the first.
        let there = image.topic(topic_id).map_or(0, |topic| topic.partition_count() as i32);
        let new_id = PartitionIndex(partition.min(there));
        match kind {
            _ if image.topic(topic_id).is_none() => {
                TopicRecord { name: format!("t{topic}").into(), topic_id }.into()
            }
            0 => RemoveTopicRecord { topic_id }.into(),
            1 if known => PartitionChangeRecord {
                isr: Some(brokers),
                leader: LeaderChange::Nobody,
                ..PartitionChangeRecord::of(topic_id, partition_id)
            }
            .into(),
            2 if known => PartitionChangeRecord {
                eligible_leader_replicas: Some(brokers),
                ..PartitionChangeRecord::of(topic_id, partition_id)
            }
            .into(),
            3 => ConfigRecord {
                resource_type: 2,
                resource_name: format!("t{topic}").into(),
                name: "retention.ms".into(),
                value: (partition == 0).then(|| "7".into()),
            }
            .into(),
            _ => PartitionRecord {
                topic_id,
                partition_id: new_id,
                directories: vec![Uuid(1 << 70); brokers.len()],
                isr: brokers.clone(),
                leader: Some(brokers[0]),
                replicas: brokers,
                ..PartitionRecord::default()
            }
            .into(),
        }
    }

    proptest! {
        /// Invariant C7: an image is what its records add up to, by whichever way.
        #[test]
        fn an_image_is_rebuilt_from_its_snapshot(steps in proptest::collection::vec(step(), 0..60)) {
            let mut image = ClusterImage::default();
            let mut log = Vec::new();
            let mut early = ClusterImage::default();
            for step in steps {
                let record = record(&image, step);
                image.apply_all([&record], &mut MetadataDelta::default());
                log.push(record);
                if log.len() == 20 {
                    early = image.clone();
                }
            }
            let mut replayed = ClusterImage::default();
            replayed.apply_all(&log, &mut MetadataDelta::default());
            prop_assert_eq!(&replayed, &image);

            let mut restored = ClusterImage::default();
            restored.apply_all(&image.to_records(), &mut MetadataDelta::default());
            prop_assert_eq!(&restored, &image);

            // A clone is not touched by what happens to the original.
            let mut half = ClusterImage::default();
            half.apply_all(&log[..log.len().min(20)], &mut MetadataDelta::default());
            prop_assert!(log.len() < 20 || half == early);
        }
    }
}
