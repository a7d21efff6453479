//! The streams of a transport stream, and the checksums of its tables.

use alloc::format;

use super::packet::{self, Packets};
use super::pes::elementary;
use super::psi::{Tables, crc_is_wrong, for_each_section};
use crate::Bytes;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::{Container, FormatError, Options};

pub(crate) use super::packet::NAME;

/// True if the file's first packets, at least three of them or all, begin with the sync byte.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    let input = Input::big(bytes, NAME);
    Packets::find(input)
        .is_some_and(|packets| input.len() >= 3 * packets.size || input.len().is_multiple_of(packets.size))
}

/// True if packets begin at most a packet's length after the file's start.
pub(crate) fn resembles(bytes: &dyn Bytes) -> bool {
    Packets::find_later(Input::big(bytes, NAME)).is_some()
}

/// The streams of a transport stream. O(packets · log PIDs); reads headers and tables.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, mpegts};
/// let mut packet = [0xff; 188];
/// packet[..4].copy_from_slice(&[0x47, 0x01, 0x00, 0x30]); // PID 0x100, with an adaptation field
/// packet[4] = 180; // of as many bytes: three of payload are left
/// packet[5] = 0;
/// let container = mpegts::open(&packet, Options::default())?;
/// let payload = container.stream("pid_0x100").unwrap();
/// assert_eq!(payload.extents, [(185, 3)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::big(bytes, NAME);
    let faults = Faults::new(options);
    let pids = packet::read(input, &faults)?;
    let tables = Tables::read(bytes, &pids, &faults)?;
    let mut container = Container::new(NAME);
    elementary(bytes, &pids, &tables, &mut container, &faults)?;
    for (&number, pid) in &pids {
        if !tables.has_sections(number) {
            continue;
        }
        let family = container.family(&format!("pid_{number:#x}.section[{{}}]"))?;
        for_each_section(bytes, pid, &faults, &mut |stream, range| {
            container.push_in(family, stream.runs(range))
        })?;
    }
    for (number, pid) in &pids {
        container.push(&format!("pid_{number:#x}"), &pid.payload)?;
    }
    faults.give(&mut container);
    Ok(container)
}

/// Checks the CRC of each section that has one. O(bytes of sections).
///
/// # Errors
///
/// The first CRC that is wrong.
pub fn verify(bytes: &dyn Bytes, container: &Container) -> Result<(), FormatError> {
    let input = Input::big(bytes, NAME);
    for stream in container.streams() {
        if stream.name.contains(".section[") && crc_is_wrong(bytes, &stream.extents)? {
            let offset = stream.extents.iter().next().and_then(|extent| extent.offset);
            return input.fault(offset.unwrap_or(0), format!("{}: the CRC is wrong", stream.name));
        }
    }
    Ok(())
}
