//! The container: names that are unique and fit a file system, families without names, streams that are
//! others.

use fragview::formats::Container;
use fragview::geometry::Extents;

fn names(container: &Container) -> Vec<String> {
    container.names().collect()
}

/// Each name leads to its own place, and no two are the same.
fn check(container: &Container) {
    let names = names(container);
    for (position, name) in names.iter().enumerate() {
        assert_eq!(container.position(name), Some(position), "{name}");
        assert_eq!(container.name(position).as_ref(), Some(name));
        assert!(container.contains(name));
        assert!(!name.chars().any(char::is_control), "{name:?}");
        assert!(
            name.split('/').all(|part| !matches!(part, "" | "." | "..")),
            "{name:?}"
        );
    }
    assert_eq!(container.streams().len(), names.len());
    assert_eq!(container.name(names.len()), None);
    assert_eq!(container.extents(names.len()), None);
}

#[test]
fn names_are_unique() {
    let mut container = Container::new("mine");
    for name in [
        "a", "b", "a", "a@1", "a", "a@1", "a@3", "a", "a@1@1", "b", "a@x", "a@01", "a@0",
    ] {
        container
            .push(name, [(container.len(), 1)])
            .expect("there is memory");
        check(&container);
    }
    assert_eq!(
        names(&container),
        [
            "a", "b", "a@1", "a@1@1", "a@2", "a@1@2", "a@3", "a@4", "a@1@1@1", "b@1", "a@x", "a@01", "a@0"
        ]
    );
    for (position, stream) in container.streams().enumerate() {
        assert_eq!(stream.extents, [(position, 1)].into_iter().collect());
    }
}

#[test]
fn names_fit_a_file_system() {
    let mut container = Container::new("mine");
    for name in [
        "",
        "/",
        "../../etc/passwd",
        "a//b",
        "./x",
        "\u{1}CompObj",
        "a\nb\0c\u{85}",
        "\0",
    ] {
        container.push(name, [(0, 1)]).expect("there is memory");
    }
    check(&container);
    assert_eq!(
        names(&container),
        [
            "_",
            "_/_",
            "_../_../etc/passwd",
            "a/_/b",
            "_./x",
            "CompObj",
            "abc",
            "_@1"
        ]
    );
    // As the file has it.
    assert_eq!(container.position("\u{1}CompObj"), Some(5));
}

#[test]
fn families() {
    let mut container = Container::new("mine");
    let records = container.family("record[{}]").unwrap();
    let frames = container.family("frame{}").unwrap();
    let images = container.family("image{}.lzw").unwrap();
    assert!(container.numbered("record").is_none());
    container.push_joined("all", records).unwrap();
    for index in 0..300 {
        container.push_in(records, [(index * 10, 4)]).unwrap();
        if index % 3 == 0 {
            container.push_in(frames, [(index, 1), (index + 5, 2)]).unwrap();
        }
        if index % 100 == 0 {
            container.push_in(images, [(None, index)]).unwrap();
        }
    }
    // What looks like a family's stream is none.
    container.push("record[1]", [(0, 1)]).unwrap();
    container.push("frame7000", [(0, 1)]).unwrap();
    check(&container);
    assert_eq!(
        container.name(container.len() - 1).as_deref(),
        Some("frame7000@1")
    );
    for (family, count) in [("record", 300), ("frame", 100), ("image{}.lzw", 3)] {
        assert_eq!(container.numbered(family).map(|family| family.len()), Some(count));
    }
    let records = container.numbered("record").unwrap();
    assert_eq!(records.get(299).unwrap().name, "record[299]");
    assert!(records.get(300).is_none());
    for wrong in [
        "record[300]",
        "record[01]",
        "record[+1]",
        "record[]",
        "frame",
        "frame100",
        "record[4294967296]",
    ] {
        assert_eq!(container.position(wrong), None, "{wrong}");
    }
    let all: Extents = (0..300).map(|index| (index * 10, 4)).collect();
    assert_eq!(container.stream("all").unwrap().extents, all);
    assert_eq!(container.byte_len(container.position("all").unwrap()), Some(1200));
}

#[test]
fn streams_that_are_others() {
    let mut container = Container::new("mine");
    container.push("data", [(5, 5), (20, 5)]).unwrap();
    let frames = container.family("frame{}").unwrap();
    container.push_in(frames, [(0, 0)]).unwrap();
    container.same_last(0).unwrap();
    container.push_numbered(frames, 7, [(1, 1)]).unwrap();
    check(&container);
    assert_eq!(names(&container), ["data", "frame0", "frame7"]);
    assert_eq!(container.extents(1), container.extents(0));
    let mut other = Container::new("mine");
    other.push("data", [(1, 1)]).unwrap();
    other.append(&container).unwrap();
    check(&other);
    assert_eq!(names(&other), ["data", "data@1", "frame0", "frame1"]);
    assert_eq!(other.extents(2), container.extents(0));
}

#[test]
fn a_stream_takes_few_bytes() {
    let mut container = Container::new("mine");
    let records = container.family("record[{}]").unwrap();
    for index in 0..1_000_000 {
        container.push_in(records, [(index * 13, 5)]).unwrap();
    }
    assert!(container.heap_size() < 1_000_000, "{}", container.heap_size());
    let mut container = Container::new("mine");
    for index in 0..1_000_000_usize {
        let name = ["tEXt", "zTXt"][index % 2];
        container.push(name, [(index * 13, 5 + index % 7)]).unwrap();
    }
    assert!(container.heap_size() < 48_000_000, "{}", container.heap_size());
    assert_eq!(container.position("zTXt@499999"), Some(999_999));
}
