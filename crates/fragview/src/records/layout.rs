//! Layouts: the rules of a format's records.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::LayoutError;
use crate::format::{Field, FieldKind, Format, ScalarValue, Value};

/// How the records of a format look, compiled once.
///
/// A record is a header of fixed length, a content, and a trailer. The content's length is a field of the
/// header times `scale` plus `bias`, or a constant.
#[derive(Clone, Debug)]
pub struct RecordLayout {
    pub(super) header: Format,
    pub(super) names: Vec<String>,
    pub(super) fields: Vec<Field>,
    pub(super) length: Length,
    pub(super) bias: i64,
    pub(super) scale: u64,
    pub(super) trailer: usize,
    pub(super) align: usize,
    pub(super) block: Option<usize>,
    pub(super) until: Vec<(usize, Vec<u8>)>,
}

/// Where a content's length comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Length {
    /// The field of this index.
    Field(usize),
    /// Always this.
    Constant(u64),
}

impl RecordLayout {
    /// The most fields a layout takes: a column each, and a name. Headers of files have some ten.
    pub const MOST_FIELDS: usize = u16::MAX as usize;

    /// Refuses more values than a layout takes. O(1).
    ///
    /// # Errors
    /// [`LayoutError::TooManyFields`].
    pub const fn check_field_count(values: usize) -> Result<(), LayoutError> {
        if values > Self::MOST_FIELDS {
            return Err(LayoutError::TooManyFields {
                values,
                most: Self::MOST_FIELDS,
            });
        }
        Ok(())
    }

    /// Records whose header is `header`, a format of the `struct` module, with a name for each of its values.
    /// The field named `length` counts the content, if there is one; else see
    /// [`length_field`](Self::length_field) and [`constant_length`](Self::constant_length). O(fields · log
    /// fields).
    ///
    /// # Errors
    /// [`LayoutError::Format`], [`LayoutError::EmptyHeader`], [`LayoutError::TooManyFields`],
    /// [`LayoutError::WrongNameCount`], [`LayoutError::DuplicateName`], [`LayoutError::LengthNotInteger`].
    pub fn new(header: &str, names: &[&str]) -> Result<Self, LayoutError> {
        let header = Format::parse(header)?;
        let values = header.value_count();
        if values == 0 || header.item_size() == 0 {
            return Err(LayoutError::EmptyHeader);
        }
        Self::check_field_count(values)?;
        if names.len() != values {
            return Err(LayoutError::WrongNameCount {
                names: names.len(),
                values,
            });
        }
        let mut seen = BTreeSet::new();
        if let Some(name) = names.iter().find(|&name| !seen.insert(name)) {
            return Err(LayoutError::DuplicateName {
                name: (*name).to_owned(),
            });
        }
        let layout = Self {
            fields: header.fields().collect(),
            header,
            names: names.iter().map(|&name| name.to_owned()).collect(),
            length: Length::Constant(0),
            bias: 0,
            scale: 1,
            trailer: 0,
            align: 1,
            block: None,
            until: Vec::new(),
        };
        if names.contains(&"length") {
            layout.length_field("length")
        } else {
            Ok(layout)
        }
    }

    /// The field that counts the content. O(fields).
    ///
    /// # Errors
    /// [`LayoutError::NoSuchField`], [`LayoutError::LengthNotInteger`].
    pub fn length_field(mut self, name: &str) -> Result<Self, LayoutError> {
        let index = self.field_index(name)?;
        match self.fields[index].kind {
            FieldKind::Scalar(scalar) if scalar.is_integer() => self.length = Length::Field(index),
            _ => {
                return Err(LayoutError::LengthNotInteger {
                    name: name.to_owned(),
                });
            }
        }
        Ok(self)
    }

    /// Every content has this length, in the unit of [`scale`](Self::scale).
    #[must_use]
    pub const fn constant_length(mut self, length: u64) -> Self {
        self.length = Length::Constant(length);
        self
    }

    /// Added to the length after scaling, in bytes: negative where the field counts more than the content.
    #[must_use]
    pub const fn bias(mut self, bias: i64) -> Self {
        self.bias = bias;
        self
    }

    /// Bytes that one of the length field counts.
    #[must_use]
    pub const fn scale(mut self, scale: u64) -> Self {
        self.scale = scale;
        self
    }

    /// Bytes after the content, as a CRC.
    #[must_use]
    pub const fn trailer(mut self, trailer: usize) -> Self {
        self.trailer = trailer;
        self
    }

    /// Records begin at multiples of this many bytes, counted from where the scan starts.
    ///
    /// # Errors
    /// [`LayoutError::ZeroAlign`].
    pub fn align(mut self, align: usize) -> Result<Self, LayoutError> {
        if align == 0 {
            return Err(LayoutError::ZeroAlign);
        }
        self.align = align;
        Ok(self)
    }

