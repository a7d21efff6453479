//! QCOW2: QEMU's disk images, versions 2 and 3 ("QCOW2 Image File Format", `docs/interop/qcow2.rst`:
//! "Header", "Cluster mapping", "Extended L2 Entries").
//!
//! | stream | |
//! | --- | --- |
//! | `raw_disk` | the disk as the guest sees it; clusters that are unallocated or zero are holes |
//!
//! Internal snapshots are passed over: the disk is that of the active L1 table.
//!
//! What is not in an image with a backing file is there: [`open_over`] takes it.
//!
//! Refused: compressed clusters (bytes that are not in the file as they are), a backing file that is not
//! given, encryption, an external data file, incompatible features that are not known; tables and clusters
//! past the end or not aligned, an L1 table too small for the disk, reserved bits, and clusters that serve
//! twice though one of the uses says that it is the only one. The disk's data have no checksums.
//!
//! In a lenient reading what is compressed, in the backing file or past the end is a hole, as is what a wrong
//! entry names; a table that serves twice is used once. Encrypted disks and those in other files stay
//! refused.

use alloc::string::String;
use core::ops::Range;

use super::parse::faults::Faults;
use super::parse::input::Input;
use super::parse::sparse::SparseSet;
use super::{Container, FormatError, Options};
use crate::geometry::{Extent, Extents};
use crate::{Bytes, Within, array};

pub(crate) const NAME: &str = "qcow2";

/// The bits of an entry, of either level, that are an offset.
const OFFSET: u64 = 0x00ff_ffff_ffff_fe00;
/// The target of an entry has no other use.
const COPIED: u64 = 1 << 63;
const COMPRESSED: u64 = 1 << 62;
/// The bits that must be 0 in an entry of the L1 table, and of an L2 table.
const RESERVED_L1: u64 = 0x7f00_0000_0000_01ff;
const RESERVED_L2: u64 = 0x3f00_0000_0000_01fe;

/// Subclusters of a cluster with extended L2 entries.
const SUBCLUSTERS: usize = 32;

/// True if the file begins with QCOW's magic and version 2 or 3.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    matches!(array(bytes, 0), Some([b'Q', b'F', b'I', 0xfb, 0, 0, 0, 2 | 3]))
}

/// The disk in a QCOW2 image. O(entries of the L1 table and of the L2 tables that are there); reads these.
///
/// # Errors
///
/// The file breaks a rule of the format's structure, or the disk's bytes are not all in it as they are.
///
/// ```
/// use fragview::formats::{Options, qcow2};
/// // A disk of 4 KiB whose L1 table of one entry says that nothing is allocated.
/// let mut file = [0; 1024];
/// file[..8].copy_from_slice(b"QFI\xfb\0\0\0\x02");
/// file[23] = 9; // clusters of 512 bytes
/// file[30] = 0x10; // the disk's size
/// file[39] = 1; // entries of the L1 table
/// file[46] = 2; // its offset
/// let container = qcow2::open(&file, Options::default())?;
/// let disk = container.stream("raw_disk").unwrap();
/// assert_eq!(disk.extents, [(None, 4096)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    read(bytes, None, options)
}

/// The disk in a QCOW2 image that has a backing file. `bytes` is the image, whose length is `image`, and
/// behind it the disk in the backing file: clusters that are not in the image are there. Beyond its end they
/// are holes. Cost and errors are those of [`open`].
///
/// # Errors
///
/// As of [`open`]; and the image has no backing file.
///
/// ```
/// use fragview::formats::{Options, qcow2};
/// // A disk of 4 KiB whose L1 table of one entry says that nothing is allocated, over a disk of 1 KiB.
/// let mut file = [0; 1024 + 1024];
/// file[..8].copy_from_slice(b"QFI\xfb\0\0\0\x02");
/// file[8..24].copy_from_slice(b"\0\0\0\0\0\0\x01\0\0\0\0\x04\0\0\0\x09"); // the name's place, 512 bytes a cluster
/// file[30] = 0x10; // the disk's size
/// file[39] = 1; // entries of the L1 table
/// file[46] = 2; // its offset
/// assert!(qcow2::open(&file[..1024].to_vec(), Options::default()).is_err());
/// let container = qcow2::open_over(&file, 1024, Options::default())?;
/// let disk = container.stream("raw_disk").unwrap();
/// assert_eq!(disk.extents, [(Some(1024), 1024), (None, 3072)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open_over(bytes: &dyn Bytes, image: usize, options: Options) -> Result<Container, FormatError> {
    let image = image.min(bytes.len());
    let place: Extents = [(0, image)].into_iter().collect();
    read(&Within::new(bytes, &place), Some(image..bytes.len()), options)
}

