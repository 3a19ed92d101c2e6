//! What a file may look like, as JSON schema, so that editors complete and check it.

use std::fmt::Write;

/// The form of a value.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// A string; what it looks like, in words.
    Text(&'static str),
    /// A whole number in this range.
    Integer {
        /// The least.
        least: i64,
        /// The most.
        most: i64,
    },
    /// True or false.
    Boolean,
    /// One of these strings.
    Word(Vec<&'static str>),
    /// Anything.
    Any,
    /// An array.
    List(Box<Shape>),
    /// One of several forms.
    Either(Vec<Shape>),
    /// A table with any keys.
    Named(Box<Shape>),
    /// A table with any of these keys: name and what it is.
    Settings(Vec<(&'static str, &'static str)>),
    /// A table with these keys.
    Table {
        /// What it is.
        about: &'static str,
        /// Its keys.
        fields: Vec<Field>,
    },
}

/// A key of a table.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// The key.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) about: &'static str,
    /// It must be there.
    pub(crate) required: bool,
    /// The form of its value.
    pub(crate) shape: fn() -> Shape,
}

/// The JSON schema (draft 2020-12) of a file of this form.
pub(crate) fn json_schema(shape: &Shape, title: &str) -> String {
    let mut out = String::new();
    let id = "https://json-schema.org/draft/2020-12/schema";
    write!(out, "{{\n  \"$schema\": {}, \n  \"title\": {},\n", text(id), text(title))
        .expect("strings take everything");
    let mut body = String::new();
    members(shape, 1, &mut body);
    out.push_str(&body);
    out.push_str("\n}\n");
    out.replace(", \n", ",\n")
}

fn object(shape: &Shape, depth: usize, about: Option<&str>, out: &mut String) {
    out.push_str("{\n");
    if let Some(about) = about {
        line(out, depth + 1, &format!("\"description\": {},", text(about.trim())));
    }
    members(shape, depth + 1, out);
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push('}');
}

fn line(out: &mut String, depth: usize, content: &str) {
    out.push_str(&"  ".repeat(depth));
    out.push_str(content);
    out.push('\n');
}

/// What stands between the braces of a form, without a newline at the end.
fn members(shape: &Shape, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let put = |out: &mut String, content: &str| {
        out.push_str(&indent);
        out.push_str(content);
    };
    match shape {
        Shape::Text(form) => put(out, &format!("\"type\": \"string\", \"title\": {}", text(form))),
        Shape::Integer { least, most } => {
            let range = format!("\"type\": \"integer\", \"minimum\": {least}, \"maximum\": {most}");
            put(out, &range);
        }
        Shape::Boolean => put(out, "\"type\": \"boolean\""),
        Shape::Word(words) => {
            let words: Vec<_> = words.iter().map(|word| text(word)).collect();
            put(out, &format!("\"enum\": [{}]", words.join(", ")));
        }
        Shape::Any => put(out, "\"title\": \"any value\""),
        Shape::List(item) => {
            put(out, "\"type\": \"array\", \"items\": ");
            object(item, depth, None, out);
        }
        Shape::Either(forms) => {
            put(out, "\"anyOf\": [");
            for (index, form) in forms.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                object(form, depth, None, out);
            }
            out.push(']');
        }
        Shape::Named(value) => {
            put(out, "\"type\": \"object\", \"additionalProperties\": ");
            object(value, depth, None, out);
        }
        Shape::Settings(settings) => {
            put(out, "\"type\": \"object\", \"properties\": {\n");
            for (index, (name, about)) in settings.iter().enumerate() {
                let comma = if index + 1 < settings.len() { "," } else { "" };
                let entry =
                    format!("{}: {{ \"description\": {} }}{comma}", text(name), text(about));
                line(out, depth + 1, &entry);
            }
            put(out, "}");
        }
        Shape::Table { about, fields } => {
            put(out, "\"type\": \"object\", \"additionalProperties\": false,\n");
            // The whole file has a title of its own.
            let key = if depth == 1 { "description" } else { "title" };
            line(out, depth, &format!("\"{key}\": {},", text(about.trim())));
            let required: Vec<_> = fields
                .iter()
                .filter(|field| field.required)
                .map(|field| text(field.name))
                .collect();
            if !required.is_empty() {
                line(out, depth, &format!("\"required\": [{}],", required.join(", ")));
            }
            line(out, depth, "\"properties\": {");
            for (index, field) in fields.iter().enumerate() {
                out.push_str(&"  ".repeat(depth + 1));
                write!(out, "{}: ", text(field.name)).expect("strings take everything");
                object(&(field.shape)(), depth + 1, Some(field.about), out);
                out.push_str(if index + 1 < fields.len() { ",\n" } else { "\n" });
            }
            put(out, "}");
        }
    }
}

/// A JSON string.
fn text(content: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in content.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            control if control.is_control() => {
                write!(quoted, "\\u{:04x}", control as u32).expect("strings take everything");
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
