//! The one table of keys: what they do, how the help says it, and where the bottom line offers them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::action::Action;
use super::key::Key;
use super::screens::{Pane, Screen};
use crate::explain::Lang;
use crate::scenario::timeline::Unit;

/// A row of the table.
#[derive(Debug)]
pub struct Row {
    /// What is done.
    pub action: Action,
    /// The keys that do it, as they are written.
    pub keys: &'static [&'static str],
    /// What it is called at the prompt.
    pub name: &'static str,
    /// What it is about.
    pub topic: Topic,
    /// What it does, in English.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
    /// Two words for the bottom line, in both languages; none if it is never offered there.
    pub hint: Option<(&'static str, &'static str)>,
    /// Where the bottom line offers it.
    pub offered: &'static [Pane],
}

/// A section of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are titles")]
pub enum Topic {
    Time,
    Doing,
    Looking,
    Program,
}

impl Topic {
    /// Its title.
    pub fn title(self, lang: Lang) -> &'static str {
        let (en, zh) = match self {
            Self::Time => ("Time", "时间"),
            Self::Doing => ("Doing things", "动手"),
            Self::Looking => ("Looking", "观察"),
            Self::Program => ("The program", "程序"),
        };
        lang.pick(en, zh)
    }
}

impl Row {
    /// What it does.
    pub fn says(&self, lang: Lang) -> &'static str {
        lang.pick(self.en, self.zh)
    }

    /// Its keys.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.keys.iter().map(|key| Key::parse(key).expect("the table's keys can be read"))
    }
}

/// What `key` does.
pub fn action(key: Key) -> Option<Action> {
    static KEYS: LazyLock<BTreeMap<Key, Action>> = LazyLock::new(|| {
        ROWS.iter().flat_map(|row| row.keys().map(|key| (key, row.action))).collect()
    });
    KEYS.get(&key).copied()
}

/// The action called `name`.
pub fn named(name: &str) -> Option<Action> {
    ROWS.iter().find(|row| row.name == name).map(|row| row.action)
}

/// The row of an action.
pub fn row(action: Action) -> &'static Row {
    ROWS.iter().find(|row| row.action == action).expect("every action has a row")
}

/// What the bottom line offers where `pane` has the focus, the most useful first.
pub fn offered(pane: Pane) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(move |row| row.offered.contains(&pane))
}

const ALL: &[Pane] = &Pane::ALL;
const HOME: &[Pane] = &[
    Pane::Cluster,
    Pane::Groups,
    Pane::Producers,
    Pane::Story,
    Pane::Partition,
    Pane::Group,
    Pane::Charts,
    Pane::Control,
    Pane::Records,
    Pane::Compare,
];
const PROCESSES: &[Pane] =
    &[Pane::Cluster, Pane::Groups, Pane::Producers, Pane::Partition, Pane::Group, Pane::Control];
const STEPS: &[Pane] = &[
    Pane::Cluster,
    Pane::Groups,
    Pane::Producers,
    Pane::Story,
    Pane::Partition,
    Pane::Group,
    Pane::Tree,
    Pane::File,
    Pane::Control,
    Pane::Records,
    Pane::Charts,
    Pane::Compare,
    Pane::Messages,
];
const DISK: &[Pane] = &[Pane::Tree, Pane::File];
const NOWHERE: &[Pane] = &[];

macro_rules! rows {
    ($($topic:ident { $(
        $action:expr, [$($key:literal)*], $name:literal,
        $en:literal, $zh:literal, $hint:expr, $offered:expr;
    )+ })+) => {
        /// All rows, by topic; within a topic the most useful first.
        pub static ROWS: &[Row] = &[$($(Row {
            action: $action,
            keys: &[$($key),*],
            name: $name,
            topic: Topic::$topic,
            en: $en,
            zh: $zh,
            hint: $hint,
            offered: $offered,
        },)+)+];
    };
}

use Action::{Back, Forward, Seconds, Show, Speed};