/// The format of the backing file, as the image has it: `raw`, `qcow2`, `vmdk`… `None` if it has none, or
/// there is no backing file ("Header extensions").
#[must_use]
pub fn backing_format(bytes: &dyn Bytes) -> Option<String> {
    let input = Input::big(bytes, NAME);
    if !detect(bytes) || input.u64(8).ok()? == 0 {
        return None;
    }
    let mut at = match input.u32(4).ok()? {
        2 => 72,
        _ => input.u32(100).ok()? as usize,
    };
    // They end in the first cluster, before the backing file's name.
    for _ in 0..64 {
        let (kind, length) = (input.u32(at).ok()?, input.u32(at.checked_add(4)?).ok()? as usize);
        match kind {
            0 => return None,
            0xe279_2aca => {
                let mut name = [0; 64];
                let name = name.get_mut(..length)?;
                input.read(at + 8, name).ok()?;
                return core::str::from_utf8(name).ok().map(String::from);
            }
            _ => {
                at = at
                    .checked_add(8)?
                    .checked_add(length.checked_next_multiple_of(8)?)?;
            }
        }
    }
    None
}

/// As [`open_over`], with the place of the backing file's disk, if it is given.
fn read(
    bytes: &dyn Bytes,
    backing: Option<Range<usize>>,
    options: Options,
) -> Result<Container, FormatError> {
    let input = Input::big(bytes, NAME);
    let mut container = Container::new(NAME);
    container.push("raw_disk", [] as [Extent; 0])?;
    let faults = Faults::new(options);
    let image = Image::read(input, &faults, backing.is_some())?;
    let mut disk = Disk {
        container,
        length: 0,
        backing: backing.unwrap_or(0..0),
    };
    image.disk(&mut disk)?;
    faults.give(&mut disk.container);
    Ok(disk.container)
}

/// The disk, which grows.
struct Disk {
    container: Container,
    length: usize,
    /// Where the backing file's disk lies.
    backing: Range<usize>,
}

impl Disk {
    /// Appends `length` bytes at `offset`, or as many zeros.
    fn push(&mut self, offset: Option<usize>, length: usize) -> Result<(), FormatError> {
        self.length += length;
        self.container.extend([(offset, length)])
    }

    /// Appends `length` bytes that are not in the image: the backing file's, or zeros behind its end.
    fn push_backing(&mut self, length: usize) -> Result<(), FormatError> {
        let start = self
            .backing
            .start
            .saturating_add(self.length)
            .min(self.backing.end);
        let there = length.min(self.backing.end - start);
        if there > 0 {
            self.push(Some(start), there)?;
        }
        self.push(None, length - there)
    }
}

/// The fields of the header.
struct Image<'a> {
    input: Input<'a>,
    faults: &'a Faults,
    version: u32,
    /// Bytes of a cluster.
    cluster: usize,
    /// Bytes of the disk.
    size: usize,
    /// The start of the L1 table, and how many of its entries the disk needs.
    l1: usize,
    l1_used: usize,
    /// Whether L2 entries are extended: 16 bytes, the second half of them a map of subclusters.
    extended: bool,
}

