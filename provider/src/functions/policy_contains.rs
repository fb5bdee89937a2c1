//! `policy_contains`: whether a policy stays inside a template or inside another policy, for `check` blocks, preconditions and
//! tests. *Undecided* is an answer of its own: who reads it as `false` or as `true` would be wrong half of the time.

use std::collections::BTreeMap;

use policy::template::{Fit, Gap, Platform, Template, fit};
use policy::verdict::{Change, Counterexample, Verdict};

use super::texts;
use crate::attribute::Attribute;
use crate::function::{Function, FunctionProblem, Parameter, Rest};
use crate::model::model;
use crate::schema::computed;
use crate::wording::sentence;

mod read;

use read::Granted;

/// `provider::nhi::policy_contains`.
#[derive(Debug)]
pub(crate) struct PolicyContains;

model! {
    /// A request that the policy allows and the ceiling does not.
    pub(crate) struct Witness {
        /// What is done.
        action: String = computed(),
        /// To what.
        resource: String = computed(),
        /// By whom, in trust policies.
        principal: String = computed(),
        /// The condition keys of the request.
        context: BTreeMap<String, Vec<String>> = computed(),
    }
}

model! {
    /// The answer.
    pub(crate) struct Answer {
        /// `inside`, `outside` or `undecided`.
        verdict: String = computed(),
        /// Why it is not inside.
        reason: String = computed(),
        /// What shows that it is outside.
        witness: Witness = computed(),
        /// The smallest change of the policy that closes the gap.
        change: String = computed(),
        /// The values of the template's parameters that make it fit, or those that come nearest.
        parameters: BTreeMap<String, String> = computed(),
    }
}

impl Function for PolicyContains {
    const NAME: &'static str = "policy_contains";
    const SUMMARY: &'static str = "Whether a policy stays inside a template or another policy";
    const DESCRIPTION: &'static str = "Compares a policy with a ceiling and returns an object of `verdict`, `reason`, `witness`, \
        `change` and `parameters`. The `verdict` is `inside` (everything that the policy allows, the ceiling allows too: a proof), `outside` \
        (the `witness` is a request that only the policy allows; `change` would close the gap) or `undecided` (neither could be shown, \
        for the stated `reason`; never take it for `inside`). The ceiling is the text of a template or another policy of the same \
        platform. The parameters of a template are inferred from the policy: it is inside if there are values that make it fit, \
        and `parameters` says which. To compare with certain values, let `render_policy` fill them in. An AWS policy with principals is \
        compared with the template's `trust`, any other with its `permissions`. Roles of Google Cloud and Azure that the \
        platform does not define by itself go by their names.";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter {
            name: "ceiling",
            description: "The text of a template (`file(\"reader.nhi.hcl\")`) or of a policy.",
        },
        Parameter {
            name: "policy",
            description: "The policy: `jsonencode({ … })`, a data source's `json`, an identity's rendered policy. On Vault \
                HCL is read as well.",
        },
    ];
    const VARIADIC: Option<Parameter> = Some(Parameter {
        name: "platform",
        description: "At most one: `aws` (the default), `gcp` (role bindings or a role, as `gcloud` writes them), `azure` (role \
            definitions or assignments, as `az` writes them), `kubernetes` (roles and bindings, or rules), `vault` or `github` \
            (`{ permissions, repositories }`).",
    });

    type Arguments = (String, String, Rest<String>);
    type Output = Answer;

    fn call(
        (ceiling, policy, Rest(platforms)): Self::Arguments,
    ) -> Result<Answer, FunctionProblem> {
        let platform = match platforms.as_slice() {
            [] => Platform::Aws,
            [name] => texts::platform(2, name)?,
            [_, _, ..] => return Err(FunctionProblem::at(3, "There is at most one platform.")),
        };
        let inner = Granted::read(1, &policy, platform)?;
        if is_template(&ceiling) {
            let mut template = texts::template(0, &ceiling)?;
            // The question is about a policy, not about the identity that carries it.
            if let Some(aws) = &mut template.aws {
                aws.boundary = None;
            }
            Ok(within(&template, &inner))
        } else {
            let outer = Granted::read(0, &ceiling, platform)?;
            let (verdict, change) = inner.within(outer);
            Ok(of_verdict(verdict, change))
        }
    }
}

/// Whether a text is meant as a template. No line of JSON and no rule of Vault begins with that word and a string.
fn is_template(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_start);
    lines.any(|line| {
        line.strip_prefix("template").is_some_and(|rest| rest.trim_start().starts_with('"'))
    })
}

fn within(template: &Template, inner: &Granted) -> Answer {
    let found = inner.ask(|subject| fit(template, &BTreeMap::new(), subject));
    match found {
        Fit::Inside(binding) => {
            Answer { verdict: "inside".into(), parameters: values(&binding), ..Answer::default() }
        }
        Fit::Outside(outside) => {
            let reasons: Vec<String> =
                outside.gaps.iter().map(|gap| sentence(&gap.reason)).collect();
            let first = outside.gaps.into_iter().next();
            let (example, change) = match first {
                Some(Gap { counterexample, change, .. }) => (counterexample, change),
                None => (None, None),
            };
            Answer {
                verdict: "outside".into(),
                reason: reasons.join(" ").into(),
                witness: example.map(witness).into(),
                change: advice(change),
                parameters: values(&outside.binding),
            }
        }
        Fit::Undecided(undecided) => Answer {
            verdict: "undecided".into(),
            reason: why(&undecided.why.reason).into(),
            parameters: values(&undecided.binding),
            ..Answer::default()
        },
        // Neither kind, nor environment, nor parameters are stated, so that there is nothing to refuse them for.
        Fit::Unbindable(errors) => undecided(errors.first().map(ToString::to_string)),
        Fit::Inapplicable(reason) => undecided(Some(reason)),
    }
}

fn undecided(reason: Option<String>) -> Answer {
    let reason = why(&reason.unwrap_or_default());
    Answer { verdict: "undecided".into(), reason: reason.into(), ..Answer::default() }
}

fn of_verdict(verdict: Verdict, change: Option<Change>) -> Answer {
    let name = verdict.name().into();
    match verdict {
        Verdict::Inside => Answer { verdict: name, ..Answer::default() },
        Verdict::Outside(example) => Answer {
            verdict: name,
            reason: sentence(&format!("{example} is allowed, which the ceiling does not allow"))
                .into(),
            witness: witness(example).into(),
            change: advice(change),
            ..Answer::default()
        },
        Verdict::Undecided(why) => {
            Answer { verdict: name, reason: self::why(&why.reason).into(), ..Answer::default() }
        }
    }
}

/// Why there is no answer, without what the command line could be told about it.
fn why(reason: &str) -> String {
    match reason.split_once(": ") {
        Some((reason, advice)) if advice.contains("-roles FILE") => sentence(reason),
        _ => sentence(reason),
    }
}

fn advice(change: Option<Change>) -> Attribute<String> {
    change.map(|change| sentence(&change.to_string())).into()
}

fn witness(example: Counterexample) -> Witness {
    let Counterexample { action, resource, principal, context, escalation: _ } = example;
    Witness {
        action: action.into(),
        resource: resource.into(),
        principal: principal.into(),
        context: context.into(),
    }
}

/// Texts out of a function have no unknown parts, and neither have the values that were found in them.
fn values(binding: &policy::template::Binding) -> Attribute<BTreeMap<String, String>> {
    let values = binding.values.iter();
    let known = values.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    Attribute::Known(known.collect())
}

#[cfg(test)]
mod tests;
