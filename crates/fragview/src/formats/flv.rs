//! FLV: Adobe Flash Video File Format Specification 10.1, annex E ("The FLV file format": E.2 header, E.3
//! body, E.4 tags), and Enhanced RTMP 2 (2024) for codecs that are named by four letters.
//!
//! | stream | |
//! | --- | --- |
//! | `stream0_video`, `stream1_audio`… | the packets of the video and of the audio tags, joined, without the bytes that say how they are coded; in the order in which they first come |
//! | `stream0_video.packet[0]`… | each packet |
//! | `script[0]`… | the content of each script data tag: AMF |
//! | `video_config`, `audio_config` | what a decoder gets first: the sequence headers of AVC, HEVC, AAC and enhanced codecs |
//!
//! Refused: a tag that is cut off, the size behind a tag that is not that tag's, encrypted tags and those of
//! several tracks, tags of unknown types. A lenient reading takes the tag that is cut off as far as it goes,
//! passes over wrong sizes behind tags, and ends where no tag begins.

use alloc::string::String;

use super::parse::faults::Faults;
use super::parse::input::Input;
use super::tracks::Tracks;
use super::{Container, FormatError, Options};
use crate::{Bytes, array};

pub(crate) const NAME: &str = "flv";

const AUDIO: u8 = 8;
const VIDEO: u8 = 9;
const SCRIPT: u8 = 18;
/// Bytes of a tag's header.
const HEADER: usize = 11;

/// True if the file begins with FLV's signature and version.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 0) == Some(*b"FLV\x01")
}

/// The streams of an FLV file. O(tags); reads some 20 bytes a tag.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, flv};
/// let mut file = b"FLV\x01\x04\0\0\0\x09\0\0\0\0".to_vec();
/// file.extend(b"\x08\0\0\x04\0\0\0\0\0\0\0\x2fmp3\0\0\0\x0f"); // an audio tag of MP3
/// let container = flv::open(&file, Options::default())?;
/// let names: Vec<_> = container.names().collect();
/// assert_eq!(names, ["stream0_audio", "stream0_audio.packet[0]"]);
/// assert_eq!(container.extents(1), Some([(25, 3)].into_iter().collect()));
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::big(bytes, NAME);
    let faults = Faults::new(options);
    if !detect(bytes) {
        return input.fault(0, "no FLV signature");
    }
    let mut reading = Reading {
        input,
        faults: &faults,
        tracks: Tracks::new(input),
        others: Container::new(NAME),
    };
    let result = reading.tags();
    faults.ok(result)?;
    let Reading { tracks, others, .. } = reading;
    tracks.into_container(&others, &faults)
}

struct Reading<'a> {
    input: Input<'a>,
    faults: &'a Faults,
    tracks: Tracks<'a>,
    /// Script data and configurations.
    others: Container,
}

/// The start of a tag's data.
enum Packet {
    /// This number of bytes, and then the packet.
    Data(usize),
    /// This number of bytes, and then a decoder's configuration.
    Config(usize),
    /// No data.
    Nothing,
}

