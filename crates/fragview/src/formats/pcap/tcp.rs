//! TCP streams from segments (RFC 9293), by the rules by which tshark follows them:
//!
//! - A connection is a pair of addresses and ports. A SYN with another sequence number than the connection
//!   began with begins a new one: the ports are used again.
//! - A direction begins with the sequence number of its first segment, plus one if that is a SYN.
//! - A segment that begins where the stream ends extends it. Of one that begins earlier only what is new
//!   counts, so the first copy wins; that drops retransmissions and keep-alives. One that begins later waits.
//!   When several that wait could go on, the one that came first does.
//! - Once the other side acknowledges what waits, the gap before it is a hole: the receiver had it, the
//!   capture does not. What still waits at the end of the capture is put behind holes too, as tcpflow does
//!   (tshark leaves it out): a capture of one direction has no acknowledgements.
//! - A segment of which the capture has a part counts with that part; a hole is left for the rest, unless
//!   another copy fills it.

use alloc::boxed::Box;
use alloc::collections::BinaryHeap;
use core::cmp::Reverse;
use core::hash::BuildHasher;
use core::net::SocketAddr;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::packet::Direction;
use crate::error::Error;
use crate::geometry::{Chunked, Extent, Extents};

const SYN: u8 = 2;
const ACK: u8 = 16;

/// No window is larger (RFC 7323 2.3), so data farther ahead is not valid.
const MAX_WINDOW: i64 = 1 << 30;

/// A segment's header.
#[derive(Clone, Copy)]
pub(super) struct Segment {
    pub(super) source: SocketAddr,
    pub(super) target: SocketAddr,
    pub(super) sequence: u32,
    pub(super) acknowledgement: u32,
    pub(super) flags: u8,
}

impl Segment {
    const fn has(&self, flags: u8) -> bool {
        self.flags & flags != 0
    }
}

/// All connections, in the order of their first segments. About 190 bytes each: a packet without data, the
/// smallest thing that makes one, has 56 bytes in the file.
#[derive(Default)]
pub(in crate::formats) struct Connections {
    all: Chunked<Connection>,
    /// The latest connection between two ends, found by them.
    latest: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

struct Connection {
    /// The sender of the first segment.
    client: SocketAddr,
    server: SocketAddr,
    sides: [Side; 2],
}

/// One direction.
#[derive(Default)]
struct Side {
    /// The number before that of its first byte, as it or the other side's acknowledgements tell.
    base: Option<u32>,
    /// The number of the next byte, counted on past 32 bits.
    next: Next,
    extents: Extents,
    /// The end of the segments that were captured in part.
    claimed: i64,
    /// Segments that wait for a missing range; most connections have none.
    waiting: Option<Box<Waiting>>,
}

/// The number of the next byte of a direction, if it is known.
#[derive(Clone, Copy)]
struct Next(i64);

impl Default for Next {
    fn default() -> Self {
        Self(i64::MIN)
    }
}

impl Next {
    fn get(self) -> Option<i64> {
        (self.0 != i64::MIN).then_some(self.0)
    }
}

/// Data that is ahead of its direction, the least number first.
#[derive(Default)]
struct Waiting {
    heap: BinaryHeap<Reverse<Ahead>>,
    arrivals: usize,
}

/// Data that waits: ordered by number, then by arrival.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Ahead {
    at: i64,
    arrival: usize,
    offset: usize,
    length: usize,
}

impl Connections {
    /// Adds a segment with `length` bytes of data, the first of which, as many as were captured, lie at
    /// `runs` of the file. O(log), amortised.
    pub(super) fn add(&mut self, segment: Segment, length: usize, runs: &[Extent]) -> Result<(), Error> {
        let Segment { source, target, .. } = segment;
        let Self { all, latest, hasher } = self;
        let key = (source.min(target), source.max(target));
        let hash = hasher.hash_one(key);
        let ends = |index: &u32| all.get(*index as usize).map(Connection::ends);
        let entry = latest.find(hash, |index| ends(index) == Some(key));
        let before = entry.map(|&index| index as usize).filter(|&index| {
            all.get(index)
                .is_some_and(|connection| !connection.is_reused_by(&segment))
        });
        let index = if let Some(index) = before {
            index
        } else {
            let index = u32::try_from(all.len()).map_err(|_| Error::OutOfMemory)?;
            let of = |index: &u32| hasher.hash_one(all.get(*index as usize).map_or(key, Connection::ends));
            latest.try_reserve(1, of).map_err(|_| Error::OutOfMemory)?;
            match latest.find_mut(hash, |index| ends(index) == Some(key)) {
                Some(latest) => *latest = index,
                None => {
                    latest.insert_unique(hash, index, of);
                }
            }
            all.push(Connection {
                client: source,
                server: target,
                sides: [Side::default(), Side::default()],
            })?;
            index as usize
        };
        if let Some(connection) = self.all.get_mut(index) {
            connection.add(segment, length, runs)?;
        }
        Ok(())
    }

    /// Both directions of each connection; that of the first segment first.
    pub(in crate::formats) fn finish(self) -> impl Iterator<Item = Result<[Direction; 2], Error>> {
        self.all.into_items().map(|connection| {
            let Connection {
                client,
                server,
                sides: [from_client, from_server],
            } = connection;
            Ok([
                (client, server, from_client.finish()?),
                (server, client, from_server.finish()?),
            ])
        })
    }
}

impl Connection {
    /// The two ends, the lesser one first.
    fn ends(&self) -> (SocketAddr, SocketAddr) {
        (self.client.min(self.server), self.client.max(self.server))
    }

