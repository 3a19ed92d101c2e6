//! The levels, one after the other.

use super::{Level, LevelValue};

/// Declares the levels: `name: Enum "question" { Value = "word", [since], "reference", modelled or
/// pending, "rule"; … }`, oldest value first.
macro_rules! levels {
    ($(
        $field:ident: $level:ident $question:literal {
            $($value:ident = $word:literal [$($since:literal)*] $reference:literal $state:ident $rule:literal;)+
        }
    )+) => {
        $(
            #[doc = $question]
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
            pub enum $level {
                $(#[doc = $rule] $value,)+
            }

            impl $level {
                const ALL: &'static [Self] = &[$(Self::$value),+];
            }
        )+

        /// A value for every level.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Levels {
            $(#[doc = $question] pub $field: $level,)+
        }

        /// All levels.
        pub const LEVELS: &[Level] = &[$(Level {
            name: stringify!($field),
            question: $question,
            values: &[$(LevelValue {
                word: $word,
                since: &[$($since),*],
                reference: $reference,
                rule: $rule,
                modelled: levels!(@ $state),
            }),+],
        }),+];

        impl Levels {
            pub(super) fn from_indices(index: impl Fn(&Level) -> usize) -> Self {
                let mut levels = LEVELS.iter();
                let mut next = || index(levels.next().expect("as many levels as fields"));
                Self { $($field: $level::ALL[next()],)+ }
            }

            pub(super) fn indices(&self) -> Vec<usize> {
                vec![$(self.$field as usize),+]
            }

            pub(super) fn set_index(&mut self, name: &str, index: usize) {
                match name {
                    $(stringify!($field) => self.$field = $level::ALL[index],)+
                    _ => unreachable!("the name comes from the table"),
                }
            }
        }
    };
    (@ modelled) => { true };
    (@ pending) => { false };
}

levels! {
    // ---- truncation and fencing of replicas ----
    truncation: Truncation "To where does a follower cut its log when it has a new leader?" {
        Hw = "hw" ["0.8"] "" pending
            "To its own high watermark, whatever the leader has.";
        Epoch = "epoch" ["0.11"] "KIP-101" pending
            "It asks the leader where its own last epoch ends, and cuts there.";
        EpochPair = "epoch_pair" ["2.0.0"] "KIP-279" pending
            "The leader names the epoch it answers for, and the follower cuts where they last agree.";
        OnFetch = "on_fetch" ["2.8"] "KAFKA-10487" modelled
            "Every fetch carries the last epoch; the leader answers with the point of divergence.";
    }
    become_leader_epoch: BecomeLeaderEpoch "When does a new leader write down its epoch?" {
        Lazy = "lazy" ["0.8"] "" pending
            "With its first append, so that it cannot answer for its own epoch before.";
        AtElection = "at_election" ["2.0.1"] "KAFKA-7415" modelled
            "When it becomes leader, at the end of its log.";
    }
    same_leader: SameLeader "May a follower keep its log when it is told of the leader it has?" {
        SkipAlways = "skip_always" ["0.8"] "" pending
            "Always, even if there were other leaders in between.";
        SkipNextEpochOnly = "skip_next_epoch_only" ["2.0.1"] "KAFKA-7164" modelled
            "Only if no epoch is missing in between.";
    }
    fetch_epoch: FetchEpoch "Does a leader check the epoch of those who fetch?" {
        None = "none" ["0.8"] "" pending
            "No: whoever asks is answered.";
        FullOnly = "full_only" ["2.1"] "KIP-320" pending
            "Only in full requests, not within a fetch session.";
        Fenced = "fenced" ["2.5"] "KAFKA-9338" modelled
            "In every request: older epochs are fenced, newer ones are unknown.";
    }
    consumer_epoch: ConsumerEpoch "Does a consumer notice that the log below its position changed?" {
        None = "none" ["0.8"] "" pending
            "No: it reads on at its offset.";
        Validate = "validate" ["2.3"] "KAFKA-7440" modelled
            "After a change of leader it compares epochs, and is sent back to where they part.";
    }

    // ---- the ISR and the high watermark ----
    isr_join: IsrJoin "How far must a follower be to join the ISR?" {
        Hw = "hw" ["0.8"] "" pending
            "Up to the leader's high watermark, which may lag right after an election.";
        EpochStart = "epoch_start" ["2.0.1"] "KAFKA-7128" modelled
            "Up to the high watermark and to where the leader's epoch starts.";
    }
    isr_shrink: IsrShrink "Which follower leaves the ISR?" {
        LagTime = "lag_time" ["0.8"] "" pending
            "One that has not caught up for replica.lag.time.max.ms, even if nothing was written.";
        UnlessEqualLeo = "unless_equal_leo" ["2.1"] "" modelled
            "The same, but not one whose log is as long as the leader's.";
    }
    isr_update: IsrUpdate "Which ISR counts while the controller has not answered?" {
        Naive = "naive" ["0.8"] "" pending
            "The one that the leader has asked for.";
        Maximal = "maximal" ["2.7"] "KIP-497" modelled
            "The union of the ISR in force and the one asked for.";
    }
    isr_broker_epoch: IsrBrokerEpoch "Does a request for a new ISR say which incarnations it means?" {
        Off = "off" ["0.8"] "" pending
            "No: a broker that came back empty can be let in by an old request.";
        On = "on" ["3.5"] "KIP-903" modelled
            "It names broker epochs, and old ones are refused.";
    }
    isr_fenced: IsrFenced "May fenced and stopping brokers enter the ISR?" {
        Allowed = "allowed" ["0.8"] "" pending
            "Yes, if they fetch.";
        Excluded = "excluded" ["3.3"] "KIP-841" modelled
            "No.";
    }
    hw_after_isr: HwAfterIsr "Is the high watermark looked at when the ISR has shrunk?" {
        Off = "off" ["2.7"] "" pending
            "Not before the next fetch of a follower.";
        On = "on" ["0.8" "3.0"] "KAFKA-13091" modelled
            "At once.";
    }
    min_isr_gate: MinIsrGate "Does the high watermark move while the ISR is below min.insync.replicas?" {
        Off = "off" ["0.8"] "" pending
            "Yes.";
        On = "on" ["3.7"] "KAFKA-15583" modelled
            "No.";
    }
    elr: Elr "Who may lead when the ISR is empty?" {
        Off = "off" ["0.8"] "" modelled
            "Nobody but the last member of the ISR, which stays in it while it is away.";
        On = "on" ["4.1"] "KIP-966" modelled
            "The eligible leader replicas: those that left while there were min.insync.replicas.";
    }
    list_offsets: ListOffsets "Which latest offset does a new leader tell?" {
        Hw = "hw" ["0.8"] "" pending
            "Its high watermark, which may be behind what the last leader told.";
        WaitEpochStart = "wait_epoch_start" ["2.2"] "KIP-207" modelled
            "None until its high watermark has reached the start of its epoch.";
    }
    follower_read: FollowerRead "What does a follower answer to a consumer?" {
        Naive = "naive" ["0.8"] "" pending
            "What a leader would by its own log; no release lets a consumer ask it then.";
        Kip392 = "kip392" ["2.4"] "KIP-392" modelled
            "Records up to its high watermark; beyond it, not yet available.";
    }
    hw_checkpoint: HwCheckpoint "Whose high watermarks does the checkpoint file keep?" {
        LoadedOnly = "loaded_only" ["0.8"] "" pending
            "Those of partitions that have a replica object just then.";
        All = "all" ["0.8.2"] "KAFKA-1647" modelled
            "Those of all logs on the disk.";
    }
    io_error: IoError "When does a failing disk stop appends?" {
        LateOffline = "late_offline" ["0.8"] "" pending
            "When the failure handler gets round to it.";
        FenceAppend = "fence_append" ["2.8"] "KAFKA-10778" modelled
            "At once: no append after a failed one.";
    }
    recovery: Recovery "Does a start after a crash look at the records?" {
        TrustSize = "trust_size" [] "" pending
            "No: what the file's size says is taken; no release does that.";
        Scan = "scan" ["0.8"] "" modelled
            "All from the recovery point on are checked, and what is torn is cut off.";
    }
    recovery_point: RecoveryPoint "When does the recovery point move after a recovery?" {
        Early = "early" ["0.8"] "" pending
            "Before what was recovered is flushed.";
        AfterFlush = "after_flush" ["2.8"] "KAFKA-10101" modelled
            "After it is flushed.";
    }
    pending_fetch: PendingFetch "Is a follower in sync whose fetch the leader has not answered yet?" {
        Ignored = "ignored" ["0.8"] "" modelled
            "Not if that takes longer than replica.lag.time.max.ms.";
        Counts = "counts" [] "KIP-501" pending
            "It is; proposed, in no release.";
    }

    // ---- controllers ----
    metadata: Metadata "Where does the cluster's metadata live?" {
        Zookeeper = "zookeeper" ["0.8"] "" pending
            "In znodes; the broker that creates /controller is the controller.";
        Kraft = "kraft" ["3.3"] "KIP-500" modelled
            "In a log that the controllers replicate among themselves.";
    }
    control_fencing: ControlFencing "Which orders of a former controller are refused?" {
        None = "none" ["0.8"] "" pending
            "None.";
        ControllerEpoch = "controller_epoch" ["0.8.1"] "KAFKA-1188" pending
            "Those to brokers that have heard of a newer controller epoch.";
        ZkMulti = "zk_multi" ["2.1"] "KAFKA-6082" pending
            "And its writes to ZooKeeper, by the epoch's znode version.";
        BrokerEpoch = "broker_epoch" ["2.2"] "KIP-380" modelled
            "And those to a broker's earlier incarnation.";
    }
    zk_reregister: ZkReregister "What if a broker's own znode is still there when its session is new?" {
        Fail = "fail" ["0.8"] "" pending
            "Registering fails, and the broker lives on unregistered.";
        ReplaceOwn = "replace_own" ["2.2"] "KAFKA-7165" modelled
            "It removes the node and registers.";
    }
    newer_broker_epoch: NewerBrokerEpoch "What if an order names a broker epoch that the broker does not know yet?" {
        Reject = "reject" ["0.8"] "" pending
            "It is refused, and not sent again.";
        Accept = "accept" ["2.6"] "KAFKA-9839" modelled
            "It is carried out.";
    }
    check_quorum: CheckQuorum "Does a KRaft leader step down that its majority does not hear?" {
        Off = "off" ["0.8"] "" pending
            "No: brokers beside it keep old metadata.";
        On = "on" ["3.7"] "KAFKA-15489" modelled
            "After one and a half fetch timeouts.";
    }
    pre_vote: PreVote "Can a voter that hears nobody depose the leader?" {
        Off = "off" ["0.8"] "" pending
            "Its request with a higher epoch does.";
        On = "on" ["4.0"] "KIP-996" modelled
            "It asks first whether it would be elected, and is told no by those who have a leader.";
    }
    voter_identity: VoterIdentity "Who is a voter?" {
        Id = "id" ["0.8"] "" pending
            "Whoever has its number, even with an empty disk.";
        IdDir = "id_dir" ["3.9"] "KIP-853" modelled
            "Whoever has its number and its directory's id.";
    }
    metadata_retention: MetadataRetention "What of the metadata log may be deleted?" {
        SizeTime = "size_time" ["0.8"] "" pending
            "What size and age say, even if no snapshot has it.";
        SnapshotOnly = "snapshot_only" ["3.4"] "KAFKA-14238" modelled
            "Only what a snapshot has.";
    }
    partition_update: PartitionUpdate "Which partition updates does a broker apply?" {
        Newer = "newer" ["0.8"] "" pending
            "Those with a newer partition epoch than it knows.";
        EqualOrNewer = "equal_or_newer" ["3.3"] "KAFKA-13790" modelled
            "Those with the same one too.";
    }
    heartbeat_overload: HeartbeatOverload "Does a broker's heartbeat count that the controller was too busy to answer?" {
        Drop = "drop" ["0.8"] "" pending
            "No: healthy brokers are fenced.";
        CountContact = "count_contact" ["3.5"] "KAFKA-15019" modelled
            "Yes.";
    }
    topic_identity: TopicIdentity "Is a topic that was deleted and created again the same?" {
        Name = "name" ["0.8"] "" pending
            "To clients it is: its smaller epochs look old.";
        Id = "id" ["3.1"] "KAFKA-12257" modelled
            "No: its id is another.";
    }

    // ---- producers and transactions ----
    idempotence: Idempotence "Can a retry write a record twice?" {
        Off = "off" ["0.8"] "" pending
            "Yes: nobody can tell it from a new one.";
        On = "on" ["0.11"] "KIP-98" modelled
            "Not if the producer numbers its batches, which it does by default since 3.0.";
    }
    producer_state: ProducerState "How long does a leader remember a producer?" {
        WithLog = "with_log" ["0.8"] "" pending
            "As long as its records are there.";
        OwnExpiry = "own_expiry" ["2.4"] "KAFKA-7190" modelled
            "Until producer.id.expiration.ms after its last batch.";
    }
    txn: Txn "How does a leader know that a batch belongs to an open transaction?" {
        Zero = "0" ["0.8"] "" pending
            "It believes the batch.";
        Verify = "verify" ["3.6"] "KIP-890" pending
            "It asks the coordinator.";
        VerifyGuard = "verify_guard" ["3.6"] "KAFKA-14884" pending
            "And looks that no marker came in between.";
        Two = "2" ["4.0"] "KIP-890" modelled
            "And every transaction has an epoch of its own.";
    }
    txn_offsets: TxnOffsets "Is a transaction's offset commit fenced by the group?" {
        Unfenced = "unfenced" ["0.8"] "" pending
            "No: a member that lost its partition can still commit.";
        GroupFenced = "group_fenced" ["2.5"] "KIP-447" modelled
            "It carries member and generation.";
    }
    txn_timeout: TxnTimeout "What becomes of a producer whose transaction timed out?" {
        Fatal = "fatal" ["0.8"] "" pending
            "It is fenced for good.";
        Abortable = "abortable" ["2.7"] "KIP-588" modelled
            "It aborts and goes on with a new epoch.";
    }
    message_format: MessageFormat "How are records written?" {
        V0 = "v0" ["0.8"] "" pending
            "One by one, without time.";
        V1 = "v1" ["0.10"] "KIP-32" pending
            "One by one, with a time.";
        V2 = "v2" ["0.11"] "KIP-98" modelled
            "In batches with producer id, epoch and sequence.";
    }

    // ---- groups ----
    rebalance: Rebalance "How do consumers divide partitions, at best?" {
        Zk = "zk" ["0.8"] "" pending
            "Each decides alone by what it sees in ZooKeeper.";
        Eager = "eager" ["0.9"] "" pending
            "All give up everything, one member computes.";
        Cooperative = "cooperative" ["2.4"] "KIP-429" pending
            "Only what moves is given up.";
        Consumer = "consumer" ["4.0"] "KIP-848" modelled
            "The coordinator computes, and moves partition by partition; clients ask for it.";
    }
    heartbeat: Heartbeat "Who sends a consumer's heartbeats?" {
        InPoll = "in_poll" ["0.8"] "" pending
            "The thread that polls: slow processing looks like death.";
        Background = "background" ["0.10.1"] "KIP-62" modelled
            "A thread of their own; max.poll.interval.ms bounds processing.";
    }
    member_id: MemberId "When does a joining consumer get its member id?" {
        OnJoin = "on_join" ["0.8"] "" pending
            "With the answer to the join; a retry is another member.";
        Required = "required" ["2.2"] "KIP-394" modelled
            "Before it joins.";
    }
    static_member: StaticMember "Does a restarted member keep its partitions?" {
        Off = "off" ["0.8"] "" pending
            "No.";
        On = "on" ["2.3"] "KIP-345" pending
            "Within its session, if it has a group.instance.id.";
        Persisted = "persisted" ["2.7"] "KAFKA-10284" modelled
            "And if the coordinator changes meanwhile.";
    }
    owned_claim: OwnedClaim "Is a member believed that says what it owns?" {
        Trust = "trust" ["0.8"] "" pending
            "Always, however old its claim is.";
        Sticky = "sticky" ["2.3"] "KIP-341" pending
            "The sticky assignor takes the claim of the newest generation.";
        Generation = "generation" ["3.5"] "KAFKA-14639" modelled
            "So does the cooperative one.";
    }
    commit_fencing: CommitFencing "Can a former member commit offsets?" {
        Off = "off" ["0.8"] "" pending
            "Yes.";
        Generation = "generation" ["0.9"] "" modelled
            "No: the commit carries its generation.";
    }
    offset_expiry: OffsetExpiry "When do committed offsets expire?" {
        PerCommit = "per_commit" ["0.8"] "" pending
            "Some time after each commit, even if the group lives.";
        GroupEmpty = "group_empty" ["2.1"] "KIP-211" modelled
            "Some time after the group's last member left.";
    }
    new_partition_reset: NewPartitionReset "Where does a group begin in a partition that was added?" {
        Policy = "policy" ["0.8"] "" modelled
            "Where auto.offset.reset says: with latest, records are missed.";
        ByAge = "by_age" [] "KIP-1327" pending
            "At its start if it is young; opt-in.";
    }

    // ---- retention and compaction ----
    tombstone_clock: TombstoneClock "From when on is a tombstone's time counted?" {
        RecordTime = "record_time" ["0.8"] "" pending
            "From its own time stamp.";
        SegmentTime = "segment_time" ["0.10.1.1"] "KAFKA-4529" pending
            "From its segment's last modification, which cleaning renews.";
        BatchHorizon = "batch_horizon" ["3.1"] "KIP-534" modelled
            "From its first cleaning, which is written into the batch.";
    }
    timestamps: Timestamps "Which time stamps does a leader take?" {
        Any = "any" ["0.8"] "" pending
            "Any.";
        Bounded = "bounded" ["3.6"] "KIP-937" modelled
            "None more than an hour ahead of its clock, by default.";
    }
}
