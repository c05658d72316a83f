//! What Rust code names: its words, and its paths with their groups spread out.

/// A path as it is written at some place.
#[derive(Debug, PartialEq)]
pub struct Path<'a> {
    /// The modules within the file around it.
    pub modules: Vec<&'a str>,
    pub names: Vec<&'a str>,
    pub is_import: bool,
    /// What the file calls it from there on.
    pub alias: &'a str,
}

pub fn is_name(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

/// The words and marks of some code, without comments and literals.
pub fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
        let length = if first == '"' {
            quoted(rest)
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            comment(rest)
        } else if let Some(length) = raw(rest, word) {
            length
        } else if first == '\'' {
            letter(rest)
        } else if first.is_whitespace() {
            first.len_utf8()
        } else {
            let length = if rest.starts_with("::") { 2 } else { word.max(first.len_utf8()) };
            tokens.push(&rest[..length]);
            length
        };
        rest = &rest[length..];
    }
    tokens
}

/// Bytes of the string that begins here.
fn quoted(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Bytes of the comment that begins here, with those within it.
fn comment(text: &str) -> usize {
    let (mut at, mut depth) = (2, 1);
    while depth > 0 {
        let Some(mark) = text[at..].find("/*").into_iter().chain(text[at..].find("*/")).min() else {
            return text.len();
        };
        depth = if text[at + mark..].starts_with("/*") { depth + 1 } else { depth - 1 };
        at += mark + 2;
    }
    at
}

/// Bytes of the raw string that begins here with a word of so many, if one does.
fn raw(text: &str, word: usize) -> Option<usize> {
    let after = text[word..].trim_start_matches('#');
    let hashes = &text[word..text.len() - after.len()];
    let inside = after.strip_prefix('"').filter(|_| ["r", "br", "cr"].contains(&&text[..word]))?;
    let end = inside.find(&format!("\"{hashes}"))?;
    Some(text.len() - inside.len() + end + 1 + hashes.len())
}

/// Bytes of the character that begins here, or of the mark of a lifetime.
fn letter(text: &str) -> usize {
    let inside = &text[1..];
    match inside.chars().next() {
        Some('\\') => 3 + inside[2..].find('\'').unwrap_or(inside.len() - 2),
        Some(letter) if inside[letter.len_utf8()..].starts_with('\'') => letter.len_utf8() + 2,
        _ => 1,
    }
}

/// All paths of some code. A word by itself is one only where it is imported.
pub fn paths<'a>(tokens: &[&'a str]) -> Vec<Path<'a>> {
    let mut reader = Reader { tokens, at: 0, modules: Vec::new(), paths: Vec::new() };
    let mut depth = 0;
    while reader.at < tokens.len() {
        let next = |ahead: usize| tokens.get(reader.at + ahead).copied().unwrap_or_default();
        match next(0) {
            "use" => {
                reader.at += 1;
                reader.tree(Vec::new(), true);
                continue;
            }
            "mod" if next(2) == "{" => reader.modules.push((depth, next(1))),
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                reader.modules.pop_if(|(outside, _)| *outside == depth);
            }
            name if is_name(name) && next(1) == "::" => {
                reader.tree(Vec::new(), false);
                continue;
            }
            _ => {}
        }
        reader.at += 1;
    }
    reader.paths
}

struct Reader<'a, 'b> {
    tokens: &'b [&'a str],
    at: usize,
    /// Modules that are open, and how many braces were open before each.
    modules: Vec<(usize, &'a str)>,
    paths: Vec<Path<'a>>,
}

impl<'a> Reader<'a, '_> {
    fn peek(&self) -> &'a str {
        self.tokens.get(self.at).copied().unwrap_or_default()
    }

    fn takes(&mut self, token: &str) -> bool {
        let is_here = self.peek() == token;
        self.at += usize::from(is_here);
        is_here
    }

    /// Reads a path, or the group that it ends in.
    fn tree(&mut self, mut names: Vec<&'a str>, is_import: bool) {
        self.takes("::");
        let mut goes_on = true;
        while goes_on && (is_name(self.peek()) || self.peek() == "*") {
            names.push(self.peek());
            self.at += 1;
            goes_on = self.takes("::");
        }
        if goes_on && self.takes("{") {
            while !self.takes("}") && self.at < self.tokens.len() {
                let before = self.at;
                self.tree(names.clone(), is_import);
                self.takes(",");
                self.at += usize::from(self.at == before);
            }
            return;
        }
        let last = names.iter().rev().find(|name| **name != "self").copied().unwrap_or_default();
        let mut alias = last;
        if is_import && self.takes("as") {
            alias = self.peek();
            self.at += 1;
        }
        let modules = self.modules.iter().map(|(_, name)| *name).collect();
        self.paths.push(Path { modules, names, is_import, alias });
    }
}
