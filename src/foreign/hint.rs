//! What the program itself has to say about a tool's answer.

use crate::explain::Lang;

/// A remark of ours: Kafka's own output stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// An option was probably meant to be this one.
    DidYouMean(String),
    /// No such option; these are there.
    Options(String),
    /// The command language does it: like this.
    Instead(String),
    /// This tool, or this option, is not answered.
    NotAnswered(String),
    /// The run is over: nothing can be done.
    Over,
    /// The tool would go on and wait for more.
    Waits,
    /// The tool would join this group, which changes the run.
    Joins(String),
    /// The tool would have this topic created, which changes the run.
    Creates(String),
}

impl Hint {
    /// In words.
    pub fn text(&self, lang: Lang) -> String {
        match self {
            Self::DidYouMean(word) => {
                lang.pick(format!("did you mean {word}?"), format!("是否想输入 {word}？"))
            }
            Self::Options(words) => {
                lang.pick(format!("the options are {words}"), format!("可用的选项：{words}"))
            }
            Self::Instead(line) => lang.pick(
                format!("this is not answered here; the command is: {line}"),
                format!("这里不回答；请用命令：{line}"),
            ),
            Self::NotAnswered(what) => {
                lang.pick(format!("{what} is not answered here"), format!("这里不回答 {what}"))
            }
            Self::Over => lang.pick(
                "the run is over: go back in time to do something".to_owned(),
                "运行已结束：回到过去才能动手".to_owned(),
            ),
            Self::Waits => lang.pick(
                "this is all at this moment; the tool would wait for more".to_owned(),
                "此刻只有这些；真正的工具会继续等待".to_owned(),
            ),
            Self::Joins(group) => lang.pick(
                format!("the tool would join {group} and change the run: add consumer to {group}"),
                format!("工具会加入 {group}，改变运行：请用 add consumer to {group}"),
            ),
            Self::Creates(topic) => lang.pick(
                format!(
                    "asking for {topic} would create it where auto.create.topics.enable is on; \
                     here it does not"
                ),
                format!("若 auto.create.topics.enable 打开，询问 {topic} 会创建它；这里不会"),
            ),
        }
    }
}
