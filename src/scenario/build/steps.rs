//! What happens: every step sees the names that are there when its time comes.

use std::collections::BTreeSet;

use super::runs::Runs;
use super::{NAMEABLE, bilingual, check_name};
use crate::ids::Name;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::{AskTable, ChoiceField, Document, StepTable};
use crate::scenario::language::{
    Answer, Arg, Command, Expectation as Parsed, Expected, Instruction, Item, Line, LineError,
    Names, Type, Verb,
};
use crate::scenario::model::{Ask, Choice, Expectation, Measure, Step, When};
use crate::scenario::read::{Place, Reader, Written};
use crate::scenario::span::Spanned;
use crate::sim::{Duration, Instant};

/// The topics that steps create.
pub(super) fn created_topics(document: &Document) -> BTreeSet<Name> {
    let mut created = BTreeSet::new();
    for line in document.steps.iter().flat_map(|step| step.commands.iter()) {
        if let Line::Command { production, arguments, .. } = &line.value
            && production.verb == Verb::CreateTopic
            && let Some(Arg::Name(name)) = arguments.first()
        {
            created.insert(name.value.first.clone());
        }
    }
    created
}

/// The steps in the order of the file, and the names that are there when all of them are done.
pub(super) fn steps(
    document: &Document,
    names: &Names,
    runs: &Runs<'_>,
    duration: Duration,
    reader: &mut Reader<'_>,
) -> (Vec<Step>, Names) {
    let mut names = names.clone();
    let labels = document.steps.iter().filter_map(|step| step.label.as_ref());
    names.later = labels.map(|label| label.value.clone()).collect::<BTreeSet<_>>();
    let mut steps: Vec<(usize, Step)> = Vec::new();
    for index in in_time(&document.steps) {
        let table = &document.steps[index];
        if let Some(step) = step(table, &mut names, runs, duration, reader) {
            steps.push((index, step));
        }
    }
    steps.sort_by_key(|(index, _)| *index);
    names.later.clear();
    (steps.into_iter().map(|(_, step)| step).collect(), names)
}

/// The steps in the order in which they happen: by time, and a waiting step after the one before it.
fn in_time(steps: &[StepTable]) -> Vec<usize> {
    let mut now = Instant::ZERO;
    let mut due: Vec<(Instant, usize)> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        if let Some(at) = &step.when_at {
            now = at.value;
        }
        due.push((now, index));
    }
    due.sort();
    due.into_iter().map(|(_, index)| index).collect()
}

fn step(
    table: &StepTable,
    names: &mut Names,
    runs: &Runs<'_>,
    duration: Duration,
    reader: &mut Reader<'_>,
) -> Option<Step> {
    let when = when(table, names, duration, reader);
    let nothing = table.whole
        && table.commands.is_empty()
        && table.say.is_empty()
        && table.note.is_empty()
        && table.ask.is_empty()
        && table.expect.is_empty()
        && table.pause.is_none();
    if nothing {
        reader.error_with(
            &table.at,
            "nothing happens in this step",
            "give it `do`, `say`, `ask`, `expect` or `pause`",
        );
    }
    let asked = runs.first(&table.ask, reader);
    let ask = asked.and_then(|asked| ask(asked, names, runs, duration, reader));
    let mut instructions = Vec::new();
    for line in table.commands.iter() {
        if let Some(mut instruction) = instruction(line, names, reader) {
            lasting(table, line, &mut instruction, reader);
            names.follow(&instruction.command);
            instructions.push(instruction);
        }
    }
    let label = table.label.as_ref().map(|label| name(label, table, &instructions, names, reader));
    let expect = expectations(&table.expect, names, duration, reader);
    Some(Step {
        when: when?,
        instructions,
        label,
        say: runs.first(&table.say, reader).cloned(),
        note: runs.first(&table.note, reader).cloned(),
        ask,
        expect,
        pause: table.pause.unwrap_or(false),
    })
}

fn when(
    table: &StepTable,
    names: &Names,
    duration: Duration,
    reader: &mut Reader<'_>,
) -> Option<When> {
    match (&table.when_at, &table.when) {
        (Some(at), None) => {
            if at.value > Instant::ZERO + duration {
                let message = format!("this is after the end of the run, {duration}");
                reader.error_with(&at.span, message, "`duration` says how long the run lasts");
            }
            Some(When::At(at.value))
        }
        (None, Some(cond)) => {
            let condition = looked_up(&cond.place, names.condition(&cond.value), reader)?;
            Some(When::Holds { condition, text: cond.value.to_string().into() })
        }
        (Some(at), Some(_)) => {
            reader.error(&at.span, "`at` and `when`: one of them is enough");
            None
        }
        // If it was written and could not be read, that has been told.
        (None, None) if !table.whole => None,
        (None, None) => {
            let hint = "at = \"10s\", or when = \"state(checkout) == Stable\"";
            reader.error_with(&table.at, "when is this step? `at` is missing", hint);
            None
        }
    }
}

fn looked_up<T>(place: &Place, result: Result<T, LineError>, reader: &mut Reader<'_>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            let span = place.part(&error.span);
            reader.push(Diagnostic::of_line(error, span));
            None
        }
    }
}

