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

use alloc::collections::{BTreeMap, BinaryHeap};
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::net::SocketAddr;

use super::packet::Direction;
use crate::error::Error;
use crate::geometry::{Extent, Extents};

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

/// All connections, in the order of their first segments.
#[derive(Default)]
pub(in crate::formats) struct Connections {
    all: Vec<Connection>,
    /// The latest connection between two ends, the lesser one first.
    latest: BTreeMap<(SocketAddr, SocketAddr), usize>,
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
    next: Option<i64>,
    extents: Extents,
    /// Segments that wait for a missing range: by number, then by arrival; their offset in the file and their
    /// length.
    waiting: BTreeMap<(i64, usize), (usize, usize)>,
    arrivals: usize,
    /// The end of the segments that were captured in part.
    claimed: i64,
}

impl Connections {
    /// Adds a segment with `length` bytes of data, the first of which, as many as were captured, lie at
    /// `runs` of the file. O(log), amortised.
    pub(super) fn add(&mut self, segment: Segment, length: usize, runs: &[Extent]) -> Result<(), Error> {
        let Segment { source, target, .. } = segment;
        let key = (source.min(target), source.max(target));
        let latest = self.latest.get(&key).copied();
        let latest = latest.filter(|&index| {
            self.all
                .get(index)
                .is_some_and(|connection| !connection.is_reused_by(&segment))
        });
        if latest.is_none() && self.all.len() == self.all.capacity() {
            let more = (self.all.len() / 4).max(4);
            self.all.try_reserve_exact(more).map_err(|_| Error::OutOfMemory)?;
        }
        let index = latest.unwrap_or_else(|| {
            self.all.push(Connection {
                client: source,
                server: target,
                sides: [Side::default(), Side::default()],
            });
            self.latest.insert(key, self.all.len() - 1);
            self.all.len() - 1
        });
        if let Some(connection) = self.all.get_mut(index) {
            connection.add(segment, length, runs)?;
        }
        Ok(())
    }

    /// Both directions of each connection; that of the first segment first.
    pub(in crate::formats) fn finish(self) -> impl Iterator<Item = Result<[Direction; 2], Error>> {
        self.all.into_iter().map(|connection| {
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
        let mut next = *self.next.get_or_insert(i64::from(first));
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
                self.waiting.insert((at, self.arrivals), (offset, run.length));
                self.arrivals += 1;
            }
            at += signed(run.length);
        }
        if at < end {
            self.claimed = self.claimed.max(end);
        }
        self.next = Some(next);
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

    /// Appends what waits and is not ahead. O(log) each.
    fn extend(&mut self) -> Result<(), Error> {
        let Some(mut next) = self.next else {
            return Ok(());
        };
        let mut ready = BinaryHeap::new();
        loop {
            while let Some(entry) = self.waiting.first_entry()
                && entry.key().0 <= next
            {
                let ((at, arrival), (offset, length)) = entry.remove_entry();
                ready.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
                ready.push(Reverse((arrival, at, offset, length)));
            }
            let Some(Reverse((_, at, offset, length))) = ready.pop() else {
                break;
            };
            self.append(&mut next, at, offset, length)?;
        }
        self.next = Some(next);
        Ok(())
    }

    /// The other side has all bytes before number `acknowledgement`.
    fn acknowledge(&mut self, acknowledgement: u32) -> Result<(), Error> {
        let Some(next) = self.next else {
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
        self.waiting.first_key_value().map(|(&(first, _), _)| first)
    }

    /// A hole up to byte number `to`.
    fn skip(&mut self, to: i64) -> Result<(), Error> {
        if let Some(next) = self.next
            && next < to
        {
            self.extents
                .try_push(None, usize::try_from(to - next).unwrap_or(usize::MAX))?;
            self.next = Some(to);
        }
        Ok(())
    }

    /// The stream. Empty where no byte was captured.
    fn finish(mut self) -> Result<Extents, Error> {
        while let (Some(first), Some(next)) = (self.first_waiting(), self.next)
            && first - next <= MAX_WINDOW
        {
            self.skip(first)?;
            self.extend()?;
        }
        if self.extents.iter().all(|extent| extent.offset.is_none()) {
            return Ok(Extents::new());
        }
        if self.next.is_some_and(|next| self.claimed - next <= MAX_WINDOW) {
            self.skip(self.claimed)?;
        }
        Ok(self.extents)
    }
}

/// A length as a difference of byte numbers.
fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
