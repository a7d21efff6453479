//! ELF core files, of 32 and 64 bits in either byte order (System V ABI, "Object Files": "ELF Header",
//! "Program Header", "Note Section").
//!
//! | stream | |
//! | --- | --- |
//! | `all_PT_LOAD_joined` | the memory of all segments that is in the file, in the order of the program headers |
//! | `PT_LOAD[0]`, `PT_LOAD[1]`… | of each segment |
//! | `va_7ffe2e5f8000`… | contiguous memory: segments whose addresses touch, by its first address in hex |
//! | `memory` | all of it from the first address on, gaps as holes; only if it is no more than 16 times the file |
//! | `PT_NOTE[0]`… | each segment of notes |
//! | `PT_NOTE[0].CORE.0x1`… | what each note describes, by its owner's name and its type |
//!
//! A segment's memory beyond its size in the file was not dumped, so its contents are unknown and a
//! contiguous range ends there. If virtual addresses overlap (dumps of a machine without paging have none),
//! ranges are by physical address, `pa_…`.
//!
//! Refused: an ELF file that is not a core, tables, segments and notes past the end, a segment that is larger
//! in the file than in memory, addresses past the address space, and segments that overlap. ELF has no
//! checksums.
//!
//! A lenient reading takes segments as far as the file goes, and the notes up to the first one that makes no
//! sense; if segments overlap there are no streams of memory.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::parse::faults::Faults;
use super::parse::input::Input;
use super::{Container, FormatError, Options};
use crate::error::Error;
use crate::geometry::Extent;
use crate::{Bytes, array};

pub(crate) const NAME: &str = "elf_core";

/// The file's type for a core.
const CORE: u16 = 4;
const LOAD: u32 = 1;
const NOTE: u32 = 4;
/// The number of segments is in section header 0.
const MANY: u16 = 0xffff;
/// How many times the file `memory` may be: the address space of a process is mostly holes.
const SPARSE: u128 = 16;

/// True if the file begins with the header of an ELF core.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    File::read(bytes).is_ok()
}

/// The streams of an ELF core. O(segments · log segments + notes); reads headers.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, elf_core};
/// let mut file = [0; 88];
/// file[..7].copy_from_slice(b"\x7fELF\x01\x01\x01"); // 32 bits, little-endian
/// file[16] = 4; // a core
/// (file[28], file[42], file[44]) = (52, 32, 1); // one program header of 32 bytes at 52
/// (file[52], file[56], file[61]) = (1, 84, 0x10); // a segment at 84 in the file, at 0x1000 in memory
/// (file[68], file[72]) = (4, 4);
/// let container = elf_core::open(&file, Options::default())?;
/// let names: Vec<_> = container.names().collect();
/// assert_eq!(names, ["all_PT_LOAD_joined", "PT_LOAD[0]", "va_1000", "memory"]);
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let file = File::read(bytes)?;
    let faults = Faults::new(options);
    let segments = file.segments(&faults)?;
    let mut container = Container::new(NAME);
    let (loads, notes) = (container.family("PT_LOAD[{}]")?, container.family("PT_NOTE[{}]")?);
    container.push_joined("all_PT_LOAD_joined", loads)?;
    let of = |kind| {
        segments
            .iter()
            .filter(move |segment: &&Segment| segment.kind == kind)
    };
    for load in of(LOAD) {
        container.push_in(loads, [load.extent()])?;
    }
    let result = memory(file.input, &segments, &mut container);
    faults.ok(result)?;
    for (index, note) in of(NOTE).enumerate() {
        container.push_in(notes, [note.extent()])?;
        let name = format!("PT_NOTE[{index}]");
        if let Err(error) = descriptions(file.input, note, &name, &mut container) {
            faults.pass_in(error, Some(name))?;
        }
    }
    faults.give(&mut container);
    Ok(container)
}

/// An ELF core whose header was read.
struct File<'a> {
    input: Input<'a>,
    /// Whether addresses and sizes have 64 bits.
    wide: bool,
}

impl<'a> File<'a> {
    fn read(bytes: &'a dyn Bytes) -> Result<Self, FormatError> {
        let little = Input::little(bytes, NAME);
        let (input, wide) = match array(bytes, 0) {
            Some([0x7f, b'E', b'L', b'F', class @ (1 | 2), 1]) => (little, class == 2),
            Some([0x7f, b'E', b'L', b'F', class @ (1 | 2), 2]) => (Input::big(bytes, NAME), class == 2),
            _ => return little.fault(0, "no ELF header of a known class and byte order"),
        };
        if input.u16(16)? != CORE {
            return input.fault(16, "an ELF file that is not a core");
        }
        Ok(Self { input, wide })
    }