impl Reading<'_> {
    /// Takes all tags.
    fn tags(&mut self) -> Result<(), FormatError> {
        let input = self.input;
        let script = self.others.family("script[{}]")?;
        let mut at = input.end(0, input.u32(5)?, input.len())?;
        if at < 9 {
            return input.fault(5, "the header's size is too small");
        }
        if input.u32(at)? != 0 {
            self.faults
                .ok(input.fault::<()>(at, "the size before the first tag is not 0"))?;
        }
        at += 4;
        while at < input.len() {
            let [kind, high, middle, low] = input.array(at)?;
            input.array::<HEADER>(at)?;
            if kind & 0x20 != 0 {
                return input.fault(at, "an encrypted tag");
            }
            if !matches!(kind, AUDIO | VIDEO | SCRIPT) {
                return input.fault(at, "a tag of an unknown type");
            }
            let size = u32::from_be_bytes([0, high, middle, low]);
            let start = at + HEADER;
            let end = self.faults.end(&input, start, size, input.len())?;
            if kind == SCRIPT {
                self.others.push_in(script, [(start, end - start)])?;
            } else if start < end {
                self.packet(kind, start, end)?;
            }
            if end - start < size as usize {
                return Ok(());
            }
            if u64::from(input.u32(end)?) != u64::from(size) + HEADER as u64 {
                self.faults
                    .ok(input.fault::<()>(end, "the size behind a tag is not the tag's"))?;
            }
            at = end + 4;
        }
        Ok(())
    }

    /// Takes the data of an audio or a video tag.
    fn packet(&mut self, kind: u8, start: usize, end: usize) -> Result<(), FormatError> {
        let packet = if kind == AUDIO {
            self.audio(start, end)?
        } else {
            self.video(start, end)?
        };
        match packet {
            Packet::Nothing => Ok(()),
            Packet::Config(skip) if skip <= end - start => {
                let name = if kind == AUDIO {
                    "audio_config"
                } else {
                    "video_config"
                };
                self.others.push(name, [(start + skip, end - start - skip)])
            }
            Packet::Data(skip) if skip <= end - start => {
                let place = if let Some(place) = self.tracks.find(kind.into()) {
                    place
                } else {
                    let kind_name = if kind == AUDIO { "audio" } else { "video" };
                    let place = self.tracks.add(kind.into(), kind_name, start)?;
                    self.tracks.set_codec(place, &self.codec(kind, start)?);
                    place
                };
                self.tracks.packet(place, start + skip, end - start - skip)
            }
            Packet::Config(_) | Packet::Data(_) => {
                self.faults
                    .pass(FormatError::new(NAME, start, "a tag too short for its header"))
            }
        }
    }

    /// The codec of a tag's data at `start`: its four letters, or the name of its number.
    fn codec(&self, kind: u8, start: usize) -> Result<String, FormatError> {
        let first = self.input.u8(start)?;
        let is_enhanced = if kind == AUDIO {
            first >> 4 == 9
        } else {
            first & 0x80 != 0
        };
        if is_enhanced {
            let letters: [u8; 4] = self.input.array(start + 1)?;
            return Ok(String::from_utf8_lossy(&letters).trim().into());
        }
        let name = match (kind, if kind == AUDIO { first >> 4 } else { first & 15 }) {
            (AUDIO, 0 | 3) => "pcm",
            (AUDIO, 1) => "adpcm_swf",
            (AUDIO, 2 | 14) => "mp3",
            (AUDIO, 4..=6) => "nellymoser",
            (AUDIO, 7) => "pcm_alaw",
            (AUDIO, 8) => "pcm_mulaw",
            (AUDIO, 10) => "aac",
            (AUDIO, 11) => "speex",
            (VIDEO, 2) => "h263",
            (VIDEO, 3 | 6) => "screen_video",
            (VIDEO, 4 | 5) => "vp6",
            (VIDEO, 7) => "h264",
            (VIDEO, 12) => "hevc",
            _ => "unknown",
        };
        Ok(name.into())
    }

    /// What the audio tag's data at `start` is: E.4.2.
    fn audio(&self, start: usize, end: usize) -> Result<Packet, FormatError> {
        let first = self.input.u8(start)?;
        Ok(match first >> 4 {
            10 if end - start < 2 => Packet::Data(2),
            // AAC.
            10 if self.input.u8(start + 1)? == 0 => Packet::Config(2),
            10 => Packet::Data(2),
            // Enhanced: a type of packet and four letters.
            9 => match first & 15 {
                0 => Packet::Config(5),
                1 => Packet::Data(5),
                5 => return self.input.fault(start, "a tag of several tracks"),
                _ => Packet::Nothing,
            },
            _ => Packet::Data(1),
        })
    }

    /// What the video tag's data at `start` is: E.4.3.
    fn video(&self, start: usize, end: usize) -> Result<Packet, FormatError> {
        let first = self.input.u8(start)?;
        if first & 0x80 != 0 {
            // Enhanced: a type of packet and four letters; AVC and HEVC also say when to show a picture.
            let has_time = self
                .input
                .array::<4>(start + 1)
                .is_ok_and(|codec| matches!(&codec, b"avc1" | b"hvc1" | b"vvc1"));
            return Ok(match first & 15 {
                0 => Packet::Config(5),
                1 if has_time => Packet::Data(8),
                1 | 3 => Packet::Data(5),
                6 => return self.input.fault(start, "a tag of several tracks"),
                _ => Packet::Nothing,
            });
        }
        // A command for the player.
        if first >> 4 == 5 {
            return Ok(Packet::Nothing);
        }
        Ok(match first & 15 {
            // AVC, and HEVC as it was before it had letters.
            7 | 12 if end - start < 5 => Packet::Data(5),
            7 | 12 => match self.input.u8(start + 1)? {
                0 => Packet::Config(5),
                1 => Packet::Data(5),
                _ => Packet::Nothing,
            },
            // VP6 says how much of the picture to cut off.
            4 | 5 => Packet::Data(2),
            _ => Packet::Data(1),
        })
    }
}
