//! The type of a network as text: what its names are imported from, and what its numbers mean.

/// A part of a type.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// A name, or a number, with what stands between its angle brackets.
    Named(String, Vec<Type>),
    /// `[T; N]`
    Array(Box<Type>, String),
    /// `(A, B)`, or nothing.
    Tuple(Vec<Type>),
}

/// Names of the library, the modules of `trainlet::nn` that they are in, and what the numbers between their brackets are.
const NAMES: [(&str, &str, &[&str]); 38] = [
    ("Net", "net", &["tokens", "channels"]),
    ("DenseStem", "stem", &["inputs", "hidden units", "channels"]),
    ("PatchEmbedding", "stem", &["positions", "features of each", "positions per patch", "channels"]),
    ("ConvStem", "stem", &["positions", "features of each", "taps", "stride", "channels"]),
    (
        "InceptionStem",
        "stem",
        &[
            "positions",
            "features of each",
            "channels of a bottleneck",
            "channels of a branch",
            "channels of all branches",
            "positions per patch",
            "channels",
        ],
    ),
    ("Piecewise", "stem", &["inputs", "bins of each", "values of each"]),
    ("Statistics", "stem", &["positions", "features of each"]),
    ("Positioned", "stem", &["tokens", "channels"]),
    ("MixerBlock", "block", &["tokens", "channels", "hidden units of token mixing", "hidden units of channel mixing"]),
    ("ConvNextBlock", "block", &["channels", "taps", "hidden units"]),
    ("ResNetBlock", "block", &["channels", "taps"]),
    ("ResNextBlock", "block", &["channels", "channels of all groups", "channels per group", "taps"]),
    ("SeparableBlock", "block", &["channels", "channels within", "taps"]),
    (
        "LambdaBlock",
        "block",
        &[
            "tokens",
            "channels",
            "heads",
            "length of a query",
            "length of a value",
            "length of a key",
            "relative positions",
            "hidden units",
        ],
    ),
    (
        "ReversibleBlock",
        "block",
        &["tokens", "half of the channels", "hidden units of token mixing", "hidden units of channel mixing"],
    ),
    ("Reversible", "block", &["blocks"]),
    ("AlterStage", "block", &["blocks", "of them mixing blocks", "convolutions before the pairs"]),
    ("Checkpointed", "block", &["blocks per segment", "segments"]),
    ("PreNormResidual", "block", &["channels"]),
    ("ResidualPair", "block", &[]),
    ("ChannelMixing", "block", &["channels", "hidden units"]),
    ("TokenMixing", "block", &["tokens", "hidden units"]),
    ("Keep", "block", &[]),
    ("KeepSlopes", "block", &[]),
    ("Recompute", "block", &["vectors that are kept"]),
    ("BlockInput", "block", &["vectors that are kept"]),
    ("Frozen", "block", &[]),
    ("FrozenFirst", "block", &[]),
    ("DenseHead", "head", &["channels", "outputs"]),
    ("MeanHead", "head", &["channels", "outputs"]),
    ("FlatHead", "head", &["tokens", "channels", "outputs"]),
    ("Downsampled", "head", &["channels before", "tokens", "channels", "taps"]),
    ("Gelu", "layer", &[]),
    ("Relu", "layer", &[]),
    ("Tanh", "layer", &[]),
    ("All", "layer", &[]),
    ("BitFit", "layer", &[]),
    ("TokenMap", "layer", &["channels before", "channels behind"]),
];

impl Type {
    /// Reads a type.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { rest: text };
        let parsed = reader.one()?;
        if reader.rest.trim().is_empty() { Ok(parsed) } else { Err(format!("`{}` is left over", reader.rest.trim())) }
    }

    /// The modules of `trainlet::nn` with the names that are used from each, and names that are not known.
    pub fn imports(&self) -> (Vec<(&'static str, Vec<&'static str>)>, Vec<String>) {
        let (mut modules, mut unknown) = (Vec::<(&'static str, Vec<&'static str>)>::new(), Vec::new());
        self.each(&mut |name| match NAMES.iter().find(|(known, ..)| *known == name) {
            Some((known, module, _)) => match modules.iter_mut().find(|(other, _)| other == module) {
                Some((_, names)) if names.contains(known) => {}
                Some((_, names)) => names.push(known),
                None => modules.push((module, vec![known])),
            },
            None if name.starts_with(|c: char| c.is_ascii_digit() || "{'-".contains(c)) || name.contains("::") => {}
            None => unknown.push(name.to_string()),
        });
        modules.sort_unstable();
        modules.iter_mut().for_each(|(_, names)| names.sort_unstable());
        (modules, unknown)
    }

    fn each(&self, visit: &mut dyn FnMut(&str)) {
        match self {
            Self::Named(name, arguments) => {
                visit(name);
                arguments.iter().for_each(|argument| argument.each(visit));
            }
            Self::Array(element, _) => element.each(visit),
            Self::Tuple(elements) => elements.iter().for_each(|element| element.each(visit)),
        }
    }

    /// The type with a line and a comment for each number.
    pub fn annotated(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, 0, None, "");
        text
    }

    /// `end` follows the part; `meaning` is that of a number.
    fn write(&self, text: &mut String, depth: usize, meaning: Option<&str>, end: &str) {
        let (indent, outer) = ("    ".repeat(depth + 1), "    ".repeat(depth));
        match self {
            Self::Named(name, arguments) if arguments.is_empty() => {
                *text += &format!("{name}{end}{}", meaning.map_or(String::new(), |meaning| format!(" // {meaning}")));
            }
            Self::Named(name, arguments) => {
                let meanings =
                    NAMES.iter().find(|(known, ..)| known == name).map_or(&[][..], |(.., meanings)| meanings);
                let mut meanings = meanings.iter();
                *text += &format!("{name}<\n");
                for argument in arguments {
                    *text += &indent;
                    let meaning = argument.is_number().then(|| meanings.next().copied()).flatten();
                    argument.write(text, depth + 1, meaning, ",");
                    *text += "\n";
                }
                *text += &format!("{outer}>{end}");
            }
            Self::Array(element, count) => {
                *text += &format!("[\n{indent}");
                element.write(text, depth + 1, None, ";");
                *text += &format!("\n{indent}{count} // blocks\n{outer}]{end}");
            }
            Self::Tuple(elements) if elements.is_empty() => *text += &format!("(){end}"),
            Self::Tuple(elements) => {
                *text += "(\n";
                for element in elements {
                    *text += &indent;
                    element.write(text, depth + 1, None, ",");
                    *text += "\n";
                }
                *text += &format!("{outer}){end}");
            }
        }
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Named(name, _) if name.starts_with(|c: char| c.is_ascii_digit() || c == '{'))
    }
}