    /// One of two numbers: the one of 32 bits at `narrow`, or the one of 64 at `wide`.
    fn number(&self, at: usize, narrow: usize, wide: usize) -> Result<u64, FormatError> {
        if self.wide {
            self.input.u64(at + wide)
        } else {
            Ok(self.input.u32(at + narrow)?.into())
        }
    }

    /// The segments that are memory or notes.
    fn segments(&self, faults: &Faults) -> Result<Vec<Segment>, FormatError> {
        let input = self.input;
        let table = self.offset(28, 32)?;
        let fields = if self.wide { 54 } else { 42 };
        let size = input.u16(fields)?;
        let mut count = u32::from(input.u16(fields + 2)?);
        if count == u32::from(MANY) {
            let section = self.offset(32, 40)?;
            let size = if self.wide { 64_u64 } else { 40 };
            input.end(section, size, usize::MAX)?;
            count = input.u32(section + if self.wide { 44 } else { 28 })?;
        }
        if count > 0 && size < if self.wide { 56 } else { 32 } {
            return input.fault(fields, "program headers are too small");
        }
        let end = faults.end(&input, table, u64::from(count) * u64::from(size), usize::MAX)?;
        let mut segments = Vec::new();
        let headers = (end - table) / usize::from(size).max(1);
        segments
            .try_reserve_exact(headers)
            .map_err(|_| Error::OutOfMemory)?;
        for at in (table..end).step_by(usize::from(size).max(1)) {
            if let Some(kind @ (LOAD | NOTE)) = faults.ok(input.u32(at))?
                && let Some(segment) = faults.ok(self.segment(kind, at, faults))?
            {
                segments.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
                segments.push(segment);
            }
        }
        Ok(segments)
    }

    /// The offset in the header that is at `narrow` or `wide`.
    fn offset(&self, narrow: usize, wide: usize) -> Result<usize, FormatError> {
        let offset = self.number(0, narrow, wide)?;
        Ok(usize::try_from(offset).unwrap_or(usize::MAX))
    }

    /// The segment whose program header is at `at`.
    fn segment(&self, kind: u32, at: usize, faults: &Faults) -> Result<Segment, FormatError> {
        let offset = self.number(at, 4, 8)?;
        let virtual_address = self.number(at, 8, 16)?;
        let physical_address = self.number(at, 12, 24)?;
        let in_file = self.number(at, 16, 32)?;
        let in_memory = self.number(at, 20, 40)?;
        let limit = if self.wide { 1_u128 << 64 } else { 1 << 32 };
        if kind == LOAD {
            if in_file > in_memory {
                let what = "a segment is larger in the file than in memory";
                faults.pass(FormatError::new(NAME, at, what))?;
            }
            if u128::from(virtual_address) + u128::from(in_memory) > limit {
                return self.input.fault(at, "a segment goes past the address space");
            }
        }
        // Nothing of a segment without bytes is anywhere.
        let start = if in_file == 0 {
            0
        } else {
            usize::try_from(offset).unwrap_or(usize::MAX)
        };
        Ok(Segment {
            kind,
            header: at,
            content: self.content(start, in_file, at, faults)?,
            virtual_address,
            physical_address,
            in_memory,
            align: self.number(at, 28, 48)?,
        })
    }

    /// Where the `length` bytes at `start` lie of the segment whose program header is at `at`: as far as the
    /// file goes.
    fn content(
        &self,
        start: usize,
        length: u64,
        at: usize,
        faults: &Faults,
    ) -> Result<Range<usize>, FormatError> {
        match self.input.end(start, length, usize::MAX) {
            Ok(end) => Ok(start..end),
            Err(error) => {
                let stream = format!("the segment of the program header at {at:#x}");
                faults.pass_in(error, Some(stream))?;
                let end = self.input.len();
                Ok(start.min(end)..end)
            }
        }
    }
}

/// A segment.
struct Segment {
    kind: u32,
    /// Where its program header is.
    header: usize,
    /// Where it lies in the file.
    content: Range<usize>,
    virtual_address: u64,
    physical_address: u64,
    in_memory: u64,
    align: u64,
}

