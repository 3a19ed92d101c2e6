### What happens, in English. One message per fact, named fact- and the fact's name; its arguments are
### the fact's fields. $node is who told it: a sentence leaves it out where its channel names the node.

## ---- who speaks ----

channel-you = you
channel-network = network
channel-control = control
channel-group = group
channel-disk = disk

## ---- amounts and lists ----

span = { $unit ->
    [us] { $number } µs
   *[other] { $number } { $unit }
}
list-separator = {", "}
list-more = {", "}… { $count } more

## ---- steps, faults and processes ----

fact-command = { $line }
fact-command-refused = { $line }: { $problem }
fact-process-started = { $incarnation ->
    [1] starts
   *[other] starts again
}
fact-process-killed = { $connections ->
    [0] killed
    [one] killed; its connection is reset
   *[other] killed; its { $connections } connections are reset
}
fact-process-exited = { $status ->
    [0] stopped properly (exit status 0)
   *[other] stopped with exit status { $status }
}
fact-power-lost = { $lost_bytes ->
    [0] power lost; everything was on the disk
    [one] power lost; a byte had not reached the disk and is gone
   *[other] power lost; { $lost_bytes } bytes had not reached the disk and are gone
}
fact-disk-wiped = its disk is replaced by an empty one
fact-process-paused = stopped in the middle of everything (SIGSTOP)
fact-process-resumed = goes on as if nothing had happened (SIGCONT)
fact-link-cut = { $from } → { $to }: nothing gets through any more
fact-link-healed = { $from } → { $to }: packets get through again
fact-link-delayed = { $by_zero ->
    [true] { $from } → { $to }: as fast as before
   *[false] { $from } → { $to }: everything takes { $by } longer
}
fact-slowed-down = { $factor ->
    [1] { slow-part } as fast as before
   *[other] { slow-part } takes { $factor } times as long
}
slow-part = { $what ->
    [cpu] CPU
   *[disk] disk
}
fact-connection-reset = { $node }: connection to { $peer } reset
fact-connection-opened = { $node }: connected to { $peer }
fact-connection-refused = { $node }: { $peer } refuses the connection
fact-request-timed-out = { $node }: no answer to { $api } from { $peer_name } for { $after }; connection closed

## ---- log ----

fact-log-loaded = { $node }: { $tp } { log-state }
log-state = { $truncated_bytes ->
    [0] { log-checked }
    [one] checked after an unclean stop; a byte cut off, log end offset { $log_end_offset }
   *[other] checked after an unclean stop; { $truncated_bytes } bytes cut off, log end offset { $log_end_offset }
}
log-checked = { $log_end_offset ->
    [0] opened, empty
   *[other] { $clean ->
        [true] opened as it was closed; log start offset { $log_start_offset }, log end offset { $log_end_offset }
       *[false] checked after an unclean stop, all is whole; log end offset { $log_end_offset }
    }
}
fact-batch-appended = { $as_leader ->
    [true] { $tp }: appends a batch at offset { $base_offset }; log end offset { $next_offset }, epoch { $leader_epoch }
   *[false] { $tp }: copies a batch at offset { $base_offset }; log end offset { $next_offset }, epoch { $leader_epoch }
}
fact-log-truncated = { $tp }: cuts its log back from offset { $from } to { $to }
fact-segment-rolled = { $node }: { $tp } begins a new segment at offset { $base_offset }
fact-log-start-moved = { $node }: { $tp } deletes old records: log start offset { $from } → { $to }

## ---- replication ----

