//! `nhi-lint contains`: the comparison of policies by itself.

use std::collections::BTreeMap;
use std::path::Path;

use policy::aws::{self, Decision, Document};
use policy::text::Text;
use policy::verdict::{Counterexample, Verdict, Why};
use serde::Serialize;

use super::{AnswerFormat, CLEAN, CommandError, ContainsArgs, FOUND, Platform, World, settings};

/// Neither could be shown.
const UNDECIDED: u8 = 3;

/// The answer as JSON; its shape is a contract.
#[derive(Serialize)]
struct Answer<'a> {
    version: u8,
    world: &'static str,
    result: &'static str,
    catalogue: &'static str,
    counterexample: Option<&'a Counterexample>,
    reason: Option<&'a str>,
}

/// Runs the command.
pub(super) fn run(args: &ContainsArgs, world: &mut World<'_>) -> Result<u8, CommandError> {
    let Platform::Aws = args.platform;
    let inner = document(&args.inner, world.folder)?;
    let outer = match (&args.outer, &args.template) {
        (Some(outer), _) => vec![document(outer, world.folder)?],
        (None, Some(template)) => of_template(template, args, world)?.into_iter().collect(),
        (None, None) => Vec::new(),
    };
    let decision = aws::contains(&outer.iter().collect::<Vec<_>>(), &[&inner]);
    match args.format {
        AnswerFormat::Json => json(&decision, world)?,
        AnswerFormat::Text => text(&decision, world)?,
    }
    Ok(match decision.open {
        Verdict::Inside => CLEAN,
        Verdict::Outside(_) => FOUND,
        Verdict::Undecided(_) => UNDECIDED,
    })
}

fn document(path: &Path, folder: &Path) -> Result<Document, CommandError> {
    let text = settings::read(&folder.join(path), folder)?;
    parse(&text, &format!("`{}`", path.display()))
}

fn parse(text: &str, name: &str) -> Result<Document, CommandError> {
    Document::parse(&Text::literal(text))
        .map_err(|error| CommandError::new(format!("{name} is {error}")))
}

/// The permissions of a template with its parameters filled in; None where it has none, so that nothing is allowed.
fn of_template(
    name: &str,
    args: &ContainsArgs,
    world: &World<'_>,
) -> Result<Option<Document>, CommandError> {
    let paths: Vec<_> = args.templates.iter().map(|path| world.folder.join(path)).collect();
    let library = settings::library(&paths, world.folder, world.terminal)?;
    let template = library.find(name).map_err(|error| {
        let help = miette::Diagnostic::help(&error).map(|help| help.to_string());
        CommandError::Refused { message: error.to_string(), help }
    })?;
    let mut given = BTreeMap::new();
    for parameter in &args.parameters {
        let Some((key, value)) = parameter.split_once('=') else {
            return Err(CommandError::with_help(
                format!("`--param {parameter}` gives no value"),
                "write `--param name=value`",
            ));
        };
        given.insert(key.to_owned(), value.to_owned());
    }
    let refuse = |errors: &[policy::template::ParameterError]| {
        let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
        CommandError::with_help(all.join("; "), "state parameters with `--param name=value`")
    };
    let bound = template.bind(&given).map_err(|errors| refuse(&errors))?;
    let missing = bound.missing(policy::template::Platform::Aws);
    if !missing.is_empty() {
        return Err(refuse(&missing));
    }
    let permissions = bound.aws().and_then(|aws| aws.permissions);
    permissions.map(|text| parse(&text, &format!("the policy of template `{name}`"))).transpose()
}

fn json(decision: &Decision, world: &mut World<'_>) -> Result<(), CommandError> {
    let (counterexample, reason) = match &decision.open {
        Verdict::Inside => (None, None),
        Verdict::Outside(example) => (Some(example), None),
        Verdict::Undecided(Why { reason, .. }) => (None, Some(reason)),
    };
    let answer = Answer {
        version: 1,
        world: "open",
        result: decision.open.name(),
        catalogue: decision.catalogue.name(),
        counterexample,
        reason: reason.map(String::as_str),
    };
    // Serialising plain data into a string cannot fail.
    writeln!(world.output, "{}", serde_json::to_string(&answer).unwrap_or_default())?;
    Ok(())
}

fn text(decision: &Decision, world: &mut World<'_>) -> Result<(), CommandError> {
    match &decision.open {
        Verdict::Inside => writeln!(
            world.output,
            "inside: the outer side allows everything that the inner side allows"
        )?,
        Verdict::Outside(example) => {
            writeln!(
                world.output,
                "outside: the inner side allows {example}, and the outer side does not"
            )?;
        }
        Verdict::Undecided(why) => {
            writeln!(world.output, "undecided: {}", why.reason)?;
            match &decision.catalogue {
                Verdict::Inside => {
                    writeln!(world.output, "over the actions that exist today: inside")?;
                }
                Verdict::Outside(_) | Verdict::Undecided(_) => {}
            }
        }
    }
    Ok(())
}
