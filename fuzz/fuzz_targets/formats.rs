#![no_main]

/// The target looks at the memory that opening takes.
#[global_allocator]
static ALLOCATOR: fragview_fuzz::Counting = fragview_fuzz::Counting;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fragview_fuzz::formats(data));
