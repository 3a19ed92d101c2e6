//! What can be asked of a running cluster: selectors and values, one line each.

use super::kinds::Kinds;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Type {
    /// Of what.
    pub item: Item,
    /// Several of them.
    pub list: bool,
}

/// The type of a single value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// True or false.
    Bool,
    /// A whole number.
    Number,
    /// A span of time.
    Span,
    /// Something that has a name; `none` where there is none.
    Thing(Kinds),
    /// The state of something of these kinds.
    State(Kinds),
}

impl Type {
    const fn one(item: Item) -> Self {
        Self { item, list: false }
    }

    const fn many(item: Item) -> Self {
        Self { item, list: true }
    }

    /// A number.
    pub const NUMBER: Self = Self::one(Item::Number);
    /// True or false.
    pub const BOOL: Self = Self::one(Item::Bool);
    /// A span of time.
    pub const SPAN: Self = Self::one(Item::Span);

    /// `a list of brokers`, for messages.
    pub fn name(self) -> String {
        match (self.item, self.list) {
            (Item::Thing(kinds), false) => kinds.name(),
            (Item::Thing(kinds), true) => format!("a list of {}", kinds.plural()),
            (item, list) => {
                let (one, several) = match item {
                    Item::Bool => ("true or false", "truths"),
                    Item::Number => ("a number", "numbers"),
                    Item::Span => ("a span of time", "spans of time"),
                    Item::Thing(_) | Item::State(_) => ("a state", "states"),
                };
                if list { format!("a list of {several}") } else { one.to_owned() }
            }
        }
    }
}

/// What stands between a function's parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Something of these kinds.
    Thing(Kinds),
    /// The name of an error: `NOT_ENOUGH_REPLICAS`.
    Error,
}

/// What is known of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which it is.
    pub function: Function,
    /// Its name.
    pub name: &'static str,
    /// Its arguments.
    pub arguments: &'static [Argument],
    /// How many of them must be given; the others may be left out from the end.
    pub required: usize,
    /// What it gives.
    pub result: Type,
    /// What it is.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
}

impl Row {
    /// `leo(partition [, broker])`.
    pub fn syntax(&self) -> String {
        let names = self.arguments.iter().enumerate().map(|(index, argument)| {
            let name = match argument {
                Argument::Thing(kinds) => kinds.name().replace("a ", ""),
                Argument::Error => "error".to_owned(),
            };
            if index < self.required { name } else { format!("[{name}]") }
        });
        let names: Vec<_> = names.collect();
        if names.is_empty() {
            self.name.to_owned()
        } else {
            format!("{}({})", self.name, names.join(", "))
        }
    }
}

/// Declares the functions: `Name "name" (required; optional) type "en" "zh";`.
macro_rules! functions {
    ($($function:ident $name:literal ($($required:expr),*; $($optional:expr),*) $result:expr,
       $en:literal, $zh:literal;)+) => {
        /// A function of the language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Function {
            $(#[doc = $en] $function,)+
        }

        /// All functions, by subject.
        pub const FUNCTIONS: &[Row] = &[$(Row {
            function: Function::$function,
            name: $name,
            arguments: &[$($required,)* $($optional,)*],
            required: count(&[$($required),*]),
            result: $result,
            en: $en,
            zh: $zh,
        },)+];
    };
}

const fn count(arguments: &[Argument]) -> usize {
    arguments.len()
}

const PARTITION: Argument = Argument::Thing(Kinds::PARTITION);
const TOPIC: Argument = Argument::Thing(Kinds::TOPIC);
const GROUP: Argument = Argument::Thing(Kinds::GROUP);
const CONSUMER: Argument = Argument::Thing(Kinds::CONSUMER);
const PRODUCER: Argument = Argument::Thing(Kinds::PRODUCER);
const BROKER: Argument = Argument::Thing(Kinds::BROKER);
const PROCESS: Argument = Argument::Thing(Kinds::PROCESS);

const ONE_BROKER: Type = Type::one(Item::Thing(Kinds::BROKER));
const BROKERS: Type = Type::many(Item::Thing(Kinds::BROKER));
const A_SERVER: Type = Type::one(Item::Thing(Kinds::SERVER));
const ONE_CONSUMER: Type = Type::one(Item::Thing(Kinds::CONSUMER));
const CONSUMERS: Type = Type::many(Item::Thing(Kinds::CONSUMER));
const PARTITIONS: Type = Type::many(Item::Thing(Kinds::PARTITION));
const WITH_STATE: Kinds = Kinds::GROUP.or(Kinds::BROKER).or(Kinds::CONSUMER);

impl Function {
    /// True for what only the ledger of a judged run knows.
    pub(crate) const fn is_of_the_ledger(self) -> bool {
        matches!(
            self,
            Self::Consumed | Self::Duplicated | Self::Skipped | Self::Lost | Self::AckedLost
        )
    }
}

