//! Cursors as tokio's files.
#![cfg(feature = "tokio")]

use std::io::SeekFrom;

use crate::support::{Layout, atomics, splits};
use fragview::io::Cursor;
use fragview::{ExclusiveView, SharedView};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

#[test]
fn reads_and_seeks() {
    for split in splits(8) {
        let layout = Layout::new(&split);
        let (base, bytes) = (layout.base(), layout.bytes());
        run(async {
            let mut cursor = Cursor::new(layout.frozen(&base));
            let mut all = Vec::new();
            assert_eq!(cursor.read_to_end(&mut all).await.unwrap(), 8);
            assert_eq!(all, bytes);
            assert_eq!(cursor.seek(SeekFrom::End(-5)).await.unwrap(), 3);
            assert_eq!(cursor.seek(SeekFrom::Current(1)).await.unwrap(), 4);
            assert_eq!(
                cursor.read_u16().await.unwrap(),
                u16::from_be_bytes([bytes[4], bytes[5]])
            );
            assert!(cursor.seek(SeekFrom::Current(-7)).await.is_err());
            assert_eq!(cursor.position(), 6);
            assert!(cursor.read_u32().await.is_err());
        });
    }
}

#[test]
fn lines_and_copies() {
    run(async {
        let base = atomics(b"one\ntwo\nthree");
        let view = SharedView::from_atomics([&base[..2], &base[2..6], &base[6..]]).unwrap();
        let mut lines = Cursor::new(view.clone()).lines();
        let mut got = Vec::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            got.push(line);
        }
        assert_eq!(got, ["one", "two", "three"]);
        let (mut head, mut tail) = ([0; 7], [0; 6]);
        let target = ExclusiveView::from_slices_mut([&mut head[..], &mut tail]).unwrap();
        let mut target = Cursor::new(target);
        assert_eq!(
            tokio::io::copy(&mut Cursor::new(view), &mut target)
                .await
                .unwrap(),
            13
        );
        // There is no room for more.
        assert!(target.write_all(b"!").await.is_err());
        target.shutdown().await.unwrap();
        assert_eq!((&head, &tail), (b"one\ntwo", b"\nthree"));
    });
}

#[test]
fn shared_memory_is_written() {
    run(async {
        let base = atomics(b"abcdef");
        let mut cursor = Cursor::new(SharedView::from_atomics([&base[..4], &base[4..]]).unwrap());
        cursor.seek(SeekFrom::Start(3)).await.unwrap();
        cursor.write_all(b"XYZ").await.unwrap();
        cursor.flush().await.unwrap();
        assert_eq!(crate::support::loaded(&base), b"abcXYZ");
    });
}
