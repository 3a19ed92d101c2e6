//! From names as they are written to what they stand for, with the types that go together.

use super::error::LineError;
use super::function::{Argument, Function, Item, Row, Type, states_of};
use super::kinds::Kinds;
use super::names::Names;
use super::syntax::{Operand, Reference};
use super::value::{Expr, Value};
use crate::ids::BrokerId;
use crate::protocol::ErrorCode;
use crate::scenario::span::{Span, Spanned};

/// An expression and its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) expr: Expr,
    pub(super) of: Type,
}

/// What a value turns out to be before anybody says what it should be.
pub(super) enum Seen {
    /// Its own words say.
    Typed(Typed),
    /// A word that means something only beside another value: a state, `none`.
    Open,
}

impl Names {
    /// One item of a selection.
    pub(super) fn target(&self, item: &Spanned<Operand>, kinds: Kinds) -> Result<Typed, LineError> {
        let typed = match &item.value {
            Operand::Name(reference) => match self.function_without_arguments(reference) {
                Some(row) => self.call(row, &[], &item.span)?,
                None => {
                    return self.thing(&Spanned::new(reference.clone(), item.span.clone()), kinds);
                }
            },
            Operand::Number(id) => return self.broker_by_number(*id, &item.span, kinds),
            _ => match self.see(item)? {
                Seen::Typed(typed) => typed,
                Seen::Open => unreachable!("only names are open"),
            },
        };
        match typed.of.item {
            // `owner(kq-0, checkout)` is a consumer whoever asks; `state(…)` is nothing that runs.
            Item::Thing(found) if kinds.meets(found) && kinds.and(found) == found => Ok(typed),
            _ => Err(LineError::new(
                item.span.clone(),
                format!("`{}` is {}; {} is wanted here", item.value, typed.of.name(), kinds.name()),
            )),
        }
    }

    fn thing(&self, name: &Spanned<Reference>, kinds: Kinds) -> Result<Typed, LineError> {
        let expr = self.find(name, kinds)?;
        let of = match &expr {
            Expr::Label(label) => self.labels[label],
            Expr::Value(value) => Type { item: Item::Thing(kind_of(value)), list: false },
            _ => unreachable!("names stand for values or labels"),
        };
        Ok(Typed { expr, of })
    }

    fn broker_by_number(&self, id: i64, span: &Span, kinds: Kinds) -> Result<Typed, LineError> {
        let broker = i32::try_from(id).ok().map(BrokerId).filter(|id| self.brokers.contains(id));
        match broker {
            Some(id) if kinds.meets(Kinds::BROKER) => Ok(Typed {
                expr: Expr::Value(Value::Broker(id)),
                of: Type { item: Item::Thing(Kinds::BROKER), list: false },
            }),
            Some(_) => Err(LineError::new(
                span.clone(),
                format!("`{id}` is a number; {} is wanted here", kinds.name()),
            )),
            None => {
                let there = self.of(Kinds::BROKER);
                let error = LineError::new(span.clone(), format!("unknown broker `{id}`"));
                Err(error.suggest(&format!("broker-{id}"), &there, "there are"))
            }
        }
    }

