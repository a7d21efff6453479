//! Fragments of IP packets: RFC 791 3.2 and RFC 8200 4.5.

use alloc::collections::BTreeMap;
use core::net::IpAddr;

use crate::geometry::Extents;

/// The fields that the fragments of a packet share: addresses, identification, and the protocol in IPv4.
pub(super) type Key = (IpAddr, IpAddr, u32, u8);

/// A fragment: its place in the packet, and where its bytes lie in the file.
pub(super) struct Fragment {
    pub(super) start: usize,
    pub(super) extents: Extents,
    /// More follow.
    pub(super) more: bool,
    /// The protocol of the packet's payload.
    pub(super) protocol: u8,
}

/// A packet of which not all fragments have come.
#[derive(Default)]
struct Partial {
    /// The bytes from the start on, without a gap.
    head: Extents,
    /// The fragments after a missing range.
    rest: BTreeMap<usize, Extents>,
    /// The length, once the last fragment has come.
    length: Option<usize>,
    /// The protocol that the first fragment tells.
    protocol: Option<u8>,
}

/// The packets of which not all fragments have come.
#[derive(Default)]
pub(super) struct Fragments(BTreeMap<Key, Partial>);

impl Fragments {
    /// Adds a fragment. Returns the payload of the packet and its protocol, if this was the last missing one.
    /// If fragments overlap, the first one counts. O(log), amortised.
    pub(super) fn add(&mut self, key: Key, fragment: Fragment) -> Option<(Extents, u8)> {
        let partial = self.0.entry(key).or_default();
        if !fragment.more {
            let end = fragment.start.checked_add(fragment.extents.byte_len())?;
            partial.length.get_or_insert(end);
        }
        if fragment.start == 0 {
            partial.protocol.get_or_insert(fragment.protocol);
        }
        partial.rest.entry(fragment.start).or_insert(fragment.extents);
        while let Some(entry) = partial.rest.first_entry()
            && *entry.key() <= partial.head.byte_len()
        {
            let (start, extents) = entry.remove_entry();
            let seen = partial.head.byte_len() - start;
            if seen < extents.byte_len() {
                partial.head.append(&extents.slice(seen..extents.byte_len()));
            }
        }
        let length = partial.length?;
        if partial.head.byte_len() < length {
            return None;
        }
        let partial = self.0.remove(&key)?;
        Some((partial.head.slice(0..length), partial.protocol?))
    }
}
