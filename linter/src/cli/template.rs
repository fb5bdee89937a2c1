//! `nhi-lint template check`: every mistake in template files.

use std::path::PathBuf;

use super::{CLEAN, CommandError, World, settings};

/// Reads the files and says what they publish.
pub(super) fn check(paths: &[PathBuf], world: &mut World<'_>) -> Result<u8, CommandError> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| world.folder.join(path)).collect();
    let library = settings::library(&paths, world.folder, world.terminal)?;
    for template in library.templates() {
        writeln!(world.output, "{} {} {}", template.reference(), template.status, template.digest)?;
    }
    Ok(CLEAN)
}