fact-became-leader = { $tp }: leads from offset { $log_end_offset } on, leader epoch { $leader_epoch }
fact-became-follower = { $leader ->
    [none] { $tp }: has nobody to follow, leader epoch { $leader_epoch }
   *[other] { $tp }: follows { $leader_name }, leader epoch { $leader_epoch }
}
fact-follower-fetched = { $tp }: { $follower_name } asks for offset { $log_end_offset }, so it has all before it
fact-high-watermark-advanced = { $as_leader ->
    [true] { $tp }: high watermark { $from } → { $to }
   *[false] { $tp }: high watermark { $from } → { $to }, as the leader says
}
fact-produce-committed = { $tp }: everything before offset { $next_offset } is committed: acks=all is answered
fact-records-served = { $tp }: answers a consumer with the records from offset { $from } on; next { $to }
fact-latest-offset-told = { $tp }: tells a client that the log ends at offset { $offset }, leader epoch { $leader_epoch }
fact-isr-shrink-proposed = { $out_count ->
    [one] { $tp }: replica { $out_plain } has not caught up for { $lag } (replica.lag.time.max.ms); asks for ISR { $isr }
   *[other] { $tp }: replicas { $out_plain } have not caught up for { $lag } (replica.lag.time.max.ms); asks for ISR { $isr }
}
fact-isr-expand-proposed = { $tp }: replica { $joining } has caught up; asks for ISR { $isr }
fact-isr-updated = { $tp }: ISR { $isr } is in force, partition epoch { $partition_epoch }
fact-isr-change-refused = { $tp }: the controller refuses the ISR asked for: { $error }
fact-produce-refused = { $tp }: refuses a batch: { $error }
fact-fetch-refused = { $replica ->
    [none] { $tp }: refuses a consumer's fetch at offset { $offset }: { $error }
   *[other] { $tp }: refuses { $replica_name }'s fetch at offset { $offset }: { $error }
}
fact-divergence-found = { $tp }: { $follower_name }'s log differs from offset { $end_offset } on; epoch { $epoch } is the last they share

## ---- controller and metadata ----

fact-controller-activated = { $node } is the active controller, epoch { $epoch }
fact-broker-registered = { $clean ->
    [true] { $broker_name } registers, broker epoch { $broker_epoch }
   *[false] { $broker_name } registers after an unclean shutdown, broker epoch { $broker_epoch }
}
fact-registration-refused = { $broker_name } may not register: { $error }
fact-broker-unfenced = { $broker_name } unfenced: it has caught up with the metadata and may lead
fact-broker-fenced = { $expired ->
    [true] { $broker_name } fenced: no heartbeat for { $session } (broker.session.timeout.ms)
   *[false] { $broker_name } fenced: it shuts down
}
fact-controlled-shutdown-started = { $broker_name } wants to shut down: others lead its partitions first
fact-partition-changed = { $tp }: leader { $leader }, leader epoch { $leader_epoch }, ISR { $isr }, partition epoch { $partition_epoch }
fact-leader-elected = { $from ->
    [none] { $tp }: leader { $to }, leader epoch { $leader_epoch }{ part-election }
   *[other] { $tp }: leader { $from } → { $to }, leader epoch { $leader_epoch }{ part-election }
}
fact-partition-offline = { $from ->
    [none] { $tp }: offline, nobody may lead it, leader epoch { $leader_epoch }
   *[other] { $tp }: offline, nobody may lead it after { $from_name }, leader epoch { $leader_epoch }
}
fact-topic-created = { $partitions ->
    [one] topic { $topic } created: 1 partition, replication factor { $replication_factor }
   *[other] topic { $topic } created: { $partitions } partitions, replication factor { $replication_factor }
}
fact-topic-deleted = topic { $topic } deleted
fact-partitions-added = topic { $topic } has { $partitions } partitions now
fact-config-changed = { $value ->
    [none] { config-of }: { $key } back to its default
   *[other] { config-of }: { $key } = { $value }
}
config-of = { $name ->
    [none] all { $resource }s
   *[other] { $resource } { $name }
}
fact-admin-refused = { $message ->
    [none] { $api } of { $subject } refused: { $error }
   *[other] { $api } of { $subject } refused: { $error }: { $message }
}
fact-metadata-applied = knows the metadata up to offset { $offset }, controller epoch { $epoch }

## ---- groups ----

