//! MPEG-2 transport stream: ISO/IEC 13818-1 (ITU-T H.222.0), sections 2.4.3.2 "Transport stream packet",
//! 2.4.3.4 "Adaptation field", 2.4.3.6 "PES packet" and 2.4.4 "Program specific information"; packets of 188
//! bytes, of 192 (a timestamp first: Blu-ray's M2TS), and of 204 (a Reed-Solomon code last: DVB).
//!
//! | stream | |
//! | --- | --- |
//! | `stream0_video`, `stream1_audio`, …`_subtitle`, …`_data` | the PES payload of each elementary stream, in the order of the program maps |
//! | `pid_0x0.section[0]`… | each section of tables: program association and map, and others |
//! | `pid_0x100`… | the payload of each PID's packets, with PES and section headers |
//!
//! Without a program map every PID that carries PES packets is an elementary stream. The index counts all
//! elementary streams of the program maps, but only those that carry PES packets are streams.
//!
//! A packet that is repeated (2.4.3.3: the same continuity counter and the same payload, once) counts once.
//! If the counter tells that packets are missing, PES payload continues without them, and a section that
//! lacks them is left out, as are PES packets and sections whose beginning or header lies outside the file: a
//! transport stream is cut anywhere. Null packets, those with the reserved adaptation field control, and
//! scrambled elementary streams are passed over.
//!
//! Refused: bytes between packets, an adaptation field or pointer field past its packet, a PES packet without
//! its start code, tables whose lengths go past their section. A last packet that is cut off is left out.
//! `verify` checks the sections' CRCs.
//!
//! A lenient reading goes on where two sync bytes stand a packet apart, leaves out packets that say that they
//! were received with errors, and invalid PES packets and tables.

mod open;
mod packet;
mod pes;
mod psi;

pub(crate) use open::{NAME, detect, resembles};
pub use open::{open, verify};
