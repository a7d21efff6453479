//! Views through real sockets, pipes and files.
#![cfg(unix)]

use std::fs::File;
use std::io::{self, ErrorKind, IoSlice, Read, Seek, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use crate::support::{Layout, atomics, loaded, splits};
use fragview::io::{Incoming, Outgoing};
use fragview::memory::{Builder, Shared};
use fragview::{ExclusiveView, FrozenView, SharedView, View};

fn pattern(count: usize) -> Vec<u8> {
    (0..count)
        .map(|index| u8::try_from(index * 31 % 251).unwrap())
        .collect()
}

fn tcp() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (ours, listener.accept().unwrap().0)
}

/// Two ends of a stream, of each kind.
fn streams() -> [(OwnedFd, OwnedFd); 2] {
    let (unix, tcp) = (UnixStream::pair().unwrap(), tcp());
    [(unix.0.into(), unix.1.into()), (tcp.0.into(), tcp.1.into())]
}

#[test]
fn every_split_through_a_pipe() {
    for split in splits(8) {
        let layout = Layout::new(&split);
        let (mut base, bytes) = (layout.base(), layout.bytes());
        let shared = atomics(&base);
        let (mut reader, writer) = io::pipe().unwrap();
        let mut received = [0; 8];
        assert_eq!(layout.frozen(&base).write_to(&writer).unwrap(), 8);
        reader.read_exact(&mut received).unwrap();
        assert_eq!(received, bytes[..]);
        assert_eq!(layout.shared(&shared).write_to(&writer).unwrap(), 8);
        // Exclusive memory gets what shared memory sent, reversed.
        let mut target = layout.exclusive(&mut base);
        assert_eq!(target.read_from(&reader).unwrap(), 8);
        assert_eq!(target, bytes[..]);
        (&writer).write_all(b"abcdefgh").unwrap();
        assert_eq!(layout.shared(&shared).reversed().read_from(&reader).unwrap(), 8);
        let now = loaded(&shared);
        assert_eq!(
            layout.positions().iter().map(|&at| now[at]).collect::<Vec<_>>(),
            b"hgfedcba"
        );
        // And what lies around has not changed.
        for position in (0..now.len()).filter(|position| !layout.positions().contains(position)) {
            assert_eq!(now[position], crate::support::CANARY);
        }
        assert_eq!(base, layout.base());
    }
}

#[test]
fn more_fragments_than_a_call_takes() {
    let bytes = pattern(1_000_003);
    let view = FrozenView::from_slices(bytes.chunks(97)).unwrap();
    assert!(view.memory().fragment_count() > 10 * 1024);
    for (ours, theirs) in streams() {
        let mut target = vec![0; bytes.len() + 10];
        thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut view = ExclusiveView::from_slices_mut(target.chunks_mut(61)).unwrap();
                view.read_from(&theirs).unwrap()
            });
            assert_eq!(view.write_to(&ours).unwrap(), bytes.len());
            drop(ours);
            // The end of the stream ends the read.
            assert_eq!(reader.join().unwrap(), bytes.len());
        });
        assert_eq!(target[..bytes.len()], bytes);
        assert_eq!(target[bytes.len()..], [0; 10]);
    }
}

#[test]
fn gaps_and_holes() {
    let base = atomics(&pattern(20_000));
    let mut builder = Builder::<Shared<'_>>::new();
    for chunk in base.chunks(7) {
        builder.push_slice(chunk).unwrap();
        builder.push_hole(2).unwrap();
    }
    builder.push_hole(100_004).unwrap();
    let view = SharedView::from(builder.finish());
    let mut file = tempfile();
    assert_eq!(view.write_to(&file).unwrap(), view.len());
    file.rewind().unwrap();
    let mut written = Vec::new();
    file.read_to_end(&mut written).unwrap();
    assert_eq!(view, written[..]);
    // A view whose items have gaps: 2,000 of them, some across seams.
    let items = view.untyped(10).unwrap();
    let items = items.slice_with_step(fragview::geometry::Slice {
        start: Some(2000),
        stop: None,
        step: -3,
    });
    let (mut reader, writer) = io::pipe().unwrap();
    thread::scope(|scope| {
        scope.spawn(move || items.write_to(&writer).unwrap());
        let mut written = Vec::new();
        reader.read_to_end(&mut written).unwrap();
        let items = view.untyped(10).unwrap();
        let expected: Vec<u8> = (0..=2000)
            .rev()
            .step_by(3)
            .flat_map(|item| items.slice(item..=item).unwrap().to_vec().unwrap())
            .collect();
        assert_eq!(written, expected);
    });
    // Nothing is read into a hole, nor anywhere else then.
    let (reader, writer) = io::pipe().unwrap();
    (&writer).write_all(b"x").unwrap();
    let error = view.read_from(&reader).unwrap_err();
    assert_eq!(
        (error.moved, error.error.kind()),
        (0, ErrorKind::PermissionDenied)
    );
    drop(writer);
    assert_eq!(view.slice(..7).unwrap().read_from(&reader).unwrap(), 1);
}

fn tempfile() -> File {
    let path = std::env::temp_dir().join(format!(
        "fragview-{}-{:?}",
        std::process::id(),
        thread::current().id()
    ));
    let file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)
        .unwrap();
    std::fs::remove_file(path).unwrap();
    file
}

