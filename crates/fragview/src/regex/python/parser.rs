//! The grammar: alternatives, quantifiers, groups.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use regex_syntax::hir::{Hir, Look};

use super::class::class;
use super::escape::{Escape, escape};
use super::flags::{self, Flags, Inline, inline};
use super::node::{Dollar, Kind, Node};
use super::tokens::{Token, Tokens, error, shown};
use crate::regex::error::PatternError;

/// Groups in groups, as many as the crate `regex` takes.
const DEPTH: usize = 250;

/// The least number that no repetition may have, as in `re`.
const MAX_REPEAT: u64 = u32::MAX as u64;

/// A pattern that was read.
pub(crate) struct Parsed {
    pub(crate) hir: Hir,
    /// The groups' names, the whole match first.
    pub(crate) names: Vec<Option<Box<str>>>,
    /// True if a `$` looks at a last newline.
    pub(crate) has_dollar: bool,
    /// True if it may match nothing at a place where it could match something.
    pub(crate) prefers_nothing: bool,
}

/// Reads a pattern. O(pattern).
///
/// # Errors
/// Where `re` refuses it, with its words; and where an automaton can't do as `re` does.
pub(crate) fn parse(pattern: &[u8], flags: Flags, dollar: Dollar) -> Result<Parsed, PatternError> {
    let mut parser = Parser {
        tokens: Tokens::new(pattern)?,
        flags,
        dollar,
        names: vec![None],
    };
    let node = parser.alternatives(None, 0)?;
    if parser.tokens.next().is_some() {
        return Err(error("unbalanced parenthesis", parser.tokens.at()));
    }
    Ok(Parsed {
        has_dollar: node.dollar.is_some(),
        prefers_nothing: node.prefers_nothing,
        hir: node.hir,
        names: parser.names,
    })
}

struct Parser<'p> {
    tokens: Tokens<'p>,
    /// Those of the whole pattern.
    flags: Flags,
    dollar: Dollar,
    names: Vec<Option<Box<str>>>,
}

