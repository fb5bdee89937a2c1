//! Reading the embedded files: numbers, texts and deflate streams in a row.
//!
//! Everything is optional because nothing here may panic; that all of the data can be read is for the tests to show.

use flate2::{Decompress, FlushDecompress, Status};

/// What is left of some packed bytes.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    /// Big-endian, of N bytes.
    pub(super) fn fixed<const N: usize>(&mut self) -> Option<usize> {
        let (bytes, later) = self.rest.split_first_chunk::<N>()?;
        self.rest = later;
        Some(bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    /// LEB128.
    pub(super) fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in (0..28).step_by(7) {
            let (byte, later) = self.rest.split_first()?;
            self.rest = later;
            number |= usize::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, later) = self.rest.split_at_checked(length)?;
        self.rest = later;
        Some(taken)
    }

    /// The bytes before the next `end`, which is passed over.
    pub(super) fn until(&mut self, end: u8) -> Option<&'a [u8]> {
        let length = self.rest.iter().position(|byte| *byte == end)?;
        let taken = self.take(length)?;
        self.take(1)?;
        Some(taken)
    }

    /// A LEB128 number of bytes and the bytes.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = self.number()?;
        std::str::from_utf8(self.take(length)?).ok()
    }
}

/// Deflated bytes as they were before: their number, and a raw deflate stream.
pub(super) fn inflate(deflated: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(deflated);
    let size = reader.fixed::<4>()?;
    // With room for all of it, nothing is copied twice.
    let mut out = Vec::with_capacity(size);
    let mut decoder = Decompress::new(false);
    let end = decoder.decompress_vec(reader.rest, &mut out, FlushDecompress::Finish).ok()?;
    (end == Status::StreamEnd && out.len() == size).then_some(out)
}
