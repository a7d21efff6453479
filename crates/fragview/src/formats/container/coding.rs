//! Codecs of a container's streams: how their bytes are compressed, encoded or encrypted.

use super::contents::Container;
use super::stream::Family;
use crate::formats::FormatError;

impl Container {
    /// The codec of the stream at `position`: how its bytes are compressed, encoded or encrypted. `None`
    /// where they are the data themselves, or the format does not say. Several codecs stand in the order in
    /// which they were applied, as `gzip, br`. O(log codecs).
    ///
    /// ```
    /// use fragview::formats::{Options, open};
    /// let chunk = |kind: &str, data: &[u8]| {
    ///     [&(data.len() as u32).to_be_bytes(), kind.as_bytes(), data, b"crc!"].concat()
    /// };
    /// let chunks = [chunk("IHDR", &[0; 13]), chunk("IDAT", b"abc"), chunk("IEND", b"")].concat();
    /// let container = open([&b"\x89PNG\r\n\x1a\n"[..], &chunks].concat().as_slice(), None, Options::default())?;
    /// let codec = |name| container.position(name).and_then(|position| container.codec(position));
    /// assert_eq!((codec("idat"), codec("IHDR")), (Some("zlib"), None));
    /// # Ok::<(), fragview::formats::FormatError>(())
    /// ```
    #[must_use]
    pub fn codec(&self, position: usize) -> Option<&str> {
        let codec = self.codecs.of_stream(u32::try_from(position).ok()?);
        codec.or_else(|| {
            // Most containers have no codecs, and need no label.
            if !self.codecs.has_families() {
                return None;
            }
            self.codecs.of_family(self.label_at(position)?.0)
        })
    }

    /// Gives the last stream a codec; an empty text is none. Amortised O(1).
    ///
    /// # Errors
    /// Memory is short.
    pub fn codec_last(&mut self, codec: &str) -> Result<(), FormatError> {
        let Some(last) = self
            .len()
            .checked_sub(1)
            .and_then(|last| u32::try_from(last).ok())
        else {
            return Ok(());
        };
        if codec.is_empty() {
            return Ok(());
        }
        Ok(self.codecs.push(last, codec)?)
    }

    /// Gives all streams of a family a codec, those that follow too, unless a stream has one of its own; an
    /// empty text is none. O(1) for the family that was made last.
    ///
    /// # Errors
    /// Memory is short.
    pub fn codec_of(&mut self, family: Family, codec: &str) -> Result<(), FormatError> {
        if codec.is_empty() {
            return Ok(());
        }
        Ok(self.codecs.set_family(family.0, codec)?)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    /// Codecs of streams and families, against a list that has the codec of each stream.
    #[test]
    fn codecs_of_streams_and_families() {
        let mut container = Container::new("test");
        let numbered = container.family("part{}").unwrap();
        let plain = container.family("plain{}").unwrap();
        let mut expected: Vec<Option<&str>> = Vec::new();
        for round in 0..200_usize {
            match round * 7 % 5 {
                0 => {
                    container.push_in(numbered, [(round, 1)]).unwrap();
                    expected.push(Some("zstd"));
                }
                1 => {
                    container.push("name", [(round, 1)]).unwrap();
                    container.codec_last("").unwrap();
                    expected.push(None);
                }
                2 => {
                    container.push("name", [(round, 1)]).unwrap();
                    container.codec_last("gzip").unwrap();
                    container.codec_last("br").unwrap();
                    expected.push(Some("br"));
                }
                3 => {
                    container.push_in(numbered, [(round, 1)]).unwrap();
                    container.codec_last("lz4").unwrap();
                    expected.push(Some("lz4"));
                }
                _ => {
                    container.push_in(plain, [(round, 1)]).unwrap();
                    expected.push(None);
                }
            }
            // A family may get its codec at any time.
            if round == 50 {
                container.codec_of(plain, "").unwrap();
                container.codec_of(numbered, "lzw").unwrap();
                container.codec_of(numbered, "zstd").unwrap();
            }
        }
        let mut appended = Container::new("test");
        appended.push("first", [(0, 1)]).unwrap();
        appended.append(&container).unwrap();
        for (position, &codec) in expected.iter().enumerate() {
            assert_eq!(container.codec(position), codec, "{position}");
            assert_eq!(appended.codec(position + 1), codec, "{position}");
        }
        assert_eq!(container.codec(expected.len()), None);
        assert_eq!(appended.codec(0), None);
    }
}