functions! {
    // ---- partitions ----
    Leader "leader" (PARTITION;) ONE_BROKER,
        "the broker that leads the partition", "该分区的 leader 所在的 broker";
    AnyFollower "any-follower" (PARTITION;) ONE_BROKER,
        "one of the partition's live followers: the first in replica order",
        "该分区任一存活的 follower（按副本顺序取第一个）";
    Followers "followers" (PARTITION;) BROKERS,
        "the partition's replicas that do not lead", "该分区中不是 leader 的副本";
    Replicas "replicas" (PARTITION;) BROKERS,
        "the brokers that the partition is assigned to", "该分区被分配到的 broker";
    Isr "isr" (PARTITION;) BROKERS,
        "the in-sync replicas, leader included", "同步副本集合 ISR，包含 leader";
    Elr "elr" (PARTITION;) BROKERS,
        "the eligible leader replicas (KIP-966)", "可当选 leader 的副本 ELR（KIP-966）";
    LeaderEpoch "leader-epoch" (PARTITION;) Type::NUMBER,
        "raised with every change of leader", "leader epoch，每次换 leader 加一";
    PartitionEpoch "partition-epoch" (PARTITION;) Type::NUMBER,
        "raised with every change of the partition's state", "partition epoch，分区状态每变一次加一";
    Hw "hw" (PARTITION;) Type::NUMBER,
        "the leader's high watermark: what comes before is committed",
        "leader 的高水位 HW：此前的记录都已提交";
    Leo "leo" (PARTITION; BROKER) Type::NUMBER,
        "the log end offset on the leader, or on the broker named",
        "leader（或指定 broker）上的日志末端位移 LEO";
    LogStart "log-start" (PARTITION; BROKER) Type::NUMBER,
        "the first offset on the leader, or on the broker named",
        "leader（或指定 broker）上的日志起始位移";
    Segments "segments" (PARTITION; BROKER) Type::NUMBER,
        "how many .log files the leader, or the broker named, has of the partition",
        "leader（或指定 broker）上该分区有几个 .log 文件";
    IndexEntries "index-entries" (PARTITION; BROKER) Type::NUMBER,
        "how many entries their .index files have in all", "这些文件的 .index 一共有多少项";
    Online "online" (PARTITION;) Type::BOOL,
        "whether the partition has a leader that lives", "该分区是否有存活的 leader";
    InSync "in-sync" (PARTITION;) Type::BOOL,
        "whether all replicas are in the ISR", "是否所有副本都在 ISR 中";
    Unavailable "unavailable" (PARTITION;) Type::SPAN,
        "how long in all nobody led the partition", "该分区累计没有 leader 的时长";
    Partitions "partitions" (TOPIC;) Type::NUMBER,
        "how many partitions the topic has", "该主题的分区数";
    UnderReplicated "under-replicated" (;) Type::NUMBER,
        "how many partitions have replicas outside their ISR", "有副本掉出 ISR 的分区数";
    Offline "offline" (;) Type::NUMBER,
        "how many partitions have no leader", "没有 leader 的分区数";

    // ---- brokers and controllers ----
    Controller "controller" (;) A_SERVER,
        "the active controller", "当前活跃的 controller";
    Brokers "brokers" (;) BROKERS,
        "all brokers", "所有 broker";
    Alive "alive" (PROCESS;) Type::BOOL,
        "whether the process runs", "该进程是否在运行";
    Seeks "seeks" (BROKER;) Type::NUMBER,
        "how often the broker's disk went to another place (seek, of the costs)",
        "该 broker 的磁盘换到别处的次数（[costs] seek）";
    Copied "copied" (BROKER;) Type::NUMBER,
        "how many bytes the broker copied on their way to readers, for want of sendfile",
        "不能用 sendfile 时，该 broker 发给读者途中拷贝的字节数";
    Fenced "fenced" (BROKER;) Type::BOOL,
        "whether the controller has fenced the broker", "该 broker 是否被 controller 隔离（fenced）";
    Elections "elections" (;) Type::NUMBER,
        "how many leaders were elected after a topic's creation, internal topics aside",
        "主题创建之后发生的 leader 选举次数（不含内部主题）";
    UncleanElections "unclean-elections" (;) Type::NUMBER,
        "how many leaders were elected uncleanly", "unclean 选举的次数";
    UncleanElection "unclean-election" (;) Type::BOOL,
        "whether there was an unclean one", "是否发生过 unclean 选举";

    // ---- groups ----
    State "state" (Argument::Thing(WITH_STATE);) Type::one(Item::State(WITH_STATE)),
        "the state of a group, a broker or a consumer", "消费者组、broker 或消费者的状态";
    Generation "generation" (GROUP;) Type::NUMBER,
        "how many rebalances the group has completed", "该组的 generation（完成的重平衡次数）";
    Rebalances "rebalances" (GROUP;) Type::NUMBER,
        "how many rebalances the group has begun", "该组开始过的重平衡次数";
    Members "members" (GROUP;) CONSUMERS,
        "the group's members, as its coordinator has them", "协调者眼中的组成员";
    Coordinator "coordinator" (GROUP;) ONE_BROKER,
        "the broker that coordinates the group", "该组的协调者 broker";
    Owner "owner" (PARTITION, GROUP;) ONE_CONSUMER,
        "the member that consumes the partition", "消费该分区的组成员";
    Assigned "assigned" (CONSUMER;) PARTITIONS,
        "the partitions that the consumer has", "该消费者拥有的分区";
    Lag "lag" (GROUP; Argument::Thing(Kinds::PARTITION.or(Kinds::TOPIC))) Type::NUMBER,
        "records committed to the log and not yet committed by the group; none where it committed nothing",
        "已写入而该组尚未提交消费位移的记录数；该组从未提交时没有值";
    Committed "committed" (GROUP, PARTITION;) Type::NUMBER,
        "the offset that the group has committed; -1 for none", "该组提交的位移，没有则为 -1";
    Position "position" (CONSUMER, PARTITION;) Type::NUMBER,
        "the offset that the consumer reads next; -1 for none", "该消费者下一条要读的位移，没有则为 -1";
    Consumed "consumed" (GROUP;) Type::NUMBER,
        "how many records the group's applications processed", "该组应用处理过的记录数";
    Took "took" (GROUP;) Type::SPAN,
        "how long from the first record that was sent to the last that the group's applications processed",
        "从发出第一条记录到该组应用处理完最后一条的时长";
    Duplicated "duplicated" (; GROUP) Type::NUMBER,
        "how many of them a group had processed before", "其中此前已经处理过的记录数";
    Skipped "skipped" (GROUP;) Type::NUMBER,
        "how many records the group's committed offsets have passed that nobody processed",
        "该组提交的位移已经越过、却没有谁处理过的记录数";

    // ---- producers ----
    Sent "sent" (; PRODUCER) Type::NUMBER,
        "how many records applications handed to their producers", "应用交给 producer 的记录数";
    Acked "acked" (; PRODUCER) Type::NUMBER,
        "how many of them were acknowledged; with acks=0, sent", "其中被确认（ack）的记录数；acks=0 时发出就算";
    Failed "failed" (; PRODUCER) Type::NUMBER,
        "how many of them were given up", "其中最终失败的记录数";
    Errors "errors" (; PRODUCER, Argument::Error) Type::NUMBER,
        "how many answers said an error", "返回错误的应答次数";
    AckedLost "acked-lost" (; PRODUCER) Type::NUMBER,
        "how many of the records in acked no consumer can read any more", "算作已确认（见 acked）、却再也读不到的记录数";
    Lost "lost" (; PRODUCER) Type::NUMBER,
        "how many sent records were neither failed nor can be read", "既没有报错、也读不到的记录数";
}