fact-coordinator-loaded = { $groups ->
    [0] { $node } coordinates the groups of { $tp }: none yet
    [one] { $node } coordinates the groups of { $tp }: 1 group found
   *[other] { $node } coordinates the groups of { $tp }: { $groups } groups found
}
fact-coordinator-unloaded = { $node } coordinates the groups of { $tp } no more
fact-member-joined = { $instance ->
    [none] { $group }: { $member } is a member now
   *[other] { $group }: { $member } is a member now, static member { $instance }
}
fact-member-removed = { $reason ->
    [left] { $group }: { $member } leaves
    [session-timeout] { $group }: { $member } is out: no heartbeat for { $session } (session.timeout.ms)
    [rebalance-timeout] { $group }: { $member } is out: it did not join within { $session } (max.poll.interval.ms)
    [sync-timeout] { $group }: { $member } is out: no SyncGroup within { $session } (max.poll.interval.ms)
    [never-joined] { $group }: { $member } is out: it got its member id and never joined
    [replaced] { $group }: { $member } is out: another process has its group.instance.id now
    [removed] { $group }: { $member } is removed by an administrator
   *[group-full] { $group }: { $member } is out: the group is full (group.max.size)
}
fact-group-state-changed = { $group }: { $from } → { $to }, generation { $generation }
fact-rebalance-started = { $generation ->
    [0] { $group }: first rebalance: { rebalance-reason }
   *[other] { $group }: rebalance, generation { $generation } ends: { rebalance-reason }
}
rebalance-reason = { $reason_kind ->
    [new-member] { $reason_members } is new
    [joining] { $reason_members } joins
    [leader-rejoins] { leader-rejoins }
    [subscription] { $reason_members } rejoins with other metadata
    [static-changed] static member { $reason_members } has other assignors
    [expired] { $reason_members } is silent
    [silent] { $reason_members } did not sync
    [left] { $reason_members } left
    [store-failed] the assignment could not be stored: { $reason_members }
    [over-capacity] the group is larger than group.max.size
   *[other] { $reason }
}
leader-rejoins = { $reason ->
    [none] its leader asks for it
   *[other] its leader asks for it ({ $reason })
}
fact-generation-started = { $members ->
    [one] { $group }: generation { $generation }, 1 member; { $leader } computes ({ $assignor })
   *[other] { $group }: generation { $generation }, { $members } members; { $leader } computes ({ $assignor })
}
fact-assignment-stored = { $group }: assignment of generation { $generation } stored; every member gets its part
fact-commit-accepted = { $member ->
    [none] { $group }: takes a commit for { $tp }, next offset to read { $offset }
   *[other] { $group }: takes the commit of { $member } for { $tp }, next offset to read { $offset }
}
fact-offset-committed = { $group }: { $tp } committed, next offset to read { $offset }
fact-offset-fetched = { $offset ->
    [none] { $group }: nothing is committed for { $tp }
   *[other] { $group }: answers that { $tp } is to be read from { $offset } on
}
fact-offset-expired = { $group }: the committed offset of { $tp } is too old and is removed
fact-group-refused = { $member ->
    [none] { $group }: { $api } refused: { $error }
   *[other] { $group }: { $api } of { $member } refused: { $error }
}

## ---- producers ----

fact-record-sent = { $tp }: record { $number } handed to the producer
fact-record-acked = { $offset ->
    [none] { $tp }: record { $number } sent; with acks=0 nobody answers ({ $latency })
   *[other] { $tp }: record { $number } acknowledged at offset { $offset } after { $latency }
}
fact-offset-printed = the application prints: record { $number } is in { $tp } at offset { $offset }
fact-record-failed = { $tp }: record { $number } failed for good: { $error }
fact-batch-retried = { $records ->
    [one] { $tp }: a batch of 1 record is tried again: { $error }
   *[other] { $tp }: a batch of { $records } records is tried again: { $error }
}
fact-producer-id-assigned = gets producer id { $producer_id }, epoch { $producer_epoch }
fact-metadata-updated = { $leader ->
    [none] { $tp }: learns that nobody leads, leader epoch { $leader_epoch }
   *[other] { $tp }: learns that { $leader_name } leads, leader epoch { $leader_epoch }
}

## ---- consumers ----

fact-coordinator-found = { $group }: its coordinator is { $broker_name }
fact-coordinator-lost = { $group }: { $broker_name } is its coordinator no more: { $cause }
fact-join-sent = { $reason ->
    [none] { $group }: sends JoinGroup
   *[other] { $group }: sends JoinGroup: { $reason }
}
fact-assignment-computed = { $members ->
    [one] { $group }: computes the assignment of 1 member ({ $assignor })
   *[other] { $group }: computes the assignment of { $members } members ({ $assignor })
}
fact-partitions-assigned = { $partitions_count ->
    [0] { $group }: gets no new partition in generation { $generation }
   *[other] { $group }: gets { $partitions } in generation { $generation }
}
fact-partitions-revoked = { $partitions_count ->
    [0] { $group }: gives up no partition
   *[other] { $group }: gives up { $partitions }
}
fact-partitions-lost = { $partitions_count ->
    [0] { $group }: is no member any more; it had no partitions
   *[other] { $group }: is no member any more and has lost { $partitions }
}
fact-records-delivered = { $records ->
    [one] { $tp }: 1 record for the application, offset { $from }
   *[other] { $tp }: { $records } records for the application from offset { $from } on; next { $to }
}
fact-records-processed = { $tp }: the application is done up to offset { $to }
fact-record-handled = { $tp }: a handler is done with offset { $offset }
fact-handler-failed = { $committed ->
    [true] { $tp }: the handler fails on offset { $offset }; it is committed all the same (ForceCommit)
   *[false] { $tp }: the handler fails on offset { $offset }; nobody commits it
}
fact-position-reset = { $reason ->
    [no-committed-offset] { $tp }: begins at offset { $to }: nothing is committed (auto.offset.reset = { $policy })
    [out-of-range] { $tp }: goes on at offset { $to }: its position is not in the log (auto.offset.reset = { $policy })
    [diverged] { $tp }: goes back to offset { $to }: the log below its position was truncated
   *[seek] { $tp }: seeks to offset { $to }
}
fact-poll-interval-exceeded = { $group }: no poll() for { $interval } (max.poll.interval.ms): it leaves
fact-commit-failed = { $group }: commit failed: { $error }
fact-poll-failed = poll() throws { $exception }