    /// Records lie in blocks of this many bytes, counted from where the scan starts: no record crosses from
    /// one into the next, and a rest too small for a header is padding.
    ///
    /// # Errors
    /// [`LayoutError::BlockTooSmall`] where no header fits a block.
    pub fn block(mut self, block: usize) -> Result<Self, LayoutError> {
        let header = self.header.item_size();
        if block < header {
            return Err(LayoutError::BlockTooSmall { block, header });
        }
        self.block = Some(block);
        Ok(self)
    }

    /// The last record is the first one whose field `name` has these bytes (a string field, NUL-padded).
    ///
    /// # Errors
    /// [`LayoutError::NoSuchField`], [`LayoutError::ValueDoesNotFit`].
    pub fn until(self, name: &str, bytes: &[u8]) -> Result<Self, LayoutError> {
        self.until_value(name, &Value::Bytes(bytes.to_owned()))
    }

    /// The last record is the first one whose field `name` is this number.
    ///
    /// # Errors
    /// [`LayoutError::NoSuchField`], [`LayoutError::ValueDoesNotFit`].
    pub fn until_number(self, name: &str, number: i64) -> Result<Self, LayoutError> {
        self.until_value(name, &Value::Scalar(ScalarValue::Signed(number)))
    }

    /// The last record is the first one whose field `name` has this value, and every other such condition's
    /// field its.
    ///
    /// # Errors
    /// [`LayoutError::NoSuchField`], [`LayoutError::ValueDoesNotFit`].
    pub fn until_value(mut self, name: &str, value: &Value) -> Result<Self, LayoutError> {
        let index = self.field_index(name)?;
        let bytes = encode(self.fields[index].kind, value).ok_or_else(|| LayoutError::ValueDoesNotFit {
            name: name.to_owned(),
        })?;
        self.until.push((index, bytes));
        Ok(self)
    }

    /// The names of the fields, in the header's order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Bytes a header. O(1).
    #[must_use]
    pub fn header_size(&self) -> usize {
        self.header.item_size()
    }

    /// The header's format.
    #[must_use]
    pub const fn header(&self) -> &Format {
        &self.header
    }

    pub(super) fn field_index(&self, name: &str) -> Result<usize, LayoutError> {
        let index = self.names.iter().position(|field| field == name);
        index.ok_or_else(|| LayoutError::NoSuchField {
            name: name.to_owned(),
        })
    }
}

/// The bytes of the field that equals a value, if one does: numbers compare by value, whatever their type,
/// and a short string is NUL-padded.
pub(super) fn encode(kind: FieldKind, value: &Value) -> Option<Vec<u8>> {
    let FieldKind::Scalar(scalar) = kind else {
        return pack(kind, value);
    };
    let bytes = match *value {
        Value::Scalar(ScalarValue::Float(number)) if scalar.is_integer() => {
            pack(kind, &whole(number)?.into())
        }
        _ => pack(kind, value),
    }?;
    // A value that was rounded, or a truth value's number, may no longer be equal.
    let packed = Value::Scalar(scalar.unpack(&bytes));
    packed.equals(value).then_some(bytes)
}

/// The integer that equals a float, if there is one that a field can have.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "what the first cast loses, the cast back shows"
)]
#[expect(clippy::float_cmp, reason = "only the same number will do")]
fn whole(number: f64) -> Option<ScalarValue> {
    let integer = number as i128;
    let signed = i64::try_from(integer).map(ScalarValue::Signed);
    let integer_value = signed.or_else(|_| u64::try_from(integer).map(ScalarValue::Unsigned));
    integer_value.ok().filter(|_| integer as f64 == number)
}

/// A value as the bytes of a field, if it fits.
fn pack(kind: FieldKind, value: &Value) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(kind.size()).ok()?;
    bytes.resize(kind.size(), 0);
    match (kind, value) {
        (FieldKind::Scalar(scalar), &Value::Scalar(value)) => scalar.pack(value, &mut bytes).ok()?,
        (FieldKind::Scalar(scalar), Value::Bytes(text)) => {
            let &[byte] = text.as_slice() else { return None };
            scalar.pack(ScalarValue::Byte(byte), &mut bytes).ok()?;
        }
        (FieldKind::String { .. }, Value::Bytes(text)) => bytes.get_mut(..text.len())?.copy_from_slice(text),
        (FieldKind::Pascal { .. }, Value::Bytes(text)) => {
            let count = u8::try_from(text.len()).ok()?;
            *bytes.first_mut()? = count;
            bytes.get_mut(1..=text.len())?.copy_from_slice(text);
        }
        _ => return None,
    }
    Some(bytes)
}
