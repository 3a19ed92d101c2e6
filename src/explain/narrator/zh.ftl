### 发生的事，用中文讲。每个事实一条消息，名字是 fact- 加事实的名字，参数就是事实的字段。
### $node 是讲述者：第二栏已写明是哪个节点时，句子里不再重复。

## ---- 谁在说话 ----

channel-you = 你
channel-network = 网络
channel-control = 控制器
channel-group = 组
channel-disk = 磁盘

## ---- 数量与列表 ----

span = { $number } { $unit ->
    [d] 天
    [h] 小时
    [min] 分钟
    [s] 秒
    [ms] 毫秒
    [us] 微秒
   *[ns] 纳秒
}
list-separator = 、
list-more = {" "}等 { $total } 个

## ---- 步骤、故障与进程 ----

fact-command = { $line }
fact-command-refused = { $line }：{ $problem }
fact-process-started = { $incarnation ->
    [1] 启动
   *[other] 再次启动
}
fact-process-killed = { $connections ->
    [0] 被 kill
   *[other] 被 kill，它的 { $connections } 个连接被重置
}
fact-process-exited = { $status ->
    [0] 正常退出（退出码 0）
   *[other] 退出，退出码 { $status }
}
fact-power-lost = { $lost_bytes ->
    [0] 断电；数据都已落盘
   *[other] 断电；{ $lost_bytes } 字节尚未落盘，丢失了
}
fact-disk-wiped = 换了一块空磁盘
fact-process-paused = 整个进程被暂停（SIGSTOP）
fact-process-resumed = 恢复运行，浑然不觉自己停过（SIGCONT）
fact-link-cut = { $from } → { $to }：网络不通了
fact-link-healed = { $from } → { $to }：网络恢复
fact-link-delayed = { $by_zero ->
    [true] { $from } → { $to }：延迟恢复正常
   *[false] { $from } → { $to }：每个包多走 { $by }
}
fact-slowed-down = { $factor ->
    [1] { slow-part }恢复正常速度
   *[other] { slow-part }变慢，耗时是原来的 { $factor } 倍
}
slow-part = { $what ->
    [cpu] CPU {""}
   *[disk] 磁盘
}
fact-connection-reset = { $node }：到 { $peer } 的连接被重置
fact-connection-opened = { $node }：连上了 { $peer }
fact-connection-refused = { $node }：{ $peer } 拒绝连接
fact-request-timed-out = { $node }：{ $peer_name } 过了 { $after }仍未回应 { $api }，连接关闭

## ---- 日志 ----

fact-log-loaded = { $node }：{ $tp } { log-state }
log-state = { $truncated_bytes ->
    [0] { log-checked }
   *[other] 上次未正常关闭，检查后截掉 { $truncated_bytes } 字节；log end offset { $log_end_offset }
}
log-checked = { $log_end_offset ->
    [0] 已打开，是空的
   *[other] { $clean ->
        [true] 已打开，上次正常关闭；log start offset { $log_start_offset }，log end offset { $log_end_offset }
       *[false] 上次未正常关闭，检查后完好；log end offset { $log_end_offset }
    }
}
fact-batch-appended = { $as_leader ->
    [true] { $tp }：在 offset { $base_offset } 追加一批，log end offset { $next_offset }，epoch { $leader_epoch }
   *[false] { $tp }：在 offset { $base_offset } 复制一批，log end offset { $next_offset }，epoch { $leader_epoch }
}
fact-log-truncated = { $tp }：把日志从 offset { $from } 截短到 { $to }
fact-segment-rolled = { $node }：{ $tp } 从 offset { $base_offset } 起写新的 segment
fact-log-start-moved = { $node }：{ $tp } 删除旧记录，log start offset { $from } → { $to }

## ---- 复制 ----