## ---- what was lost, and why ----

loss-placed = { $records ->
    [one] { $tp }: 1 record of { $producer }, offset { $first } (leader epoch { $leader_epoch }, acks={ $acks })
   *[other] { $tp }: { $records } records of { $producer }, offsets { $first } to { $last } (leader epoch { $leader_epoch }, acks={ $acks })
}
loss-unplaced = { $records ->
    [one] { $tp }: 1 record of { $producer }, number { $number } (acks={ $acks })
   *[other] { $tp }: { $records } records of { $producer }, from number { $number } on (acks={ $acks })
}
loss-untold = { $records ->
    [one] 1 record is in no log; its application ended before it was told anything
   *[other] { $records } records are in no log; their applications ended before they were told anything
}
loss-more = { $records ->
    [one] and 1 record more
   *[other] and { $records } records more
}
cause-unclean-election = unclean election: the leader of epoch { $epoch } did not have them
cause-lossy-disks = { $lossy ->
    [one] 1 replica lost its disk or what it had not flushed: too many for min.insync.replicas = { $min_isr }
   *[other] { $lossy } replicas at once had lost their disks or what they had not flushed: too many for min.insync.replicas = { $min_isr }
}
cause-leader-only = { $from ->
    [none] acknowledged by a leader that was none any more; { $to } led in epoch { $epoch }
   *[other] only { $from } had them when it acknowledged them; { $to } took over in epoch { $epoch }
}
cause-not-awaited = nobody waited for an answer
cause-retention = retention
cause-delete-records = deleted on request
cause-topic-deleted = the topic was deleted
cause-unexplained = nothing that Kafka allows

## ---- lines of several facts ----

story-repeated = { $sentence } ({ $times } times{ times-over })
times-over = { $long ->
    [true] { " " }in { $over }
   *[false] { "" }
}
story-starting = { $nodes_count ->
    [one] starts
   *[other] start { $nodes }
}
story-ended = { $noticed_by_count ->
    [0] { $sentence }
    [one] { $sentence }, as { $noticed_by } notices
   *[other] { $sentence }, as { $noticed_by } notice
}
story-refusing = { $times ->
    [one] { $peer } refuses connections: { $tried_by }
   *[other] { $peer } refuses connections: { $tried_by } ({ $often } times{ times-over })
}
story-links = { $change ->
    [cut] nothing gets through any more: { $links }
    [healed] packets get through again: { $links }
    [undelayed] as fast as before: { $links }
   *[delayed] everything takes { $by } longer: { $links }
}
story-partition = { $tp }: { $parts }
story-more-partitions = … and { more-partitions }{ more-leaders }
more-partitions = { $topic ->
    [none] { $partitions ->
        [one] 1 more partition
       *[other] { $partitions } more partitions
    }
   *[other] { $partitions ->
        [one] 1 partition of { $topic }
       *[other] { $partitions } partitions of { $topic }
    }
}
more-leaders = { $all ->
    [true] {" "}with a new leader
   *[false] { $new_leaders ->
        [0] { more-offline }
       *[other] , { $new_leaders } with a new leader{ more-offline }
    }
}
more-offline = { $offline ->
    [0] {""}
   *[other] , { $offline } offline
}
story-leading = { $leads ->
    [0] follows in { $follows } partitions
   *[other] { $follows ->
        [0] leads { $leads } partitions: { $first }{ leading-more }
       *[other] leads { $leads } partitions ({ $first }{ leading-more }), follows in { $follows }
    }
}
leading-more = { $all ->
    [true] {""}
   *[false] , …
}
story-logs-opened = { $unclean ->
    [0] { $node }: { $logs } logs opened as they were closed
    [one] { $node }: { $logs } logs opened; 1 checked after an unclean stop{ cut-off }
   *[other] { $node }: { $logs } logs opened; { $unclean } checked after an unclean stop{ cut-off }
}
cut-off = { $truncated_bytes ->
    [0] , all whole
    [one] , a byte cut off
   *[other] , { $truncated_bytes } bytes cut off
}
story-coordinating = { $begins ->
    [true] { $node } coordinates the groups of { offsets-partitions }: { found-groups }
   *[false] { $node } coordinates the groups of { offsets-partitions } no more
}
offsets-partitions = { $partitions ->
    [one] 1 partition of __consumer_offsets
   *[other] { $partitions } partitions of __consumer_offsets
}
found-groups = { $groups ->
    [0] none yet
    [one] 1 group found
   *[other] { $groups } groups found
}
story-more = { $topic ->
    [none] … and { $count } more { $kind ->
        [member-joined] { members }
        [member-removed] { members }
        [config-changed] settings
        [command] commands
       *[other] { partitions }
    }
   *[other] … and { $count } { partitions } of { $topic }
}
members = { $count ->
    [one] member
   *[other] members
}
partitions = { $count ->
    [one] partition
   *[other] partitions
}

