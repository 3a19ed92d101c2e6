//! What the command line says beside the story, in both languages.

use crate::check::Violation;
use crate::explain::Lang;
use crate::scenario::runner::{Failure, Outcome, Stop};

/// Why an expectation failed, in a sentence.
pub(super) fn failure(lang: Lang, failure: Failure) -> &'static str {
    match failure {
        Failure::Broken => lang.pick("it was broken", "期望被打破"),
        Failure::NotThen => lang.pick("it did not hold then", "那一刻不成立"),
        Failure::TooLate => lang.pick("it did not hold in time", "没有在规定时间内成立"),
        Failure::RunTooShort => lang.pick(
            "the run ended before its time was over, and it had not held until then",
            "运行先结束了，到那时仍未成立",
        ),
        Failure::NeverMet => lang.pick(
            "its condition never held, so nothing was checked",
            "它的前提从未成立，什么也没有检查到",
        ),
        Failure::NotBroken => lang.pick("the invariant was kept", "该不变量没有被打破"),
        Failure::NeverStarted => lang.pick(
            "the topics of the file never came to be, so there was nothing to watch",
            "文件里的主题从未建成，没有可以观察的东西",
        ),
    }
}

/// What was there instead of what was expected: `: lag(checkout) was 1728`; nothing if nobody looked.
pub(super) fn saw(lang: Lang, outcome: &Outcome) -> String {
    let each = outcome.saw.iter().map(|one| {
        let (what, value) = (&one.what, one.value.told_in(lang));
        lang.pick(format!("{what} was {value}"), format!("{what} 是 {value}"))
    });
    let each: Vec<String> = each.collect();
    if each.is_empty() {
        return String::new();
    }
    lang.pick(format!(": {}", each.join(", ")), format!("：当时 {}", each.join("，")))
}

/// Why a run ended before its time.
pub(super) fn stop(lang: Lang, stop: Stop) -> &'static str {
    match stop {
        Stop::TooManyEvents => lang.pick(
            "stopped after 50,000,000 events: this scenario never comes to rest",
            "5000 万个事件后停止：这个场景停不下来",
        ),
        Stop::Asked => lang.pick("stopped where --until says", "按 --until 停止"),
        Stop::InvariantBroken => lang.pick("stopped: an invariant is broken", "不变式被破坏，停止"),
    }
}

/// Which invariant is broken, about what, and how that shows.
pub(super) fn violation(lang: Lang, violation: &Violation) -> String {
    let Violation { id, event, at, subject, found, against } = violation;
    let title = id.title();
    match lang {
        Lang::En => {
            let (title, found, against) = (title[0], &found.en, &against.en);
            format!(
                "{id} ({title}) is broken at {subject}: {found}; {against} ({at}, event {event})"
            )
        }
        Lang::Zh => {
            let (title, found, against) = (title[1], &found.zh, &against.zh);
            format!("{id}（{title}）被破坏，{subject}：{found}；{against}（{at}，事件 {event}）")
        }
    }
}
