//! The zip around a plan file.
//!
//! Everything in it is of a stranger's making, and Terraform reads it too: what the two could understand differently is
//! refused. What entries inflate to is counted while they are read, whatever they say about their size.

use std::borrow::Cow;
use std::io::{Cursor, Read as _};

use zip::ZipArchive;
use zip::result::ZipError;

use super::PlannedError;

/// How many bytes all entries may inflate to.
const MAX_BYTES: u64 = 2 << 30;

/// A plan of repetitive resources is packed about thirty-fold; what is packed more tightly than this is a bomb.
const MAX_RATIO: u64 = 200;

/// What may come of a file however small it is.
const FREE_BYTES: u64 = 64 << 20;

/// How many files a configuration may have.
const MAX_ENTRIES: usize = 200_000;

/// An open zip, and how much may still come out of it.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    bound: u64,
    left: u64,
}

impl<'a> Archive<'a> {
    /// Opens a zip; none if nothing in it has that name.
    pub(super) fn open(bytes: &'a [u8], wanted: &str) -> Result<Option<Self>, PlannedError> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
        if zip.index_for_name(wanted).is_none() {
            return Ok(None);
        }
        if zip.len() > MAX_ENTRIES {
            return Err(PlannedError::new(format!(
                "the plan file has more than {MAX_ENTRIES} entries"
            )));
        }
        // Terraform takes the first of the two, other programs the last.
        if zip.has_duplicate_names() {
            return Err(PlannedError::new("the plan file has two entries of one name"));
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let bound = length.saturating_mul(MAX_RATIO).clamp(FREE_BYTES, MAX_BYTES);
        Ok(Some(Self { zip, bound, left: bound }))
    }

    /// The names of the entries.
    pub(super) fn names(&self) -> Result<Vec<String>, PlannedError> {
        let names = self.zip.file_names().map(|name| name.map(Cow::into_owned));
        names.collect::<Result<_, _>>().map_err(|error| broken(&error))
    }

    /// The content of an entry, if there is one of that name.
    pub(super) fn optional(&mut self, name: &str) -> Result<Option<Vec<u8>>, PlannedError> {
        if self.zip.index_for_name(name).is_none() {
            return Ok(None);
        }
        self.entry(name).map(Some)
    }

    /// The content of an entry.
    pub(super) fn entry(&mut self, name: &str) -> Result<Vec<u8>, PlannedError> {
        let file = self.zip.by_name(name).map_err(|error| broken(&error))?;
        // The size is a claim: it is believed as far as it is cheap.
        let mut bytes = Vec::with_capacity(usize::try_from(file.size().min(1 << 20)).unwrap_or(0));
        let read = file.take(self.left.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|error| broken(&ZipError::Io(error)))?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(length).ok_or_else(|| {
            let bound = self.bound >> 20;
            PlannedError::new(format!("the plan file inflates to more than {bound} MiB")).help(
                "no plan is packed as tightly as that; write it again with `terraform plan -out`",
            )
        })?;
        Ok(bytes)
    }
}

fn broken(error: &ZipError) -> PlannedError {
    let foreign = matches!(
        error,
        ZipError::UnsupportedArchive(_)
            | ZipError::CompressionMethodNotSupported(_)
            | ZipError::InvalidPassword
    );
    let help = if foreign {
        "Terraform does not write such files; give what `terraform plan -out` wrote"
    } else {
        "it may have been cut short on its way; plan again with `terraform plan -out`"
    };
    PlannedError::new(format!("the plan file is broken: {error}")).help(help)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_zip_bomb_is_refused_however_it_is_spread() {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let zeros = vec![0; 1 << 18];
        for name in ["tfplan", "a", "b", "c"] {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("started");
            zip.write_all(&zeros).expect("written");
        }
        let bytes = zip.finish().expect("finished").into_inner();
        let mut archive = Archive::open(&bytes, "tfplan").expect("a zip").expect("a plan");
        assert!(bytes.len() < 1 << 13 && archive.bound == FREE_BYTES);
        archive.left = 3 << 18;
        for name in ["tfplan", "a", "b"] {
            assert_eq!(archive.entry(name).map(|bytes| bytes.len()), Ok(1 << 18));
        }
        let error = archive.entry("c").expect_err("too large");
        assert_eq!(error.message, "the plan file inflates to more than 64 MiB");
    }
}
