//! The invariants by name: what each says, and when it is judged.
//!
//! How often each was judged on state that could have broken it is counted, so that a run can tell
//! what it has shown and what not.

use std::fmt;

use serde::{Serialize, Serializer};

/// When an invariant is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// After every event that can touch it.
    Event,
    /// When nothing is under way in the cluster.
    Quiet,
    /// On what clients saw and did.
    History,
    /// At the end, when everything has been healed for long enough.
    Liveness,
}

/// Declares the invariants: `Id Class "English" "Chinese";`.
macro_rules! invariants {
    ($($id:ident $class:ident $en:literal $zh:literal;)+) => {
        /// An invariant.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Id {
            $(#[doc = $en] $id,)+
        }

        impl Id {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$id),+];
            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// Its name: `R11`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$id => stringify!($id),)+
                }
            }

            /// When it is judged.
            pub const fn class(self) -> Class {
                match self {
                    $(Self::$id => Class::$class,)+
                }
            }

            /// What it says, in a few words.
            pub const fn title(self) -> [&'static str; 2] {
                match self {
                    $(Self::$id => [$en, $zh],)+
                }
            }
        }
    };
}

invariants! {
    // ---- the log of one replica ----
    L1 Event "offsets increase and leave no gap" "位移递增且不留空洞";
    L2 Event "leader epochs never decrease along a log" "沿日志 leader epoch 不减";
    L3 Event "the epoch cache says where each epoch begins" "epoch 缓存如实记录每个 epoch 的起点";
    L4 Event "log start, last stable offset, high watermark and log end are in order"
        "日志起点、LSO、高水位、日志末端依次不减";
    L5 Quiet "every stored batch is whole and its CRC is right" "每个落盘的批次完整且 CRC 正确";
    L6 Quiet "indexes point at batches and are in order" "索引有序并指向批次开头";
    L7 Quiet "segments follow on one another" "段首尾相接，只有最后一段可写";
    L8 Event "a truncation leaves nothing above it" "截断后其上不留任何内容";

    // ---- replication ----
    R1 Event "replicas agree below their high watermarks" "各副本在高水位之下内容一致";
    R2 Event "an epoch and an offset name one batch" "（epoch，位移）唯一确定一个批次";
    R3 Event "one broker writes in an epoch" "一个 leader epoch 只有一个写入者";
    R4 Event "epochs move forward" "epoch 只增不减";
    R5 Event "what is committed stays committed" "已提交的内容不会退回";
    R6 Event "a new leader holds all that is committed" "新 leader 拥有全部已提交记录";
    R7 Event "whoever may be elected holds all that is committed" "有资格当选者拥有全部已提交记录";
    R8 Event "a leader counts at least the controller's ISR" "leader 计入的 ISR 不小于 controller 的 ISR";
    R9 Event "the high watermark waits for every replica that counts" "高水位等待每个计入的副本";
    R10 Event "acks=all is answered for committed records only" "acks=all 只对已提交的记录作答";
    R11 History "no record acknowledged with acks=all is lost" "acks=all 确认过的记录不丢失";
    R12 Quiet "every committed record is on some disk" "每条已提交记录至少存在于一块磁盘";
    R13 Event "consumers see committed records only" "消费者只能看到已提交的记录";
    R14 History "an offset always returns the same record" "同一位移总是返回同一条记录";
    R15 Event "a replica that lost records is no candidate" "丢过数据的副本不在 ISR、ELR 中，也不是 leader";
    R16 Event "only a replica that has caught up joins the ISR" "追上进度的副本才能加入 ISR";
    R17 Event "a follower's high watermark is one it was told" "follower 的高水位不超过所被告知的值";
    R18 Event "an in-sync replica does not cut what is committed" "同步副本不截断已提交的内容";
    R19 History "the latest offset never goes back" "最新位移不会倒退";
    R20 Liveness "replicas converge" "副本最终一致";
    R21 Liveness "every record gets an outcome" "每条记录最终都有结果";

    // ---- controller and metadata ----
    C1 Event "one controller per controller epoch" "一个 controller epoch 只有一个 controller";
    C2 Event "a partition's state is consistent" "分区状态自洽";
    C3 Event "no fenced broker is in an ISR" "被隔离的 broker 不在 ISR 中";
    C4 Event "broker epochs are unique and increase" "broker epoch 唯一且递增";
    C5 Event "an ISR change follows on the state it was asked in" "ISR 变更只能基于提出时的状态";
    C6 Event "brokers act on the newest word of the controller" "broker 不执行过期的控制消息";
    C7 Quiet "an image is what its log says" "元数据镜像等于日志重放的结果";
    C8 Event "a broker's metadata is a prefix of what is committed" "broker 的元数据是已提交日志的前缀";
    C9 Event "leaders come from the ISR or the ELR" "leader 只从 ISR 或 ELR 中选出";
    C10 Liveness "a partition that can have a leader has one" "能有 leader 的分区都有 leader";
    C11 Liveness "live brokers know the newest metadata" "存活的 broker 掌握最新元数据";
    C12 Event "a broker that stops in order takes no partition offline" "受控关闭不会使分区下线";
    C13 Quiet "a reassignment ends with the replicas asked for" "重分配以目标副本结束";
    C14 Quiet "new partitions are spread as the rule says" "新分区按规则分布";

    // ---- groups ----
    G1 Event "a partition is assigned to one member" "一个分区只分配给一个成员";
    G2 Event "every partition that is subscribed to is assigned" "订阅的分区都被分配";
    G3 Event "a partition is used by one member" "一个分区只有一个成员在使用";
    G4 Event "generations increase" "generation 递增";
    G6 Event "in a stable group everybody has the generation" "稳定的组中每个成员都在同一 generation";
    G7 Quiet "assignments are balanced" "分配均衡";
    G8 Event "a group survives its coordinator" "协调者更换后组状态不变";
    G9 Event "one coordinator writes for a group" "一个组只有一个协调者写入";
    G10 Liveness "a group comes to rest" "组最终稳定";
    G11 Liveness "a member that polls in time stays" "按时 poll 的成员不会被移除";

    // ---- offsets ----
    O1 History "a committed offset is what is read back" "提交的位移就是之后读到的位移";
    O2 Event "only a current member commits" "只有当前成员可以提交";
    O3 History "a committed offset goes back by its owner's will only" "提交位移只能由拥有者主动调低";
    O4 Event "offsets of a group in use do not expire" "在用的组的位移不会过期";
    O5 Event "nobody commits beyond the log's end" "提交位移不超过日志末端";
    O6 Event "a position is reset for a reason" "重置位置必有缘由";

    // ---- clients ----
    P1 History "every record sent has one outcome" "每条发送的记录恰有一个结果";
    P2 History "an acknowledged record is in the log, a failed one is not"
        "确认的记录在日志中，失败的记录不在";
    P3 History "records are in the order they were sent" "记录按发送顺序排列";
    P4 History "a consumer reads on where it left off" "消费者从上次的位置继续读取";
    P5 History "what is committed was processed" "提交过的都已处理";
    P6 Liveness "clients find the leader" "客户端最终找到 leader";
    T12 History "an idempotent producer's record is in the log once" "幂等生产者的记录在日志中只有一份";
}