## ---- what is different in a partition ----

part-separator = {", "}
part-leader = leader { $from } → { $to }
part-leader-epoch = leader epoch { $from } → { $to }
part-isr = ISR { $from } → { $to }
part-elr = ELR { $from } → { $to }
part-last-known-elr = last known leader { $to }
part-recovered = recovered from the unclean election
part-partition-epoch = partition epoch { $from } → { $to }
part-new-leader = leader { $to }
part-new-leader-epoch = leader epoch { $to }
part-new-isr = ISR { $to }
part-new-elr = ELR { $to }
part-election = { $kind ->
    [elr] {" "}(from the ELR)
    [last-known-leader] {" "}(the last known leader; unclean: records may be lost)
    [preferred] {" "}(the preferred leader)
    [unclean] {" "}(unclean: records may be lost)
   *[isr] {""}
}

## ---- causes ----

tie-request = { $after } later { $node } takes its { $api } request
tie-response = { $after } later its answer to { $api } reaches { $node }
tie-answer = { $after } later it has the answer to its { $api }
tie-timer = { $after_zero ->
    [true] at once
   *[false] { $after } later the timer rings that it set ({ $why })
}
tie-timer-at-once = at once ({ $why })
tie-connection = { $after } later { $node } notices by their connection
tie-boot = { $after } later the process is up
tie-command = this was done for it
tie-internal = and so
tie-silence = so { $node } hears nothing of it any more
tie-decision = so it was decided
tie-skipped = { $after } and { $skipped } later

skipped-events = { $events ->
    [one] 1 event ({ $mostly })
   *[other] { $events } events (most of them: { $mostly })
}

event-response = { $from } answers the { $api } of { $node }
event-connection = one of its connections opens or ends
event-boot = the process is up
event-command = does what it is told
event-internal = goes on
why-scenario = as the scenario says

## ---- requests: $from asks $node ----