fn instruction(
    line: &Written<Line>,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<Instruction> {
    let instruction = looked_up(&line.place, names.instruction(&line.value), reader)?;
    if let Command::Break(_) | Command::Goto(_) | Command::Step(_) | Command::Save(_) =
        instruction.command
    {
        reader.error(line.place.whole(), "this is for the prompt, not for a step");
        return None;
    }
    if let Command::SetLevel { .. } = instruction.command {
        let hint =
            "it can have another one from the beginning: levels = { … } above, or of a broker";
        let message = "levels cannot be changed while a cluster runs yet";
        reader.error_with(line.place.whole(), message, hint);
        return None;
    }
    Some(instruction)
}

/// Takes over the step's `for`.
fn lasting(
    table: &StepTable,
    line: &Written<Line>,
    instruction: &mut Instruction,
    reader: &mut Reader<'_>,
) {
    let Some(lasting) = &table.lasting else { return };
    let can_be_undone =
        matches!(&line.value, Line::Command { production, .. } if production.lasting);
    if instruction.lasting.is_some() {
        reader.error(&lasting.span, "`for` is in the command already");
    } else if can_be_undone {
        instruction.lasting = Some(lasting.value);
        instruction.line = format!("{} for {}", instruction.line, lasting.value).into();
    } else {
        let message = format!("`{}` cannot be undone", instruction.line);
        reader.error(&lasting.span, message);
    }
}

/// Gives what the step acted on its name.
fn name(
    label: &Spanned<Name>,
    table: &StepTable,
    instructions: &[Instruction],
    names: &mut Names,
    reader: &mut Reader<'_>,
) -> Name {
    check_name(label, "what the step acts on", reader);
    if names.labels.contains_key(&label.value) {
        reader.error(&label.span, format!("an earlier step is called `{}` already", label.value));
    }
    let subject = instructions.iter().find_map(|instruction| instruction.subject);
    match subject {
        Some(of) if matches!(of.item, Item::Thing(kinds) if NAMEABLE.and(kinds) == kinds) => {
            names.labels.insert(label.value.clone(), of);
        }
        // A command that is not right has been complained about.
        _ if instructions.len() < table.commands.len() || !table.whole => {}
        _ => reader.error(&label.span, "this step acts on nothing that could be named"),
    }
    names.later.remove(&label.value);
    label.value.clone()
}

fn ask(
    table: &AskTable,
    names: &Names,
    runs: &Runs<'_>,
    duration: Duration,
    reader: &mut Reader<'_>,
) -> Option<Ask> {
    let question = bilingual(table.en.as_ref(), table.zh.as_ref());
    if question.is_none() && table.whole {
        reader.error(&table.at, "what is the question? `en` or `zh` is missing");
    }
    let answer = match &table.answer {
        Some(answer) => {
            let question = looked_up(&answer.place, names.answer(&answer.value), reader)?;
            if question.at > Instant::ZERO + duration {
                let message = format!("this is after the end of the run, {duration}");
                reader.error(answer.place.whole(), message);
            }
            Some(question)
        }
        None => None,
    };
    let choices = runs.all(&table.choices, reader);
    let choices = choices.into_iter().filter_map(|one| choice(one, names, reader)).collect();
    Some(Ask {
        question: question?,
        answer,
        written: table.answer.as_ref().map(|answer| answer.value.to_string().into()),
        choices,
        tolerance: table.tolerance.map_or(0, |tolerance| tolerance.0 as u64),
        hint: runs.first(&table.hint, reader).cloned(),
        reveal: runs.first(&table.reveal, reader).cloned(),
    })
}

fn choice(field: &ChoiceField, names: &Names, reader: &mut Reader<'_>) -> Option<Choice> {
    let table = &field.0;
    let text = bilingual(table.en.as_ref(), table.zh.as_ref());
    if text.is_none() && table.whole {
        reader.error(&table.at, "what can be chosen? `en` or `zh` is missing");
    }
    let when = match &table.when {
        Some(cond) => Some(looked_up(&cond.place, names.condition(&cond.value), reader)?),
        None => None,
    };
    Some(Choice { text: text?, when })
}

/// Looks up the names of what is measured.
pub(super) fn measure(
    document: &Document,
    names: &Names,
    duration: Duration,
    reader: &mut Reader<'_>,
) -> Option<Measure> {
    let written = document.compare.as_ref()?.measure.as_ref()?;
    let end = Instant::ZERO + duration;
    let (value, at) = (written.value.value.clone(), written.value.at.unwrap_or(end));
    let question = looked_up(&written.place, names.answer(&Answer { value, at }), reader)?;
    if at > end {
        let message = format!("this is after the end of the run, {duration}");
        reader.error(written.place.whole(), message);
    }
    if question.of != Type::NUMBER && question.of != Type::SPAN {
        let message = format!("this is {}, nothing to draw bars of", question.of.name());
        reader.error_with(written.place.whole(), message, "a number, or a span of time");
    }
    Some(Measure { question, written: written.value.to_string().into() })
}

/// Looks up the names of expectations.
pub(super) fn expectations(
    written: &[Written<Parsed>],
    names: &Names,
    duration: Duration,
    reader: &mut Reader<'_>,
) -> Vec<Expectation> {
    let mut expectations = Vec::new();
    for one in written {
        let Some(expected) = looked_up(&one.place, names.expectation(&one.value), reader) else {
            continue;
        };
        if let Expected::At(at, _) = &expected
            && *at > Instant::ZERO + duration
        {
            let message = format!("this is after the end of the run, {duration}");
            reader.error(one.place.whole(), message);
        }
        expectations.push(Expectation { expected, text: one.value.to_string().into() });
    }
    expectations
}
