//! From bytes of every kind, through formats and records, to a view.

use fragview::formats::Options;
use fragview::records::RecordLayout;
use fragview::{ExclusiveView, FrozenView, View, formats};

#[test]
fn from_a_file_to_a_view() {
    // A disk of 1024 bytes in clusters of 512: nothing, then the file's last cluster.
    let mut image = vec![0; 2048];
    image[..8].copy_from_slice(b"QFI\xfb\0\0\0\x02");
    image[23] = 9; // clusters of 512 bytes
    image[30] = 4; // the disk's size
    image[39] = 1; // entries of the L1 table
    image[46] = 2; // its offset
    image[512 + 6] = 4; // the L2 table's offset
    image[1024 + 8 + 6] = 6; // the second cluster's
    image[1536..].fill(7);
    let container = formats::open(
        &image,
        None,
        Options {
            verify: false,
            ..Options::default()
        },
    )
    .unwrap();
    let disk = View::from_extents(&image, container.extents(0).unwrap()).unwrap();
    assert_eq!(disk, [[0; 512], [7; 512]].concat());

    // The same from any bytes: slices, arrays, views.
    let same = formats::open(
        &image[..],
        Some("qcow2"),
        Options {
            verify: true,
            ..Options::default()
        },
    )
    .unwrap();
    assert_eq!(same, container);
    let array: [u8; 2048] = image.clone().try_into().unwrap();
    assert_eq!(
        formats::open(&array, None, Options::default()).unwrap(),
        container
    );
    let pieces = FrozenView::from_slices([&image[..700], &image[700..]]).unwrap();
    assert_eq!(
        formats::open(&pieces, None, Options::default()).unwrap(),
        container
    );
    assert_eq!(
        View::from_extents(&pieces, container.extents(0).unwrap()).unwrap(),
        disk
    );
    let dynamic: &dyn fragview::Bytes = &image;
    assert_eq!(
        formats::open(dynamic, None, Options::default()).unwrap(),
        container
    );

    // Records of records, in every kind of bytes.
    let mut file = b"\x04\x02xy-\x01b\x02cd".to_vec();
    let layout = RecordLayout::new("B", &["length"]).unwrap();
    let outer = layout.scan(&file, ..).unwrap();
    assert_eq!(outer.offsets(), [0, 5, 7]);
    assert_eq!(layout.scan(&file, 5..).unwrap().offsets(), [5, 7]);
    assert_eq!(layout.scan(&file, 5..=6).unwrap().offsets(), [5]);
    assert!(layout.scan(&file, 10..).unwrap().is_empty());
    let contents = View::from_extents(&file, outer.join().unwrap()).unwrap();
    assert_eq!(contents, b"\x02xy-bcd");
    let record = View::from_extents(&file, [outer.content(1)]).unwrap();
    assert_eq!(record, b"b");
    // A record within a record: a view of a view.
    let inner = layout.scan(&contents, ..3).unwrap();
    let inner = View::from_extents(&contents, inner.join().unwrap()).unwrap();
    assert_eq!(inner, b"xy");
    assert!(inner.chunks().eq([&file[2..4]]));
    let mut view = ExclusiveView::from_slices_mut([&mut file[..]]).unwrap();
    let table = layout.scan(&view, ..).unwrap();
    View::from_extents(view.slice_mut(..).unwrap(), table.join().unwrap())
        .unwrap()
        .fill(0);
    assert_eq!(file, b"\x04\0\0\0\0\x01\0\x02\0\0");
}

#[cfg(feature = "bytes")]
#[test]
fn of_bytes() {
    use bytes::{Bytes, BytesMut};

    let file = b"\x03one\x02tw\x01o".to_vec();
    let layout = RecordLayout::new("B", &["length"]).unwrap();
    let (shared, growing) = (Bytes::from(file.clone()), BytesMut::from(&file[..]));
    let table = layout.scan(&shared, ..).unwrap();
    assert_eq!(table.offsets(), layout.scan(&growing, ..).unwrap().offsets());
    let view = View::from_extents(shared.clone(), table.join().unwrap()).unwrap();
    assert_eq!(view, b"onetwo");
    let of_view = View::from_extents(&view, [(Some(2), 2), (None, 1)]).unwrap();
    drop((shared, view));
    assert_eq!(of_view, b"et\0");
    assert!(formats::open(&growing, None, Options::default()).is_err());
    for end in 0..=file.len() {
        for start in 0..=end + 1 {
            let mut target = vec![0; end.saturating_sub(start)];
            let read = fragview::Bytes::read(&growing, start, &mut target);
            assert_eq!(read.is_some(), start + target.len() <= file.len());
            assert!(read.is_none() || target == file[start..start + target.len()]);
        }
    }
}