impl Parser<'_> {
    /// Alternatives up to the end, or a `)`, which stays. A group's flags are its own; the pattern's may
    /// change.
    fn alternatives(&mut self, scope: Option<Flags>, depth: usize) -> Result<Node, PatternError> {
        if depth > DEPTH {
            let text = alloc::format!("more than {DEPTH} groups in each other");
            return Err(error(text, self.tokens.at()));
        }
        let mut nodes = Vec::new();
        loop {
            let first = nodes.is_empty() && scope.is_none();
            nodes.push(self.sequence(scope, first, depth)?);
            if !self.tokens.take_if(b'|') {
                break;
            }
        }
        Ok(if nodes.len() > 1 {
            Node::alternation(nodes)
        } else {
            Node::concat(nodes)?
        })
    }

    /// An alternative between bars.
    fn sequence(&mut self, scope: Option<Flags>, first: bool, depth: usize) -> Result<Node, PatternError> {
        let mut nodes: Vec<Node> = Vec::new();
        while let Some(token) = self.tokens.next() {
            let at = self.tokens.at();
            let flags = scope.unwrap_or(self.flags);
            if matches!(token, Token::Byte(b'|' | b')')) {
                break;
            }
            self.tokens.take();
            let byte = match token {
                Token::Escape(byte) => {
                    nodes.push(match escape(&mut self.tokens, byte, at)? {
                        Escape::Byte(byte) => Node::byte(byte, flags.case_insensitive),
                        Escape::Class(class) => Node::class(class),
                        Escape::Look(look) => Node::look(look),
                    });
                    continue;
                }
                Token::Byte(byte) => byte,
            };
            if flags.ignore_whitespace && matches!(byte, b' ' | 9..=13) {
                continue;
            }
            match byte {
                b'#' if flags.ignore_whitespace => {
                    while !matches!(self.tokens.take(), None | Some(Token::Byte(b'\n'))) {}
                }
                b'[' => nodes.push(Node::class(class(&mut self.tokens, flags.case_insensitive)?)),
                b'.' => nodes.push(Node::dot(flags.dot_matches_new_line)),
                b'^' if flags.multi_line => nodes.push(Node::look(Look::StartLF)),
                b'^' => nodes.push(Node::look(Look::Start)),
                b'$' if flags.multi_line => nodes.push(Node::look(Look::EndLF)),
                b'$' => nodes.push(Node::dollar(self.dollar, at)),
                b'*' | b'+' | b'?' | b'{' => match self.quantifier(byte, at)? {
                    Some((min, max)) => {
                        let node = nodes.pop().filter(|node| node.kind != Kind::Place);
                        let node = node.ok_or_else(|| error("nothing to repeat", at))?;
                        if node.kind == Kind::Repetition {
                            return Err(error("multiple repeat", at));
                        }
                        let greedy = !self.tokens.take_if(b'?');
                        if greedy && self.tokens.next_byte() == Some(b'+') {
                            let text = "possessive quantifiers are not supported";
                            return Err(error(text, self.tokens.at()));
                        }
                        nodes.push(node.repeat(min, max, greedy, at)?);
                    }
                    None => nodes.push(Node::byte(byte, false)),
                },
                b'(' => {
                    let first = first && nodes.is_empty();
                    nodes.extend(self.group(flags, first, at, depth)?);
                }
                _ => nodes.push(Node::byte(byte, flags.case_insensitive)),
            }
        }
        Node::concat(nodes)
    }

    /// How often, at least and at most; `None` if a brace begins no quantifier, and is a byte.
    fn quantifier(&mut self, byte: u8, at: usize) -> Result<Option<(u32, Option<u32>)>, PatternError> {
        match byte {
            b'*' => return Ok(Some((0, None))),
            b'+' => return Ok(Some((1, None))),
            b'?' => return Ok(Some((0, Some(1)))),
            _ => {}
        }
        if self.tokens.next_byte() == Some(b'}') {
            return Ok(None);
        }
        let low = self.tokens.take_while(usize::MAX, |byte| byte.is_ascii_digit());
        let high = if self.tokens.take_if(b',') {
            self.tokens.take_while(usize::MAX, |byte| byte.is_ascii_digit())
        } else {
            low
        };
        if !self.tokens.take_if(b'}') {
            self.tokens.seek(at + 1);
            return Ok(None);
        }
        let min = if low.is_empty() { 0 } else { repeat(low, at)? };
        let max = if high.is_empty() {
            None
        } else {
            Some(repeat(high, at)?)
        };
        if max.is_some_and(|max| max < min) {
            return Err(error("min repeat greater than max repeat", at + 1));
        }
        Ok(Some((min, max)))
    }

    /// A group whose `(` is taken, which stands at `start`; `None` if it is a comment or sets flags.
    fn group(
        &mut self,
        flags: Flags,
        first: bool,
        start: usize,
        depth: usize,
    ) -> Result<Option<Node>, PatternError> {
        let (mut scope, mut index) = (flags, None);
        if self.tokens.take_if(b'?') {
            let at = self.tokens.at();
            let end = || error("unexpected end of pattern", at);
            match self.tokens.take().ok_or_else(end)? {
                Token::Byte(b'P') => index = Some(self.named(at)?),
                Token::Byte(b':') => {}
                Token::Byte(b'#') => loop {
                    match self.tokens.take() {
                        Some(Token::Byte(b')')) => return Ok(None),
                        Some(_) => {}
                        None => return Err(error("missing ), unterminated comment", start)),
                    }
                },
                Token::Byte(b'=' | b'!') => return Err(error("lookahead is not supported", start)),
                Token::Byte(b'<') => {
                    let end = || error("unexpected end of pattern", at + 1);
                    self.tokens.next().ok_or_else(end)?;
                    return Err(match self.tokens.take() {
                        Some(Token::Byte(b'=' | b'!')) => error("lookbehind is not supported", start),
                        _ => error(
                            alloc::format!("unknown extension ?{}", self.tokens.shown(at)),
                            at - 1,
                        ),
                    });
                }
                Token::Byte(b'(') => return Err(error("conditional groups are not supported", start)),
                Token::Byte(b'>') => return Err(error("atomic groups are not supported", start)),
                Token::Byte(byte) if flags::begins(byte) => match inline(&mut self.tokens, flags, byte)? {
                    Inline::Scoped(flags) => scope = flags,
                    Inline::Global(flags) if first => {
                        self.flags = flags;
                        return Ok(None);
                    }
                    Inline::Global(_) => {
                        return Err(error("global flags not at the start of the expression", start));
                    }
                },
                _ => {
                    let text = alloc::format!("unknown extension ?{}", self.tokens.shown(at));
                    return Err(error(text, at - 1));
                }
            }
        } else {
            self.names.push(None);
            index = Some(self.names.len() - 1);
        }
        let node = self.alternatives(Some(scope), depth + 1)?;
        if !self.tokens.take_if(b')') {
            return Err(error("missing ), unterminated subpattern", start));
        }
        Ok(Some(match index {
            Some(index) => {
                let index = u32::try_from(index).map_err(|_| error("too many groups", start))?;
                node.group(index)
            }
            None => node,
        }))
    }

    /// Parses the rest of `(?P`, whose `P` stands at `at`: a group with a name. Returns its number.
    fn named(&mut self, at: usize) -> Result<usize, PatternError> {
        let start = self.tokens.at() + 1;
        if self.tokens.take_if(b'=') {
            return Err(error("references to groups are not supported", at - 2));
        }
        if !self.tokens.take_if(b'<') {
            return Err(match self.tokens.take() {
                Some(_) => error(
                    alloc::format!("unknown extension ?{}", self.tokens.shown(at)),
                    at - 1,
                ),
                None => error("unexpected end of pattern", at + 1),
            });
        }
        let name = self.tokens.take_until(b'>', "group name")?;
        let is_identifier = name
            .iter()
            .all(|&byte| byte == b'_' || byte.is_ascii_alphanumeric())
            && !name.first().is_some_and(u8::is_ascii_digit);
        if !is_identifier {
            let text = alloc::format!("bad character in group name '{}'", shown(name));
            return Err(error(text, start));
        }
        let name = shown(name);
        let group = self.names.len();
        if let Some(old) = self
            .names
            .iter()
            .position(|known| known.as_deref() == Some(&*name))
        {
            let text =
                alloc::format!("redefinition of group name '{name}' as group {group}; was group {old}");
            return Err(error(text, start));
        }
        self.names.push(Some(name.into()));
        Ok(group)
    }
}

/// The number of a repetition.
fn repeat(digits: &[u8], at: usize) -> Result<u32, PatternError> {
    let number = digits.iter().try_fold(0_u64, |number, &digit| {
        let number = number * 10 + u64::from(digit - b'0');
        (number < MAX_REPEAT).then_some(number)
    });
    let number = number.and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| error("the repetition number is too large", at))
}
