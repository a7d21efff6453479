//! The messages of a buffer, or of a capture.

use alloc::format;

use super::head::{LINE, is_start};
use super::name::NAME;
use super::{capture, message};
use crate::Bytes;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::{Container, FormatError, Options, pcap};

/// True if the file begins with a message's start line.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    let mut first = [0; LINE];
    let first = &mut first[..bytes.len().min(LINE)];
    if bytes.read(0, first).is_none() {
        return false;
    }
    let end = first.iter().position(|&byte| byte == b'\n');
    // A longer line is a request's.
    let length = end.unwrap_or(first.len());
    end.is_some() && is_start(first[..length].trim_ascii_end())
}

/// The messages of a buffer, or of the TCP streams of a capture. O(bytes of heads + chunks).
///
/// # Errors
///
/// The messages break a rule of the format.
///
/// ```
/// use fragview::formats::{Options, http};
/// let file = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
/// let container = http::open(file, Options::default())?;
/// let body = container.stream("response0/body").unwrap();
/// assert_eq!(body.extents, [(50, 3), (58, 2)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    if pcap::detect(bytes) {
        return capture::open(bytes, options);
    }
    let input = Input::big(bytes, NAME);
    let faults = Faults::new(options);
    if input.len() == 0 {
        return input.fault(0, "no message");
    }
    let mut container = Container::new(NAME);
    let families = [
        [
            container.family("request{}/head")?,
            container.family("request{}/body")?,
        ],
        [
            container.family("response{}/head")?,
            container.family("response{}/body")?,
        ],
    ];
    let mut counts = [0; 2];
    let result = message::read(&input, None, &mut |head, place, body, cut| {
        let [head_family, body_family] = families[usize::from(head.is_response)];
        let number = &mut counts[usize::from(head.is_response)];
        container.push_numbered(head_family, *number, [place])?;
        let what = if head.is_response { "response" } else { "request" };
        message::pass_cut(&faults, cut, &format!("{what}{number}/body"))?;
        if body.byte_len() > 0 {
            container.push_numbered(body_family, *number, body)?;
            container.codec_last(&head.codings.name())?;
        }
        *number += 1;
        Ok(())
    });
    faults.ok(result)?;
    faults.give(&mut container);
    Ok(container)
}
