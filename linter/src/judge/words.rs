//! What is said about a part of an identity that is outside its template, or that could not be decided.

use policy::governance::Fact;
use policy::verdict::{Counterexample, Verdict, Why};

use crate::finding::Hit;
use crate::identity::{Identity, Origin, Reason, plain};
use crate::rule::Context;

use super::{Culprit, Doubt, Gap, Judgement, Part, active};

/// A part that is outside. `tail` says of what.
pub(super) fn outside(
    identity: &Identity,
    gap: Gap,
    tail: &str,
    template: Option<&str>,
    fitting: Option<&str>,
    context: &Context<'_>,
) -> Judgement {
    let who = who(identity, context);
    let example = gap.counterexample.clone().unwrap_or_default();
    let says = |verb: &str, what: &str| match &gap.culprit.statement {
        Some(statement) => format!("{statement} {verb} `{what}`"),
        None => format!("{verb} `{what}`"),
    };
    let change = gap.change.as_ref().map(ToString::to_string);
    let (message, label, take) = match gap.culprit.part {
        Part::Permissions => (
            format!("{who} may do {example}, {tail}"),
            says("allows", &example.action),
            match change {
                Some(change) => change,
                None if gap.culprit.named => {
                    "grant only what the workload needs instead".to_owned()
                }
                None => format!("take `{}` away", example.action),
            },
        ),
        Part::Trust => {
            let principal = example.principal.as_deref().unwrap_or("anyone");
            let by = if example.context.is_empty() { String::new() } else { with(&example) };
            (
                format!("`{principal}` may become {who} by `{}`{by}, {tail}", example.action),
                format!("lets `{principal}` in"),
                change.unwrap_or_else(|| format!("do not trust `{principal}`")),
            )
        }
        Part::Boundary => (
            format!("{who} is outside its template: {}", gap.reason),
            boundary_label(&gap.culprit).to_owned(),
            "set the permissions boundary that the template asks for".to_owned(),
        ),
    };
    let mut help = match (fitting, template) {
        (Some(other), _) => format!("{take}, or name template `{other}`, which allows all of it"),
        (None, Some(_)) => format!("{take}, or name a template that allows it"),
        (None, None) if active(context.library).next().is_none() => {
            "say where the templates are with `--templates`, or `templates` in `.nhi-lint.hcl`"
                .to_owned()
        }
        (None, None) => format!("{take}, or ask the platform team for a template that allows it"),
    };
    for more in more(&gap, &example) {
        help.push_str("; ");
        help.push_str(&more);
    }
    let hit = Hit {
        resource: gap.culprit.resource,
        path: gap.culprit.path,
        message,
        help,
        label,
        elements: gap.culprit.elements,
        template: template.map(str::to_owned),
        counterexample: None,
        decided: gap.decided,
    };
    Judgement { verdict: Verdict::Outside(example), hit }
}

/// What a reader should know beside the way out.
fn more(gap: &Gap, example: &Counterexample) -> Vec<String> {
    let mut out = Vec::new();
    // Who may become an identity is no way out of it.
    let own = gap.culprit.part == Part::Permissions;
    if let Some(escalation) = example.escalation.as_ref().filter(|_| own) {
        out.push(format!("this opens a way to more privileges: {escalation}"));
    }
    if let Some(miss) = &gap.nearest {
        out.push(format!("no values of the parameters make it fit: {miss}"));
    }
    out.extend(gap.note.clone());
    out
}

/// The condition keys of a request, as they follow it in a sentence.
fn with(example: &Counterexample) -> String {
    let said = example.context.iter().map(|(key, values)| format!("{key} = {}", values.join(", ")));
    format!(" with {}", said.collect::<Vec<_>>().join(" and "))
}

fn boundary_label(culprit: &Culprit) -> &'static str {
    if culprit.path.is_empty() { "no boundary is set" } else { "the boundary is set here" }
}

/// A part that could not be decided.
pub(super) fn undecided(doubt: Doubt, template: Option<&str>, context: &Context<'_>) -> Judgement {
    let Doubt { culprit, why, nearest } = doubt;
    let against =
        template.map_or_else(|| "a template".to_owned(), |name| format!("template `{name}`"));
    let what = match culprit.part {
        Part::Permissions => "permissions",
        Part::Trust => "trust",
        Part::Boundary => "a boundary",
    };
    let address = context.address(culprit.resource);
    let mut help = match why.unknown.first() {
        None if why.reason.contains("--azure-roles") => {
            "write `az role definition list -o json` into a file, and name it with `--azure-roles` or `azure_roles` in `.nhi-lint.hcl`".to_owned()
        }
        None if why.reason.contains("--gcp-roles") => {
            "write what `gcloud iam roles describe ROLE --format=json` says into a file, and name it with `--gcp-roles` or `gcp_roles` in `.nhi-lint.hcl`".to_owned()
        }
        Some(unknown) => {
            let Reason { origin, why, way_out } = Reason::of(unknown);
            match way_out {
                Some(way_out) => format!("{why}: {way_out}"),
                None => format!("make `{origin}` known before apply: write it out, or apply what makes it first"),
            }
        }
        None => "write it in a form that can be compared, or ask the platform team for a template that says the same".to_owned(),
    };
    if let Some(miss) = nearest {
        help = format!("{help}; of the parameters, {}", plain(&miss.to_string()));
    }
    let hit = Hit {
        resource: culprit.resource,
        path: culprit.path,
        message: format!(
            "{what} in `{address}` cannot be compared with {against}: {}",
            plain(&why.reason)
        ),
        help,
        label: "not decided before apply".to_owned(),
        elements: culprit.elements,
        template: template.map(str::to_owned),
        counterexample: None,
        decided: None,
    };
    Judgement { verdict: Verdict::Undecided(why), hit }
}

/// An identity of which it is not known what it must be compared with.
pub(super) fn unknown_template(
    identity: &Identity,
    origin: &str,
    context: &Context<'_>,
) -> Judgement {
    let (resource, path) = identity.governance.place(Fact::Template, identity.resource);
    let culprit = Culprit::at(identity, Part::Permissions);
    let why = Why {
        reason: format!(
            "which template it names comes from `{origin}`, which is not known before apply"
        ),
        unknown: vec![origin.to_owned()],
    };
    undecided(
        Doubt { culprit: Culprit { resource, path, ..culprit }, why, nearest: None },
        None,
        context,
    )
}

/// How messages call an identity.
fn who(identity: &Identity, context: &Context<'_>) -> String {
    match (identity.origin, &identity.name) {
        (Origin::Elsewhere, Some(name)) => format!("`{name}`"),
        (Origin::Elsewhere, None) | (Origin::Here, _) => {
            format!("`{}`", context.address(identity.resource))
        }
    }
}
