//! Conditions on the values of a header: the last record, and what every record must have.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::column::Column;
use super::error::Unexpected;
use super::layout::RecordLayout;
use super::record::{FieldValue, value};
use crate::format::ScalarValue;

impl RecordLayout {
    /// Whether the header is the last record's.
    pub(super) fn is_last(&self, header: &[u8]) -> bool {
        self.until.iter().all(|condition| self.is_met(condition, header))
    }

    /// Whether a field of the header has a value.
    fn is_met(&self, (index, value): &(usize, Vec<u8>), header: &[u8]) -> bool {
        let field = &self.fields[*index];
        let found = header
            .get(field.offset..field.offset + field.kind.size())
            .unwrap_or(&[]);
        // Of some kinds several bytes are one value.
        found == value
            || Column::has_synonyms(field.kind) && {
                let column = Column::new(field.kind);
                let wanted = column.wanted(value);
                wanted.is_some() && column.wanted(found) == wanted
            }
    }

    /// The first field of a header that is not what is expected.
    pub(super) fn unexpected(&self, header: &[u8]) -> Option<Box<Unexpected>> {
        let condition = self
            .expect
            .iter()
            .find(|condition| !self.is_met(condition, header))?;
        let (index, expected) = condition;
        let offset = self.fields[*index].offset;
        let found = header.get(offset..offset + expected.len()).unwrap_or(&[]);
        Some(Box::new(Unexpected {
            field: self.names[*index].clone(),
            expected: self.shown(*index, expected),
            found: self.shown(*index, found),
        }))
    }

    /// A field's value as Python shows it.
    fn shown(&self, index: usize, bytes: &[u8]) -> String {
        let mut column = self.column(index);
        column.push(bytes);
        match value(&column, 0) {
            Some(FieldValue::Scalar(ScalarValue::Unsigned(number))) => number.to_string(),
            Some(FieldValue::Scalar(ScalarValue::Signed(number))) => number.to_string(),
            Some(FieldValue::Scalar(ScalarValue::Float(number))) => number.to_string(),
            Some(FieldValue::Scalar(ScalarValue::Bool(truth))) => {
                String::from(if truth { "True" } else { "False" })
            }
            Some(FieldValue::Scalar(ScalarValue::Byte(byte))) => format!("b'{}'", [byte].escape_ascii()),
            Some(FieldValue::Bytes(bytes)) => format!("b'{}'", bytes.escape_ascii()),
            None => String::new(),
        }
    }
}