    fn function_without_arguments(&self, reference: &Reference) -> Option<&'static Row> {
        // A step's name goes before a function's: whoever wrote `as = "controller"` means that.
        let taken = self.labels.contains_key(&reference.first);
        Function::find(&reference.first).filter(|_| reference.second.is_none() && !taken)
    }

    /// What a value is by itself.
    pub(super) fn see(&self, operand: &Spanned<Operand>) -> Result<Seen, LineError> {
        let value = |value, of| Seen::Typed(Typed { expr: Expr::Value(value), of });
        Ok(match &operand.value {
            Operand::Number(number) => value(Value::Number(*number), Type::NUMBER),
            Operand::Span(span) => value(Value::Span(*span), Type::SPAN),
            Operand::Call { name, arguments } => {
                let row = Function::find(name).ok_or_else(|| unknown_function(name))?;
                Seen::Typed(self.call(row, arguments, &operand.span)?)
            }
            Operand::List(_) => Seen::Open,
            Operand::Name(reference) => {
                if let Some(row) = self.function_without_arguments(reference) {
                    return Ok(Seen::Typed(self.call(row, &[], &operand.span)?));
                }
                match (&*reference.first, self.find_any(reference)) {
                    ("true" | "false", None) => {
                        value(Value::Bool(&*reference.first == "true"), Type::BOOL)
                    }
                    (_, Some((_, Expr::Label(label)))) => {
                        let of = self.labels[&label];
                        Seen::Typed(Typed { expr: Expr::Label(label), of })
                    }
                    (_, Some((kind, expr))) => {
                        let of = Type { item: Item::Thing(kind), list: false };
                        Seen::Typed(Typed { expr, of })
                    }
                    (_, None) => Seen::Open,
                }
            }
        })
    }

    /// A call with its arguments.
    fn call(
        &self,
        row: &'static Row,
        arguments: &[Spanned<Operand>],
        span: &Span,
    ) -> Result<Typed, LineError> {
        if arguments.len() < row.required || arguments.len() > row.arguments.len() {
            let span = arguments.get(row.arguments.len()).map_or(span, |extra| &extra.span);
            let message = match (arguments.len(), row.arguments.len()) {
                (_, 0) => format!("`{}` takes nothing between parentheses", row.name),
                (given, most) if given > most => format!("`{}` takes fewer arguments", row.name),
                _ => format!("`{}` needs more arguments", row.name),
            };
            let hint = format!("write it as `{}`", row.syntax());
            return Err(LineError::new(span.clone(), message).hint(hint));
        }
        let mut exprs = Vec::new();
        let mut of = row.result;
        for (argument, wanted) in arguments.iter().zip(row.arguments) {
            match wanted {
                Argument::Thing(kinds) => {
                    let typed = self.target(argument, *kinds)?;
                    if typed.of.list {
                        return Err(LineError::new(
                            argument.span.clone(),
                            format!(
                                "`{}` is {}; `{}` takes one",
                                argument.value,
                                typed.of.name(),
                                row.name
                            ),
                        ));
                    }
                    if let (Item::State(_), Item::Thing(kinds)) = (of.item, typed.of.item) {
                        of.item = Item::State(kinds);
                    }
                    exprs.push(typed.expr);
                }
                Argument::Error => exprs.push(error_name(argument)?),
            }
        }
        Ok(Typed { expr: Expr::Call(row.function, exprs), of })
    }

    /// Reads a value where one of type `item` is wanted.
    pub(super) fn expect(
        &self,
        operand: &Spanned<Operand>,
        item: Item,
    ) -> Result<Typed, LineError> {
        if let Operand::List(items) = &operand.value {
            let items: Result<Vec<_>, LineError> =
                items.iter().map(|one| self.expect(one, item).map(|one| one.expr)).collect();
            return Ok(Typed { expr: Expr::List(items?), of: Type { item, list: true } });
        }
        if let (Operand::Number(id), Item::Thing(kinds)) = (&operand.value, item)
            && kinds.meets(Kinds::BROKER)
        {
            return self.broker_by_number(*id, &operand.span, kinds);
        }
        match self.see(operand)? {
            Seen::Typed(typed) if fits(typed.of.item, item) => Ok(typed),
            Seen::Typed(typed) => Err(LineError::new(
                operand.span.clone(),
                format!(
                    "`{}` is {}; {} is wanted here",
                    operand.value,
                    typed.of.name(),
                    Type { item, list: false }.name()
                ),
            )),
            Seen::Open => self.word(operand, item),
        }
    }

    /// A word that means something only because `item` is wanted.
    fn word(&self, operand: &Spanned<Operand>, item: Item) -> Result<Typed, LineError> {
        let Operand::Name(reference) = &operand.value else {
            unreachable!("lists are read before, all else says what it is")
        };
        let text = &*reference.first;
        let typed = |value| Ok(Typed { expr: Expr::Value(value), of: Type { item, list: false } });
        match item {
            Item::Thing(_) if text == "none" && reference.second.is_none() => typed(Value::None),
            Item::Thing(kinds) => {
                self.thing(&Spanned::new(reference.clone(), operand.span.clone()), kinds)
            }
            Item::State(kinds) => {
                let states = states_of(kinds);
                if states.contains(&text) && reference.second.is_none() {
                    return typed(Value::State(text.into()));
                }
                let states: Vec<_> = states.into_iter().map(str::to_owned).collect();
                let error = LineError::new(operand.span.clone(), format!("unknown state `{text}`"));
                Err(error.suggest(text, &states, "there are").listed(&states))
            }
            _ => Err(LineError::new(
                operand.span.clone(),
                format!(
                    "unknown name `{}`; {} is wanted here",
                    operand.value,
                    Type { item, list: false }.name()
                ),
            )),
        }
    }
}

impl LineError {
    /// Lists everything that there is, if nothing was near.
    #[must_use]
    fn listed(mut self, there: &[String]) -> Self {
        self.hint = self
            .hint
            .or_else(|| (!there.is_empty()).then(|| format!("one of {}", there.join(", "))));
        self
    }
}

/// True when values of the two types can be the same.
pub(super) fn fits(one: Item, other: Item) -> bool {
    match (one, other) {
        (Item::Thing(one), Item::Thing(other)) | (Item::State(one), Item::State(other)) => {
            one.meets(other)
        }
        (one, other) => one == other,
    }
}

fn kind_of(value: &Value) -> Kinds {
    match value {
        Value::Broker(_) => Kinds::BROKER,
        Value::Controller(_) => Kinds::CONTROLLER,
        Value::Consumer { .. } => Kinds::CONSUMER,
        Value::Producer(_) => Kinds::PRODUCER,
        Value::Group(_) => Kinds::GROUP,
        Value::Topic(_) => Kinds::TOPIC,
        Value::Partition(_) => Kinds::PARTITION,
        _ => Kinds::NONE,
    }
}

fn unknown_function(name: &Spanned<crate::ids::Name>) -> LineError {
    let names: Vec<_> = super::function::FUNCTIONS.iter().map(|row| row.name.to_owned()).collect();
    LineError::new(name.span.clone(), format!("unknown function `{}`", name.value)).suggest(
        name,
        &names,
        "there are",
    )
}

fn error_name(argument: &Spanned<Operand>) -> Result<Expr, LineError> {
    if let Operand::Name(Reference { first, second: None }) = &argument.value {
        if ErrorCode::from_name(first).is_some() {
            return Ok(Expr::Value(Value::Error(first.clone())));
        }
        let names: Vec<_> = ErrorCode::ALL.iter().map(|code| code.name().to_owned()).collect();
        let error = LineError::new(argument.span.clone(), format!("unknown error `{first}`"));
        return Err(error.suggest(first, &names, "there are"));
    }
    Err(LineError::new(
        argument.span.clone(),
        format!("`{}` is no name of an error like NOT_ENOUGH_REPLICAS", argument.value),
    ))
}
