//! The commands, one row each: parsing, completion, help and printing all follow these rows.

use super::kinds::Kinds;
use crate::config::Domain;

/// A command's form.
#[derive(Debug)]
pub struct Production {
    /// Which command it is.
    pub verb: Verb,
    /// Its words and places in order.
    pub syntax: &'static [Part],
    /// It can be undone: `for 20s` may follow.
    pub lasting: bool,
    /// What it does.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
}

impl PartialEq for Production {
    fn eq(&self, other: &Self) -> bool {
        self.verb == other.verb
    }
}

/// A piece of a form.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// This word.
    Word(&'static str),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Something of this sort.
    Slot(Slot),
    /// These pieces, or nothing.
    Optional(&'static [Part]),
    /// These pieces, as often as wanted.
    Repeated(&'static [Part]),
}

/// What may stand in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Some things of these kinds: `broker-1`, `leader(kq-0)`, `{broker-1, broker-2}`.
    Set(Kinds),
    /// One thing of these kinds, by name.
    One(Kinds),
    /// A value: a function, a name, a number, a span of time, a list.
    Value,
    /// A name that is not taken.
    NewName,
    /// A number of things, from 1.
    Count,
    /// A span of time.
    Span,
    /// A moment of the run.
    Instant,
    /// How many times as long.
    Factor,
    /// So many per so long.
    Rate,
    /// A text between quotes.
    Text,
    /// The name of a file; at the prompt without quotes too.
    File,
    /// The name of a setting.
    Setting(Domain),
    /// What a topic is created with: `partitions`, `replication-factor`, or a topic's setting.
    TopicOption,
    /// A setting's value; `default` for none of its own.
    SettingValue,
    /// A protocol level.
    Level,
    /// A protocol level's value.
    LevelWord,
    /// A broker, or `all`.
    BrokerOrAll,
    /// Brokers in order.
    BrokerList,
    /// An offset, `earliest` or `latest`.
    Offset,
    /// A kind of request, or its response: `Fetch`, `FetchResponse`.
    Message,
    /// A condition.
    Condition,
}

impl Slot {
    /// How help writes it.
    pub fn help(self) -> &'static str {
        match self {
            Self::Set(Kinds::PROCESS) => "PROCESSES",
            Self::Set(Kinds::SERVER) => "SERVERS",
            Self::Set(_) => "SET",
            Self::One(Kinds::GROUP) => "GROUP",
            Self::One(Kinds::TOPIC) => "TOPIC",
            Self::One(Kinds::PARTITION) => "PARTITION",
            Self::One(Kinds::PRODUCER) => "PRODUCER",
            Self::One(_) | Self::NewName => "NAME",
            Self::Count => "COUNT",
            Self::Span => "TIME",
            Self::Instant => "MOMENT",
            Self::Factor => "FACTOR",
            Self::Rate => "RATE",
            Self::Text => "\"TEXT\"",
            Self::File => "FILE",
            Self::Setting(_) | Self::TopicOption => "SETTING",
            Self::Value | Self::SettingValue => "VALUE",
            Self::Level => "LEVEL",
            Self::LevelWord => "WORD",
            Self::BrokerOrAll => "BROKER",
            Self::BrokerList => "[BROKER, …]",
            Self::Offset => "OFFSET",
            Self::Message => "MESSAGE",
            Self::Condition => "CONDITION",
        }
    }

    /// How an error says what was expected.
    pub fn wanted(self) -> String {
        match self {
            Self::Set(kinds) => format!("{} like `broker-1` or `leader(kq-0)`", kinds.name()),
            Self::One(kinds) => kinds.name(),
            Self::NewName => "a new name".to_owned(),
            Self::Count => "a number".to_owned(),
            Self::Span => "a span of time like 20s".to_owned(),
            Self::Instant => "a moment like 25s".to_owned(),
            Self::Factor => "a factor like 10x".to_owned(),
            Self::Rate => "a rate like 20/s".to_owned(),
            Self::Text => "a text between quotes".to_owned(),
            Self::File => "a file like mine.toml".to_owned(),
            Self::Setting(domain) => format!("a {domain} setting"),
            Self::TopicOption => "partitions, replication-factor or a topic setting".to_owned(),
            Self::Value | Self::SettingValue => "a value".to_owned(),
            Self::Level => "a protocol level".to_owned(),
            Self::LevelWord => "a value of the level".to_owned(),
            Self::BrokerOrAll => "a broker or `all`".to_owned(),
            Self::BrokerList => "a list of brokers like [2, 3]".to_owned(),
            Self::Offset => "an offset, `earliest` or `latest`".to_owned(),
            Self::Message => "a kind of message like Fetch or FetchResponse".to_owned(),
            Self::Condition => "a condition".to_owned(),
        }
    }
}

