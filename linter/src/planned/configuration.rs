//! What plan JSON says about the configuration: constants, and which references an expression has.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Part;
use super::value::Known;
use crate::value::Value;

/// The configuration tree of plan JSON, its expressions as ranges of the text.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    root: Module,
    /// Whether any program runs beside any resource.
    programs: bool,
}

#[derive(Debug, Default)]
struct Module {
    resources: BTreeMap<String, Part>,
    programs: BTreeMap<String, Part>,
    calls: BTreeMap<String, Call>,
}

#[derive(Debug, Default)]
struct Call {
    expressions: Option<Part>,
    module: Module,
}

/// A `provisioner` block as far as plan JSON tells.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Program {
    /// `local-exec`
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Its arguments.
    #[serde(default)]
    pub(crate) expressions: BTreeMap<String, Expression>,
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
    #[serde(default)]
    variables: BTreeMap<String, RawVariable>,
}

#[derive(Deserialize)]
struct RawVariable {
    #[serde(default)]
    sensitive: bool,
}

#[derive(Deserialize)]
struct RawResource<'a> {
    #[serde(borrow)]
    address: Cow<'a, str>,
    #[serde(borrow, default)]
    expressions: Option<&'a RawValue>,
    #[serde(borrow, default)]
    provisioners: Option<&'a RawValue>,
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
    fn of(raw: RawModule<'_>, text: &str) -> Self {
        let part = |raw: &RawValue| Part::of(text, raw.get());
        let mut resources = Vec::with_capacity(raw.resources.len());
        let mut programs = BTreeMap::new();
        for resource in raw.resources {
            let address = resource.address.into_owned();
            if let Some(part) = resource.provisioners.and_then(part) {
                programs.insert(address.clone(), part);
            }
            if let Some(part) = resource.expressions.and_then(part) {
                resources.push((address, part));
            }
        }
        let calls = raw.module_calls.into_iter().map(|(name, call)| {
            let expressions = call.expressions.and_then(part);
            (name, Call { expressions, module: Module::of(call.module, text) })
        });
        Self { resources: resources.into_iter().collect(), programs, calls: calls.collect() }
    }

    fn parts<'a>(&'a mut self, out: &mut Vec<&'a mut Part>) {
        out.extend(self.resources.values_mut());
        out.extend(self.programs.values_mut());
        for call in self.calls.values_mut() {
            out.extend(&mut call.expressions);
            call.module.parts(out);
        }
    }

    fn has_programs(&self) -> bool {
        !self.programs.is_empty() || self.calls.values().any(|call| call.module.has_programs())
    }
}

impl RawConfiguration<'_> {
    /// The variables of the root module whose values must not be shown.
    pub(super) fn secret_variables(&self) -> impl Iterator<Item = &String> {
        let secret = self.root_module.variables.iter().filter(|(_, variable)| variable.sensitive);
        secret.map(|(name, _)| name)
    }
}

impl Configuration {
    /// Keeps where in `text`, which `raw` was borrowed from, each expression stands.
    pub(super) fn new(raw: RawConfiguration<'_>, text: &str) -> Self {
        let root = Module::of(raw.root_module, text);
        Self { programs: root.has_programs(), root }
    }

    /// Whether any program runs beside any resource.
    pub(super) fn has_programs(&self) -> bool {
        self.programs
    }

    /// The programs that run beside a resource, named as [`super::Address::configured`] does.
    pub(super) fn programs(&self, bytes: &[u8], module: &[String], address: &str) -> Vec<Program> {
        let part = self.module(module).and_then(|module| module.programs.get(address));
        let Some(text) = part.and_then(|part| bytes.get(part.range())) else {
            return Vec::new();
        };
        // What is not to be understood is a program all the same.
        let unread = |_| vec![Program { kind: "unknown".into(), expressions: BTreeMap::new() }];
        serde_json::from_slice(text).unwrap_or_else(unread)
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

    /// As [`Self::resource`], where any of them can refer to something. Most are constants, and those are not read.
    pub(super) fn referring(
        &self,
        bytes: &[u8],
        module: &[String],
        address: &str,
    ) -> Option<BTreeMap<String, Expression>> {
        let part = self.module(module)?.resources.get(address)?;
        let text = std::str::from_utf8(bytes.get(part.range())?).ok()?;
        // A key may be spelled with escapes.
        (text.contains("\"references\"") || text.contains("\\u"))
            .then(|| serde_json::from_str(text).ok())
            .flatten()
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

    /// Where the expressions stand.
    pub(super) fn parts<'a>(&'a mut self, out: &mut Vec<&'a mut Part>) {
        self.root.parts(out);
    }

    fn module(&self, path: &[String]) -> Option<&Module> {
        path.iter().try_fold(&self.root, |module, name| Some(&module.calls.get(name)?.module))
    }
}

fn expressions(bytes: &[u8], part: &Part) -> Option<BTreeMap<String, Expression>> {
    serde_json::from_slice(bytes.get(part.range())?).ok()
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ExpressionVisitor)
    }
}

struct ExpressionVisitor;

impl<'de> Visitor<'de> for ExpressionVisitor {
    type Value = Expression;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an expression of plan JSON")
    }

    fn visit_unit<E>(self) -> Result<Expression, E> {
        Ok(Expression::Opaque)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Expression, E> {
        Ok(Expression::Opaque)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Expression, E> {
        Ok(Expression::Opaque)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Expression, E> {
        Ok(Expression::Opaque)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Expression, E> {
        Ok(Expression::Opaque)
    }

    fn visit_str<E>(self, _: &str) -> Result<Expression, E> {
        Ok(Expression::Opaque)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Expression, A::Error> {
        let mut blocks = Vec::new();
        while let Some(item) = items.next_element::<Expression>()? {
            if let Expression::Blocks(mut inner) = item {
                blocks.append(&mut inner);
            }
        }
        Ok(Expression::Blocks(blocks))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Expression, A::Error> {
        let mut block = BTreeMap::new();
        let mut said = None;
        while let Some(name) = fields.next_key::<Cow<'de, str>>()? {
            match &*name {
                "constant_value" => {
                    said = Some(Expression::Constant(fields.next_value::<Known>()?.0));
                }
                "references" if said.is_none() => match fields.next_value::<Names>()? {
                    Names::References(names) => said = Some(Expression::References(names)),
                    Names::Block(inner) => {
                        block.insert(name.into_owned(), inner);
                    }
                },
                _ => {
                    block.insert(name.into_owned(), fields.next_value()?);
                }
            }
        }
        Ok(match said {
            Some(said) => said,
            None if block.is_empty() => Expression::Opaque,
            None => Expression::Blocks(vec![block]),
        })
    }
}

/// What `references` holds: names, or the expression of a block's argument that is called so.
#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    References(Vec<String>),
    Block(Expression),
}