#[test]
fn files_at_an_offset_keep_their_position() {
    let mut file = tempfile();
    file.write_all(b"0123456789").unwrap();
    file.seek(io::SeekFrom::Start(9)).unwrap();
    let base = atomics(&[0; 5]);
    let view = SharedView::from_atomics([&base[..2], &base[2..]]).unwrap();
    let mut incoming = view.incoming().unwrap();
    incoming.from_offset(3);
    while incoming.step(&file).unwrap() > 0 {}
    assert!(incoming.is_done());
    assert_eq!(
        (loaded(&base), file.stream_position().unwrap()),
        (b"34567".to_vec(), 9)
    );
    let mut incoming = view.incoming().unwrap();
    incoming.from_offset(8);
    assert_eq!(
        (incoming.step(&file).unwrap(), incoming.step(&file).unwrap()),
        (2, 0)
    );
    assert_eq!((incoming.moved(), incoming.is_done()), (2, false));
    assert_eq!(loaded(&base), b"89567");
    let mut incoming = view.incoming().unwrap();
    incoming.from_offset(u64::MAX);
    assert_eq!(incoming.step(&file).unwrap(), 0);
    // At its own position.
    assert_eq!(view.read_from(&file).unwrap(), 1);
    assert_eq!(loaded(&base), b"99567");
}

#[test]
fn streams_that_do_not_block_give_what_went() {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    let bytes = pattern(10_000_000);
    let view = FrozenView::from_slices(bytes.chunks(1000)).unwrap();
    let sent = view.write_to(&ours).unwrap();
    assert!(0 < sent && sent < bytes.len());
    let error = view.write_to(&ours).unwrap_err();
    assert_eq!((error.moved, error.error.kind()), (0, ErrorKind::WouldBlock));
    assert!(
        !Outgoing::<&fragview::memory::Memory<fragview::memory::Frozen<'_>>>::wait(
            &ours,
            Duration::from_millis(1)
        )
        .unwrap()
    );
    let mut received = vec![0; sent];
    theirs.read_exact(&mut received).unwrap();
    assert_eq!(received, bytes[..sent]);
    // The other way.
    let base = atomics(&[0; 10]);
    let target = SharedView::from_atomics([&base[..3], &base[3..]]).unwrap();
    assert_eq!(
        target.read_from(&ours).unwrap_err().error.kind(),
        ErrorKind::WouldBlock
    );
    theirs.write_all(b"abcd").unwrap();
    assert!(Incoming::<&fragview::memory::Memory<Shared<'_>>>::wait(&ours, Duration::from_secs(5)).unwrap());
    assert_eq!(target.read_from(&ours).unwrap(), 4);
    assert_eq!(loaded(&base)[..5], *b"abcd\0");
}

#[test]
fn a_closed_peer_is_an_error_that_tells_what_went() {
    for (ours, theirs) in streams() {
        let bytes = pattern(20_000_000);
        let view = FrozenView::from_slices(bytes.chunks(4096)).unwrap();
        let reader = thread::spawn(move || {
            let mut file = File::from(theirs);
            file.read_exact(&mut vec![0; 300_000]).unwrap();
        });
        let error = view.write_to(&ours).unwrap_err();
        reader.join().unwrap();
        assert!((300_000..bytes.len()).contains(&error.moved));
        let kind = error.error.kind();
        assert!(
            matches!(kind, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset),
            "{kind:?}"
        );
        assert!(
            error
                .to_string()
                .ends_with(&format!("(after {} bytes)", error.moved))
        );
        assert_eq!(io::Error::from(error).kind(), kind);
    }
}

#[test]
fn empty_views_make_no_call() {
    let (reader, writer) = io::pipe().unwrap();
    let view = FrozenView::from_slices([]).unwrap();
    assert_eq!(view.write_to(&writer).unwrap(), 0);
    let view = View::from_owners([crate::support::Page::new(b"", false)]).unwrap();
    assert_eq!(view.read_from(&reader).unwrap(), 0);
}

/// A writer that takes a few bytes of a few slices, is interrupted, and counts.
struct Slow {
    taken: Vec<u8>,
    calls: usize,
    most: usize,
    limit: usize,
}

impl Write for Slow {
    fn write(&mut self, source: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(source)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.calls += 1;
        self.most = self.most.max(slices.len());
        if self.calls.is_multiple_of(3) {
            return Err(ErrorKind::Interrupted.into());
        }
        let room = (self.calls * 7919 % 5000).min(self.limit - self.taken.len());
        let before = self.taken.len();
        for slice in slices {
            let left = room - (self.taken.len() - before);
            self.taken.extend_from_slice(&slice[..slice.len().min(left)]);
        }
        Ok(self.taken.len() - before)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn writers_get_no_more_slices_than_a_system_takes() {
    let bytes = pattern(200_000);
    let view = FrozenView::from_slices(bytes.chunks(13)).unwrap();
    let mut slow = Slow {
        taken: Vec::new(),
        calls: 0,
        most: 0,
        limit: usize::MAX,
    };
    assert_eq!(view.write_all_to(&mut slow).unwrap(), bytes.len());
    assert_eq!((slow.taken, slow.most), (bytes.clone(), 1024));
    let mut full = Slow {
        taken: Vec::new(),
        calls: 0,
        most: 0,
        limit: 50_000,
    };
    let error = view.write_all_to(&mut full).unwrap_err();
    assert_eq!((error.moved, error.error.kind()), (50_000, ErrorKind::WriteZero));
    assert_eq!(full.taken, bytes[..50_000]);
}
