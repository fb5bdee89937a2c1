//! The operations of a resource as Terraform asks for them, over untyped values: preparation before the resource's own
//! part, and every assertion of Terraform after it.

use crate::conformance::{
    Violation, conforms, is_compatible, no_write_only, paths_exist, plan_is_valid, wholly_known,
};
use crate::context::Context;
use crate::path::Path;
use crate::problem::Problem;
use crate::resource::adapter::{Entry, PlanCall};
use crate::resource::planning::{
    Basis, identity, prepare, replacing, restore, with_write_only, without_write_only,
};
use crate::resource::{Done, Failed, ImportKey, Moved, Planned};
use crate::schema::validation;
use crate::ty::Type;
use crate::value::Value;
use crate::wire::json;

/// What an operation answers with. A state beside errors is what exists all the same.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) state: Value,
    pub(crate) identity: Option<Value>,
    pub(crate) private: Vec<u8>,
    pub(crate) replace: Vec<Path>,
    pub(crate) problems: Vec<Problem>,
}

impl Reply {
    fn failed(problems: Vec<Problem>) -> Self {
        Self { problems, ..Self::default() }
    }
}

/// What a change is asked for: prior is null in a create, the others in a destroy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) prior: &'a Value,
    pub(crate) config: &'a Value,
    /// The proposed state in a plan, the planned state in an apply.
    pub(crate) proposed: &'a Value,
}

impl Entry {
    /// Everything that is wrong with a configuration.
    pub(crate) fn validate(&self, config: &Value, write_only_allowed: bool) -> Vec<Problem> {
        let mut problems =
            validation::problems(&self.schema.attributes, config, write_only_allowed);
        problems.extend(self.calls.validate(config));
        problems
    }

    /// Plans a create, update or destroy.
    pub(crate) async fn plan(&self, request: Request<'_>, context: &Context) -> Reply {
        let Request { prior, config, proposed } = request;
        if proposed.is_null() {
            let problems = self.calls.plan_destroy(prior, context).await;
            return Reply { problems, private: context.private.clone(), ..Reply::default() };
        }
        let attributes = &self.schema.attributes;
        let existing = (!prior.is_null()).then_some(prior);
        // What was moved here is not yet what this type makes of it, although nothing else changes.
        let settled = existing.filter(|_| !self.calls.is_moved(&context.private));
        let basis = Basis { existing, settled };
        let proposed = prepare(attributes, basis, config, proposed);
        let call = PlanCall { prior: existing, config, proposed: &proposed };
        let planned = match self.calls.plan(call, context).await {
            Ok(planned) => planned,
            Err(problems) => return Reply::failed(problems),
        };
        let Planned { state, mut replace, warnings, private } = planned;
        let state = restore(attributes, config, &proposed, state);
        let state = without_write_only(attributes, state);
        if existing.is_some() {
            // The comparison sees write-only values only in the configuration, and they have no prior value.
            replace.extend(replacing(attributes, prior, &state));
        } else {
            replace.clear();
        }
        replace.sort();
        replace.dedup();

        let mut violations = conforms(&self.ty, &state);
        violations.extend(plan_is_valid(attributes, prior, config, &state));
        violations.extend(paths_exist(&replace, prior, &state));
        let identity = identity(self.identity, &state);
        if existing.is_some() && replace.is_empty() {
            violations.extend(identity.iter().flat_map(wholly_known));
        }
        let mut problems = warnings;
        problems.extend(self.bugs("planned", &violations));
        let private = private.unwrap_or_else(|| context.private.clone());
        Reply { state, identity, private, replace, problems }
    }

    /// Creates, updates or deletes what was planned.
    pub(crate) async fn apply(&self, request: Request<'_>, context: &Context) -> Reply {
        let Request { prior, config, proposed: planned } = request;
        if planned.is_null() {
            let outcome = self.calls.delete(prior, context).await;
            return match outcome {
                Ok(warnings) => Reply { problems: warnings, ..Reply::default() },
                Err(failed) => self.failed(failed, prior, context),
            };
        }
        let attributes = &self.schema.attributes;
        let filled = with_write_only(attributes, config, planned);
        let outcome = if prior.is_null() {
            self.calls.create(&filled, context).await
        } else {
            self.calls.update(prior, &filled, context).await
        };
        let Done { state, warnings, private } = match outcome {
            Ok(done) => done,
            Err(failed) => return self.failed(failed, prior, context),
        };
        let state = without_write_only(attributes, state);
        let mut violations = conforms(&self.ty, &state);
        violations.extend(wholly_known(&state));
        violations.extend(is_compatible(attributes, planned, &state));
        let mut problems = warnings;
        problems.extend(self.bugs("made", &violations));
        // What exists is saved whatever is wrong with it.
        self.reply(state.without_unknowns(), problems, private, context)
    }

    /// Reads what exists; null if it is gone.
    pub(crate) async fn read(&self, state: &Value, context: &Context) -> Reply {
        let Done { state, warnings, private } = match self.calls.read(state, context).await {
            Ok(Some(done)) => done,
            Ok(None) => return Reply::default(),
            Err(problems) => return Reply::failed(problems),
        };
        let state = without_write_only(&self.schema.attributes, state);
        let mut violations = conforms(&self.ty, &state);
        violations.extend(wholly_known(&state));
        let mut problems = warnings;
        problems.extend(self.bugs("read", &violations));
        self.reply(state, problems, private, context)
    }

