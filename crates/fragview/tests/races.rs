//! Readers and writers of the same shared memory, in all threads at once, for as long as `RACES_SECONDS`
//! says.
//!
//! It has no harness, so that it also runs under `ThreadSanitizer` (`make tsan`), which knows threads made by
//! the program and little of what a harness does. Whatever the threads do, each byte is one that somebody
//! wrote. `RACES_PLANT=1` adds a race on plain memory, to see that the sanitizer is awake.

use std::env;
use std::hash::{DefaultHasher, Hash};
use std::io::{Read, Seek, SeekFrom};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fragview::io::Cursor;
use fragview::search::Finder;
use fragview::{FragBuffer, FrozenView, SharedView, View};

const THREADS: usize = 8;
/// All bytes that anybody writes.
const VALUES: [u8; 4] = [0x11, 0x22, 0x44, b'\n'];
/// The most bytes of a part that an operation works on.
const LONGEST: usize = 3000;

type Shared = SharedView<'static>;

/// What lives to the end, told apart from what leaks.
static KEPT: Mutex<Vec<usize>> = Mutex::new(Vec::new());

fn kept<T: ?Sized>(value: Box<T>) -> &'static mut T {
    let value = Box::leak(value);
    KEPT.lock()
        .unwrap()
        .push((&raw mut *value).cast::<()>().expose_provenance());
    value
}

/// A small generator of numbers: threads need no more.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap_or(0)
    }

    fn value(&mut self) -> u8 {
        VALUES[self.below(VALUES.len())]
    }

    /// A part of the view: up to `LONGEST` bytes.
    fn straight(&mut self, view: &Shared) -> Shared {
        let start = self.below(view.len());
        let end = view.len().min(start + 1 + self.below(LONGEST));
        view.slice(start..end).unwrap()
    }

    /// The same, now and then backwards.
    fn part(&mut self, view: &Shared) -> Shared {
        let part = self.straight(view);
        if self.below(4) == 0 { part.reversed() } else { part }
    }
}

fn known(bytes: &[u8]) {
    assert!(
        bytes.iter().all(|byte| VALUES.contains(byte)),
        "a byte that nobody wrote"
    );
}

/// An operation on a view that other threads use, too.
type Operation = fn(&Shared, &mut Random);

const READS: &[Operation] = &[
    |view, random| known(&[view.get(random.below(view.len())).unwrap()]),
    |view, random| known(&view.read_at::<[u8; 8]>(random.below(view.len() - 8)).unwrap()),
    |view, random| {
        let offset = random.below(view.len() - 2);
        known(&view.memory().read::<u16>(offset).unwrap().to_ne_bytes());
    },
    |view, random| known(&random.part(view).to_vec().unwrap()),
    |view, random| random.part(view).iter().for_each(|byte| known(&[byte])),
    |view, random| {
        let part = random.straight(view);
        let words = part.slice(..part.len() / 4 * 4).unwrap().cast::<u32>().unwrap();
        words.iter().for_each(|word| known(&word.to_ne_bytes()));
    },
    |view, random| {
        let part = random.part(view);
        let needle = vec![random.value(); 1 + random.below(4)];
        let found = part.find(&needle).unwrap().max(part.rfind(&needle).unwrap());
        assert!(found.is_none_or(|at| at + needle.len() <= part.len()));
        assert!(part.count(&needle).unwrap() <= part.len());
        let finder = Finder::new(&needle);
        assert!(
            finder
                .find_iter(&part)
                .unwrap()
                .all(|at| at + needle.len() <= part.len())
        );
    },
    |view, random| {
        let (one, other) = (random.part(view), random.part(view));
        let _ = (
            one == other,
            one.compare(&other),
            one.starts_with(&VALUES),
            one.ends_with(&VALUES),
        );
    },
    |view, random| {
        // Shared memory has no hash of its own; that of a copy is of bytes that were there.
        let bytes = random.part(view).to_vec().unwrap();
        let mut hasher = DefaultHasher::new();
        FrozenView::from_slices([&bytes[..]]).unwrap().hash(&mut hasher);
        assert_eq!(random.part(view).to_hex().unwrap().len() % 2, 0);
    },
    |view, random| {
        let mut cursor = Cursor::new(random.part(view));
        let mut bytes = vec![0; 1 + random.below(500)];
        let read = cursor.read(&mut bytes).unwrap();
        known(&bytes[..read]);
        cursor.seek(SeekFrom::Start(random.below(100) as u64)).unwrap();
        known(cursor.chunk());
    },
    |view, random| {
        // An edit is a new view on the same memory.
        let at = random.below(view.len() - 100);
        let edited = view.splice(at..at + 50, [&random.part(view)]).unwrap();
        known(&random.part(&edited).to_vec().unwrap());
        drop(edited);
    },
    #[cfg(feature = "regex")]
    |view, random| {
        let part = random.part(view);
        for found in regex().find_iter(&part).take(20) {
            assert!(found.group(0).unwrap().end <= part.len());
        }
    },
];

/// The pattern that all threads share. It is compiled before they start: what std does at a first use is not
/// watched.
#[cfg(feature = "regex")]
fn regex() -> &'static fragview::regex::Regex {
    static REGEX: std::sync::OnceLock<fragview::regex::Regex> = std::sync::OnceLock::new();
    REGEX.get_or_init(|| fragview::regex::Regex::new(b"(?s)\x11+(.)\x44").unwrap())
}

