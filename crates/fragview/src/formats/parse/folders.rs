//! The folders of a file system that are still to be read, with their paths.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Error;

/// Folders to read: a stack, so that depth takes no stack of calls, and the bytes that paths may have in all.
/// Folders nested deeply with long names would else take memory out of proportion to the file.
pub(in crate::formats) struct Folders<F> {
    pending: Vec<(String, F)>,
    budget: usize,
}

impl<F> Folders<F> {
    /// The root, and as many bytes of paths as the file has, or 64 KiB.
    pub(in crate::formats) fn new(root: F, file: usize) -> Self {
        Self {
            pending: Vec::from([(String::new(), root)]),
            budget: file.max(1 << 16),
        }
    }

    /// The next folder, and its path.
    pub(in crate::formats) fn next(&mut self) -> Option<(String, F)> {
        self.pending.pop()
    }

    /// The path of `name` in `folder`: one part, so a slash in the name becomes `_`. `None` if all paths
    /// together are longer than the file.
    pub(in crate::formats) fn path(&mut self, folder: &str, name: &str) -> Result<Option<String>, Error> {
        let length = folder.len() + name.len() + 1;
        let Some(budget) = self.budget.checked_sub(length) else {
            return Ok(None);
        };
        self.budget = budget;
        let mut path = String::new();
        path.try_reserve(length).map_err(|_| Error::OutOfMemory)?;
        if !folder.is_empty() {
            path.push_str(folder);
            path.push('/');
        }
        path.extend(
            name.chars()
                .map(|letter| if letter == '/' { '_' } else { letter }),
        );
        Ok(Some(path))
    }

    /// Adds a folder to those that are to be read.
    pub(in crate::formats) fn add(&mut self, path: String, folder: F) -> Result<(), Error> {
        self.pending.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        self.pending.push((path, folder));
        Ok(())
    }
}