impl Production {
    /// `kill PROCESSES [for TIME]`.
    pub fn usage(&self) -> String {
        let mut words = Vec::new();
        usage(self.syntax, &mut words);
        if self.lasting {
            words.push("[for TIME]".to_owned());
        }
        words.join(" ")
    }
}

fn usage(parts: &[Part], words: &mut Vec<String>) {
    let grouped = |inner: &[Part]| {
        let mut words = Vec::new();
        usage(inner, &mut words);
        words.join(" ")
    };
    for part in parts {
        words.push(match part {
            Part::Word(word) => (*word).to_owned(),
            Part::OneOf([one]) => (*one).to_owned(),
            Part::OneOf(choices) => format!("({})", choices.join(" ¦ ")),
            Part::Slot(slot) => slot.help().to_owned(),
            Part::Optional(inner) => format!("[{}]", grouped(inner)),
            Part::Repeated(inner) => format!("{{{}}}", grouped(inner)),
        });
    }
}

use Part::{OneOf, Optional, Repeated, Slot as P, Word as W};

const PROCESSES: Part = P(Slot::Set(Kinds::PROCESS));
const SERVERS: Part = P(Slot::Set(Kinds::SERVER));
const ARROW: Part = OneOf(&["->"]);
const EITHER_WAY: Part = OneOf(&["|", "->"]);

macro_rules! productions {
    ($($verb:ident [$($part:expr),+] $($lasting:ident)? $en:literal $zh:literal;)+) => {
        /// A command.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Verb {
            $(#[doc = $en] $verb,)+
        }

        /// All commands, by what they are about.
        pub static PRODUCTIONS: &[Production] = &[$(Production {
            verb: Verb::$verb,
            syntax: &[$($part),+],
            lasting: productions!(@ $($lasting)?),
            en: $en,
            zh: $zh,
        },)+];
    };
    (@ lasting) => { true };
    (@) => { false };
}