    /// The state from which an import starts.
    pub(crate) async fn import(&self, key: ImportKey, context: &Context) -> Reply {
        let state = match self.calls.import(key, context).await {
            Ok(state) => state,
            Err(problems) => return Reply::failed(problems),
        };
        let mut violations = conforms(&self.ty, &state);
        violations.extend(wholly_known(&state));
        violations.extend(no_write_only(&self.schema.attributes, &state));
        let problems = self.bugs("imported", &violations);
        self.reply(state, problems, None, context)
    }

    /// The state of another type of resource as one of this type.
    pub(crate) fn moved(&self, source: Moved<'_>) -> Reply {
        let unsupported = || {
            let detail = format!(
                "The state of {} from {} cannot become one of {}. Remove the `moved` block; to keep what exists, import \
                 it under the new address and take the old one out of the state with a `removed` block.",
                source.type_name, source.provider, self.name
            );
            vec![Problem::error("Unsupported move", detail)]
        };
        let from_elsewhere = source.is_ours() && source.type_name == self.name;
        let moved = if from_elsewhere {
            // The same type, installed from another registry or mirror.
            Some(self.upgrade_parsed(source.version, source.state.clone()).map(Done::from))
        } else {
            self.calls.moved(&source)
        };
        let Done { state, warnings, private } = match moved {
            Some(Ok(done)) => done,
            Some(Err(problems)) => return Reply::failed(problems),
            None => return Reply::failed(unsupported()),
        };
        let state = without_write_only(&self.schema.attributes, state);
        let mut violations = conforms(&self.ty, &state);
        violations.extend(wholly_known(&state));
        let identity = identity(self.identity, &state);
        violations.extend(identity.iter().flat_map(wholly_known));
        let mut problems = warnings;
        problems.extend(self.bugs("moved", &violations));
        let private = private.unwrap_or_default();
        Reply { state, identity, private, replace: Vec::new(), problems }
    }

    /// Rewrites a stored state into the current form.
    pub(crate) fn upgrade(&self, version: i64, state: &[u8]) -> Result<Value, Vec<Problem>> {
        let stored = serde_json::from_slice(state).map_err(|error| self.unreadable(&error))?;
        self.upgrade_parsed(version, stored)
    }

    fn unreadable(&self, error: &dyn std::fmt::Display) -> Vec<Problem> {
        vec![Problem::error(format!("State of {} not readable", self.name), error.to_string())]
    }

    fn upgrade_parsed(
        &self,
        version: i64,
        mut stored: serde_json::Value,
    ) -> Result<Value, Vec<Problem>> {
        let current = self.schema.version;
        if version > current {
            let detail = format!(
                "it was written in version {version} of its form and this provider knows version {current}; use a \
                 newer provider"
            );
            return Err(self.unreadable(&detail));
        }
        if version < current {
            stored = self.calls.upgrade(version, stored)?;
        }
        let state = json::from_json(&stored, &self.ty, json::Unknown::Dropped)
            .map_err(|error| self.unreadable(&error))?;
        Ok(without_write_only(&self.schema.attributes, state))
    }

    /// The type of the identity object.
    pub(crate) fn identity_type(&self) -> Type {
        let names = self.identity.iter();
        Type::Object(names.map(|attribute| (attribute.name.to_owned(), Type::String)).collect())
    }

    /// After a failure the state is what exists: never less than what the resource knows, or else what there was before.
    fn failed(&self, failed: Failed<Value>, prior: &Value, context: &Context) -> Reply {
        let Failed { mut problems, state } = failed;
        if !crate::problem::has_errors(&problems) {
            problems.push(Problem::bug(format!("`{}` failed without saying why", self.name)));
        }
        let state = state.map(Value::without_unknowns);
        let state = state.unwrap_or_else(|| prior.clone());
        self.reply(without_write_only(&self.schema.attributes, state), problems, None, context)
    }

    fn reply(
        &self,
        state: Value,
        problems: Vec<Problem>,
        private: Option<Vec<u8>>,
        context: &Context,
    ) -> Reply {
        let private = private.unwrap_or_else(|| context.private.clone());
        Reply {
            identity: identity(self.identity, &state),
            state,
            private,
            replace: Vec::new(),
            problems,
        }
    }

    fn bugs(&self, verb: &str, violations: &[Violation]) -> Vec<Problem> {
        bugs(self.name, verb, violations)
    }
}

/// Our own mistakes as problems, one each, at their path.
pub(crate) fn bugs(name: &str, verb: &str, violations: &[Violation]) -> Vec<Problem> {
    let bug = |violation: &Violation| {
        let problem = Problem::bug(format!(
            "`{name}` {verb} something that breaks Terraform's rules: {violation}"
        ));
        if violation.path.steps().is_empty() { problem } else { problem.at(violation.path.clone()) }
    };
    violations.iter().map(bug).collect()
}
