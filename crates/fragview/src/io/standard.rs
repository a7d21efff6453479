//! The traits of `std::io` for a cursor.

use std::io::{self, BufRead, Error, ErrorKind, IoSliceMut, Read, Seek, SeekFrom, Write};
use std::vec::Vec;

use super::Cursor;
use crate::memory::{Exclusive, Kind, Shared};
use crate::view::MemoryRef;

impl<K: Kind, R: MemoryRef> Read for Cursor<K, R> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let count = target.len().min(self.remaining_len());
        self.read_slice(&mut target[..count])
            .ok_or(ErrorKind::UnexpectedEof)?;
        Ok(count)
    }

    fn read_vectored(&mut self, targets: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let mut total = 0;
        for target in targets {
            let count = self.read(target)?;
            total += count;
            if count < target.len() {
                break;
            }
        }
        Ok(total)
    }

    fn read_to_end(&mut self, target: &mut Vec<u8>) -> io::Result<usize> {
        let (at, count) = (self.at(), self.remaining_len());
        self.view
            .append_range_to(at..at + count, target)
            .map_err(|_| Error::from(ErrorKind::OutOfMemory))?;
        self.step(count);
        Ok(count)
    }
}

/// Lends what [`chunk`](Cursor::chunk) does.
impl<K: Kind, R: MemoryRef> BufRead for Cursor<K, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.chunk())
    }

    /// More than there is is all there is.
    fn consume(&mut self, count: usize) {
        self.step(count.min(self.remaining_len()));
    }
}

impl<K: Kind, R: MemoryRef> Seek for Cursor<K, R> {
    /// As in `std::io::Cursor`, a position past the end is allowed, and one before the start is an error.
    fn seek(&mut self, target: SeekFrom) -> io::Result<u64> {
        let position = match target {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => (self.view.len() as u64).checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position().checked_add_signed(offset),
        };
        let position = position.ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidInput,
                "invalid seek to a negative or overflowing position",
            )
        })?;
        self.set_position(position);
        Ok(position)
    }

    fn stream_position(&mut self) -> io::Result<u64> {
        Ok(self.position())
    }
}

/// Writes as many bytes as there is room for, and none past the end. A range that touches read-only memory is
/// `PermissionDenied`, and nothing is written then.
impl<R: MemoryRef> Write for Cursor<Shared<'_>, R> {
    fn write(&mut self, source: &[u8]) -> io::Result<usize> {
        let (at, count) = (self.at(), source.len().min(self.remaining_len()));
        self.view
            .copy_range_from_slice(at..at + count, &source[..count])
            .map_err(|error| Error::new(ErrorKind::PermissionDenied, error))?;
        self.forget();
        self.step(count);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes as many bytes as there is room for, and none past the end.
impl<R: MemoryRef> Write for Cursor<Exclusive<'_>, R> {
    fn write(&mut self, source: &[u8]) -> io::Result<usize> {
        let (at, count) = (self.at(), source.len().min(self.remaining_len()));
        self.view
            .slice_mut(at..at + count)
            .and_then(|mut part| part.copy_from_slice(&source[..count]))
            .map_err(|error| Error::new(ErrorKind::InvalidInput, error))?;
        self.step(count);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
