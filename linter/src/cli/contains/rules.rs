//! Vault, Kubernetes and GitHub: policies, manifests and permissions.

use miette::Diagnostic;
use policy::text::Text;
use policy::vault;

use super::{Answer, File, Outer, Place, Side};
use crate::cli::CommandError;

/// Compares Vault policies; those of one side are attached to one token.
pub(super) fn vault(inner: &[File], outer: &Outer<'_>) -> Result<Answer, CommandError> {
    let (inner, inner_places) = policies(inner)?;
    let (outer, outer_places) = match outer {
        Outer::Files(files) => policies(files)?,
        Outer::Template(bound) => {
            let side = Side::of_template(bound, bound.vault_rules());
            let policy = vault::Policy::from_rules(side.grants);
            // What a template does not say is not allowed.
            let policies = if policy.rules().is_empty() { Vec::new() } else { vec![policy] };
            (policies, side.places)
        }
    };
    let inner: Vec<&vault::Policy> = inner.iter().collect();
    let outer: Vec<&vault::Policy> = outer.iter().collect();
    let comparison = vault::contains(&outer, &inner);
    let change = vault::change(&outer, &inner, &comparison);
    Ok(Answer::of(comparison, change, &inner_places, &outer_places))
}

/// Policies, and the places of all their rules in order.
fn policies(files: &[File]) -> Result<(Vec<vault::Policy>, Vec<Option<Place>>), CommandError> {
    let mut places = Vec::new();
    let mut policies = Vec::new();
    for file in files {
        let text = Text::literal(file.text.as_str());
        let policy = vault::Policy::parse(&text)
            .map_err(|error| file.refuse(&error.to_string(), &error.problems))?;
        for rule in policy.rules() {
            let place = rule.span.map(|span| Place {
                file: file.name.clone(),
                line: file.line(span.offset()),
                element: "path".to_owned(),
                name: Some(rule.path.to_string()),
            });
            places.push(place);
        }
        policies.push(policy);
    }
    Ok((policies, places))
}

impl File {
    /// The text is not what it has to be. The place of the first problem is said, and the first advice.
    fn refuse<D: Diagnostic>(&self, message: &str, problems: &[D]) -> CommandError {
        let spans =
            problems.iter().filter_map(|it| it.labels()?.next().map(|label| label.offset()));
        let line = spans.min().map(|at| self.line(at));
        let at = line.map(|line| format!(" (line {line})")).unwrap_or_default();
        CommandError::Refused {
            message: format!("`{}` is {message}{at}", self.name),
            help: problems.iter().find_map(Diagnostic::help).map(|help| help.to_string()),
        }
    }
}
