//! What only some of a file's runs tell: `say = [{ run = "all", en = "…", zh = "…" }, { en = "…", zh = "…" }]`.

use super::{Field, Node, OneOrMore, Read, Reader, Shape};
use crate::ids::Name;
use crate::scenario::span::{Span, Spanned};

/// Something that may stand for some of a file's runs only.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ForRun<T> {
    /// The runs by their keys, for which alone it stands; empty for all.
    pub(crate) runs: Vec<Spanned<Name>>,
    /// What it is.
    pub(crate) what: T,
    /// Where it is written.
    pub(crate) at: Span,
}

/// What a run can be called: a word, or the value that is different about it.
struct RunKey(Name);

impl Read for RunKey {
    fn shape() -> Shape {
        let least = i64::MIN;
        let number = Shape::Integer { least, most: i64::MAX };
        Shape::Either(vec![Shape::Text("a run"), number, Shape::Boolean])
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        match (&node.value, node.plain()) {
            (Node::List(_), _) | (_, None) => {
                reader.mismatch(node, "what a run is called, like \"all\"");
                None
            }
            (_, Some(key)) => Some(Self(key.into())),
        }
    }
}

const KEY: &str = "run";

impl<T: Read> Read for ForRun<T> {
    fn shape() -> Shape {
        let field = Field {
            name: KEY,
            about: "The runs of [compare] that have this, by their keys: \"all\", or several; all others if not said.",
            required: false,
            shape: OneOrMore::<RunKey>::shape,
        };
        let with_runs = |shape| match shape {
            Shape::Table { about, mut fields } => {
                fields.insert(0, field.clone());
                Shape::Table { about, fields }
            }
            other => other,
        };
        match T::shape() {
            Shape::Either(forms) => Shape::Either(forms.into_iter().map(with_runs).collect()),
            shape => with_runs(shape),
        }
    }

    fn read(node: &Spanned<Node>, reader: &mut Reader<'_>) -> Option<Self> {
        let at = node.span.clone();
        let mut runs = Vec::new();
        let mut rest = node.clone();
        if let Node::Table(entries) = &mut rest.value
            && let Some(place) = entries.iter().position(|(key, _)| &*key.value == KEY)
        {
            let (_, keys) = entries.remove(place);
            runs = OneOrMore::<Spanned<RunKey>>::read(&keys, reader)?.0;
        }
        let runs = runs.into_iter().map(|key| key.map(|RunKey(name)| name)).collect();
        T::read(&rest, reader).map(|what| Self { runs, what, at })
    }
}
