//! `nhi-lint template suggest`: least-privilege templates, drafted from what a plan or a configuration grants.

use std::collections::BTreeSet;

use policy::governance::Keys;
use policy::template::fit::Subject;
use policy::template::reference::is_name;
use policy::template::suggest::{suggest, suggest_tests};

use crate::cli::args::SuggestArgs;
use crate::cli::check::{Inputs, prefix, problem_text, write_file};
use crate::cli::{CLEAN, CommandError, FAILED, World, settings};
use crate::identity::{Graph, Identity, Origin};
use crate::judge::prepared::Prepared;
use crate::model::Model;
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
        variables: &args.variables.0,
        allow_empty: false,
        library: std::sync::Arc::clone(&known.library),
        catalogue: std::sync::Arc::clone(&config.catalogue),
    }
    .read(world)?;
    let mut drafting = Drafting::new(args);
    for model in &models {
        drafting.draft(model, &config.keys, &known, world);
    }
    drafting.finish(world)
}

/// What was drafted so far.
struct Drafting<'a> {
    args: &'a SuggestArgs,
    /// Identities that were asked for and not found yet.
    unseen: BTreeSet<&'a String>,
    /// The names of the templates.
    taken: BTreeSet<String>,
    drafts: Vec<String>,
    tests: Vec<String>,
    /// What a draft leaves out.
    notes: Vec<String>,
    /// What could not be read at all.
    problems: Vec<String>,
}

impl<'a> Drafting<'a> {
    fn new(args: &'a SuggestArgs) -> Self {
        Self {
            args,
            unseen: args.identity.iter().collect(),
            taken: BTreeSet::new(),
            drafts: Vec::new(),
            tests: Vec::new(),
            notes: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn draft(&mut self, model: &Model, keys: &Keys, known: &Known, world: &World<'_>) {
        let graph = Graph::new(model, keys);
        let prefix = prefix(&model.input, world.folder);
        let context = Context::new(model, &graph, known, world.now, &prefix);
        self.problems.extend(model.problems.iter().map(|it| problem_text(model, &prefix, it)));
        let mut prepared: Vec<(&Identity, Prepared<'_>)> = Vec::new();
        for identity in &graph.identities {
            let address = context.address(identity.resource);
            self.unseen.retain(|wanted| *wanted != address);
            let wanted = &self.args.identity;
            if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == address) {
                continue;
            }
            let read = Prepared::new(identity, &context);
            if read.says_something() {
                let unreadable = read.unreadable();
                self.notes.extend(
                    unreadable.map(|reason| format!("`{address}` is drafted in part: {reason}")),
                );
                prepared.push((identity, read));
            }
        }
        let loans: Vec<_> = prepared.iter().map(|(_, read)| read.loan()).collect();
        let read = prepared.iter().zip(&loans);
        let subjects: Vec<_> = read.map(|((_, read), loan)| read.subject(loan, &context)).collect();
        match &self.args.name {
            Some(_) if subjects.is_empty() => {}
            Some(name) => self.add(name, &subjects),
            None => {
                for ((identity, _), subject) in prepared.iter().zip(subjects) {
                    let name = unique(&name_of(identity, &context), &mut self.taken);
                    self.add(&name, std::slice::from_ref(&subject));
                }
            }
        }
    }

    fn add(&mut self, name: &str, subjects: &[Subject<'_>]) {
        self.drafts.push(suggest(name, subjects));
        self.tests.push(suggest_tests(name, subjects));
    }

    fn finish(self, world: &mut World<'_>) -> Result<u8, CommandError> {
        for problem in &self.problems {
            writeln!(world.errors, "error: {problem}")?;
        }
        if let Some(missing) = self.unseen.first() {
            return Err(CommandError::with_help(
                format!("there is no identity `{missing}` here"),
                "name the resource that makes it by its address, such as `aws_iam_role.export`",
            ));
        }
        if self.drafts.is_empty() && self.problems.is_empty() {
            return Err(CommandError::with_help(
                "there is nothing to draft a template from",
                "no identity here may do anything, or all of it is rendered from templates already",
            ));
        }
        if let Some(path) = &self.args.tests {
            let tests: Vec<String> =
                self.tests.into_iter().filter(|text| !text.trim().is_empty()).collect();
            write_file(&world.folder.join(path), &tests.join("\n"))?;
        }
        world.output.write_all(self.drafts.join("\n").as_bytes())?;
        for note in self.notes {
            writeln!(world.errors, "note: {note}")?;
        }
        Ok(if self.problems.is_empty() { CLEAN } else { FAILED })
    }
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
