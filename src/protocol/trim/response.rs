//! The fields of responses that only some versions have.

use super::{Items, reset, trim};
use crate::protocol::ResponseBody;

impl ResponseBody {
    /// Resets the fields that `version` does not have.
    pub fn trim(&mut self, version: i16) {
        match self {
            Self::Produce(response) => response.trim(version),
            Self::Fetch(response) => response.trim(version),
            Self::ListOffsets(it) => trim! { it at version:
                2.. => throttle_time_ms;
                4.. => topics.partitions.leader_epoch;
            },
            Self::Metadata(it) => trim! { it at version:
                3.. => throttle_time_ms;
                1.. => brokers.rack;
                2.. => cluster_id;
                1.. => controller_id;
                10.. => topics.topic_id;
                1.. => topics.is_internal;
                7.. => topics.partitions.leader_epoch;
                5.. => topics.partitions.offline_replicas;
                8.. => topics.topic_authorized_operations;
                8..=10 => cluster_authorized_operations;
                13.. => error_code;
            },
            Self::OffsetCommit(it) => trim! { it at version:
                3.. => throttle_time_ms;
                ..=9 => topics.name;
                10.. => topics.topic_id;
            },
            Self::OffsetFetch(it) => trim! { it at version:
                3.. => throttle_time_ms;
                ..=7 => topics;
                5.. => topics.partitions.committed_leader_epoch;
                2..=7 => error_code;
                8.. => groups;
                ..=9 => groups.topics.name;
                10.. => groups.topics.topic_id;
            },
            Self::FindCoordinator(it) => trim! { it at version:
                1.. => throttle_time_ms;
                ..=3 => error_code;
                1..=3 => error_message;
                ..=3 => node_id, host, port;
                4.. => coordinators;
            },
            Self::JoinGroup(it) => trim! { it at version:
                2.. => throttle_time_ms;
                7.. => protocol_type;
                9.. => skip_assignment;
                5.. => members.group_instance_id;
            },
            Self::Heartbeat(it) => trim! { it at version:
                1.. => throttle_time_ms;
            },
            Self::LeaveGroup(it) => trim! { it at version:
                1.. => throttle_time_ms;
                3.. => members;
            },
            Self::SyncGroup(it) => trim! { it at version:
                1.. => throttle_time_ms;
                5.. => protocol_type, protocol_name;
            },
            Self::DescribeGroups(it) => trim! { it at version:
                1.. => throttle_time_ms;
                6.. => groups.error_message;
                4.. => groups.members.group_instance_id;
                3.. => groups.authorized_operations;
            },
            Self::ListGroups(it) => trim! { it at version:
                1.. => throttle_time_ms;
                4.. => groups.group_state;
                5.. => groups.group_type;
            },
            Self::ApiVersions(it) => trim! { it at version:
                1.. => throttle_time_ms;
                3.. => supported_features, finalized_features_epoch, finalized_features;
                3.. => zk_migration_ready;
            },
            Self::CreateTopics(it) => trim! { it at version:
                7.. => topics.topic_id;
                5.. => topics.topic_config_error_code, topics.num_partitions;
                5.. => topics.replication_factor, topics.configs;
            },
            Self::DeleteTopics(it) => trim! { it at version:
                6.. => responses.topic_id;
                5.. => responses.error_message;
            },
            Self::InitProducerId(it) => trim! { it at version:
                6.. => ongoing_txn_producer_id, ongoing_txn_producer_epoch;
            },
            Self::ElectLeaders(it) => trim! { it at version:
                1.. => error_code;
            },
            Self::AlterPartitionReassignments(it) => trim! { it at version:
                1.. => allow_replication_factor_change;
            },
            Self::Vote(it) => trim! { it at version:
                1.. => node_endpoints;
            },
            Self::BeginQuorumEpoch(it) => trim! { it at version:
                1.. => node_endpoints;
            },
            Self::EndQuorumEpoch(it) => trim! { it at version:
                1.. => node_endpoints;
            },
            Self::FetchSnapshot(it) => trim! { it at version:
                1.. => node_endpoints;
            },
            // Every version has all their fields.
            Self::OffsetForLeaderEpoch(_)
            | Self::CreatePartitions(_)
            | Self::DeleteGroups(_)
            | Self::IncrementalAlterConfigs(_)
            | Self::ListPartitionReassignments(_)
            | Self::OffsetDelete(_)
            | Self::AlterPartition(_)
            | Self::BrokerRegistration(_)
            | Self::BrokerHeartbeat(_)
            | Self::UnregisterBroker(_)
            | Self::AllocateProducerIds(_)
            | Self::ControllerRegistration(_)
            | Self::AssignReplicasToDirs(_) => {}
        }
    }
}
