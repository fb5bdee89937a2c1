//! The parameters that an identity states for its template, known or not.

use std::collections::BTreeMap;

use policy::template::Template;
use policy::text::{Shape, Text};

use crate::value::Value;

/// The parameters that an identity states.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stated {
    pub(super) known: BTreeMap<String, String>,
    /// Those whose values are not known before apply.
    pub(super) open: BTreeMap<String, Text>,
    /// Where all of them come from, if not even their names are known.
    unknown: Option<String>,
}

impl Stated {
    /// Reads them.
    pub(super) fn new(parameters: &Value) -> Self {
        let known = given(parameters);
        match parameters {
            Value::Object(fields) => {
                let open = fields.iter().filter(|(name, _)| !known.contains_key(*name));
                let open = open.filter_map(|(name, value)| Some((name.clone(), value.text()?)));
                Self { open: open.collect(), known, unknown: None }
            }
            Value::Unknown(hole) => {
                Self { known, unknown: Some(hole.origin.to_string()), ..Self::default() }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::List(_) => {
                Self { known, ..Self::default() }
            }
        }
    }

    /// What is open of the parameters of a template.
    pub(super) fn open(&self, template: &Template) -> BTreeMap<String, Text> {
        let Some(origin) = &self.unknown else { return self.open.clone() };
        let names = template.parameters.keys();
        names
            .map(|name| {
                let hole = Text::hole(format!("{origin}.{name}"), Shape::Any);
                (name.clone(), hole)
            })
            .collect()
    }
}

/// Parameters as they are stated, as far as they are known.
pub(crate) fn given(parameters: &Value) -> BTreeMap<String, String> {
    let Value::Object(fields) = parameters else { return BTreeMap::new() };
    let known =
        |(name, value): (&String, &Value)| Some((name.clone(), value.text()?.as_str()?.to_owned()));
    fields.iter().filter_map(known).collect()
}
