//! Item formats: the layout and the meaning of an item's bytes, in the notation of Python's [`struct`]
//! module.
//!
//! A format is an optional byte order and then codes, each with an optional count:
//!
//! | prefix | byte order | sizes | alignment |
//! |---|---|---|---|
//! | `@` or none | this machine's | this machine's C compiler's | C's, without padding at the end |
//! | `=` | this machine's | standard | none |
//! | `<` | little | standard | none |
//! | `>` or `!` | big | standard | none |
//!
//! | code | value | standard size |
//! |---|---|---|
//! | `x` | none, a pad byte | 1 |
//! | `c` | a byte | 1 |
//! | `?` | a truth value | 1 |
//! | `b` `h` `i` `l` `q` | a signed integer | 1, 2, 4, 4, 8 |
//! | `B` `H` `I` `L` `Q` | an unsigned integer | 1, 2, 4, 4, 8 |
//! | `n` `N` `P` | a `ssize_t`, a `size_t`, a pointer | only native |
//! | `e` `f` `d` | an IEEE 754 float | 2, 4, 8 |
//! | `s` | as many bytes as the count says | the count |
//! | `p` | a Pascal string: a length byte and then that many bytes | the count |
//!
//! A [`Format`] of one value, as in `B` or `<I`, takes 16 bytes and copies without an allocation;
//! [`Format::scalar`] gives its [`Scalar`], which reads and writes one item in a few instructions.
//!
//! ```
//! use fragview::format::{Format, ScalarValue, Value};
//!
//! let header = Format::parse(">H4sB")?;
//! assert_eq!(header.item_size(), 7);
//! let values = header.unpack(b"\x01\x02abcd\xff")?;
//! assert_eq!(values[0], Value::Scalar(ScalarValue::Unsigned(0x0102)));
//! assert_eq!(values[1], Value::Bytes(b"abcd".to_vec()));
//!
//! let mut item = [0; 7];
//! header.pack(&values, &mut item)?;
//! assert_eq!(&item, b"\x01\x02abcd\xff");
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! [`struct`]: https://docs.python.org/3/library/struct.html#format-strings

#![forbid(unsafe_code)]

mod code;
mod encode;
mod endian;
mod error;
mod field;
mod float;
mod items;
mod layout;
mod parse;
mod scalar;
mod value;

pub use self::endian::Endian;
pub use self::error::{FormatError, PackError, UnpackError};
pub use self::field::{Field, FieldKind, Fields};
pub use self::items::Values;
pub use self::layout::Format;
pub use self::scalar::{Kind, Scalar};
pub use self::value::{ScalarValue, Value, ValueRef};