impl<'a> Image<'a> {
    /// The header. `is_backed`: the backing file is given.
    fn read(input: Input<'a>, faults: &'a Faults, is_backed: bool) -> Result<Self, FormatError> {
        let header: [u8; 8] = input.array(0)?;
        let [b'Q', b'F', b'I', 0xfb, ..] = header else {
            return input.fault(0, "no QCOW magic");
        };
        let version = input.u32(4)?;
        if !matches!(version, 2 | 3) {
            return input.fault(4, "a version other than 2 and 3");
        }
        let has_backing = input.u64(8)? != 0;
        if is_backed && !has_backing {
            return input.fault(8, "a backing file is given, and the image has none");
        }
        if has_backing && !is_backed {
            let what = "the image needs its backing file, which is not given";
            faults.pass_in(FormatError::new(NAME, 8, what), Some("raw_disk".into()))?;
        }
        if input.u32(32)? != 0 {
            return input.fault(32, "the disk is encrypted");
        }
        // A header of version 2 ends before these.
        let features = if version == 2 { 0 } else { input.u64(72)? };
        if features & 4 != 0 {
            return input.fault(72, "the disk's data are in an external file");
        }
        // Dirty (1) is about reference counts, corrupt (2) forbids writes, 8 is how clusters are compressed.
        if features & !0x1b != 0 {
            return input.fault(72, "an incompatible feature that is not known");
        }
        if version == 3 && input.u32(100)? < 104 {
            return input.fault(100, "the header is shorter than its fields");
        }
        let extended = features & 0x10 != 0;
        let bits = input.u32(20)?;
        // Subclusters are whole sectors.
        let least = if extended { 14 } else { 9 };
        if !(least..=21).contains(&bits) {
            return input.fault(20, "the clusters' size is out of range");
        }
        let cluster = 1_usize << bits;
        let Some(size) = usize::try_from(input.u64(24)?)
            .ok()
            .filter(|&size| isize::try_from(size).is_ok())
        else {
            return input.fault(24, "the disk is longer than memory can be");
        };
        let covered = cluster.saturating_mul(cluster / if extended { 16 } else { 8 });
        let l1_used = size.div_ceil(covered);
        if u64::from(input.u32(36)?) < l1_used as u64 {
            let what = "the L1 table is too small for the disk";
            faults.pass(FormatError::new(NAME, 36, what))?;
        }
        let l1_used = l1_used.min(input.u32(36)? as usize);
        let l1 = input.u64(40)?;
        let l1 = usize::try_from(l1).unwrap_or(usize::MAX);
        if !l1.is_multiple_of(cluster) {
            return input.fault(40, "the L1 table does not begin with a cluster");
        }
        if l1_used > 0 {
            faults.end(&input, l1, l1_used as u64 * 8, usize::MAX)?;
        }
        let l1_used = l1_used.min((input.len().max(l1) - l1) / 8);
        Ok(Self {
            input,
            faults,
            version,
            cluster,
            size,
            l1,
            l1_used,
            extended,
        })
    }

    /// The disk: the clusters of each L2 table in order.
    fn disk(&self, disk: &mut Disk) -> Result<(), FormatError> {
        let mut uses = Uses::default();
        uses.add(self, 0, true, 0)?;
        for at in (self.l1..self.l1 + self.l1_used * 8).step_by(self.cluster) {
            uses.add(self, at, true, at)?;
        }
        // All tables before any data, so that data in a table's place are found. A table that serves twice
        // is read once: it would make a disk out of proportion to the file.
        let mut twice = SparseSet::default();
        for index in 0..self.l1_used {
            if let Some(table) = self.faults.ok(self.table(index))?.flatten()
                && let Err(error) = uses.add(self, table, true, self.l1 + index * 8)
            {
                self.faults.pass(error)?;
                twice.insert(index)?;
            }
        }
        let entries = self.cluster / self.entry_size();
        for index in 0..self.l1_used {
            // What was wrong with it is noted.
            let table = match self.faults.lenient() {
                true if twice.contains(index) => None,
                true => self.table(index).ok().flatten(),
                false => self.table(index)?,
            };
            let Some(table) = table else {
                let length = entries.saturating_mul(self.cluster);
                disk.push_backing(length.min(self.size - disk.length))?;
                continue;
            };
            for entry in 0..entries {
                if disk.length == self.size {
                    break;
                }
                let start = disk.length;
                let result = self.cluster(table + entry * self.entry_size(), &mut uses, disk);
                if let Err(error) = result {
                    self.faults.pass_in(error, Some("raw_disk".into()))?;
                    // A hole takes the place of what can't be read.
                    let end = start.saturating_add(self.cluster).min(self.size);
                    disk.push(None, end.saturating_sub(disk.length))?;
                }
            }
        }
        disk.push(None, self.size - disk.length)
    }

    /// Bytes of an L2 entry.
    const fn entry_size(&self) -> usize {
        if self.extended { 16 } else { 8 }
    }

    /// The start of the L2 table of the L1 table's entry `index`, if it is allocated.
    fn table(&self, index: usize) -> Result<Option<usize>, FormatError> {
        let at = self.l1 + index * 8;
        let entry = self.input.u64(at)?;
        if entry & RESERVED_L1 != 0 {
            return self.input.fault(at, "reserved bits of an L1 entry are set");
        }
        if entry & OFFSET == 0 {
            return Ok(None);
        }
        let table = self.aligned(entry, at)?;
        self.inside(table, self.cluster, at)?;
        Ok(Some(table))
    }