fact-became-leader = { $tp }：成为 leader，从 offset { $log_end_offset } 开始，leader epoch { $leader_epoch }
fact-became-follower = { $leader ->
    [none] { $tp }：没有 leader 可跟随，leader epoch { $leader_epoch }
   *[other] { $tp }：跟随 { $leader_name }，leader epoch { $leader_epoch }
}
fact-follower-fetched = { $tp }：{ $follower_name } 来拉取 offset { $log_end_offset }，说明之前的它都有了
fact-high-watermark-advanced = { $as_leader ->
    [true] { $tp }：高水位 { $from } → { $to }
   *[false] { $tp }：从 leader 得知高水位 { $from } → { $to }
}
fact-produce-committed = { $tp }：offset { $next_offset } 之前都已提交，应答 acks=all
fact-records-served = { $tp }：把从 offset { $from } 起的记录发给消费者，下一条 { $to }
fact-latest-offset-told = { $tp }：告诉客户端日志末尾是 offset { $offset }，leader epoch { $leader_epoch }
fact-isr-shrink-proposed = { $tp }：副本 { $out_plain } 落后超过 { $lag }（replica.lag.time.max.ms），申请把 ISR 改为 { $isr }
fact-isr-expand-proposed = { $tp }：副本 { $joining } 已追上，申请把 ISR 改为 { $isr }
fact-isr-updated = { $tp }：ISR { $isr } 生效，partition epoch { $partition_epoch }
fact-isr-change-refused = { $tp }：controller 拒绝了所申请的 ISR：{ $error }
fact-produce-refused = { $tp }：拒收一批记录：{ $error }
fact-fetch-refused = { $replica ->
    [none] { $tp }：拒绝消费者从 offset { $offset } 拉取：{ $error }
   *[other] { $tp }：拒绝 { $replica_name } 从 offset { $offset } 拉取：{ $error }
}
fact-divergence-found = { $tp }：{ $follower_name } 的日志从 offset { $end_offset } 起与 leader 不同，最后共有的 epoch 是 { $epoch }

## ---- controller 与元数据 ----

fact-controller-activated = { $node } 成为 active controller，epoch { $epoch }
fact-broker-registered = { $clean ->
    [true] { $broker_name } 注册，broker epoch { $broker_epoch }
   *[false] { $broker_name } 注册，上次未正常关闭，broker epoch { $broker_epoch }
}
fact-registration-refused = { $broker_name } 注册被拒：{ $error }
fact-broker-unfenced = { $broker_name } 解除隔离：元数据已跟上，可以当 leader 了
fact-broker-fenced = { $expired ->
    [true] { $broker_name } 被隔离（fenced）：{ $session }没有心跳（broker.session.timeout.ms）
   *[false] { $broker_name } 被隔离（fenced）：它正在关闭
}
fact-controlled-shutdown-started = { $broker_name } 申请关闭：先把它的分区交给别的 leader
fact-partition-changed = { $tp }：leader { leader-or-none }，leader epoch { $leader_epoch }，ISR { $isr }，partition epoch { $partition_epoch }
leader-or-none = { $leader ->
    [none] 无
   *[other] { $leader }
}
fact-leader-elected = { $from ->
    [none] { $tp }：leader { $to }，leader epoch { $leader_epoch }{ part-election }
   *[other] { $tp }：leader { $from } → { $to }，leader epoch { $leader_epoch }{ part-election }
}
fact-partition-offline = { $from ->
    [none] { $tp }：下线，没有副本可当 leader，leader epoch { $leader_epoch }
   *[other] { $tp }：{ $from_name } 之后没有副本可当 leader，分区下线，leader epoch { $leader_epoch }
}
fact-topic-created = 创建 topic { $topic }：{ $partitions } 个分区，副本因子 { $replication_factor }
fact-topic-deleted = topic { $topic } 已删除
fact-partitions-added = topic { $topic } 现有 { $partitions } 个分区
fact-config-changed = { $value ->
    [none] { config-of }：{ $key } 恢复默认值
   *[other] { config-of }：{ $key } = { $value }
}
config-of = { $name ->
    [none] 所有 { $resource }
   *[other] { $resource } { $name }
}
fact-admin-refused = { $message ->
    [none] 对 { $subject } 的 { $api } 被拒：{ $error }
   *[other] 对 { $subject } 的 { $api } 被拒：{ $error }：{ $message }
}
fact-metadata-applied = 元数据已应用到 offset { $offset }，controller epoch { $epoch }

