//! The folders that files are in: from a record's number to a path.

use alloc::string::String;
use alloc::vec::Vec;

use hashbrown::HashMap;

use super::name::NAME;
use crate::error::Error;
use crate::formats::FormatError;

/// The root's record.
pub(super) const ROOT: u64 = 5;
/// Folders within folders.
const DEEPEST: usize = 1024;

/// A name in a folder.
pub(super) struct Link {
    pub(super) parent: u64,
    pub(super) name: String,
}

/// All folders, by their records' numbers.
pub(super) struct Folders {
    links: HashMap<u64, Link>,
    /// The bytes that paths may still have.
    budget: usize,
}

impl Folders {
    pub(super) fn new(file: usize) -> Self {
        Self {
            links: HashMap::default(),
            budget: file.max(1 << 16),
        }
    }

    pub(super) fn add(&mut self, number: u64, link: Link) -> Result<(), Error> {
        self.links.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        self.links.insert(number, link);
        Ok(())
    }

    /// Takes bytes off those that paths may have.
    pub(super) fn charge(&mut self, length: usize, at: usize) -> Result<(), FormatError> {
        match self.budget.checked_sub(length) {
            Some(budget) => self.budget = budget,
            None => return Err(FormatError::new(NAME, at, "the paths are longer than the file")),
        }
        Ok(())
    }

    /// The path of a name; `at` is where the file says it.
    pub(super) fn path(&self, link: &Link, at: usize) -> Result<String, FormatError> {
        let fault = |what: &'static str| Err(FormatError::new(NAME, at, what));
        let mut parts: Vec<&str> = Vec::from([link.name.as_str()]);
        let mut length = link.name.len();
        let mut parent = link.parent;
        while parent != ROOT {
            let Some(link) = self.links.get(&parent) else {
                return fault("a file's folder is not there");
            };
            if parts.len() == DEEPEST {
                return fault("folders loop, or are too deep");
            }
            parts.push(&link.name);
            length += link.name.len() + 1;
            parent = link.parent;
        }
        let mut path = String::new();
        path.try_reserve(length).map_err(|_| Error::OutOfMemory)?;
        for (index, part) in parts.iter().rev().enumerate() {
            if index > 0 {
                path.push('/');
            }
            path.extend(
                part.chars()
                    .map(|letter| if letter == '/' { '_' } else { letter }),
            );
        }
        Ok(path)
    }
}
