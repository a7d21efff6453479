//! From a format's text to its runs of fields.

use super::code::Code;
use super::endian::Endian;
use super::error::FormatError;
use super::field::{FieldKind, Run};
use super::scalar::Scalar;
use alloc::vec::Vec;

/// The contents of a format's text.
#[derive(Debug)]
pub(super) struct Parsed {
    /// At most `isize::MAX`.
    pub(super) item_size: usize,
    /// At most one a code in the text, whatever the counts.
    pub(super) runs: Vec<Run>,
    /// The sum of the runs' counts.
    pub(super) value_count: usize,
}

/// Reads a whole text. O(length), also in memory.
pub(super) fn parse(text: &str) -> Result<Parsed, FormatError> {
    let bytes = text.as_bytes();
    if let Some(index) = bytes.iter().position(|byte| !byte.is_ascii()) {
        return Err(FormatError::NotAscii { index });
    }
    let (endian, native, start) = match bytes.first() {
        Some(b'@') => (Endian::NATIVE, true, 1),
        Some(b'=') => (Endian::NATIVE, false, 1),
        Some(b'<') => (Endian::Little, false, 1),
        Some(b'>' | b'!') => (Endian::Big, false, 1),
        _ => (Endian::NATIVE, true, 0),
    };

    let mut parsed = Parsed {
        item_size: 0,
        runs: Vec::new(),
        value_count: 0,
    };
    let mut rest = bytes.iter().copied().enumerate().skip(start);
    while let Some((index, byte)) = rest.next() {
        if matches!(byte, b' ' | b'\t' | b'\n' | 0x0B | 0x0C | b'\r') {
            continue;
        }
        let (count, index, letter) = if byte.is_ascii_digit() {
            let mut count = usize::from(byte - b'0');
            loop {
                match rest.next() {
                    Some((_, digit @ b'0'..=b'9')) => count = append(count, digit)?,
                    Some((code_index, code)) => break (count, code_index, code),
                    None => return Err(FormatError::CountWithoutCode { index }),
                }
            }
        } else {
            (1, index, byte)
        };
        let code = if native {
            Code::native(letter)
        } else {
            Code::standard(letter)
        };
        let code = code.ok_or_else(|| unknown(letter, index))?;
        let kind = match code {
            Code::Pad => None,
            Code::String => Some((FieldKind::String { length: count }, 1)),
            Code::Pascal => Some((FieldKind::Pascal { length: count }, 1)),
            Code::Scalar { kind, size, .. } => Some((
                FieldKind::Scalar(Scalar::new(kind, size, endian, letter, native)),
                count,
            )),
        };
        parsed.add(code, count, kind)?;
    }
    Ok(parsed)
}

impl Parsed {
    /// Appends a code. Even a count of 0 aligns the next code.
    fn add(
        &mut self,
        code: Code,
        count: usize,
        field: Option<(FieldKind, usize)>,
    ) -> Result<(), FormatError> {
        let offset = self.item_size.checked_next_multiple_of(code.align());
        let offset = offset
            .filter(|&offset| within_limit(offset))
            .ok_or(FormatError::TooLarge)?;
        let end = code
            .size()
            .checked_mul(count)
            .and_then(|size| size.checked_add(offset));
        self.item_size = end
            .filter(|&end| within_limit(end))
            .ok_or(FormatError::TooLarge)?;
        if let Some((kind, count)) = field.filter(|&(_, count)| count > 0) {
            self.value_count = self.value_count.checked_add(count).ok_or(FormatError::TooLarge)?;
            self.runs.push(Run { offset, count, kind });
        }
        Ok(())
    }
}

/// `count` with one more digit.
fn append(count: usize, digit: u8) -> Result<usize, FormatError> {
    let count = count
        .checked_mul(10)
        .and_then(|count| count.checked_add(usize::from(digit - b'0')));
    count
        .filter(|&count| within_limit(count))
        .ok_or(FormatError::TooLarge)
}

/// Python's and Rust's limit alike.
const fn within_limit(size: usize) -> bool {
    size <= isize::MAX.cast_unsigned()
}

#[cold]
fn unknown(letter: u8, index: usize) -> FormatError {
    // Only standard sizes lack codes that native ones have.
    if Code::native(letter).is_some() {
        FormatError::NeedsNativeSizes {
            code: letter.into(),
            index,
        }
    } else {
        FormatError::BadCharacter {
            character: letter.into(),
            index,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;
    use std::vec::Vec;

    fn error(text: &str) -> FormatError {
        parse(text).unwrap_err()
    }

    #[test]
    fn errors_name_the_place() {
        assert_eq!(
            error("<Iz"),
            FormatError::BadCharacter {
                character: 'z',
                index: 2
            }
        );
        assert_eq!(
            error(" <i"),
            FormatError::BadCharacter {
                character: '<',
                index: 1
            }
        );
        assert_eq!(
            error("4 i"),
            FormatError::BadCharacter {
                character: ' ',
                index: 1
            }
        );
        assert_eq!(
            error("i\0"),
            FormatError::BadCharacter {
                character: '\0',
                index: 1
            }
        );
        assert_eq!(
            error("-1i"),
            FormatError::BadCharacter {
                character: '-',
                index: 0
            }
        );
        assert_eq!(error("b12"), FormatError::CountWithoutCode { index: 1 });
        assert_eq!(
            error("<3n"),
            FormatError::NeedsNativeSizes { code: 'n', index: 2 }
        );
        assert_eq!(error("=P"), FormatError::NeedsNativeSizes { code: 'P', index: 1 });
        assert_eq!(error("bé"), FormatError::NotAscii { index: 1 });
    }

    #[test]
    fn sizes_end_at_an_indexs_limit() {
        let limit = isize::MAX;
        assert_eq!(
            parse(&format!("{limit}s")).unwrap().item_size,
            limit.cast_unsigned()
        );
        assert_eq!(
            parse(&format!("{limit}B")).unwrap().value_count,
            limit.cast_unsigned()
        );
        for text in [
            format!("{limit}sx"),
            format!("{}x", limit.cast_unsigned() + 1),
            format!("{limit}b0i"),
            format!("{limit}h"),
            format!("{}0x", usize::MAX),
            "9".repeat(100) + "x",
        ] {
            assert_eq!(error(&text), FormatError::TooLarge, "{text}");
        }
    }

    #[test]
    fn counts_take_no_memory() {
        let parsed = parse("1000000000B 0i 3x 5s0s").unwrap();
        let runs: Vec<_> = parsed.runs.iter().map(|run| (run.offset, run.count)).collect();
        assert_eq!(runs, [(0, 1_000_000_000), (1_000_000_003, 1), (1_000_000_008, 1)]);
        assert_eq!(parsed.value_count, 1_000_000_002);
    }

    #[test]
    fn space_may_stand_between_codes() {
        let parsed = parse("< b\t2h\n\x0b\x0c\rq ").unwrap();
        assert_eq!((parsed.item_size, parsed.value_count), (13, 4));
    }
}