impl Segment {
    fn extent(&self) -> (usize, usize) {
        (self.content.start, self.content.len())
    }
}

/// Adds the contiguous ranges of memory, and all of it if the holes are not too large.
fn memory(input: Input, segments: &[Segment], container: &mut Container) -> Result<(), FormatError> {
    let (prefix, places) = match by_address(segments, |load| load.virtual_address)? {
        Ok(places) => ("va", places),
        Err(header) => match by_address(segments, |load| load.physical_address)? {
            Ok(places) => ("pa", places),
            Err(_) => return input.fault(header, "segments overlap in memory"),
        },
    };
    let mut end = None;
    for &(address, load) in &places {
        if load.content.is_empty() {
            continue;
        }
        if end != Some(u128::from(address)) {
            container.push(&format!("{prefix}_{address:x}"), [] as [Extent; 0])?;
        }
        container.extend([load.extent()])?;
        end = Some(u128::from(address) + load.content.len() as u128);
    }
    let first = places.first().map_or(0, |&(address, _)| address);
    let last = places.last().map_or(0, |&(address, load)| {
        u128::from(address) + u128::from(load.in_memory)
    });
    let all = last - u128::from(first);
    if places.is_empty() || all > SPARSE * input.len() as u128 {
        return Ok(());
    }
    let Ok(all) = usize::try_from(all) else {
        return Ok(());
    };
    container.push("memory", [] as [Extent; 0])?;
    let mut length = 0;
    for (address, load) in places {
        let at = usize::try_from(address - first).unwrap_or(usize::MAX);
        container.extend([(None, at.saturating_sub(length))])?;
        container.extend([load.extent()])?;
        length = at.saturating_add(load.content.len());
    }
    container.extend([(None, all.saturating_sub(length))])
}

/// Segments by their addresses, or the offset of the program header of one that overlaps another.
type ByAddress<'a> = Result<Vec<(u64, &'a Segment)>, usize>;

/// The segments with memory in the order of their addresses; or a program header's offset, if they
/// overlap.
fn by_address(segments: &[Segment], address: impl Fn(&Segment) -> u64) -> Result<ByAddress<'_>, Error> {
    let loads = || {
        segments
            .iter()
            .filter(|load| load.kind == LOAD && load.in_memory > 0)
    };
    let mut places: Vec<(u64, &Segment)> = Vec::new();
    places
        .try_reserve_exact(loads().count())
        .map_err(|_| Error::OutOfMemory)?;
    places.extend(loads().map(|load| (address(load), load)));
    places.sort_unstable_by_key(|&(address, load)| (address, load.header));
    for pair in places.windows(2) {
        if let [(before, load), (after, next)] = pair
            && u128::from(*before) + u128::from(load.in_memory) > u128::from(*after)
        {
            return Ok(Err(next.header));
        }
    }
    Ok(Ok(places))
}

/// Adds what each note of a segment describes.
fn descriptions(
    input: Input,
    segment: &Segment,
    prefix: &str,
    container: &mut Container,
) -> Result<(), FormatError> {
    let Range { start, end } = segment.content;
    let align = if segment.align == 8 { 8 } else { 4 };
    let mut at = start;
    // The three numbers of a note's header; fewer bytes are padding.
    while end.saturating_sub(at) >= 12 {
        let owner_end = input.end(at + 12, input.u32(at)?, end)?;
        let description = start + (owner_end - start).next_multiple_of(align);
        let description_end = input.end(description, input.u32(at + 4)?, end)?;
        let kind = input.u32(at + 8)?;
        let owner = owner(input, at + 12..owner_end)?;
        container.push(
            &format!("{prefix}.{owner}.{kind:#x}"),
            [(description, description_end - description)],
        )?;
        at = start + (description_end - start).next_multiple_of(align);
    }
    Ok(())
}

/// The name of a note's owner: the printable bytes at its start.
fn owner(input: Input, range: Range<usize>) -> Result<String, FormatError> {
    let mut name = [0; 32];
    let length = range.len().min(name.len());
    input.read(range.start, &mut name[..length])?;
    Ok(name
        .iter()
        .filter(|byte| byte.is_ascii_graphic() && !matches!(byte, b'/' | b'\\'))
        .map(|&byte| char::from(byte))
        .collect())
}
