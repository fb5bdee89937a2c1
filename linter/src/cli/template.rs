//! `nhi-lint template`: the files of templates, their digests and their tests.

mod cases;
mod show;
mod suggest;

use std::path::PathBuf;

use super::args::TemplateCommand;
use super::{CLEAN, CommandError, World, settings};

/// Runs one of the commands.
pub(super) fn run(command: &TemplateCommand, world: &mut World<'_>) -> Result<u8, CommandError> {
    match command {
        TemplateCommand::Check { paths } => check(paths, world),
        TemplateCommand::Digest { paths } => digest(paths, world),
        TemplateCommand::Test(args) => cases::run(args, world),
        TemplateCommand::Show(args) => show::run(args, world),
        TemplateCommand::Suggest(args) => suggest::run(args, world),
    }
}

/// Reads the files and says what they publish.
fn check(paths: &[PathBuf], world: &mut World<'_>) -> Result<u8, CommandError> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| world.folder.join(path)).collect();
    let library = settings::library(&paths, world.folder, world.terminal)?;
    for template in library.templates() {
        writeln!(world.output, "{} {} {}", template.reference(), template.status, template.digest)?;
    }
    Ok(CLEAN)
}

/// Reads the files and prints what identifies each content.
fn digest(paths: &[PathBuf], world: &mut World<'_>) -> Result<u8, CommandError> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| world.folder.join(path)).collect();
    let library = settings::library(&paths, world.folder, world.terminal)?;
    for template in library.templates() {
        writeln!(world.output, "{} {}", template.digest, template.reference())?;
    }
    Ok(CLEAN)
}