## ---- 消费者组 ----

fact-coordinator-loaded = { $groups ->
    [0] { $node } 开始协调 { $tp } 上的组：目前没有
   *[other] { $node } 开始协调 { $tp } 上的组：读出 { $groups } 个组
}
fact-coordinator-unloaded = { $node } 不再协调 { $tp } 上的组
fact-member-joined = { $instance ->
    [none] { $group }：{ $member } 入组
   *[other] { $group }：{ $member } 入组，静态成员 { $instance }
}
fact-member-removed = { $reason ->
    [left] { $group }：{ $member } 离组
    [session-timeout] { $group }：{ $member } 被移出：{ $session }没有心跳（session.timeout.ms）
    [rebalance-timeout] { $group }：{ $member } 被移出：{ $session }内没有重新加入（max.poll.interval.ms）
    [sync-timeout] { $group }：{ $member } 被移出：{ $session }内没有发 SyncGroup（max.poll.interval.ms）
    [never-joined] { $group }：{ $member } 被移出：拿到 member id 却一直没有加入
    [replaced] { $group }：{ $member } 被移出：它的 group.instance.id 已归另一个进程
    [removed] { $group }：{ $member } 被管理员移出
   *[group-full] { $group }：{ $member } 被移出：组已满（group.max.size）
}
fact-group-state-changed = { $group }：{ $from } → { $to }，generation { $generation }
fact-rebalance-started = { $generation ->
    [0] { $group }：开始第一次重平衡：{ rebalance-reason }
   *[other] { $group }：开始重平衡，generation { $generation } 结束：{ rebalance-reason }
}
rebalance-reason = { $reason_kind ->
    [new-member] { $reason_members } 是新成员
    [joining] { $reason_members } 加入
    [leader-rejoins] { leader-rejoins }
    [subscription] { $reason_members } 带着不同的元数据重新加入
    [static-changed] 静态成员 { $reason_members } 换了分配器
    [expired] { $reason_members } 没有心跳
    [silent] { $reason_members } 没有发 SyncGroup
    [left] { $reason_members } 离开
    [store-failed] 分配结果没能写入：{ $reason_members }
    [over-capacity] 组的成员超过 group.max.size
   *[other] { $reason }
}
leader-rejoins = { $reason ->
    [none] 组的 leader 要求
   *[other] 组的 leader 要求（{ $reason }）
}
fact-generation-started = { $group }：generation { $generation }，{ $members } 个成员；由 { $leader } 分配（{ $assignor }）
fact-assignment-stored = { $group }：generation { $generation } 的分配已保存，各成员领取自己的分区
fact-commit-accepted = { $member ->
    [none] { $group }：接受对 { $tp } 的提交，下次从 offset { $offset } 读
   *[other] { $group }：接受 { $member } 对 { $tp } 的提交，下次从 offset { $offset } 读
}
fact-offset-committed = { $group }：{ $tp } 已提交，下次从 offset { $offset } 读
fact-offset-fetched = { $offset ->
    [none] { $group }：{ $tp } 没有已提交的 offset
   *[other] { $group }：答复 { $tp } 从 offset { $offset } 读起
}
fact-offset-expired = { $group }：{ $tp } 的已提交 offset 过期，被移除
fact-group-refused = { $member ->
    [none] { $group }：{ $api } 被拒：{ $error }
   *[other] { $group }：{ $member } 的 { $api } 被拒：{ $error }
}

## ---- 生产者 ----

fact-record-sent = { $tp }：记录 { $number } 交给生产者
fact-record-acked = { $offset ->
    [none] { $tp }：记录 { $number } 已发出；acks=0，不等确认（{ $latency }）
   *[other] { $tp }：记录 { $number } 得到确认，offset { $offset }，耗时 { $latency }
}
fact-offset-printed = 应用打印：第 { $number } 条记录在 { $tp } 的 offset { $offset }
fact-record-failed = { $tp }：记录 { $number } 最终失败：{ $error }
fact-batch-retried = { $tp }：一批 { $records } 条记录将重发：{ $error }
fact-producer-id-assigned = 获得 producer id { $producer_id }，epoch { $producer_epoch }
fact-metadata-updated = { $leader ->
    [none] { $tp }：得知目前没有 leader，leader epoch { $leader_epoch }
   *[other] { $tp }：得知 leader 是 { $leader_name }，leader epoch { $leader_epoch }
}

