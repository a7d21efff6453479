//! One item or one slice at a time, at random.

use std::rc::Rc;

use buf_list::{BufList, Cursor};
use bytes::{Buf, Bytes as Owned};
use fragview::{ExclusiveView, FrozenView};
use opendal_core::Buffer;
use vm_memory::{Bytes, GuestAddress};

use crate::layout::Layout;
use crate::peers::{Prefix, regions, seek, volatile};
use crate::row::Row;
use crate::side::Side;

/// More than the caches of a core hold, and a power of two.
const LOOKUPS: usize = 1 << 17;

/// Looks all offsets up again and again, and adds what it finds.
fn each(name: &str, offsets: &Rc<[usize]>, mut find: impl FnMut(usize) -> u32 + 'static) -> Side {
    let (offsets, mut at) = (Rc::clone(offsets), 0_usize);
    let mask = offsets.len() - 1;
    Side::new(name, move |count| {
        let mut sum = 0_u32;
        for _ in 0..count {
            sum = sum.wrapping_add(find(offsets[at & mask]));
            at += 1;
        }
        sum
    })
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn view(layout: &Layout) -> FrozenView<'static> {
    FrozenView::from_slices(layout.pieces()).expect("a view")
}

pub fn rows(layout: &Layout, rows: &mut Vec<Row>) {
    rows.push(locate(layout));
    rows.push(get(layout));
    rows.push(put(layout));
    rows.push(slice(layout));
    rows.push(read(layout, "read u32", layout.offsets(LOOKUPS, 4)));
    rows.push(read(layout, "read u32, no seam", layout.inside(LOOKUPS, 4)));
    rows.push(read(layout, "read u32, seams only", layout.across(LOOKUPS, 4)));
}

fn get(layout: &Layout) -> Row {
    let offsets: Rc<[usize]> = layout.offsets(LOOKUPS, 1).into();
    let row = lookups(layout, "get", &offsets);
    let whole = layout.whole();
    let contiguous = each("contiguous slice", &offsets, move |offset| whole[offset].into());
    let mut cursor = Cursor::new(leak(layout.bytes().into_iter().collect::<BufList>()));
    let buffer = Buffer::from(layout.bytes());
    let memory = regions(&volatile(layout));
    let row = match layout.key {
        "64KiB" => row.at_most(3.0, contiguous),
        _ => row.against(contiguous),
    };
    row.against(each("buf-list Cursor", &offsets, move |offset| {
        seek::<1>(&mut cursor, offset)[0].into()
    }))
    .against(each("opendal Buffer", &offsets, move |offset| {
        buffer.slice(offset..=offset).get_u8().into()
    }))
    .against(each("vm-memory regions", &offsets, move |offset| {
        memory
            .read_obj::<u8>(GuestAddress(offset as u64))
            .expect("within")
            .into()
    }))
}

/// Which fragment holds an offset, without a look at its memory.
#[expect(clippy::cast_possible_truncation, reason = "some number")]
fn locate(layout: &Layout) -> Row {
    let offsets: Rc<[usize]> = layout.offsets(LOOKUPS, 1).into();
    let (ours, prefix) = (view(layout), Prefix::new(layout.pieces()));
    let ours = each("fragview", &offsets, move |offset| {
        let (index, range) = ours.memory().locate(offset).expect("within");
        (index + range.start) as u32
    });
    Row::new("locate", "locate", &layout.name, ours).against(each("prefix sum", &offsets, move |offset| {
        let (index, inner) = prefix.find(offset);
        (index + inner) as u32
    }))
}

/// Random gets against the prefix sum.
fn lookups(layout: &Layout, what: &str, offsets: &Rc<[usize]>) -> Row {
    let (ours, prefix) = (view(layout), Prefix::new(layout.pieces()));
    let ours = each("fragview", offsets, move |offset| {
        ours.get(offset).expect("within").into()
    });
    let prefix = each("prefix sum", offsets, move |offset| prefix.get(offset).into());
    let row = Row::new("get", what, &layout.name, ours);
    match layout.key {
        "64B" | "equal" => row.at_most(0.25, prefix),
        "skewed10M" => row.at_most(0.35, prefix),
        _ => row.against(prefix),
    }
}

