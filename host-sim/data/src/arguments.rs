//! Options as words of a command line, and back to their names.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// The options of a command by name, as its `--help` has them, with their values.
#[derive(Clone, Debug, PartialEq)]
pub struct Arguments(BTreeMap<String, Value>);

impl Arguments {
    /// Of options whose fields have the names of the options; those of a group within them count as well.
    pub fn of(options: &impl Serialize) -> Self {
        // By way of text, in which a number has the digits that a person would give it.
        let text = serde_json::to_string(options).unwrap_or_default();
        Self::parse(&text).unwrap_or(Self(BTreeMap::new()))
    }

    /// Of the same as JSON.
    ///
    /// # Errors
    /// It is no JSON.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let mut all = BTreeMap::new();
        gather(serde_json::from_str(text)?, &mut all);
        Ok(Self(all))
    }

    /// What was said of an option.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// An option's value in words; nothing if it has none.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.get(name)? {
            Value::Null | Value::Bool(false) => None,
            Value::Array(values) => {
                Some(values.iter().map(text).collect::<Vec<_>>().join(",")).filter(|text| !text.is_empty())
            }
            value => Some(text(value)),
        }
    }

    /// The words of a command that say the same, but for what is `usual`.
    pub fn words(&self, usual: &Self) -> Vec<String> {
        let unusual = self.0.iter().filter(|(name, value)| usual.get(name) != Some(value));
        unusual.flat_map(|(name, value)| words(name, value)).collect()
    }
}

/// Fields of a group are options like others.
fn gather(value: Value, all: &mut BTreeMap<String, Value>) {
    let Value::Object(fields) = value else { return };
    for (name, value) in fields {
        if value.is_object() {
            gather(value, all);
        } else {
            all.insert(name.replace('_', "-"), value);
        }
    }
}

fn words(name: &str, value: &Value) -> Vec<String> {
    let option = format!("--{name}");
    match value {
        Value::Bool(true) => vec![option],
        Value::Bool(false) | Value::Null => Vec::new(),
        // Names of labels may hold commas.
        Value::Array(values) if name == "label" => {
            values.iter().flat_map(|value| with_value(&option, text(value))).collect()
        }
        Value::Array(values) => with_value(&option, values.iter().map(text).collect::<Vec<_>>().join(",")),
        value => with_value(&option, text(value)),
    }
}

/// What begins with a hyphen would be another option.
fn with_value(option: &str, text: String) -> Vec<String> {
    if text.starts_with('-') { vec![format!("{option}={text}")] } else { vec![option.into(), text] }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), String::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn groups_lists_and_numbers_become_words() {
        #[derive(Serialize)]
        struct Options {
            lr: f32,
            group: Value,
        }
        let usual = Options { lr: 0.1, group: json!({"one_hot": false, "label": [], "drop": ["a"], "seed": 0}) };
        let said = Options {
            lr: 0.005,
            group: json!({"one_hot": true, "label": ["-x", "y,z"], "drop": ["a", "b"], "seed": 0, "init": null}),
        };
        let (said, usual) = (Arguments::of(&said), Arguments::of(&usual));
        assert_eq!(said.words(&usual), ["--drop", "a,b", "--label=-x", "--label", "y,z", "--lr", "0.005", "--one-hot"]);
        assert_eq!(said.text("lr").as_deref(), Some("0.005"));
        assert_eq!((said.text("drop").as_deref(), said.text("init")), (Some("a,b"), None));
        assert!(usual.words(&usual).is_empty());
    }
}
