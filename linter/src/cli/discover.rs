//! `nhi-lint discover`: the machine identities of an input, as a person, a program or a drawing wants them.
//!
//! Nothing is judged here and nothing fails because of what is found: the exit code only says whether everything could be
//! read.

mod csv;
mod dot;
mod hcl;
mod says;
mod telling;
mod text;
mod view;

use std::path::Path;
use std::sync::Arc;

use crate::identity::Graph;
use crate::plain::plain_lines;
use crate::rule::Context;

use super::args::{CheckArgs, DiscoverArgs, DiscoverFormat};
use super::check::{Inputs, prefix, problem_text};
use super::settings::Settings;
use super::{CLEAN, CommandError, FAILED, World};

use view::View;

/// An input as it was typed.
fn shown(input: &str, folder: &Path) -> String {
    let path = Path::new(input);
    let path = path.strip_prefix(folder).unwrap_or(path);
    if path.as_os_str().is_empty() { ".".to_owned() } else { path.display().to_string() }
}

/// Runs the command.
pub(super) fn run(args: &DiscoverArgs, world: &mut World<'_>) -> Result<u8, CommandError> {
    let settings = Settings::new(
        &CheckArgs {
            paths: args.paths.clone(),
            templates: args.templates.clone(),
            config: args.config.clone(),
            ..CheckArgs::default()
        },
        world.folder,
        world.terminal,
    )?;
    let models = Inputs {
        paths: &args.paths,
        config_dir: args.config_dir.as_deref(),
        variables: &args.variables.0,
        allow_empty: false,
        library: Arc::clone(&settings.known.library),
        catalogue: Arc::clone(&settings.catalogue),
    }
    .read(world)?;
    let mut view = View::default();
    for model in &models {
        let graph = Graph::new(model, &settings.keys);
        let prefix = prefix(&model.input, world.folder);
        let context = Context::new(model, &graph, &settings.known, world.now, &prefix);
        let input = shown(&model.input, world.folder);
        view.add(&context, input, args.format == DiscoverFormat::Hcl);
        view.problems
            .extend(model.problems.iter().map(|problem| problem_text(model, &prefix, problem)));
    }
    view.count();
    let text = match args.format {
        DiscoverFormat::Text => plain_lines(text::render(&view)),
        DiscoverFormat::Json => view.json(),
        DiscoverFormat::Csv => plain_lines(csv::render(&view)),
        DiscoverFormat::Dot => dot::render(&view),
        DiscoverFormat::Hcl => plain_lines(hcl::render(&view)),
    };
    world.output.write_all(text.as_bytes())?;
    for problem in &view.problems {
        writeln!(world.errors, "error: {problem}")?;
    }
    Ok(if view.problems.is_empty() { CLEAN } else { FAILED })
}
