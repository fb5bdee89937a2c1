//! `nhi-lint template suggest`: least-privilege templates, drafted from what a plan or a configuration grants.

use std::collections::BTreeSet;

use policy::template::reference::is_name;
use policy::template::suggest::suggest;

use crate::cli::args::SuggestArgs;
use crate::cli::check::{Inputs, prefix, problem_text};
use crate::cli::{CLEAN, CommandError, FAILED, World, settings};
use crate::identity::{Graph, Identity, Origin};
use crate::judge::Prepared;
use crate::rule::{Context, Known};

/// A template's name has at most 50 characters; a number may follow.
const LONGEST: usize = 44;

/// Runs the command. The drafts go to standard output, what could not be drafted to standard error.
pub(super) fn run(args: &SuggestArgs, world: &mut World<'_>) -> Result<u8, CommandError> {
    if let Some(name) = args.name.as_deref().filter(|name| !is_name(name)) {
        return Err(CommandError::with_help(
            format!("`{name}` cannot be the name of a template"),
            "names are of lower case letters, digits and hyphens",
        ));
    }
    let first = args.paths.first().map(std::path::PathBuf::as_path);
    let config = settings::config_of(args.config.as_deref(), first, world.folder, world.terminal)?;
    let roles = settings::roles(&args.roles, &config, world.folder)?;
    let known = Known { roles, ..Known::default() };
    let models = Inputs {
        paths: &args.paths,
        config_dir: args.config_dir.as_deref(),
        variables: &args.variables,
        variable_files: &args.variable_files,
        allow_empty: false,
    }
    .read(world)?;
    let mut drafts: Vec<String> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    let mut problems: Vec<String> = Vec::new();
    let mut wanted: BTreeSet<&str> = args.identity.iter().map(String::as_str).collect();
    let mut names: BTreeSet<String> = BTreeSet::new();
    for model in &models {
        let graph = Graph::new(model, &config.keys);
        let prefix = prefix(&model.input, world.folder);
        let context = Context::new(model, &graph, &known, world.now, &prefix);
        problems.extend(model.problems.iter().map(|it| problem_text(model, &prefix, it)));
        let mut prepared: Vec<(&Identity, Prepared<'_>)> = Vec::new();
        for identity in &graph.identities {
            let address = context.address(identity.resource);
            let named = wanted.remove(address) || args.identity.iter().any(|it| it == address);
            if !args.identity.is_empty() && !named {
                continue;
            }
            let read = Prepared::new(identity, &context);
            if !read.says_something() {
                continue;
            }
            let unreadable = read.unreadable();
            notes.extend(
                unreadable.map(|reason| format!("`{address}` is drafted in part: {reason}")),
            );
            prepared.push((identity, read));
        }
        let loans: Vec<_> = prepared.iter().map(|(_, read)| read.loan()).collect();
        let subjects: Vec<_> = prepared
            .iter()
            .zip(&loans)
            .map(|((_, read), loan)| read.subject(loan, &context))
            .collect();
        if let Some(name) = &args.name {
            if !subjects.is_empty() {
                drafts.push(suggest(name, &subjects));
            }
            continue;
        }
        for ((identity, _), subject) in prepared.iter().zip(subjects) {
            let name = unique(&name_of(identity, &context), &mut names);
            drafts.push(suggest(&name, std::slice::from_ref(&subject)));
        }
    }
    for problem in &problems {
        writeln!(world.errors, "error: {problem}")?;
    }
    if let Some(missing) = wanted.first() {
        return Err(CommandError::with_help(
            format!("there is no identity `{missing}` here"),
            "name the resource that makes it by its address, such as `aws_iam_role.export`",
        ));
    }
    if drafts.is_empty() && problems.is_empty() {
        return Err(CommandError::with_help(
            "there is nothing to draft a template from",
            "no identity here may do anything, or all of it is rendered from templates already",
        ));
    }
    world.output.write_all(drafts.join("\n").as_bytes())?;
    for note in notes {
        writeln!(world.errors, "note: {note}")?;
    }
    Ok(if problems.is_empty() { CLEAN } else { FAILED })
}

/// The identity's name as a template's: lower case, words with hyphens.
fn name_of(identity: &Identity, context: &Context<'_>) -> String {
    let resource = context.resource(identity.resource);
    let said = match identity.origin {
        Origin::Here => resource.map(|resource| resource.name.clone()),
        Origin::Elsewhere => None,
    };
    let said = identity.name.clone().or(said).unwrap_or_default();
    let local = said.split('@').next().unwrap_or_default();
    let mut name = String::new();
    for letter in local.chars().map(|letter| letter.to_ascii_lowercase()) {
        if letter.is_ascii_lowercase() || (letter.is_ascii_digit() && !name.is_empty()) {
            name.push(letter);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.get(..LONGEST.min(name.len())).unwrap_or_default().trim_end_matches('-');
    if name.is_empty() { "identity".to_owned() } else { name.to_owned() }
}

/// Two identities of the same name get two templates.
fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut found = name.to_owned();
    let mut number = 1;
    while !taken.insert(found.clone()) {
        number += 1;
        found = format!("{name}-{number}");
    }
    found
}
