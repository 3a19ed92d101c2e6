//! `kafkascope explain`: the card of a Kafka term, or of a rule by which Kafka decides.

use std::io::{self, Write};

use super::story::pad;
use super::{Exit, LangArg, input};
use crate::explain::Lang;
use crate::explain::cards::{self, Card, RuleCard, SettingLine};
use crate::foreign;

/// Prints the card of a Kafka term: what it is, its settings, since when; or how a tool is called.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The term, like "high watermark", or the name of a rule, like "elect-leader" or "rule acks";
    /// without one, all of them are listed
    #[arg(value_name = "TERM")]
    term: Vec<String>,
    #[command(flatten)]
    lang: LangArg,
}

pub(super) fn explain(args: &Args, out: &mut dyn Write) -> io::Result<Exit> {
    let lang = args.lang.get();
    let term = args.term.join(" ");
    if term.is_empty() {
        list(lang, out)?;
    } else if let Some(rule) = term.strip_prefix("rule ").and_then(cards::rule) {
        print_rule(rule, lang, out)?;
    } else if let Some(card) = cards::card(&term, lang) {
        print_card(&card, lang, out)?;
        // A rule may have the name of a term.
        if let Some(rule) = cards::rule(&term) {
            writeln!(out, "\n── {} ──\n", lang.pick("the rule", "规则"))?;
            print_rule(rule, lang, out)?;
        }
    } else if let Some(rule) = cards::rule(&term) {
        print_rule(rule, lang, out)?;
    } else if let Some(tool) = foreign::tool(&term) {
        writeln!(out, "{}\n\n{}", tool.usage, lang.pick(tool.en, tool.zh))?;
    } else {
        let near = cards::suggestions(&term);
        let hint = if near.is_empty() {
            "`kafkascope explain` lists all terms".to_owned()
        } else {
            format!("is it one of these: {}?", near.join(", "))
        };
        input::complain(&format!("there is no card for `{term}`; {hint}"));
        return Ok(Exit::BadInput);
    }
    Ok(Exit::Held)
}

fn list(lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", lang.pick("terms:", "术语："))?;
    for term in cards::terms() {
        writeln!(out, "  {term}")?;
    }
    writeln!(out, "{}", lang.pick("rules:", "规则："))?;
    let widest = cards::rules().map(|rule| rule.id().len()).max().unwrap_or(0);
    for rule in cards::rules() {
        writeln!(out, "  {:widest$}  {}", rule.id(), rule.title(lang))?;
    }
    writeln!(
        out,
        "{}",
        lang.pick(
            "Kafka's tools, at the prompt and by run --do:",
            "Kafka 的工具（命令行与 run --do）："
        )
    )?;
    for tool in &foreign::TOOLS {
        writeln!(out, "  {:widest$}  {}", tool.name, lang.pick(tool.en, tool.zh))?;
    }
    Ok(())
}

fn print_card(card: &Card, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", card.term)?;
    if !card.aliases.is_empty() {
        let also = lang.pick("also:", "又称：");
        writeln!(out, "  {also} {}", card.aliases.join(", "))?;
    }
    writeln!(out)?;
    for line in textwrap::wrap(&card.text, WIDTH) {
        writeln!(out, "{line}")?;
    }
    writeln!(out)?;
    print_settings(&card.settings, out)?;
    if let Some(since) = card.since {
        writeln!(out, "{} {since}", lang.pick("since", "始于"))?;
    }
    print_list(lang.pick("proposals", "提案"), &card.kips, out)?;
    print_list(lang.pick("see also", "参见"), &card.see, out)
}

fn print_rule(rule: RuleCard, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} ({})", rule.title(lang), rule.id())?;
    for version in rule.versions(lang) {
        let level =
            version.level.map_or_else(String::new, |(name, word)| format!(" · {name} = {word}"));
        let since = lang.pick("since", "始于");
        writeln!(out, "\n{since} {}{level} · {}", version.since, version.kips.join(", "))?;
        for line in version.lines {
            writeln!(out, "    {line}")?;
        }
    }
    writeln!(out)?;
    print_settings(&rule.settings(lang), out)?;
    print_list(lang.pick("see also", "参见"), &rule.see().collect::<Vec<_>>(), out)
}

/// So wide is a paragraph.
const WIDTH: usize = 78;

fn print_settings(settings: &[SettingLine], out: &mut dyn Write) -> io::Result<()> {
    let widest = settings.iter().map(|one| one.name.len()).max().unwrap_or(0);
    for setting in settings {
        let (name, default) = (pad(setting.name, widest), &setting.default_told);
        writeln!(out, "  {name} = {default}  ({})", setting.domain)?;
    }
    Ok(())
}

fn print_list(title: &str, all: &[&str], out: &mut dyn Write) -> io::Result<()> {
    if !all.is_empty() {
        writeln!(out, "{title}: {}", all.join(", "))?;
    }
    Ok(())
}