## ---- 消费者 ----

fact-coordinator-found = { $group }：协调者是 { $broker_name }
fact-coordinator-lost = { $group }：{ $broker_name } 不再是协调者：{ $cause }
fact-join-sent = { $reason ->
    [none] { $group }：发出 JoinGroup
   *[other] { $group }：发出 JoinGroup：{ $reason }
}
fact-assignment-computed = { $group }：为 { $members } 个成员计算分配（{ $assignor }）
fact-partitions-assigned = { $partitions_count ->
    [0] { $group }：generation { $generation } 没有分到新的分区
   *[other] { $group }：generation { $generation } 分到 { $partitions }
}
fact-partitions-revoked = { $partitions_count ->
    [0] { $group }：没有要放弃的分区
   *[other] { $group }：放弃 { $partitions }
}
fact-partitions-lost = { $partitions_count ->
    [0] { $group }：已不是成员，手上没有分区
   *[other] { $group }：已不是成员，失去 { $partitions }
}
fact-records-delivered = { $tp }：从 offset { $from } 起 { $records } 条记录交给应用，下一条 { $to }
fact-records-processed = { $tp }：应用处理到 offset { $to }
fact-record-handled = { $tp }：处理函数处理完 offset { $offset }
fact-handler-failed = { $committed ->
    [true] { $tp }：处理函数在 offset { $offset } 上失败，照样提交（ForceCommit）
   *[false] { $tp }：处理函数在 offset { $offset } 上失败，不提交它
}
fact-position-reset = { $reason ->
    [no-committed-offset] { $tp }：从 offset { $to } 开始：没有已提交的 offset（auto.offset.reset = { $policy }）
    [out-of-range] { $tp }：改从 offset { $to } 继续：原位置不在日志里（auto.offset.reset = { $policy }）
    [diverged] { $tp }：退回 offset { $to }：原位置之前的日志被截断过
   *[seek] { $tp }：seek 到 offset { $to }
}
fact-poll-interval-exceeded = { $group }：{ $interval }没有调用 poll()（max.poll.interval.ms），退出组
fact-commit-failed = { $group }：提交失败：{ $error }
fact-poll-failed = poll() 抛出 { $exception }

## ---- 丢了什么，为什么 ----

loss-placed = { $records ->
    [1] { $tp }：{ $producer } 的 1 条记录，offset { $first }（leader epoch { $leader_epoch }，acks={ $acks }）
   *[other] { $tp }：{ $producer } 的 { $records } 条记录，offset { $first } 到 { $last }（leader epoch { $leader_epoch }，acks={ $acks }）
}
loss-unplaced = { $records ->
    [1] { $tp }：{ $producer } 的 1 条记录，编号 { $number }（acks={ $acks }）
   *[other] { $tp }：{ $producer } 的 { $records } 条记录，从编号 { $number } 起（acks={ $acks }）
}
loss-untold = { $records } 条记录不在任何日志中；应用在得知结果之前就结束了
loss-more = 另有 { $records } 条记录
cause-unclean-election = 不干净选举：epoch { $epoch } 的 leader 没有这些记录
cause-lossy-disks = 同时有 { $lossy } 个副本丢失磁盘或未刷盘的数据，min.insync.replicas = { $min_isr } 承受不了
cause-leader-only = { $from ->
    [none] 由已卸任的 leader 确认；epoch { $epoch } 的 leader 是 { $to }
   *[other] { $from } 确认时只有它自己拥有；{ $to } 在 epoch { $epoch } 接任
}
cause-not-awaited = 没有人等待应答
cause-retention = 超过保留期限或大小
cause-delete-records = 按请求删除
cause-topic-deleted = 主题被删除
cause-unexplained = 没有 Kafka 所允许的原因

