//! What plan JSON says about the configuration: constants, and which references an expression has.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::json::range_of;
use super::value::Known;
use crate::value::Value;

/// The configuration tree of plan JSON, its expressions as ranges of the text.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    root: Module,
}

#[derive(Debug, Default)]
struct Module {
    resources: BTreeMap<String, Range<usize>>,
    calls: BTreeMap<String, Call>,
}

#[derive(Debug, Default)]
struct Call {
    expressions: Option<Range<usize>>,
    module: Module,
}

/// An expression as far as plan JSON tells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    /// It is this value.
    Constant(Value),
    /// It uses these, most specific first: `aws_s3_bucket.ledger.arn`, `aws_s3_bucket.ledger`.
    References(Vec<String>),
    /// Nested blocks: one object of expressions for each.
    Blocks(Vec<BTreeMap<String, Expression>>),
    /// It is set, and nothing more is told: a call of a function with constants.
    Opaque,
}

#[derive(Default, Deserialize)]
struct RawModule<'a> {
    #[serde(borrow, default)]
    resources: Vec<RawResource<'a>>,
    #[serde(borrow, default)]
    module_calls: BTreeMap<String, RawCall<'a>>,
}

#[derive(Deserialize)]
struct RawResource<'a> {
    address: String,
    #[serde(borrow, default)]
    expressions: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct RawCall<'a> {
    #[serde(borrow, default)]
    expressions: Option<&'a RawValue>,
    #[serde(borrow, default)]
    module: RawModule<'a>,
}

/// `configuration` of plan JSON.
#[derive(Deserialize)]
pub(super) struct RawConfiguration<'a> {
    #[serde(borrow, default)]
    root_module: RawModule<'a>,
}

impl Module {
    fn of(raw: RawModule<'_>, bytes: &[u8]) -> Self {
        let resources = raw.resources.into_iter().filter_map(|resource| {
            Some((resource.address, range_of(bytes, resource.expressions?.get())))
        });
        let calls = raw.module_calls.into_iter().map(|(name, call)| {
            let expressions = call.expressions.map(|raw| range_of(bytes, raw.get()));
            (name, Call { expressions, module: Module::of(call.module, bytes) })
        });
        Self { resources: resources.collect(), calls: calls.collect() }
    }
}

impl Configuration {
    /// Keeps where in `bytes`, which `raw` was borrowed from, each expression stands.
    pub(super) fn new(raw: RawConfiguration<'_>, bytes: &[u8]) -> Self {
        Self { root: Module::of(raw.root_module, bytes) }
    }

    /// The expressions of a resource, named as [`super::Address::configured`] does; none if it is not configured.
    pub(super) fn resource(
        &self,
        bytes: &[u8],
        module: &[String],
        address: &str,
    ) -> Option<BTreeMap<String, Expression>> {
        expressions(bytes, self.module(module)?.resources.get(address)?)
    }

    /// The expressions with which a module is called; none for the root module.
    pub(super) fn call(
        &self,
        bytes: &[u8],
        module: &[String],
    ) -> Option<BTreeMap<String, Expression>> {
        let (last, before) = module.split_last()?;
        expressions(bytes, self.module(before)?.calls.get(last)?.expressions.as_ref()?)
    }

    fn module(&self, path: &[String]) -> Option<&Module> {
        path.iter().try_fold(&self.root, |module, name| Some(&module.calls.get(name)?.module))
    }
}

fn expressions(bytes: &[u8], range: &Range<usize>) -> Option<BTreeMap<String, Expression>> {
    let json: serde_json::Map<String, Json> =
        serde_json::from_slice(bytes.get(range.clone())?).ok()?;
    Some(block(&json))
}

fn expression(json: &Json) -> Expression {
    match json {
        Json::Object(fields) => {
            if let Some(constant) = fields.get("constant_value") {
                return Known::deserialize(constant)
                    .map_or(Expression::Opaque, |known| Expression::Constant(known.0));
            }
            if let Some(Json::Array(references)) = fields.get("references") {
                let names = references.iter().filter_map(Json::as_str).map(str::to_owned);
                return Expression::References(names.collect());
            }
            if fields.is_empty() {
                return Expression::Opaque;
            }
            Expression::Blocks(vec![block(fields)])
        }
        Json::Array(blocks) => {
            Expression::Blocks(blocks.iter().filter_map(Json::as_object).map(block).collect())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Expression::Opaque,
    }
}

fn block(fields: &serde_json::Map<String, Json>) -> BTreeMap<String, Expression> {
    fields.iter().map(|(name, json)| (name.clone(), expression(json))).collect()
}