impl Id {
    /// The invariant called `name`.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|id| id.name() == name)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// How often each invariant was judged on state that could have broken it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counters([u64; Id::COUNT]);

impl Default for Counters {
    fn default() -> Self {
        Self([0; Id::COUNT])
    }
}

impl Counters {
    /// How often `id` was judged.
    pub const fn of(&self, id: Id) -> u64 {
        self.0[id as usize]
    }

    /// All invariants with how often they were judged.
    pub fn iter(&self) -> impl Iterator<Item = (Id, u64)> {
        Id::ALL.iter().map(|id| (*id, self.of(*id)))
    }

    /// The invariants that were never judged.
    pub fn never(&self) -> impl Iterator<Item = Id> {
        self.iter().filter(|(_, count)| *count == 0).map(|(id, _)| id)
    }

    /// Adds what another run judged.
    pub fn add(&mut self, other: &Self) {
        for (sum, count) in self.0.iter_mut().zip(other.0) {
            *sum += count;
        }
    }

    pub(super) const fn count(&mut self, id: Id) {
        self.0[id as usize] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found() {
        for id in Id::ALL {
            assert_eq!(Id::find(id.name()), Some(*id));
            assert!(!id.title().iter().any(|title| title.is_empty()));
        }
        assert_eq!(Id::find("R99"), None);
    }
}
