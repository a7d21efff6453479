//! Layouts: the rules of a format's records.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use super::column::Column;
use super::encode::{bytes_of, encode};
use super::error::LayoutError;
use super::length::{Escape, Length, Then, with_escape};
use crate::format::{Endian, Field, FieldKind, Format, ScalarValue, Value};

/// The rules of a format's records, compiled once.
///
/// A record is a header of fixed length, a content, and a trailer. The content's length is a field of the
/// header times `scale` plus `bias`, or a constant.
///
/// ```
/// use fragview::records::RecordLayout;
/// // ISO 14496-12, 4.2: a size of 1 is an escape, and the size follows in 64 bits.
/// let boxes = RecordLayout::new(">I4s", &["size", "type"])?.length_field("size")?.bias(-8);
/// let boxes = boxes.escape(1, ">Q")?.escape_to_end(0)?;
/// let file = b"\0\0\0\x09freex\0\0\0\x01mdat\0\0\0\0\0\0\0\x12yz\0\0\0\0mdatrest";
/// let table = boxes.scan(file, ..)?;
/// assert_eq!((table.lengths(), table.starts()), (&[1, 2, 4][..], &[8, 25, 35][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RecordLayout {
    pub(super) header: Format,
    pub(super) names: Vec<String>,
    pub(super) fields: Vec<Field>,
    pub(super) length: Length,
    pub(super) escapes: Vec<Escape>,
    /// The field whose bytes are a number, though its format is a string's.
    number: Option<usize>,
    pub(super) bias: i64,
    pub(super) scale: u64,
    pub(super) trailer: usize,
    pub(super) align: usize,
    pub(super) block: Option<usize>,
    pub(super) until: Vec<(usize, Vec<u8>)>,
    pub(super) expect: Vec<(usize, Vec<u8>)>,
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
            escapes: Vec::new(),
            number: None,
            bias: 0,
            scale: 1,
            trailer: 0,
            align: 1,
            block: None,
            until: Vec::new(),
            expect: Vec::new(),
        };
        if names.contains(&"length") {
            layout.length_field("length")
        } else {
            Ok(layout)
        }
    }

    /// The field that counts the content: an integer, or 3, 5, 6 or 7 bytes of the code `s`, which are an
    /// unsigned number in the header's byte order, as the 24 bits of HTTP/2 and TLS are (`3s`). O(fields).
    ///
    /// # Errors
    /// [`LayoutError::NoSuchField`], [`LayoutError::LengthNotInteger`].
    pub fn length_field(mut self, name: &str) -> Result<Self, LayoutError> {
        let index = self.field_index(name)?;
        let Field { offset, kind } = self.fields[index];
        (self.length, self.number) = match kind {
            FieldKind::Scalar(scalar) if scalar.is_integer() => (Length::Scalar { offset, scalar }, None),
            FieldKind::String {
                length: size @ (3 | 5..=7),
            } => {
                let endian = self.endian();
                (Length::Bytes { offset, size, endian }, Some(index))
            }
            _ => {
                return Err(LayoutError::LengthNotInteger {
                    name: name.to_owned(),
                });
            }
        };
        Ok(self)
    }

    /// If the length field is `value`, the length is an integer of the format `wide` that follows the
    /// header, as the 64 bits of an MP4 box do. It takes the byte order of the header if it has none. If the
    /// [`bias`](Self::bias) takes the whole header off, it takes these bytes off too. O(escapes).
    ///
    /// # Errors
    /// [`LayoutError::Format`], [`LayoutError::EscapeNotInteger`], [`LayoutError::OutOfMemory`].
    pub fn escape(self, value: i128, wide: &str) -> Result<Self, LayoutError> {
        let text = self.header.text().chars().next();
        let prefix = text.filter(|prefix| "@=<>!".contains(*prefix));
        let mut format = String::new();
        if let (Some(prefix), true) = (prefix, wide.starts_with(|code: char| code.is_ascii_alphabetic())) {
            format.push(prefix);
        }
        format.push_str(wide);
        let scalar = Format::parse(&format)?
            .scalar()
            .filter(|scalar| scalar.is_integer())
            .ok_or(LayoutError::EscapeNotInteger)?;
        self.with_escape(value, Then::Wide(scalar))
    }

    /// If the length field is `value`, the content goes up to the end of the scan, less the trailer.
    /// O(escapes).
    ///
    /// # Errors
    /// [`LayoutError::OutOfMemory`].
    pub fn escape_to_end(self, value: i128) -> Result<Self, LayoutError> {
        self.with_escape(value, Then::ToEnd)
    }

    fn with_escape(mut self, value: i128, then: Then) -> Result<Self, LayoutError> {
        self.escapes = with_escape(self.escapes, Escape { value, then }).ok_or(LayoutError::OutOfMemory)?;
        Ok(self)
    }

    /// Every content has this length, in the unit of [`scale`](Self::scale).
    #[must_use]
    pub const fn constant_length(mut self, length: u64) -> Self {
        self.length = Length::Constant(length);
        self
    }

    /// Added to the length after scaling, in bytes: negative if the field counts more than the content.
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
    /// [`LayoutError::BlockTooSmall`] if no header fits a block.
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

    /// The last record is the first one that meets all conditions given so: its field `name` has this value,
    /// and the other fields have theirs.
    ///
    /// # Errors
    /// [`LayoutError::NoSuchField`], [`LayoutError::ValueDoesNotFit`].
    pub fn until_value(mut self, name: &str, value: &Value) -> Result<Self, LayoutError> {
        let condition = self.condition(name, value)?;
        self.until.push(condition);
        Ok(self)
    }

    /// The field `name` of every record has this value; another one ends the scan with
    /// [`RecordFault::Unexpected`](super::RecordFault::Unexpected).
    ///
    /// So a scan that begins at a wrong place fails at its first record, and a scan that loses its place,
    /// because a length is wrong, fails at the next. A magic that only the file has is not part of a record:
    /// begin the scan behind it.
    ///
    /// # Errors
    /// [`LayoutError::NoSuchField`], [`LayoutError::ValueDoesNotFit`].
    ///
    /// ```
    /// use fragview::records::RecordLayout;
    /// let layout = RecordLayout::new("<2sH", &["magic", "length"])?.expect("magic", b"RH")?;
    /// let error = layout.scan(b"RH\x01\0aXX\0\0", ..).unwrap_err();
    /// assert_eq!(error.to_string(), "record 1 at offset 5: the field 'magic' is b'XX', not b'RH'");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn expect(self, name: &str, bytes: &[u8]) -> Result<Self, LayoutError> {
        self.expect_value(name, &Value::Bytes(bytes.to_owned()))
    }

    /// As [`expect`](Self::expect), of any value: numbers compare by value.
    ///
    /// # Errors
    /// [`LayoutError::NoSuchField`], [`LayoutError::ValueDoesNotFit`].
    pub fn expect_value(mut self, name: &str, value: &Value) -> Result<Self, LayoutError> {
        let condition = self.condition(name, value)?;
        self.expect.push(condition);
        Ok(self)
    }

    /// A field, and the bytes of it that equal a value.
    fn condition(&self, name: &str, value: &Value) -> Result<(usize, Vec<u8>), LayoutError> {
        let index = self.field_index(name)?;
        let bytes = if Some(index) == self.number {
            let encoded = encode(self.column(index).kind(), value);
            encoded.and_then(|bytes| self.shortened(index, &bytes))
        } else {
            encode(self.fields[index].kind, value)
        };
        let bytes = bytes.ok_or_else(|| LayoutError::ValueDoesNotFit {
            name: name.to_owned(),
        })?;
        Ok((index, bytes))
    }

    /// The bytes that the field `index`, a number in a string's bytes, has in a header; `native` are those of
    /// its column.
    pub(super) fn shortened(&self, index: usize, native: &[u8]) -> Option<Vec<u8>> {
        let number = super::encode::number_of(native, Endian::NATIVE);
        bytes_of(number, self.fields.get(index)?.kind.size(), self.endian())
    }

    /// True if the field is a number in a string's bytes.
    pub(super) fn is_number(&self, index: usize) -> bool {
        self.number == Some(index)
    }

    /// An empty column for a field.
    pub(super) fn column(&self, index: usize) -> Column {
        match self.fields.get(index).map(|field| field.kind) {
            Some(FieldKind::String { length }) if self.is_number(index) => {
                Column::of_number(length, self.endian())
            }
            kind => Column::new(kind.unwrap_or(FieldKind::String { length: 0 })),
        }
    }

    /// The header's byte order.
    fn endian(&self) -> Endian {
        match self.header.text().as_bytes().first() {
            Some(b'<') => Endian::Little,
            Some(b'>' | b'!') => Endian::Big,
            _ => Endian::NATIVE,
        }
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
