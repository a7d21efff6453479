#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fragview_fuzz::open_over(data));
