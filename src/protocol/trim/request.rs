//! The fields of requests that only some versions have.

use super::{Items, NEVER, reset, trim};
use crate::protocol::RequestBody;

impl RequestBody {
    /// Resets the fields that `version` does not have.
    pub fn trim(&mut self, version: i16) {
        match self {
            Self::Produce(request) => request.trim(version),
            Self::Fetch(request) => request.trim(version),
            Self::ListOffsets(it) => trim! { it at version:
                2.. => isolation_level;
                4.. => topics.partitions.current_leader_epoch;
                10.. => timeout_ms;
            },
            Self::Metadata(it) => trim! { it at version:
                10.. => topics.topic_id;
                4.. => allow_auto_topic_creation;
                8..=10 => include_cluster_authorized_operations;
                8.. => include_topic_authorized_operations;
            },
            Self::OffsetCommit(it) => trim! { it at version:
                7.. => group_instance_id;
                ..=4 => retention_time_ms;
                NEVER => topics.topic_id;
                6.. => topics.partitions.committed_leader_epoch;
            },
            Self::OffsetFetch(it) => trim! { it at version:
                ..=7 => group_id, topics;
                8.. => groups;
                9.. => groups.member_id, groups.member_epoch;
                NEVER => groups.topics.topic_id;
                7.. => require_stable;
            },
            Self::FindCoordinator(it) => trim! { it at version:
                ..=3 => key;
                1.. => key_type;
                4.. => coordinator_keys;
            },
            Self::JoinGroup(it) => trim! { it at version:
                1.. => rebalance_timeout_ms;
                5.. => group_instance_id;
                8.. => reason;
            },
            Self::Heartbeat(it) => trim! { it at version:
                3.. => group_instance_id;
            },
            Self::LeaveGroup(it) => trim! { it at version:
                ..=2 => member_id;
                3.. => members;
                5.. => members.reason;
            },
            Self::SyncGroup(it) => trim! { it at version:
                3.. => group_instance_id;
                5.. => protocol_type, protocol_name;
            },
            Self::DescribeGroups(it) => trim! { it at version:
                3.. => include_authorized_operations;
            },
            Self::ListGroups(it) => trim! { it at version:
                4.. => states_filter;
                5.. => types_filter;
            },
            Self::ApiVersions(it) => trim! { it at version:
                3.. => client_software_name, client_software_version;
            },
            Self::DeleteTopics(it) => trim! { it at version:
                6.. => topics;
                ..=5 => topic_names;
            },
            Self::InitProducerId(it) => trim! { it at version:
                3.. => producer_id, producer_epoch;
                NEVER => enable_2_pc, keep_prepared_txn;
            },
            Self::OffsetForLeaderEpoch(it) => trim! { it at version:
                3.. => replica_id;
            },
            Self::ElectLeaders(it) => trim! { it at version:
                1.. => election_type;
            },
            Self::AlterPartitionReassignments(it) => trim! { it at version:
                1.. => allow_replication_factor_change;
            },
            Self::Vote(it) => trim! { it at version:
                1.. => voter_id, topics.partitions.replica_directory_id;
                1.. => topics.partitions.voter_directory_id;
                2.. => topics.partitions.pre_vote;
            },
            Self::BeginQuorumEpoch(it) => trim! { it at version:
                1.. => voter_id, topics.partitions.voter_directory_id, leader_endpoints;
            },
            Self::EndQuorumEpoch(it) => trim! { it at version:
                ..=0 => topics.partitions.preferred_successors;
                1.. => topics.partitions.preferred_candidates, leader_endpoints;
            },
            Self::AlterPartition(it) => trim! { it at version:
                ..=2 => topics.partitions.new_isr;
                3.. => topics.partitions.new_isr_with_epochs;
            },
            Self::FetchSnapshot(it) => trim! { it at version:
                1.. => topics.partitions.replica_directory_id;
            },
            Self::BrokerRegistration(it) => trim! { it at version:
                1.. => is_migrating_zk_broker;
                2.. => log_dirs;
                3.. => previous_broker_epoch;
            },
            Self::BrokerHeartbeat(it) => trim! { it at version:
                1.. => offline_log_dirs;
            },
            // Every version has all their fields.
            Self::CreateTopics(_)
            | Self::CreatePartitions(_)
            | Self::DeleteGroups(_)
            | Self::IncrementalAlterConfigs(_)
            | Self::ListPartitionReassignments(_)
            | Self::OffsetDelete(_)
            | Self::UnregisterBroker(_)
            | Self::AllocateProducerIds(_)
            | Self::ControllerRegistration(_)
            | Self::AssignReplicasToDirs(_) => {}
        }
    }
}