    /// Appends the cluster of the L2 entry at `at` to the disk.
    fn cluster(&self, at: usize, uses: &mut Uses, disk: &mut Disk) -> Result<(), FormatError> {
        let entry = self.input.u64(at)?;
        let length = self.cluster.min(self.size - disk.length);
        if entry & COMPRESSED != 0 {
            return self.input.fault(at, "a compressed cluster; a view can't show it");
        }
        if entry & RESERVED_L2 != 0 {
            return self.input.fault(at, "reserved bits of an L2 entry are set");
        }
        let zero = entry & 1 != 0;
        if zero && (self.version == 2 || self.extended) {
            return self.input.fault(at, "a zero cluster where none is allowed");
        }
        let (allocated, zeros) = if self.extended {
            let map = self.input.u64(at + 8)?;
            ((map & 0xffff_ffff), map >> 32)
        } else if zero || entry & OFFSET == 0 {
            (0, 0)
        } else {
            (0xffff_ffff, 0)
        };
        if allocated & zeros != 0 || (allocated != 0 && entry & OFFSET == 0) {
            return self.input.fault(at + 8, "an impossible state of a subcluster");
        }
        if allocated == 0 && zeros == 0 && !zero {
            return disk.push_backing(length);
        }
        if allocated == 0 && (zeros == 0 || zeros == 0xffff_ffff) {
            return disk.push(None, length);
        }
        let start = if allocated == 0 {
            0
        } else {
            self.aligned(entry, at)?
        };
        // A map of subclusters may name 16 extents in 16 bytes: a cluster that is shared must be whole.
        if allocated != 0 && start < self.input.len() {
            let alone = entry & COPIED != 0 || (self.extended && allocated != 0xffff_ffff);
            uses.add(self, start, alone, at)?;
        }
        let part = self.cluster / SUBCLUSTERS;
        for index in 0..SUBCLUSTERS {
            let skip = index * part;
            if skip >= length {
                break;
            }
            let part = part.min(length - skip);
            if (allocated | zeros) >> index & 1 == 0 {
                disk.push_backing(part)?;
                continue;
            }
            let here = (allocated >> index & 1 != 0).then_some(start.saturating_add(skip));
            if let Some(here) = here {
                // The file may end with the disk, within the last cluster.
                if let Err(error) = self.inside(here, part, at) {
                    if self.faults.lenient() {
                        let there = self.input.len().saturating_sub(here).min(part);
                        disk.push(Some(here), there)?;
                    }
                    return Err(error);
                }
            }
            disk.push(here, part)?;
        }
        Ok(())
    }

    /// Checks that the `length` bytes at `start`, to which the entry at `at` points, are in the file.
    fn inside(&self, start: usize, length: usize, at: usize) -> Result<(), FormatError> {
        match self.input.end(start, length as u64, usize::MAX) {
            Ok(_) => Ok(()),
            Err(_) => self.input.fault(at, "the data of an entry go past the end"),
        }
    }

    /// The offset of a cluster in the entry at `at`.
    fn aligned(&self, entry: u64, at: usize) -> Result<usize, FormatError> {
        match usize::try_from(entry & OFFSET) {
            Ok(offset) if offset.is_multiple_of(self.cluster) => Ok(offset),
            _ => self.input.fault(at, "an offset where no cluster begins"),
        }
    }
}

/// The file's clusters that are in use, and those of them that can have one use only.
#[derive(Default)]
struct Uses {
    all: SparseSet,
    alone: SparseSet,
}

impl Uses {
    /// Notes a use of the cluster at `offset`, `alone` if there can be no other; `at` is where the file says
    /// so. Data may be shared, tables can't: a table that is its own neighbour would make a disk out of
    /// proportion to the file.
    fn add(&mut self, image: &Image, offset: usize, alone: bool, at: usize) -> Result<(), FormatError> {
        let cluster = offset / image.cluster;
        let is_inside = offset < image.input.len();
        let is_new = is_inside && self.all.insert(cluster)?;
        if !is_new && (alone || !is_inside || self.alone.contains(cluster)) {
            return image.input.fault(at, "a cluster has two uses");
        }
        if alone {
            self.alone.insert(cluster)?;
        }
        Ok(())
    }
}