/// Ten million fragments of skewed sizes: offsets anywhere, most of them in huge fragments, and any fragment
/// as likely.
pub fn skewed(layout: &Layout, rows: &mut Vec<Row>) {
    let count = LOOKUPS * 8;
    rows.push(lookups(layout, "get", &layout.offsets(count, 1).into()));
    rows.push(lookups(
        layout,
        "get, any fragment as likely",
        &layout.inside(count, 1).into(),
    ));
}

#[expect(clippy::cast_possible_truncation, reason = "some byte")]
fn put(layout: &Layout) -> Row {
    let offsets: Rc<[usize]> = layout.offsets(LOOKUPS, 1).into();
    let mut view = ExclusiveView::from_slices_mut(layout.pieces_mut()).expect("a view");
    let mut prefix = Prefix::new(layout.pieces_mut());
    let mut whole = layout.whole();
    let memory = regions(&volatile(layout));
    let ours = each("fragview", &offsets, move |offset| {
        view.set(offset, offset as u8).expect("within");
        0
    });
    Row::new("put", "put", &layout.name, ours)
        .against(each("contiguous slice", &offsets, move |offset| {
            whole[offset] = offset as u8;
            0
        }))
        .against(each("prefix sum", &offsets, move |offset| {
            prefix.set(offset, offset as u8);
            0
        }))
        .against(each("vm-memory regions", &offsets, move |offset| {
            memory
                .write_obj(offset as u8, GuestAddress(offset as u64))
                .expect("within");
            0
        }))
}

#[expect(clippy::cast_possible_truncation, reason = "some number")]
fn slice(layout: &Layout) -> Row {
    const WIDTH: usize = 4096;
    let offsets: Rc<[usize]> = layout.offsets(LOOKUPS, WIDTH + 1).into();
    let (view, prefix) = (view(layout), Prefix::new(layout.pieces()));
    let whole = Owned::from(layout.whole());
    let buffer = Buffer::from(layout.bytes());
    let ours = each("fragview", &offsets, move |offset| {
        view.slice(offset..offset + WIDTH).expect("within").len() as u32
    });
    Row::new("slice", "slice of 4 KiB", &layout.name, ours)
        .nanoseconds(20.0)
        .against(each("contiguous slice", &offsets, move |offset| {
            whole.slice(offset..offset + WIDTH).len() as u32
        }))
        .against(each("prefix sum", &offsets, move |offset| {
            prefix.slice(offset, offset + WIDTH).len() as u32
        }))
        .against(each("opendal Buffer", &offsets, move |offset| {
            buffer.slice(offset..offset + WIDTH).len() as u32
        }))
}

fn read(layout: &Layout, what: &str, offsets: Vec<usize>) -> Row {
    let offsets: Rc<[usize]> = offsets.into();
    let (view, prefix, whole) = (view(layout), Prefix::new(layout.pieces()), layout.whole());
    let mut cursor = Cursor::new(leak(layout.bytes().into_iter().collect::<BufList>()));
    let buffer = Buffer::from(layout.bytes());
    let memory = regions(&volatile(layout));
    let ours = each("fragview", &offsets, move |offset| {
        view.read_at(offset).expect("within")
    });
    let contiguous = each("contiguous slice", &offsets, move |offset| {
        u32::from_le_bytes(whole[offset..offset + 4].try_into().expect("four bytes"))
    });
    let row = Row::new(what_group(what), what, &layout.name, ours);
    let row = match (layout.key, what) {
        ("1KiB", "read u32") => row.at_most(4.5, contiguous),
        _ => row.against(contiguous),
    };
    row.against(each("prefix sum", &offsets, move |offset| prefix.read(offset)))
        .against(each("buf-list Cursor", &offsets, move |offset| {
            u32::from_le_bytes(seek(&mut cursor, offset))
        }))
        .against(each("opendal Buffer", &offsets, move |offset| {
            buffer.slice(offset..offset + 4).get_u32_le()
        }))
        .against(each("vm-memory regions", &offsets, move |offset| {
            memory
                .read_obj::<u32>(GuestAddress(offset as u64))
                .expect("within")
        }))
}

fn what_group(what: &str) -> &'static str {
    match what {
        "read u32" => "read",
        "read u32, no seam" => "read, no seam",
        _ => "read, seams only",
    }
}
