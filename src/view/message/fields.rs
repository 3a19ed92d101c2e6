//! The fields of a message, from the text in which the codec's structs show themselves. They have no
//! other way to be walked through; their field names are those of Kafka's protocol guide.

/// A field, or an element of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// How deep it lies.
    pub depth: u16,
    /// Its name; the number of an element.
    pub name: String,
    /// Its value; empty for what has fields of its own.
    pub value: String,
}

/// The fields of a struct that shows itself as `text` (`{:?}`).
pub fn fields(text: &str) -> Vec<Field> {
    let mut walker = Walker { rest: text, fields: Vec::new() };
    walker.value(0, None);
    walker.fields
}

struct Walker<'a> {
    rest: &'a str,
    fields: Vec<Field>,
}

impl<'a> Walker<'a> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', ',']);
    }

    fn eat(&mut self, sign: char) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn word(&mut self) -> &'a str {
        self.skip();
        let end = self.rest.find(|letter: char| !is_of_word(letter)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    /// A text in quotes, and how many bytes it stands for.
    fn quoted(&mut self) -> (&'a str, usize) {
        let mut escaped = false;
        let mut count = 0;
        let mut hex = 0;
        for (at, letter) in self.rest.char_indices() {
            if hex > 0 {
                hex -= 1;
            } else if escaped {
                escaped = false;
                count += 1;
                hex = if letter == 'x' { 2 } else { 0 };
            } else if letter == '\\' {
                escaped = true;
            } else if letter == '"' {
                let text = &self.rest[..at];
                self.rest = &self.rest[at + 1..];
                return (text, count);
            } else {
                count += letter.len_utf8();
            }
        }
        (std::mem::take(&mut self.rest), count)
    }

    fn put(&mut self, depth: u16, name: Option<&str>, value: String) {
        if let Some(name) = name {
            self.fields.push(Field { depth, name: name.to_owned(), value });
        }
    }

    /// Reads a value. `name` is the field's that it is the value of.
    fn value(&mut self, depth: u16, name: Option<&str>) {
        self.skip();
        if self.eat('"') {
            let (text, _) = self.quoted();
            return self.put(depth, name, format!("\"{text}\""));
        }
        if let Some(rest) = self.rest.strip_prefix("b\"") {
            self.rest = rest;
            let (_, count) = self.quoted();
            return self.put(depth, name, format!("{count} bytes"));
        }
        if self.eat('[') {
            return self.elements(depth, name);
        }
        if self.eat('{') {
            // A map: only that of unknown tagged fields, which is empty here.
            while !self.rest.is_empty() && !self.eat('}') {
                self.value(depth, None);
                self.eat(':');
            }
            return;
        }
        let word = self.word();
        if self.eat('{') {
            self.put(depth, name, String::new());
            let inner = depth + u16::from(name.is_some());
            while !self.rest.is_empty() && !self.eat('}') {
                let field = self.word();
                self.eat(':');
                let hidden = field == "unknown_tagged_fields";
                self.value(inner, (!hidden).then_some(field));
                if field.is_empty() {
                    return;
                }
            }
        } else if self.eat('(') {
            // A type of its own, or `Some`: what is in it is the value.
            self.value(depth, name);
            self.eat(')');
        } else {
            let word = if word == "None" { "null" } else { word };
            self.put(depth, name, word.to_owned());
            if word.is_empty() {
                // Nothing that is known: the rest is left out.
                self.rest = "";
            }
        }
    }

    fn elements(&mut self, depth: u16, name: Option<&str>) {
        let place = self.fields.len();
        self.put(depth, name, String::new());
        let mut count = 0;
        while !self.rest.is_empty() && !self.eat(']') {
            let number = format!("[{count}]");
            self.value(depth + 1, name.map(|_| number.as_str()));
            count += 1;
        }
        // Plain elements stand in one row.
        let plain = self.fields[place..].iter().skip(1);
        let is_plain = count > 0
            && plain.clone().count() == count
            && plain.clone().all(|one| !one.value.is_empty());
        if count == 0 {
            if let Some(field) = self.fields.get_mut(place) {
                "[]".clone_into(&mut field.value);
            }
        } else if is_plain {
            let values: Vec<String> = plain.map(|one| one.value.clone()).collect();
            self.fields.truncate(place + 1);
            self.fields[place].value = format!("[{}]", values.join(", "));
        }
    }
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || "_-.+:".contains(letter) && letter != ':'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structs_arrays_and_bytes_are_walked_through() {
        let text = r#"ProduceRequest { transactional_id: None, acks: -1, topic_data: [TopicProduceData { name: TopicName("kq"), topic_id: 00000000-0000-0000-0000-000000000001, partition_data: [PartitionProduceData { index: 0, records: Some(b"a\x00\"\n"), unknown_tagged_fields: {} }], unknown_tagged_fields: {} }], ids: [1, 2], none: [], unknown_tagged_fields: {} }"#;
        let rows: Vec<String> = fields(text)
            .iter()
            .map(|one| format!("{}{} {}", " ".repeat(one.depth.into()), one.name, one.value))
            .collect();
        let wanted = [
            "transactional_id null",
            "acks -1",
            "topic_data ",
            " [0] ",
            "  name \"kq\"",
            "  topic_id 00000000-0000-0000-0000-000000000001",
            "  partition_data ",
            "   [0] ",
            "    index 0",
            "    records 4 bytes",
            "ids [1, 2]",
            "none []",
        ];
        assert_eq!(rows, wanted);
    }
}