## ---- 由几个事实合成的一行 ----

story-repeated = { $sentence }（{ times-over }{ $times } 次）
times-over = { $long ->
    [true] { $over }内{ " " }
   *[false] { "" }
}
story-starting = { $nodes_count ->
    [1] 启动
   *[other] 启动 { $nodes }
}
story-ended = { $noticed_by_count ->
    [0] { $sentence }
   *[other] { $sentence }，{ $noticed_by } 随即察觉
}
story-refusing = { $times ->
    [1] { $peer } 拒绝连接：{ $tried_by }
   *[other] { $peer } 拒绝连接：{ $tried_by }（{ times-over }{ $often } 次）
}
story-links = { $change ->
    [cut] 网络不通了：{ $links }
    [healed] 网络恢复：{ $links }
    [undelayed] 延迟恢复正常：{ $links }
   *[delayed] 每个包多走 { $by }：{ $links }
}
story-partition = { $tp }：{ $parts }
story-more-partitions = ……还有{ more-partitions }{ more-leaders }
more-partitions = { $topic ->
    [none] {" "}{ $partitions } 个分区
   *[other] {" "}{ $topic } 的 { $partitions } 个分区
}
more-leaders = { $all ->
    [true] {""}换了 leader
   *[false] { $new_leaders ->
        [0] { more-offline }
       *[other] ，其中 { $new_leaders } 个换了 leader{ more-offline }
    }
}
more-offline = { $offline ->
    [0] {""}
   *[other] ，{ $offline } 个下线
}
story-leading = { $leads ->
    [0] 在 { $follows } 个分区做 follower
   *[other] { $follows ->
        [0] 在 { $leads } 个分区做 leader：{ $first }{ leading-more }
       *[other] 在 { $leads } 个分区做 leader（{ $first }{ leading-more }），在 { $follows } 个做 follower
    }
}
leading-more = { $all ->
    [true] {""}
   *[false] {" "}等
}
story-logs-opened = { $unclean ->
    [0] { $node }：打开 { $logs } 个日志，上次都正常关闭
   *[other] { $node }：打开 { $logs } 个日志；{ $unclean } 个上次未正常关闭，已检查{ cut-off }
}
cut-off = { $truncated_bytes ->
    [0] ，全部完好
   *[other] ，截掉 { $truncated_bytes } 字节
}
story-coordinating = { $begins ->
    [true] { $node } 开始协调 { $partitions } 个 __consumer_offsets 分区上的组：{ found-groups }
   *[false] { $node } 不再协调 { $partitions } 个 __consumer_offsets 分区上的组
}
found-groups = { $groups ->
    [0] 目前没有
   *[other] 读出 { $groups } 个组
}
story-more = { $topic ->
    [none] ……还有 { $count } 个{ $kind ->
        [member-joined] 成员
        [member-removed] 成员
        [config-changed] 设置
        [command] 命令
       *[other] 分区
    }
   *[other] ……还有 { $topic } 的 { $count } 个分区
}

## ---- 分区哪里变了 ----

part-separator = ，
part-leader = leader { from-server } → { to-server }
part-leader-epoch = leader epoch { $from } → { $to }
part-isr = ISR { $from } → { $to }
part-elr = ELR { $from } → { $to }
part-last-known-elr = 最后的 leader { $to }
part-recovered = 已从 unclean 选举中恢复
part-partition-epoch = partition epoch { $from } → { $to }
part-new-leader = leader { to-server }
part-new-leader-epoch = leader epoch { $to }
part-new-isr = ISR { $to }
part-new-elr = ELR { $to }
from-server = { $from ->
    [none] 无
   *[other] { $from }
}
to-server = { $to ->
    [none] 无
   *[other] { $to }
}
part-election = { $kind ->
    [elr] （来自 ELR）
    [last-known-leader] （最后的 leader；unclean：可能丢记录）
    [preferred] （preferred leader）
    [unclean] （unclean：可能丢记录）
   *[isr] {""}
}

## ---- 因果 ----