impl Function {
    /// What is known of it.
    pub fn row(self) -> &'static Row {
        &FUNCTIONS[self as usize]
    }

    /// The function called `name`.
    pub fn find(name: &str) -> Option<&'static Row> {
        FUNCTIONS.iter().find(|row| row.name == name)
    }

    /// True for those that give something of `kinds`, and nothing else.
    pub fn gives(self, kinds: Kinds) -> bool {
        matches!(self.row().result.item, Item::Thing(found) if found.and(kinds) == found)
    }
}

/// States of a classic group (`ClassicGroupState`).
pub const GROUP_STATES: [&str; 5] =
    ["Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead"];

/// States of a broker's process (`BrokerState`).
pub const BROKER_STATES: [&str; 6] =
    ["NotRunning", "Starting", "Recovery", "Running", "PendingControlledShutdown", "ShuttingDown"];

/// States of a consumer as a member (`AbstractCoordinator.MemberState`), and that of none.
pub const CONSUMER_STATES: [&str; 5] =
    ["NotRunning", "Unjoined", "PreparingRebalance", "CompletingRebalance", "Stable"];

/// The states that things of these kinds may be in.
pub(super) fn states_of(kinds: Kinds) -> Vec<&'static str> {
    let mut states = Vec::new();
    let lists: [(Kinds, &[&'static str]); 3] = [
        (Kinds::GROUP, &GROUP_STATES),
        (Kinds::BROKER, &BROKER_STATES),
        (Kinds::CONSUMER, &CONSUMER_STATES),
    ];
    for (kind, words) in lists {
        if kinds.meets(kind) {
            states.extend(words.iter().filter(|word| !states.contains(*word)).collect::<Vec<_>>());
        }
    }
    states
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_where_their_functions_point() {
        for (index, row) in FUNCTIONS.iter().enumerate() {
            assert_eq!(row.function as usize, index);
            assert_eq!(row.function.row().name, row.name);
            assert!(row.required <= row.arguments.len());
        }
    }

    #[test]
    fn names_are_there_once() {
        for row in FUNCTIONS {
            assert_eq!(FUNCTIONS.iter().filter(|other| other.name == row.name).count(), 1);
        }
    }

    #[test]
    fn syntax_reads_like_documentation() {
        let syntax: Vec<_> = [Function::Leo, Function::Owner, Function::Elections, Function::State]
            .iter()
            .map(|function| function.row().syntax())
            .collect();
        insta::assert_snapshot!(syntax.join("\n"), @r"
        leo(partition, [broker])
        owner(partition, group)
        elections
        state(broker, consumer or group)
        ");
    }
}
