//! The traits of `tokio` for a cursor. Memory is always ready, so nothing here waits.

use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};

use super::Cursor;
use crate::memory::Kind;
use crate::view::MemoryRef;

impl<K: Kind + Unpin, R: MemoryRef + Unpin> AsyncRead for Cursor<K, R> {
    fn poll_read(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        target: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let cursor = self.get_mut();
        let count = target.remaining().min(cursor.remaining_len());
        let read = cursor.read(target.initialize_unfilled_to(count))?;
        target.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl<K: Kind + Unpin, R: MemoryRef + Unpin> AsyncBufRead for Cursor<K, R> {
    fn poll_fill_buf(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        Poll::Ready(Ok(self.get_mut().chunk()))
    }

    fn consume(self: Pin<&mut Self>, count: usize) {
        BufRead::consume(self.get_mut(), count);
    }
}

impl<K: Kind + Unpin, R: MemoryRef + Unpin> AsyncSeek for Cursor<K, R> {
    fn start_seek(self: Pin<&mut Self>, target: SeekFrom) -> io::Result<()> {
        self.get_mut().seek(target).map(drop)
    }

    fn poll_complete(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Poll::Ready(Ok(self.position()))
    }
}

impl<K: Kind + Unpin, R: MemoryRef + Unpin> AsyncWrite for Cursor<K, R>
where
    Self: Write,
{
    fn poll_write(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        source: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.get_mut().write(source))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