tie-request = { $after }后 { $node } 处理了它的 { $api } 请求
tie-response = { $after }后 { $node } 收到它对 { $api } 的应答
tie-answer = { $after }后它得到对自己 { $api } 的应答
tie-timer = { $after_zero ->
    [true] 随即
   *[false] { $after }后它设的定时器到点（{ $why }）
}
tie-timer-at-once = 随即（{ $why }）
tie-connection = { $after }后 { $node } 从连接上察觉
tie-boot = { $after }后进程启动完毕
tie-command = 为此执行了这一步
tie-internal = 于是
tie-silence = 于是 { $node } 再也收不到它的消息
tie-decision = 于是作出这个决定
tie-skipped = { $after }、{ $skipped }之后

skipped-events = { $events ->
    [1] 1 个事件（{ $mostly }）
   *[other] { $events } 个事件（多为：{ $mostly }）
}

event-response = { $from } 应答 { $node } 的 { $api }
event-connection = 它的一个连接打开或断开
event-boot = 进程启动完毕
event-command = 执行命令
event-internal = 继续
why-scenario = 按场景设定

why-a-broker-that-catches-up-sends-a-heartbeat-every-10-ms = broker 追赶期间每 10 毫秒发一次心跳
why-a-broker-that-has-registered-sends-a-heartbeat = broker 注册后立即发心跳
why-a-broker-that-is-to-stop-tells-the-controller = broker 要停止，先告诉 controller
why-a-broker-that-shuts-down-asks-again-after-50-ms = broker 关闭期间 50 毫秒后再问一次
why-a-broker-whose-logs-are-open-asks-to-be-unfenced = broker 打开日志后申请解除 fenced
why-a-fetcher-goes-on-when-a-partition-is-added-to-it = 有分区加入时 fetcher 立即继续
why-a-new-member-waits-5-minutes-for-its-first-rebalance = 新成员最多等 5 分钟完成首次重平衡
why-a-task-that-left-something-undone-runs-again-after-10-ms = 任务没做完，10 毫秒后再来
why-an-observer-s-fetch-waits-at-most-500-ms = observer 的拉取最多等 500 毫秒
why-close-waits-for-so-long = close() 最多等这么久
why-isr-changes-are-sent-again-after-50-ms = ISR 变更 50 毫秒后重发
why-the-channel-to-the-controller-tries-again-every-100-ms = 连接 controller 失败后每 100 毫秒重试

## ---- 请求：$from 问 $node ----