    /// Whether the segment begins another connection between the same ends.
    fn is_reused_by(&self, segment: &Segment) -> bool {
        let [from_client, from_server] = &self.sides;
        let side = if segment.source == self.client {
            from_client
        } else {
            from_server
        };
        segment.has(SYN) && !segment.has(ACK) && side.base.is_some_and(|base| base != segment.sequence)
    }

    fn add(&mut self, segment: Segment, length: usize, runs: &[Extent]) -> Result<(), Error> {
        let [from_client, from_server] = &mut self.sides;
        let (side, other) = if segment.source == self.client {
            (from_client, from_server)
        } else {
            (from_server, from_client)
        };
        let syn = segment.has(SYN);
        let first = segment.sequence.wrapping_add(u32::from(syn));
        side.base.get_or_insert(first.wrapping_sub(1));
        if segment.has(ACK) {
            other.base.get_or_insert(segment.acknowledgement.wrapping_sub(1));
            other.acknowledge(segment.acknowledgement)?;
        }
        side.add(first, length, runs)
    }
}

impl Side {
    /// The number of a byte, counted on past 32 bits: the one closest to the next byte's.
    fn unwrap(next: i64, number: u32) -> i64 {
        // The cast keeps the low 32 bits, which are compared; the difference is signed.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let low = next as u32;
        next + i64::from(number.wrapping_sub(low).cast_signed())
    }

    /// Adds data that begins with byte number `first`.
    fn add(&mut self, first: u32, length: usize, runs: &[Extent]) -> Result<(), Error> {
        let mut next = self.next.get().unwrap_or(i64::from(first));
        let mut at = Self::unwrap(next, first);
        let end = at.saturating_add(signed(length));
        for run in runs {
            let Extent {
                offset: Some(offset),
                length: 1..,
            } = *run
            else {
                continue;
            };
            if at <= next {
                self.append(&mut next, at, offset, run.length)?;
            } else {
                let waiting = self.waiting.get_or_insert_default();
                let heap = &mut waiting.heap;
                if heap.len() == heap.capacity() {
                    let more = (heap.len() / 2).max(1);
                    heap.try_reserve_exact(more).map_err(|_| Error::OutOfMemory)?;
                }
                heap.push(Reverse(Ahead {
                    at,
                    arrival: waiting.arrivals,
                    offset,
                    length: run.length,
                }));
                waiting.arrivals += 1;
            }
            at += signed(run.length);
        }
        if at < end {
            self.claimed = self.claimed.max(end);
        }
        self.next = Next(next);
        self.extend()
    }

    /// Appends the new bytes of the data at byte number `at`, which is not ahead of `next`.
    fn append(&mut self, next: &mut i64, at: i64, offset: usize, length: usize) -> Result<(), Error> {
        let seen = usize::try_from(*next - at).unwrap_or(usize::MAX);
        if seen < length {
            self.extents.try_push(Some(offset + seen), length - seen)?;
            *next = at + signed(length);
        }
        Ok(())
    }

    /// Appends what waits and is not ahead, what came first before the rest. O(log) each.
    fn extend(&mut self) -> Result<(), Error> {
        let (Some(mut next), Some(mut waiting)) = (self.next.get(), self.waiting.take()) else {
            return Ok(());
        };
        let mut ready = BinaryHeap::new();
        loop {
            while let Some(Reverse(first)) = waiting.heap.peek()
                && first.at <= next
            {
                let (arrival, at, offset, length) = (first.arrival, first.at, first.offset, first.length);
                waiting.heap.pop();
                ready.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
                ready.push(Reverse((arrival, at, offset, length)));
            }
            let Some(Reverse((_, at, offset, length))) = ready.pop() else {
                break;
            };
            self.append(&mut next, at, offset, length)?;
        }
        self.next = Next(next);
        // An empty heap's memory goes.
        self.waiting = (!waiting.heap.is_empty()).then_some(waiting);
        Ok(())
    }

    /// The other side has all bytes before number `acknowledgement`.
    fn acknowledge(&mut self, acknowledgement: u32) -> Result<(), Error> {
        let Some(next) = self.next.get() else {
            return Ok(());
        };
        let acknowledged = Self::unwrap(next, acknowledgement);
        while let Some(first) = self.first_waiting()
            && first < acknowledged
        {
            self.skip(first)?;
            self.extend()?;
        }
        Ok(())
    }

    fn first_waiting(&self) -> Option<i64> {
        let Reverse(first) = self.waiting.as_ref()?.heap.peek()?;
        Some(first.at)
    }

    /// A hole up to byte number `to`.
    fn skip(&mut self, to: i64) -> Result<(), Error> {
        if let Some(next) = self.next.get()
            && next < to
        {
            self.extents
                .try_push(None, usize::try_from(to - next).unwrap_or(usize::MAX))?;
            self.next = Next(to);
        }
        Ok(())
    }

    /// The stream. Empty if no byte was captured.
    fn finish(mut self) -> Result<Extents, Error> {
        while let (Some(first), Some(next)) = (self.first_waiting(), self.next.get())
            && first - next <= MAX_WINDOW
        {
            self.skip(first)?;
            self.extend()?;
        }
        if self.extents.iter().all(|extent| extent.offset.is_none()) {
            return Ok(Extents::new());
        }
        if self
            .next
            .get()
            .is_some_and(|next| self.claimed - next <= MAX_WINDOW)
        {
            self.skip(self.claimed)?;
        }
        Ok(self.extents)
    }
}

/// A length as a difference of byte numbers.
fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
