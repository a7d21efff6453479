//! The schema's rows: a table's name, where it begins, and its columns (2.6 of the file format).

use alloc::string::String;
use alloc::vec::Vec;

use super::record::{Record, Value};
use super::table::Row;
use crate::bytes::{Bytes, Within};
use crate::error::Error;
use crate::formats::FormatError;
use crate::formats::parse::input::Input;

/// A table that has pages.
pub(super) struct Table {
    pub(super) name: String,
    pub(super) root: u32,
    pub(super) columns: Vec<String>,
    /// Where its row in the schema begins.
    pub(super) offset: usize,
}

/// The table that a row of the schema declares, if it is one.
pub(super) fn table(
    bytes: &dyn Bytes,
    input: Input<'_>,
    encoding: u32,
    row: &Row,
) -> Result<Option<Table>, FormatError> {
    let within = Within::new(bytes, &row.payload);
    let offset = row.payload.iter().next().and_then(|extent| extent.offset);
    let offset = offset.unwrap_or_default();
    let Some(mut record) = Record::read(&within) else {
        return input.fault(offset, "a row of the schema is not a record");
    };
    let (Some(kind), Some(name), Some(_), Some(root)) =
        (record.next(), record.next(), record.next(), record.next())
    else {
        return input.fault(offset, "a row of the schema misses columns");
    };
    if text(&within, encoding, &kind)? != "table" || root.is_bytes {
        return Ok(None);
    }
    let mut number = [0; 8];
    let Some(target) = 8_usize
        .checked_sub(root.length)
        .and_then(|at| number.get_mut(at..))
    else {
        return input.fault(offset, "a table's root is not a page number");
    };
    if within.read(root.start, target).is_none() {
        return input.fault(offset, "a row of the schema is cut off");
    }
    // The schema's type 9 is the number 1, which no table but the schema has; virtual tables have 0 or NULL.
    let Some(root) = u32::try_from(u64::from_be_bytes(number))
        .ok()
        .filter(|&root| root > 1)
    else {
        return Ok(None);
    };
    let sql = match record.next() {
        Some(sql) => text(&within, encoding, &sql)?,
        None => String::new(),
    };
    Ok(Some(Table {
        name: text(&within, encoding, &name)?,
        root,
        columns: columns(&sql)?,
        offset,
    }))
}

/// A text in the database's encoding.
fn text(bytes: &dyn Bytes, encoding: u32, value: &Value) -> Result<String, FormatError> {
    let mut raw = Vec::new();
    raw.try_reserve_exact(value.length)
        .map_err(|_| Error::OutOfMemory)?;
    raw.resize(value.length, 0);
    if bytes.read(value.start, &mut raw).is_none() {
        raw.clear();
    }
    Ok(match encoding {
        2 | 3 => {
            let (units, _) = raw.as_chunks::<2>();
            let units = units.iter().map(|&unit| match encoding {
                2 => u16::from_le_bytes(unit),
                _ => u16::from_be_bytes(unit),
            });
            char::decode_utf16(units)
                .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        }
        _ => String::from_utf8_lossy(&raw).into_owned(),
    })
}

/// The names of the columns that a row holds, from `CREATE TABLE name (column type …, constraint …)`:
/// generated columns that are not stored are none of them.
fn columns(sql: &str) -> Result<Vec<String>, FormatError> {
    let mut columns: Vec<String> = Vec::new();
    let mut depth = 0_usize;
    // Whether the next token begins a column; and of the current one, whether it is computed and not stored.
    let (mut begins, mut is_virtual) = (false, false);
    let mut rest = sql;
    while let Some((token, after)) = token(rest) {
        rest = after;
        match token {
            Token::Sign('(') => {
                depth += 1;
                begins = depth == 1;
                continue;
            }
            Token::Sign(')') => {
                depth = depth.saturating_sub(1);
                if depth > 0 {
                    continue;
                }
            }
            Token::Sign(',') if depth == 1 => {}
            Token::Sign(_) => continue,
            Token::Word(word, is_quoted) => {
                let is =
                    |words: &[&str]| !is_quoted && words.iter().any(|known| word.eq_ignore_ascii_case(known));
                if begins {
                    if is(&["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"]) {
                        break;
                    }
                    columns.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
                    columns.push(String::from(word));
                    begins = false;
                } else if depth == 1 && is(&["AS"]) {
                    is_virtual = true;
                } else if depth == 1 && is(&["STORED"]) {
                    is_virtual = false;
                }
                continue;
            }
        }
        // A column ends.
        if is_virtual {
            columns.pop();
            is_virtual = false;
        }
        if depth == 0 {
            break;
        }
        begins = true;
    }
    Ok(columns)
}

enum Token<'a> {
    /// A word, and whether it stood in quotes.
    Word(&'a str, bool),
    Sign(char),
}

/// The next token of a statement, and what follows it.
fn token(mut sql: &str) -> Option<(Token<'_>, &str)> {
    loop {
        sql = sql.trim_start();
        if let Some(comment) = sql.strip_prefix("--") {
            sql = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(comment) = sql.strip_prefix("/*") {
            sql = comment.split_once("*/").map_or("", |(_, after)| after);
        } else {
            break;
        }
    }
    let first = sql.chars().next()?;
    let after = sql.get(first.len_utf8()..)?;
    let close = match first {
        '"' | '\'' | '`' => first,
        '[' => ']',
        _ if first.is_alphanumeric() || first == '_' || first == '$' => {
            let end = sql
                .find(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '$'))
                .unwrap_or(sql.len());
            return Some((Token::Word(sql.get(..end)?, false), sql.get(end..)?));
        }
        _ => return Some((Token::Sign(first), after)),
    };
    let end = after.find(close).unwrap_or(after.len());
    let rest = after.get(end + 1..).unwrap_or("");
    Some((Token::Word(after.get(..end)?, true), rest))
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn columns_of_statements() {
        let of = |sql| columns(sql).unwrap().join("|");
        assert_eq!(
            of("CREATE TABLE t (a, b INTEGER DEFAULT (1, 2), 'c d' TEXT)"),
            "a|b|c d"
        );
        assert_eq!(
            of("CREATE TABLE \"t(\" ([a b] -- no, \n, `b`, PRIMARY KEY (a, b))"),
            "a b|b"
        );
        assert_eq!(
            of("create table t(a, v as (a+1), s as (a) stored, z generated always as (1) virtual)"),
            "a|s"
        );
        assert_eq!(of("CREATE TABLE t(a, v AS (a + 1), b)"), "a|b");
        assert_eq!(of("CREATE VIRTUAL TABLE t"), "");
        assert_eq!(of("CREATE TABLE t(a"), "a");
    }
}