productions! {
    // ---- processes ----
    Kill [W("kill"), PROCESSES] lasting
        "processes die without a word (kill -9)"
        "进程突然死亡（kill -9）";
    Stop [W("stop"), PROCESSES] lasting
        "processes shut down properly: a broker hands over, a consumer leaves"
        "正常关闭：broker 先交出 leader，消费者先离组";
    Start [W("start"), PROCESSES]
        "processes that do not run start on the disk they left"
        "在原有磁盘上启动已停止的进程";
    PowerOff [W("power-off"), SERVERS] lasting
        "machines lose power: what was not flushed is gone"
        "机器断电：未刷盘的数据丢失";
    Wipe [W("wipe"), SERVERS]
        "disks are replaced by empty ones; the processes die"
        "磁盘换成空盘，进程死亡";
    Pause [W("pause"), PROCESSES] lasting
        "processes freeze; the world goes on (SIGSTOP)"
        "进程冻结，外界继续（SIGSTOP）";
    Resume [W("resume"), PROCESSES]
        "frozen processes go on"
        "让冻结的进程继续";
    Remove [W("remove"), P(Slot::One(Kinds::CLIENT))]
        "a consumer or producer closes and is gone"
        "消费者或生产者关闭并移除";
    AddBroker [W("add"), W("broker")]
        "a new broker with the next id joins the cluster"
        "加入一个新的 broker";
    AddConsumer [W("add"), W("consumer"), W("to"), P(Slot::One(Kinds::GROUP))]
        "a new consumer joins the group"
        "给组加一个消费者";
    AddPartitions [W("add"), W("partitions"), P(Slot::Count), W("to"), P(Slot::One(Kinds::TOPIC))]
        "the topic gets that many more partitions"
        "给主题增加若干分区";

    // ---- network ----
    Partition [W("partition"), PROCESSES, EITHER_WAY, PROCESSES] lasting
        "nothing gets from one side to the other, nor back; with -> only that way is cut"
        "切断两侧网络（-> 只切断一个方向）";
    Heal [W("heal"), Optional(&[PROCESSES, EITHER_WAY, PROCESSES])]
        "what was cut, held or delayed gets through again; without sides, everywhere"
        "恢复网络；不写两侧则全部恢复";
    Hold [W("hold"), PROCESSES, ARROW, PROCESSES] lasting
        "messages wait on their way, in order"
        "消息在途中排队等待";
    Release [W("release"), PROCESSES, ARROW, PROCESSES]
        "held messages arrive"
        "放行被扣住的消息";
    Reset [W("reset"), PROCESSES, ARROW, PROCESSES]
        "connections end, with what was in flight"
        "重置连接，在途消息丢失";
    Delay [W("delay"), PROCESSES, ARROW, PROCESSES, W("by"), P(Slot::Span)] lasting
        "everything takes that much longer"
        "该方向的消息都慢这么久";
    DropNext [W("drop"), W("next"), P(Slot::Message), PROCESSES, ARROW, PROCESSES]
        "the connection resets as the next such message would arrive"
        "下一条该类消息到达时连接被重置";

    // ---- machines ----
    SlowDisk [W("slow"), W("disk"), W("of"), SERVERS, W("by"), P(Slot::Factor)] lasting
        "disks take that many times as long"
        "磁盘慢若干倍";
    SlowCpu [W("slow"), W("cpu"), W("of"), PROCESSES, W("by"), P(Slot::Factor)] lasting
        "work takes that many times as long"
        "处理慢若干倍";

    // ---- clients ----
    Produce [
        W("produce"), P(Slot::Text), Optional(&[W("key"), P(Slot::Text)]), W("to"),
        P(Slot::One(Kinds::TOPIC.or(Kinds::PARTITION)))
    ]
        "one record is sent"
        "发送一条记录";
    Rate [W("rate"), P(Slot::One(Kinds::PRODUCER)), P(Slot::Rate)]
        "the producer sends that many records from now on"
        "改变生产速率";
    Seek [
        W("seek"), P(Slot::One(Kinds::GROUP.or(Kinds::CONSUMER))),
        P(Slot::One(Kinds::PARTITION)), W("to"), P(Slot::Offset)
    ]
        "consumption goes on at another offset"
        "从另一个位移继续消费";

    // ---- administration ----
    SetTopic [
        W("set"), W("topic"), P(Slot::One(Kinds::TOPIC)), P(Slot::Setting(Domain::Topic)),
        P(Slot::SettingValue)
    ]
        "a topic's setting changes"
        "修改主题配置";
    SetBroker [
        W("set"), W("broker"), P(Slot::BrokerOrAll), P(Slot::Setting(Domain::Broker)),
        P(Slot::SettingValue)
    ]
        "a broker's setting changes, or everybody's default"
        "修改 broker 动态配置";
    SetGroup [
        W("set"), W("group"), P(Slot::One(Kinds::GROUP)), P(Slot::Setting(Domain::Group)),
        P(Slot::SettingValue)
    ]
        "a group's setting at the coordinator changes"
        "修改消费者组配置";
    SetLevel [W("set"), W("level"), P(Slot::BrokerOrAll), P(Slot::Level), P(Slot::LevelWord)]
        "a protocol level changes, as in a rolling upgrade"
        "修改协议级别（滚动升级）";
    CreateTopic [
        W("create"), W("topic"), P(Slot::NewName),
        Repeated(&[P(Slot::TopicOption), P(Slot::SettingValue)])
    ]
        "a topic is created"
        "创建主题";
    DeleteTopic [W("delete"), W("topic"), P(Slot::One(Kinds::TOPIC))]
        "a topic is deleted"
        "删除主题";
    Elect [W("elect"), OneOf(&["preferred", "unclean"]), P(Slot::One(Kinds::PARTITION))]
        "the preferred replica takes over, or one that is out of sync"
        "选举：首选副本，或 unclean 选举";
    Reassign [W("reassign"), P(Slot::One(Kinds::PARTITION)), W("to"), P(Slot::BrokerList)]
        "the partition moves to these brokers"
        "把分区迁移到这些 broker";

    // ---- the viewer ----
    Break [W("break"), P(Slot::Condition)]
        "the run pauses when the condition begins to hold"
        "条件成立时暂停";
    Goto [W("goto"), P(Slot::Instant)]
        "the view moves to that moment"
        "跳到某一时刻";
    Step [W("step"), P(Slot::Count)]
        "the view moves to that step of the scenario, where it asks or was just done"
        "跳到场景的第几步（提问处，或刚执行完）";
    Save [W("save"), P(Slot::File)]
        "the scenario is written to a file, with all that was done live"
        "把场景连同现场操作存成文件";
}