const WRITES: &[Operation] = &[
    |view, random| view.set(random.below(view.len()), random.value()).unwrap(),
    |view, random| {
        let (offset, value) = (random.below(view.len() - 8), random.value());
        view.memory().write_at(offset, &[value; 8]).unwrap();
    },
    |view, random| random.part(view).fill(random.value()).unwrap(),
    |view, random| {
        let part = random.part(view);
        part.copy_from_slice(&vec![random.value(); part.len()]).unwrap();
    },
    |view, random| {
        // A memmove of memory that overlaps, and lies in the view several times.
        let (to, from) = (random.part(view), random.part(view));
        let count = to.len().min(from.len());
        to.slice(..count)
            .unwrap()
            .copy_from_view(&from.slice(..count).unwrap())
            .unwrap();
    },
    |view, random| {
        let part = random.straight(view);
        let words = part.slice(..part.len() / 8 * 8).unwrap().cast::<u64>().unwrap();
        let value = u64::from_ne_bytes([random.value(); 8]);
        (0..words.len()).for_each(|index| words.set(index, value).unwrap());
    },
];

/// Vectored I/O from and to the shared memory: what comes out at the other end was in it.
#[cfg(unix)]
fn transfer(view: &Shared, random: &mut Random) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let part = random.part(view);
    assert_eq!(part.write_to(&ours).unwrap(), part.len());
    if random.below(2) == 0 {
        let mut bytes = vec![0; part.len()];
        (&theirs).read_exact(&mut bytes).unwrap();
        known(&bytes);
    } else {
        let target = random.part(view);
        let count = target.len().min(part.len());
        assert_eq!(target.slice(..count).unwrap().read_from(&theirs).unwrap(), count);
    }
}

#[cfg(not(unix))]
fn transfer(_view: &Shared, _random: &mut Random) {}

/// A buffer of a stream, of the thread's own, made of memory that all use.
fn stream(base: &'static [AtomicU8], random: &mut Random) {
    let mut buffer = FragBuffer::<fragview::memory::Shared<'_>>::new();
    for _ in 0..5 {
        let start = random.below(base.len() - 100);
        buffer
            .append_slice(&base[start..start + random.below(100)])
            .unwrap();
    }
    let _ = buffer.find(&[VALUES[0], VALUES[1]], 0).unwrap();
    let mut bytes = vec![0; buffer.len() / 2];
    buffer.copy_to_slice(0, &mut bytes).unwrap();
    known(&bytes);
}

/// A race on plain memory, which must not be: one for the sanitizer to find.
fn plant() {
    static mut PLAIN: u64 = 0;
    let bump = || {
        for _ in 0..1000 {
            // SAFETY: none; that is the point. It is asked for by name, and has no effect on memory safety.
            unsafe { (&raw mut PLAIN).write_volatile((&raw const PLAIN).read_volatile() + 1) };
        }
    };
    let threads = [thread::spawn(bump), thread::spawn(bump)];
    for thread in threads {
        thread.join().unwrap();
    }
}

/// Views of one memory: with fragments of many sizes, repeated ones, overlapping ones, and each first use at
/// once.
fn views(base: &'static [AtomicU8]) -> Vec<&'static Shared> {
    let sizes = [1, 7, 64, 1, 300, 2, 4096];
    let mut cut = Vec::new();
    let mut rest = base;
    for size in sizes.iter().cycle() {
        let Some((piece, left)) = rest.split_at_checked(*size) else {
            cut.push(rest);
            break;
        };
        cut.push(piece);
        rest = left;
    }
    let odd = cut
        .iter()
        .copied()
        .chain([&base[100..9000], &base[3..5]])
        .chain(base.chunks(5));
    let equal = base.chunks(64);
    [
        View::from_atomics(odd),
        View::from_atomics(equal),
        View::from_atomics([base]),
    ]
    .map(|view| &*kept(Box::new(view.unwrap())))
    .into()
}

fn main() {
    let seconds = env::var("RACES_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(2.0);
    let deadline = Instant::now() + Duration::from_secs_f64(seconds);
    if env::var_os("RACES_PLANT").is_some() {
        plant();
    }
    #[cfg(feature = "regex")]
    regex();
    let mut rounds = 0;
    let operations: &'static AtomicUsize = kept(Box::default());
    // Each round has new views, so that what is made at the first use is made by many.
    while Instant::now() < deadline {
        rounds += 1;
        let base: &'static [AtomicU8] = kept((0..20_000).map(|i| AtomicU8::new(VALUES[i % 4])).collect());
        let views: &'static [&'static Shared] = kept(views(base).into());
        let stop: &'static AtomicBool = kept(Box::default());
        let body = move |number: usize| {
            let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ (number as u64 + 1) << 20 ^ rounds);
            while !stop.load(Ordering::Relaxed) {
                let view = views[random.below(views.len())];
                // Half of the threads write as much as they read.
                match random.below(if number.is_multiple_of(2) { 40 } else { 20 }) {
                    0 => transfer(view, &mut random),
                    1 => stream(base, &mut random),
                    2..20 if !number.is_multiple_of(2) => {
                        WRITES[random.below(WRITES.len())](view, &mut random);
                    }
                    _ => READS[random.below(READS.len())](view, &mut random),
                }
                operations.fetch_add(1, Ordering::Relaxed);
            }
        };
        let threads: Vec<_> = (0..THREADS)
            .map(|number| thread::spawn(move || body(number)))
            .collect();
        thread::sleep(
            deadline
                .saturating_duration_since(Instant::now())
                .min(Duration::from_millis(500)),
        );
        stop.store(true, Ordering::Relaxed);
        for thread in threads {
            thread.join().unwrap();
        }
        known(
            &base
                .iter()
                .map(|byte| byte.load(Ordering::Relaxed))
                .collect::<Vec<_>>(),
        );
    }
    let operations = operations.load(Ordering::Relaxed);
    println!(
        "races: {operations} operations in {THREADS} threads, {rounds} rounds, no byte that nobody wrote"
    );
    assert!(operations > 0);
}