/// Reads a text from its start.
struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn takes(&mut self, c: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, c: char) -> Result<(), String> {
        if self.takes(c) { Ok(()) } else { Err(format!("`{c}` is expected before `{}`", self.rest)) }
    }

    fn one(&mut self) -> Result<Type, String> {
        if self.takes('[') {
            let element = self.one()?;
            self.expect(';')?;
            let count = self.word()?;
            self.expect(']')?;
            return Ok(Type::Array(Box::new(element), count));
        }
        if self.takes('(') {
            return Ok(Type::Tuple(self.list(')')?));
        }
        let name = self.word()?;
        let arguments = if self.takes('<') { self.list('>')? } else { Vec::new() };
        Ok(Type::Named(name, arguments))
    }

    fn list(&mut self, end: char) -> Result<Vec<Type>, String> {
        let mut list = Vec::new();
        while !self.takes(end) {
            list.push(self.one()?);
            if !self.takes(',') {
                self.expect(end)?;
                break;
            }
        }
        Ok(list)
    }

    /// A path, a number, or an expression in braces.
    fn word(&mut self) -> Result<String, String> {
        self.rest = self.rest.trim_start();
        let length = if self.rest.starts_with('{') {
            self.rest.find('}').map_or(0, |end| end + 1)
        } else {
            self.rest.find(|c: char| !(c.is_alphanumeric() || "_:".contains(c))).unwrap_or(self.rest.len())
        };
        if length == 0 {
            return Err(format!("a name or a number is expected before `{}`", self.rest));
        }
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok(word.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_get_their_meaning() {
        let parsed = Type::parse(
            "Net<16, 12, PatchEmbedding<16, 6, 1, 12>, [MixerBlock<16,12,16,24,Gelu,Recompute>; 2], MeanHead<12, {7}>>",
        );
        let parsed = parsed.unwrap();
        let text = parsed.annotated();
        let part = "    [\n        MixerBlock<\n            16, // tokens\n            12, // channels\n            16, // hidden units of token mixing\n            \
                    24, // hidden units of channel mixing\n            Gelu,\n            Recompute,\n        >;\n        2 // blocks\n    ],\n";
        assert!(
            text.starts_with("Net<\n    16, // tokens\n    12, // channels\n    PatchEmbedding<\n")
                && text.contains(part),
            "{text}"
        );
        assert!(text.ends_with("    MeanHead<\n        12, // channels\n        {7}, // outputs\n    >,\n>"), "{text}");
        assert_eq!(
            Type::parse(
                &text
                    .replace(" // blocks", "")
                    .lines()
                    .map(|line| line.split("//").next().unwrap())
                    .collect::<String>()
            ),
            Ok(parsed.clone())
        );
        let (modules, unknown) = parsed.imports();
        assert_eq!(modules[0], ("block", vec!["MixerBlock", "Recompute"]));
        assert!(modules.len() == 5 && unknown.is_empty(), "{modules:?} {unknown:?}");
        assert_eq!(Type::parse("Net<1, Own<2>, ()>").unwrap().imports().1, ["Own"]);
    }

    #[test]
    fn what_is_no_type_is_said() {
        assert!(Type::parse("Net<1, 2").unwrap_err().contains("`>` is expected"));
        assert!(Type::parse("Net<1> 2").unwrap_err().contains("left over"));
        assert!(Type::parse("[A 2]").unwrap_err().contains("`;`"));
        assert!(Type::parse("").unwrap_err().contains("a name or a number"));
    }
}