api-Produce = { $from } sends records to { $node } (Produce)
api-Fetch = { $from } asks { $node } for records (Fetch)
api-ListOffsets = { $from } asks { $node } where the log begins or ends (ListOffsets)
api-Metadata = { $from } asks { $node } for brokers, topics and leaders (Metadata)
api-OffsetCommit = { $from } commits offsets at { $node } (OffsetCommit)
api-OffsetFetch = { $from } asks { $node } for committed offsets (OffsetFetch)
api-FindCoordinator = { $from } asks { $node } for its coordinator (FindCoordinator)
api-JoinGroup = { $from } joins its group at { $node } (JoinGroup)
api-Heartbeat = { $from } tells { $node } that it lives (Heartbeat)
api-LeaveGroup = { $from } leaves its group at { $node } (LeaveGroup)
api-SyncGroup = { $from } asks { $node } for its part of the assignment (SyncGroup)
api-DescribeGroups = { $from } asks { $node } about groups (DescribeGroups)
api-ListGroups = { $from } asks { $node } which groups there are (ListGroups)
api-ApiVersions = { $from } asks { $node } what it understands (ApiVersions)
api-CreateTopics = { $from } asks { $node } to create topics (CreateTopics)
api-DeleteTopics = { $from } asks { $node } to delete topics (DeleteTopics)
api-InitProducerId = { $from } asks { $node } for a producer id (InitProducerId)
api-OffsetForLeaderEpoch = { $from } asks { $node } where a leader epoch ends (OffsetForLeaderEpoch)
api-CreatePartitions = { $from } asks { $node } for more partitions (CreatePartitions)
api-DeleteGroups = { $from } asks { $node } to delete groups (DeleteGroups)
api-ElectLeaders = { $from } asks { $node } to elect leaders (ElectLeaders)
api-IncrementalAlterConfigs = { $from } asks { $node } to change settings (IncrementalAlterConfigs)
api-AlterPartitionReassignments = { $from } asks { $node } to move replicas (AlterPartitionReassignments)
api-ListPartitionReassignments = { $from } asks { $node } which replicas are moving (ListPartitionReassignments)
api-OffsetDelete = { $from } deletes committed offsets at { $node } (OffsetDelete)
api-Vote = { $from } asks { $node } for its vote (Vote)
api-BeginQuorumEpoch = { $from } tells { $node } that it leads the quorum (BeginQuorumEpoch)
api-EndQuorumEpoch = { $from } tells { $node } that it leads the quorum no more (EndQuorumEpoch)
api-AlterPartition = { $from } asks { $node } for another ISR (AlterPartition)
api-FetchSnapshot = { $from } asks { $node } for a snapshot of the metadata (FetchSnapshot)
api-BrokerRegistration = { $from } registers at { $node } (BrokerRegistration)
api-BrokerHeartbeat = { $from } tells { $node } that it lives (BrokerHeartbeat)
api-UnregisterBroker = { $from } asks { $node } to forget a broker (UnregisterBroker)
api-AllocateProducerIds = { $from } asks { $node } for a block of producer ids (AllocateProducerIds)
api-ControllerRegistration = { $from } registers at { $node } (ControllerRegistration)
api-AssignReplicasToDirs = { $from } tells { $node } which directories hold replicas (AssignReplicasToDirs)

## ---- timers ----

timer-request-timeout = has waited for an answer for too long
timer-connect = may connect again, or gives up an attempt
timer-broker-heartbeat = time for a heartbeat to the controller
timer-isr-expiration = looks for followers that fell behind
timer-high-watermark-checkpoint = writes replication-offset-checkpoint
timer-recovery-point-checkpoint = writes recovery-point-offset-checkpoint and log-start-offset-checkpoint
timer-log-retention = looks for segments that retention does not keep
timer-log-flusher = looks for logs whose records have not been flushed for flush.ms
timer-log-flush = looks for deleted files to remove for good
timer-fetcher-backoff = a fetcher may ask its leader again
timer-produce-purgatory = a produce request has waited for the ISR for too long
timer-fetch-purgatory = a fetch has waited for records for long enough
timer-alter-partition-retry = asks the controller again for an ISR
timer-metadata-fetch = fetches the metadata log again
timer-raft-fetch = a fetch of the metadata log has waited for long enough
timer-controller-channel = looks for the controller again
timer-group-join = the join phase of a group ends
timer-group-sync = the sync phase of a group ends
timer-group-member = the session of a member ends
timer-coordinator-append = records of the coordinator were not replicated in time
timer-group-expiry = looks for expired offsets and groups
timer-coordinator-linger = appends what the coordinator gathered
timer-fence-stale = looks for brokers whose session is over
timer-leader-balance = looks for partitions that their preferred replica does not lead
timer-unclean-balance = looks for partitions that may be led uncleanly
timer-metadata-idle = appends a no-op to the metadata log
timer-raft-append = appends what the controller gathered
timer-application = time for the application's next record
timer-sender = a batch has lingered for long enough, or may be tried again
timer-metadata = refreshes its metadata
timer-heartbeat = time for a heartbeat to the coordinator
timer-poll-interval = the application did not call poll() in time
timer-poll = the application calls poll() again
timer-auto-commit = time to commit
timer-retry = tries again
timer-delivery-timeout = a record has waited for its outcome for too long
timer-max-block = a call of the application gives up
