//! Links and tunnels: where in a frame the IP packet is.

use super::part::Part;

/// The most headers of a frame that are read; a frame with more is invalid.
const MAX_HEADERS: usize = 32;

// EtherTypes (IEEE 802 numbers).
const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86DD;
/// Ethernet within what a GRE or Geneve header precedes.
pub(super) const ETHERNET: u16 = 0x6558;
const MPLS: u16 = 0x8847;
/// PPP within GRE, and what the frame of a link of PPP is here.
const PPP: u16 = 0x880B;
const ERSPAN: u16 = 0x88BE;
const ERSPAN_3: u16 = 0x22EB;

/// The link types that are known (<https://www.tcpdump.org/linktypes.html>).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Ethernet,
    /// The address family, in either byte order, or in network order on `OpenBSD`.
    Loopback,
    /// IP, whose first bits tell the version.
    Raw,
    LinuxCooked,
    LinuxCooked2,
    Ppp,
    /// Cisco's HDLC.
    CiscoHdlc,
    /// Linux' netfilter log: values with types.
    NetfilterLog,
    /// Wi-Fi, as it is in the air, and with the receiver's notes before that.
    Wifi,
    Radiotap,
}

/// What a frame holds.
#[derive(Clone, Copy)]
pub(super) enum Found<'a> {
    Ip(Part<'a>),
    /// Neither an IP packet nor a tunnel.
    Nothing,
    /// Something that can't be looked into.
    Opaque(&'static str),
}

impl Link {
    /// The link of a LINKTYPE number.
    pub(super) const fn from_number(number: u32) -> Option<Self> {
        match number {
            0 | 108 => Some(Self::Loopback),
            1 => Some(Self::Ethernet),
            9 | 50 => Some(Self::Ppp),
            // 101, what LINKTYPE_RAW is on some systems, and IPv4 and IPv6 alone.
            12 | 14 | 101 | 228 | 229 => Some(Self::Raw),
            104 => Some(Self::CiscoHdlc),
            105 => Some(Self::Wifi),
            113 => Some(Self::LinuxCooked),
            127 => Some(Self::Radiotap),
            239 => Some(Self::NetfilterLog),
            276 => Some(Self::LinuxCooked2),
            _ => None,
        }
    }

    /// What the frame holds.
    pub(super) fn open(self, frame: Part<'_>) -> Found<'_> {
        let found = match self {
            Self::Raw => Some(Found::Ip(frame)),
            Self::Loopback => frame.array(0).and_then(|family: [u8; 4]| {
                let families = [u32::from_le_bytes(family), u32::from_be_bytes(family)];
                // IPv4 is 2 everywhere; IPv6 is 10 on Linux, 23 on Windows, 24, 28 and 30 on the BSDs.
                let is_ip = families
                    .iter()
                    .any(|family| matches!(family, 2 | 10 | 23 | 24 | 28 | 30));
                frame.skip(4).filter(|_| is_ip).map(Found::Ip)
            }),
            Self::Ethernet => typed(frame, 12, 14),
            Self::LinuxCooked => typed(frame, 14, 16),
            Self::LinuxCooked2 => typed(frame, 0, 20),
            Self::Ppp => Some(payload(PPP, frame)),
            Self::CiscoHdlc => typed(frame, 2, 4),
            Self::NetfilterLog => netfilter(frame).map(Found::Ip),
            Self::Wifi => wifi(frame, false),
            Self::Radiotap => radiotap(frame),
        };
        found.unwrap_or(Found::Nothing)
    }
}

/// What a frame holds whose `EtherType` is `at` bytes into it, and its payload `start` bytes.
fn typed(frame: Part<'_>, at: usize, start: usize) -> Option<Found<'_>> {
    Some(payload(frame.short(at)?, frame.skip(start)?))
}

/// What an `EtherType`'s payload holds, behind tags, labels and headers of tunnels.
pub(super) fn payload(mut kind: u16, mut part: Part<'_>) -> Found<'_> {
    for _ in 0..MAX_HEADERS {
        match (kind, inner(kind, part)) {
            (IPV4 | IPV6, _) => return Found::Ip(part),
            (_, Some(next)) => (kind, part) = next,
            (ERSPAN | ERSPAN_3, None) => return Found::Opaque("an ERSPAN header that is not known"),
            (0x88E5, None) => return Found::Opaque("MACsec is not looked into"),
            _ => return Found::Nothing,
        }
    }
    Found::Nothing
}

/// The `EtherType` and the payload within a payload of type `kind`.
fn inner(kind: u16, part: Part<'_>) -> Option<(u16, Part<'_>)> {
    let after = |at: usize, front: usize| Some((part.short(at)?, part.skip(front)?));
    match kind {
        ETHERNET => after(12, 14),
        // VLAN (802.1Q), provider bridges (802.1ad), and what came before them.
        0x8100 | 0x88A8 | 0x9100 | 0x9200 => after(2, 4),
        // Cisco MetaData: version, length, option and group tag.
        0x8909 => after(6, 8),
        // PPPoE session (RFC 2516): its length leaves out what pads the frame.
        0x8864 => {
            let length = usize::from(part.short(4)?);
            Some((PPP, part.narrow(6, length.checked_add(6)?)?))
        }
        PPP => ppp(part),
        MPLS | 0x8848 => mpls(part),
        // TRILL (RFC 6325 3): a header with options, and the frame.
        0x22F3 => {
            let options = usize::from(part.short(0)? >> 6 & 0x1F);
            Some((ETHERNET, part.skip(6 + options * 4)?))
        }
        // A length (802.3), which leaves out padding: LLC, and SNAP with an EtherType (RFC 1042, 802.1H).
        0..=1500 => {
            let part = part.narrow(0, usize::from(kind))?;
            let is_snap = matches!(part.array(0)?, [0xAA, 0xAA, 3, 0, 0, 0 | 0xF8]);
            is_snap.then_some((part.short(6)?, part.skip(8)?))
        }
        _ => None,
    }
}

/// What a PPP frame holds: RFC 1661 2, with or without the address and control bytes of RFC 1662, and with a
/// protocol of one byte if that was agreed on.
fn ppp(part: Part<'_>) -> Option<(u16, Part<'_>)> {
    let part = match part.array(0) {
        Some([0xFF, 3]) => part.skip(2)?,
        _ => part,
    };
    let [first] = part.array(0)?;
    // The lowest bit of the last byte is set, and only that.
    let (protocol, part) = match first & 1 {
        1 => (u16::from(first), part.skip(1)?),
        _ => (part.short(0)?, part.skip(2)?),
    };
    let kind = match protocol {
        0x0021 => IPV4,
        0x0057 => IPV6,
        0x0281 => MPLS,
        0x0031 => ETHERNET,
        _ => return None,
    };
    // A bridged frame has two bytes of flags before it (RFC 3518).
    let front = if kind == ETHERNET { 2 } else { 0 };
    Some((kind, part.skip(front)?))
}

/// What is behind MPLS labels (RFC 3032), up to the one with the bottom bit. What follows tells its version,
/// or is an Ethernet frame, with (RFC 4448) or without a control word.
fn mpls(mut part: Part<'_>) -> Option<(u16, Part<'_>)> {
    for _ in 0..MAX_HEADERS {
        let bottom = part.short(2)? & 0x0100 != 0;
        part = part.skip(4)?;
        if bottom {
            break;
        }
    }
    match part.array::<1>(0)?[0] >> 4 {
        4 => Some((IPV4, part)),
        6 => Some((IPV6, part)),
        0 => Some((ETHERNET, part.skip(4)?)),
        _ => Some((ETHERNET, part)),
    }
}

/// What a GRE packet holds: RFC 2784, 2890, and 2637 for its version 1.
pub(super) fn gre(part: Part<'_>) -> Option<Found<'_>> {
    let (flags, kind) = (part.short(0)?, part.short(2)?);
    let has = |bit: u16| usize::from(flags & bit != 0);
    // Checksum (or routing), key, sequence number, and acknowledgement in version 1.
    let is_routed = flags & 0x4000 != 0;
    let mut front = 4 + 4 * (has(0x8000 | 0x4000) + has(0x2000) + has(0x1000));
    match flags & 7 {
        0 if !is_routed => {}
        1 => front += 4 * has(0x0080),
        _ => return Some(Found::Opaque("a GRE header that is not known")),
    }
    let part = part.skip(front)?;
    let front = match kind {
        // Without a sequence number this is type I, which has no header of its own.
        ERSPAN if has(0x1000) == 0 => 0,
        ERSPAN if part.array::<1>(0)?[0] >> 4 == 1 => 8,
        // Type III, with eight bytes of its platform if the last bit says so.
        ERSPAN_3 => 12 + 8 * usize::from(part.array::<1>(11)?[0] & 1),
        ERSPAN => return Some(Found::Opaque("an ERSPAN header that is not known")),
        _ => return Some(payload(kind, part)),
    };
    Some(payload(ETHERNET, part.skip(front)?))
}

/// What a UDP datagram holds, if it is of a tunnel: VXLAN (RFC 7348) or Geneve (RFC 8926).
pub(super) fn udp(part: Part<'_>) -> Option<Found<'_>> {
    let (port, length) = (part.short(2)?, usize::from(part.short(4)?));
    let length = if length == 0 { part.full_len() } else { length };
    let part = part.narrow(8, length)?;
    match port {
        4789 | 8472 if part.array::<1>(0)?[0] & 8 != 0 => Some(payload(ETHERNET, part.skip(8)?)),
        6081 if part.array::<1>(0)?[0] >> 6 == 0 => {
            let options = usize::from(part.array::<1>(0)?[0] & 0x3F) * 4;
            Some(payload(part.short(2)?, part.skip(8 + options)?))
        }
        _ => None,
    }
}

/// The packet in a netfilter log: values of a length, a type and padding, in the order of the machine.
fn netfilter(frame: Part<'_>) -> Option<Part<'_>> {
    const PAYLOAD: u16 = 9;
    let find = |read: fn([u8; 2]) -> u16| {
        let mut part = frame.skip(4)?;
        for _ in 0..64 {
            let (length, kind) = (usize::from(read(part.array(0)?)), read(part.array(2)?));
            if length < 4 {
                return None;
            }
            if kind == PAYLOAD {
                return part.narrow(4, length);
            }
            part = part.skip(length.next_multiple_of(4))?;
        }
        None
    };
    find(u16::from_le_bytes).or_else(|| find(u16::from_be_bytes))
}

/// What a Wi-Fi frame behind a radiotap header (<https://www.radiotap.org>) holds.
fn radiotap(frame: Part<'_>) -> Option<Found<'_>> {
    let length = u16::from_le_bytes(frame.array(2)?);
    let mut fields = 4;
    let mut first = None;
    // Words of bits that say which fields there are; the last bit says that another word follows.
    for _ in 0..MAX_HEADERS {
        let present = u32::from_le_bytes(frame.array(fields)?);
        first.get_or_insert(present);
        fields += 4;
        if present >> 31 == 0 {
            break;
        }
    }
    let present = first?;
    // A clock of eight bytes, aligned, then flags: whether the header is padded to words.
    let flags = if present & 1 != 0 {
        fields.next_multiple_of(8) + 8
    } else {
        fields
    };
    let padded = present & 2 != 0 && frame.array::<1>(flags)?[0] & 0x20 != 0;
    wifi(frame.skip(usize::from(length))?, padded)
}

/// What a Wi-Fi frame holds (IEEE 802.11, 9.2 and 9.3.2).
fn wifi(frame: Part<'_>, padded: bool) -> Option<Found<'_>> {
    let [kind, flags] = frame.array(0)?;
    // Data frames, and not those without data.
    if kind & 0x0C != 0x08 || kind & 0x40 != 0 {
        return None;
    }
    if flags & 0x40 != 0 {
        return Some(Found::Opaque("encrypted Wi-Fi frames are not looked into"));
    }
    let mut front = 24;
    // A fourth address between two access points; quality of service; control of throughput.
    front += if flags & 3 == 3 { 6 } else { 0 };
    if kind & 0x80 != 0 {
        front += if flags & 0x80 != 0 { 6 } else { 2 };
    }
    if padded {
        front = usize::next_multiple_of(front, 4);
    }
    let part = frame.skip(front)?;
    let is_snap = matches!(part.array(0)?, [0xAA, 0xAA, 3, 0, 0, 0 | 0xF8]);
    is_snap.then_some(payload(part.short(6)?, part.skip(8)?))
}