rows! {
    Time {
        Action::RunPause, ["space"], "run",
            "let time run; stop it", "运行 / 暂停时间",
            Some(("run", "运行")), ALL;
        Forward(Unit::Event), ["→"], "next-event",
            "to the next event", "下一个事件",
            Some(("step", "单步")), STEPS;
        Back(Unit::Event), ["←"], "previous-event",
            "back to the event before", "退回上一个事件",
            Some(("back", "后退")), &[Pane::Cluster];
        Forward(Unit::Line), ["n"], "next-line",
            "to the next line of the story", "跳到故事的下一行",
            Some(("story", "故事")), HOME;
        Back(Unit::Line), ["N"], "previous-line",
            "back to the line of the story before", "退回故事的上一行", None, NOWHERE;
        Forward(Unit::Message), ["m"], "next-message",
            "to the next request or response that arrives", "下一条到达的请求或响应", None, NOWHERE;
        Back(Unit::Message), ["M"], "previous-message",
            "back to the message before", "退回上一条消息", None, NOWHERE;
        Forward(Unit::Election), ["e"], "next-election",
            "to the next election of a leader", "下一次 leader 选举", None, NOWHERE;
        Back(Unit::Election), ["E"], "previous-election",
            "back to the election before", "退回上一次选举", None, NOWHERE;
        Forward(Unit::Rebalance), ["r"], "next-rebalance",
            "to the next beginning or end of a rebalance", "下一次重平衡的开始或结束", None, NOWHERE;
        Back(Unit::Rebalance), ["R"], "previous-rebalance",
            "back to the one before", "退回上一次", None, NOWHERE;
        Forward(Unit::Ack), ["y"], "next-ack",
            "to the next record that is acknowledged", "下一条被确认的记录", None, NOWHERE;
        Back(Unit::Ack), ["Y"], "previous-ack",
            "back to the acknowledgement before", "退回上一次确认", None, NOWHERE;
        Forward(Unit::Command), ["c"], "next-command",
            "to the next step or command", "下一个步骤或命令", None, NOWHERE;
        Back(Unit::Command), ["C"], "previous-command",
            "back to the step or command before", "退回上一个步骤或命令", None, NOWHERE;
        Seconds(1), ["Shift-→" "]"], "forward",
            "one second on", "前进 1 秒", None, NOWHERE;
        Seconds(-1), ["Shift-←" "["], "backward",
            "one second back", "后退 1 秒", None, NOWHERE;
        Seconds(10), ["Ctrl-→" "}"], "far-forward",
            "ten seconds on", "前进 10 秒", None, NOWHERE;
        Seconds(-10), ["Ctrl-←" "{"], "far-backward",
            "ten seconds back", "后退 10 秒", None, NOWHERE;
        Action::Steps, ["J"], "steps",
            "jump to a step of the scenario; :step 3 does it too", "跳到场景的某一步；也可输入 :step 3",
            None, NOWHERE;
        Action::Beginning, ["Home"], "beginning",
            "to the beginning of the run", "回到开头", None, NOWHERE;
        Action::Latest, ["End"], "latest",
            "to the last moment that was seen", "到看过的最后一刻", None, NOWHERE;
        Speed(1), ["+" "="], "faster",
            "faster: from 0.01x to as fast as it goes", "加速：0.01 倍到尽可能快", None, NOWHERE;
        Speed(-1), ["-"], "slower",
            "slower", "减速", None, NOWHERE;
        Action::RealTime, ["0"], "real-time",
            "as fast as real time (1x)", "实时速度（1 倍）", None, NOWHERE;
        Action::AutoPause, ["P"], "auto-pause",
            "stop at every line of the story, or no longer", "每到故事新行就暂停（开关）", None, NOWHERE;
        Action::Freeze, ["v"], "freeze",
            "keep the picture while time goes on", "画面不动，时间照走（开关）", None, NOWHERE;
        Action::Futures, ["u"], "futures",
            "the futures there are: doing something in the past keeps the old one",
            "各条时间线：在过去动手时旧的未来会保留", None, NOWHERE;
    }
    Doing {
        Action::Kill, ["x"], "kill-it",
            "kill what has the focus (kill -9)", "杀死选中的进程（kill -9）",
            Some(("kill", "杀死")), PROCESSES;
        Action::Start, ["s"], "start-it",
            "start it again", "重新启动", Some(("start", "启动")), &[Pane::Cluster];
        Action::Add, ["a"], "add-one",
            "add a consumer to the group, or a broker to the cluster", "给组加消费者，或给集群加 broker",
            Some(("add", "添加")), &[Pane::Groups, Pane::Group];
        Action::Stop, ["S"], "stop-it",
            "shut it down properly", "正常关闭", None, NOWHERE;
        Action::PauseProcess, ["f"], "pause-it",
            "stop it by a signal (SIGSTOP); let it go on", "冻结进程（SIGSTOP）/ 恢复", None, NOWHERE;
        Action::Isolate, ["i"], "isolate-it",
            "cut it off from all other servers; heal that", "与其他服务器断网 / 恢复", None, NOWHERE;
        Action::Remove, ["d"], "remove-it",
            "a client closes and is gone", "客户端正常退出", None, NOWHERE;
        Action::Produce, ["p"], "produce-one",
            "begin a line that produces a record", "写一条生产命令", None, NOWHERE;
        Action::Prompt, [":"], "prompt",
            "the command line: everything that can be done, by name", "命令行：一切操作都有名字",
            Some(("command", "命令")), ALL;
        Action::Break, ["b"], "break-when",
            "begin a line that stops the run when a condition holds", "写一个条件断点", None, NOWHERE;
        Action::Breakpoints, ["B"], "breakpoints",
            "the breakpoints there are; Del removes one", "断点列表，Del 删除", None, NOWHERE;
        Action::Save, ["Ctrl-s"], "save-as",
            "save the scenario with all that was done live", "把场景连同现场操作存成文件", None, NOWHERE;
        Action::Share, ["Ctrl-y"], "share",
            "this run as a code: scenario, seed and all that was done live", "生成分享码：场景、种子与现场操作", None, NOWHERE;
    }
    Looking {
        Action::Why, ["w"], "why",
            "why the selected line of the story came about, or the newest", "故事选中行（或最新一行）为什么发生",
            Some(("why", "为什么")), HOME;
        Action::WhyThis, ["W"], "why-this",
            "why what has the focus is as it is: its last line of the story", "选中的对象为什么是现在这样",
            None, NOWHERE;
        Action::Card, ["?"], "card",
            "the card of what has the focus: what it is, settings, KIP", "名词卡片：是什么、配置、KIP",
            Some(("what is it", "这是什么")), &[Pane::Producers];
        Action::Open, ["⏎"], "open",
            "open it: a partition, a group (there: its last rebalance), a file, a record, a message, the moment of a line",
            "打开：分区、消费者组（组内：最近一次重平衡）、文件、记录、消息，或故事行的那一刻",
            Some(("go there", "去那一刻")),
            &[Pane::Story, Pane::Why, Pane::Tree, Pane::File, Pane::Records, Pane::Compare, Pane::Messages];
        Action::Filter, ["/"], "filter",
            "only what has these words in it", "只看含这些词的",
            Some(("filter", "过滤")), &[Pane::Story, Pane::Messages];
        Action::NextPane, ["Tab"], "next-pane",
            "the next pane", "下一个窗格", None, NOWHERE;
        Action::PreviousPane, ["Shift-Tab"], "previous-pane",
            "the pane before", "上一个窗格", None, NOWHERE;
        Action::Up, ["↑" "k"], "up", "up", "向上", None, NOWHERE;
        Action::Down, ["↓" "j"], "down", "down", "向下", None, NOWHERE;
        Action::Left, ["h"], "left", "left: the broker, pane, partition, group or batch before",
            "向左：上一个 broker、窗格、分区、组或 batch", None, NOWHERE;
        Action::Right, ["l"], "right", "right: the next broker, pane, partition, group or batch",
            "向右：下一个 broker、窗格、分区、组或 batch",
            Some(("next partition", "下一个分区")),
            &[Pane::Partition, Pane::Tree, Pane::File, Pane::Compare];
        Action::PageUp, ["PgUp"], "page-up", "a page up", "上一页", None, NOWHERE;
        Action::PageDown, ["PgDn"], "page-down", "a page down", "下一页", None, NOWHERE;
        Show(Screen::Cluster), ["1"], "cluster",
            "screen 1: the cluster and its story", "屏幕 1：集群与故事", None, NOWHERE;
        Show(Screen::Partition), ["2"], "partition-screen",
            "screen 2: the logs of a partition", "屏幕 2：分区的日志", None, NOWHERE;
        Show(Screen::Group), ["3"], "group-screen",
            "screen 3: a group, its members, who read what when", "屏幕 3：消费者组、成员、谁何时读什么", None, NOWHERE;
        Show(Screen::Messages), ["4"], "messages-screen",
            "screen 4: messages in space and time", "屏幕 4：消息的时空图", None, NOWHERE;
        Show(Screen::Disk), ["5"], "disk-screen",
            "screen 5: the files on a server's disk", "屏幕 5：磁盘上的文件", None, NOWHERE;
        Show(Screen::Control), ["6"], "control-screen",
            "screen 6: the controller, the brokers' images, the metadata log",
            "屏幕 6：controller、各 broker 的镜像与元数据日志", None, NOWHERE;
        Show(Screen::Charts), ["7"], "charts-screen",
            "screen 7: throughput, latencies, lag over time", "屏幕 7：吞吐、延迟、积压随时间的变化", None, NOWHERE;
        Show(Screen::Why), ["8"], "why-screen",
            "screen 8: the chain of causes", "屏幕 8：因果链", None, NOWHERE;
        Show(Screen::Compare), ["9"], "compare-screen",
            "screen 9: two runs or two futures side by side", "屏幕 9：并排对比两次运行或两条时间线", None, NOWHERE;
        Action::Find, ["F"], "find-offset",
            "find an offset in a log, step by step", "在日志里一步步查找一个 offset",
            Some(("find an offset", "查找 offset")), DISK;
        Action::Zoom, ["z"], "zoom",
            "the focused pane alone, or all", "放大当前窗格 / 还原", None, NOWHERE;
        Action::Lesson, ["L"], "lesson",
            "what the scenario is about, and what it has said, asked and answered",
            "场景讲什么，以及到此为止的讲解、提问与答案", None, NOWHERE;
        Action::Durian, ["D"], "durian",
            "the groups as durians: who eats which segment; again for the table",
            "把消费者组画成榴莲：谁吃哪一瓣；再按恢复表格", None, NOWHERE;
        Action::Goals, ["G"], "goals",
            "the task of a lab, its goals and how they stand; h gives a hint",
            "实验的任务、目标及其现状；h 给提示", None, NOWHERE;
        Action::Question, ["Q"], "question",
            "the last question again, or what the run answered to it",
            "重新看上一个提问，或它揭晓的答案", None, NOWHERE;
        Action::Answer, ["A"], "answer",
            "to the moment at which the run answers what was asked", "跳到问题揭晓的那一刻", None, NOWHERE;
        Action::Expectations, ["t"], "expectations",
            "what is expected of the run, with verdicts", "场景的期望与判定", None, NOWHERE;
        Action::Internal, ["I"], "internal",
            "show Kafka's own topics too, or not", "显示 / 隐藏内部主题", None, NOWHERE;
        Action::Close, ["Esc"], "close",
            "one layer back", "退回一层", Some(("back to the cluster", "回到集群")), &[Pane::Why, Pane::File];
    }
    Program {
        Action::Scenarios, ["o"], "scenarios",
            "another scenario", "换一个场景", None, NOWHERE;
        Action::Runs, ["O"], "runs",
            "another run of this file, where it compares several", "换这个文件的另一次运行（有对比时）", None, NOWHERE;
        Action::Language, ["g"], "language",
            "English or Chinese", "中文 / 英文", None, NOWHERE;
        Action::Theme, ["F2"], "theme",
            "dark or light", "深色 / 浅色", None, NOWHERE;
        Action::Present, ["F5"], "present",
            "for a projector: one pane, large signs; PgDn and PgUp are the next line and the one before",
            "投影：一个窗格、大图标；PgDn / PgUp 前进或后退一行故事", None, NOWHERE;
        Action::Blank, ["."], "blank",
            "nothing on the screen until the next key", "黑屏，按任意键恢复", None, NOWHERE;
        Action::Mouse, ["F3"], "mouse",
            "the mouse works here, or selects text", "鼠标操作 / 选中文字", None, NOWHERE;
        Action::Redraw, ["Ctrl-l"], "redraw",
            "draw everything anew", "重画屏幕", None, NOWHERE;
        Action::Suspend, ["Ctrl-z"], "suspend",
            "go to the background", "放到后台", None, NOWHERE;
        Action::Help, ["F1"], "help",
            "all keys and commands; type to search", "全部按键与命令，可搜索",
            Some(("help", "帮助")), ALL;
        Action::Quit, ["q" "Ctrl-c"], "quit",
            "leave", "退出", None, NOWHERE;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_key_and_no_name_is_there_twice() {
        let mut keys = BTreeSet::new();
        let mut names = BTreeSet::new();
        for row in ROWS {
            assert!(names.insert(row.name), "{} twice", row.name);
            for key in row.keys() {
                assert!(keys.insert(key), "{key} twice");
                assert_eq!(action(key), Some(row.action));
            }
            assert_eq!(named(row.name), Some(row.action));
        }
    }

    #[test]
    fn every_action_has_help_in_both_languages() {
        for row in ROWS {
            assert!(!row.en.is_empty() && !row.zh.is_empty(), "{}", row.name);
            assert!(!row.zh.is_ascii(), "{}", row.name);
            assert_eq!(row.hint.is_some(), !row.offered.is_empty(), "{}", row.name);
            assert_eq!(ROWS.iter().filter(|other| other.action == row.action).count(), 1);
        }
    }

    #[test]
    fn at_most_eight_hints_and_always_the_help() {
        for pane in Pane::ALL {
            let offered: Vec<_> = offered(pane).collect();
            // What runs can be killed, what is down can be started: never both.
            let both = offered.iter().any(|row| row.name == "start-it");
            assert!(offered.len() - usize::from(both) <= 8, "{pane:?}: {}", offered.len());
            assert_eq!(offered.last().map(|row| row.action), Some(Action::Help), "{pane:?}");
        }
    }

    #[test]
    fn names_of_actions_are_no_commands() {
        for row in ROWS {
            let words = crate::scenario::language::parse(row.name);
            assert!(words.is_err(), "{} is a command too", row.name);
        }
    }
}