api-Produce = { $from } 向 { $node } 写入记录（Produce）
api-Fetch = { $from } 向 { $node } 拉取记录（Fetch）
api-ListOffsets = { $from } 向 { $node } 询问日志的起止 offset（ListOffsets）
api-Metadata = { $from } 向 { $node } 询问有哪些 broker、topic 和 leader（Metadata）
api-OffsetCommit = { $from } 向 { $node } 提交 offset（OffsetCommit）
api-OffsetFetch = { $from } 向 { $node } 查询已提交的 offset（OffsetFetch）
api-FindCoordinator = { $from } 向 { $node } 查询协调者（FindCoordinator）
api-JoinGroup = { $from } 向 { $node } 申请入组（JoinGroup）
api-Heartbeat = { $from } 向 { $node } 报平安（Heartbeat）
api-LeaveGroup = { $from } 通知 { $node } 自己离组（LeaveGroup）
api-SyncGroup = { $from } 向 { $node } 领取分配（SyncGroup）
api-DescribeGroups = { $from } 向 { $node } 查询组的详情（DescribeGroups）
api-ListGroups = { $from } 向 { $node } 查询有哪些组（ListGroups）
api-ApiVersions = { $from } 询问 { $node } 支持哪些请求（ApiVersions）
api-CreateTopics = { $from } 请 { $node } 创建 topic（CreateTopics）
api-DeleteTopics = { $from } 请 { $node } 删除 topic（DeleteTopics）
api-InitProducerId = { $from } 向 { $node } 申请 producer id（InitProducerId）
api-OffsetForLeaderEpoch = { $from } 向 { $node } 询问某个 leader epoch 的末尾（OffsetForLeaderEpoch）
api-CreatePartitions = { $from } 请 { $node } 增加分区（CreatePartitions）
api-DeleteGroups = { $from } 请 { $node } 删除组（DeleteGroups）
api-ElectLeaders = { $from } 请 { $node } 选举 leader（ElectLeaders）
api-IncrementalAlterConfigs = { $from } 请 { $node } 修改配置（IncrementalAlterConfigs）
api-AlterPartitionReassignments = { $from } 请 { $node } 迁移副本（AlterPartitionReassignments）
api-ListPartitionReassignments = { $from } 向 { $node } 查询正在迁移的副本（ListPartitionReassignments）
api-OffsetDelete = { $from } 请 { $node } 删除已提交的 offset（OffsetDelete）
api-Vote = { $from } 请 { $node } 投票（Vote）
api-BeginQuorumEpoch = { $from } 告诉 { $node } 自己当选 quorum 的 leader（BeginQuorumEpoch）
api-EndQuorumEpoch = { $from } 告诉 { $node } 自己不再是 quorum 的 leader（EndQuorumEpoch）
api-AlterPartition = { $from } 向 { $node } 申请变更 ISR（AlterPartition）
api-FetchSnapshot = { $from } 向 { $node } 拉取元数据快照（FetchSnapshot）
api-BrokerRegistration = { $from } 向 { $node } 注册（BrokerRegistration）
api-BrokerHeartbeat = { $from } 向 { $node } 报平安（BrokerHeartbeat）
api-UnregisterBroker = { $from } 请 { $node } 注销一个 broker（UnregisterBroker）
api-AllocateProducerIds = { $from } 向 { $node } 申请一段 producer id（AllocateProducerIds）
api-ControllerRegistration = { $from } 向 { $node } 注册（ControllerRegistration）
api-AssignReplicasToDirs = { $from } 告诉 { $node } 副本在哪些目录（AssignReplicasToDirs）

## ---- 定时器 ----

timer-request-timeout = 等应答等得太久
timer-connect = 可以重新连接，或放弃这次连接
timer-broker-heartbeat = 该给 controller 发心跳了
timer-isr-expiration = 检查有没有落后的 follower
timer-high-watermark-checkpoint = 写 replication-offset-checkpoint
timer-recovery-point-checkpoint = 写 recovery-point-offset-checkpoint 和 log-start-offset-checkpoint
timer-log-retention = 检查有没有过期的 segment
timer-log-flusher = 检查有没有超过 flush.ms 还没刷盘的日志
timer-log-flush = 检查有没有该彻底删除的文件
timer-fetcher-backoff = fetcher 可以再次向 leader 拉取
timer-produce-purgatory = 一个 produce 请求等 ISR 等得太久
timer-fetch-purgatory = 一个 fetch 等记录等够了时间
timer-alter-partition-retry = 再次向 controller 申请变更 ISR
timer-metadata-fetch = 再次拉取元数据日志
timer-raft-fetch = 一个对元数据日志的拉取等够了时间
timer-controller-channel = 再次寻找 controller
timer-group-join = 组的 join 阶段到期
timer-group-sync = 组的 sync 阶段到期
timer-group-member = 某个成员的会话到期
timer-coordinator-append = 协调者的记录没能及时复制
timer-group-expiry = 检查过期的 offset 和组
timer-coordinator-linger = 写入协调者攒下的记录
timer-fence-stale = 检查有没有会话过期的 broker
timer-leader-balance = 检查有没有不由 preferred 副本领导的分区
timer-unclean-balance = 检查有没有可以 unclean 选举的分区
timer-metadata-idle = 向元数据日志追加一条 no-op
timer-raft-append = 写入 controller 攒下的记录
timer-application = 应用该发下一条记录了
timer-sender = 批次攒够了时间，或可以重试
timer-metadata = 刷新元数据
timer-heartbeat = 该给协调者发心跳了
timer-poll-interval = 应用没有按时调用 poll()
timer-poll = 应用再次调用 poll()
timer-auto-commit = 该自动提交了
timer-retry = 重试
timer-delivery-timeout = 有记录等结果等得太久
timer-max-block = 应用的一次调用不再等待
