//! `for` expressions and splats: a collection to another one.

use std::collections::BTreeMap;

use super::expression::{key_text, origin_of};
use super::operators::truth;
use super::{Evaluated, Evaluator, Failure, Form, Scope, Traced, opaque};
use crate::hcl::{Expr, For};
use crate::value::Value;

impl<'a> Evaluator<'a> {
    /// `source[*].rest`
    pub(super) fn splat(&self, scope: &Scope<'a>, source: &Expr, rest: &Expr) -> Evaluated {
        let source = self.expression(scope, source)?;
        let items = match &source.value {
            Value::Null => return Ok(Traced::list(Vec::new())),
            Value::Unknown(_) => {
                let inner = Scope { element: Some(source.clone()), ..scope.clone() };
                let element = self.value(&inner, rest);
                let value = opaque(
                    format!("{}[*]", origin_of(&source.value)),
                    &(&source.value, &element.value),
                );
                return Ok(Traced::derived(value, [&element]));
            }
            Value::List(_) => source.items().unwrap_or_default(),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                vec![source.clone()]
            }
        };
        let results = items.into_iter().map(|item| {
            let inner = Scope { element: Some(item), ..scope.clone() };
            self.part(&inner, rest)
        });
        let list = Traced::list(results.collect::<Result<_, _>>()?);
        Ok(unordered(list, &source))
    }

    /// `[for key, value in collection : result if condition]`, and the form that makes an object.
    pub(super) fn for_expression(&self, scope: &Scope<'a>, form: &For) -> Evaluated {
        let collection = self.part(scope, &form.collection)?;
        let Some(items) = items_with_keys(&collection) else {
            if matches!(collection.value, Value::Unknown(_)) || collection.is_resource() {
                let label = format!("for … in {}", origin_of(&collection.value));
                return Ok(Traced::derived(
                    opaque(label, &(form, scope.identity())),
                    [&collection],
                ));
            }
            return Err(Failure::wrong("for"));
        };
        if let (true, Some(condition)) = (items.is_empty(), &form.condition) {
            self.check_condition(scope, form, condition)?;
        }
        let mut list = Vec::new();
        let mut hidden = false;
        let mut fields: BTreeMap<String, Vec<Traced>> = BTreeMap::new();
        for (key, item) in items {
            let mut inner = scope.clone();
            if let Some(name) = &form.key {
                inner.bind(name, key);
            }
            inner.bind(&form.value, item);
            if let Some(condition) = &form.condition {
                let condition = self.part(&inner, condition)?;
                hidden |= condition.origins.is_sensitive();
                match truth(&condition.value) {
                    Some(true) => {}
                    Some(false) => continue,
                    None if !condition.value.has_unknown() => return Err(Failure::wrong("if")),
                    None => {
                        let label = format!("for … if {}", origin_of(&condition.value));
                        return Ok(Traced::either(
                            opaque(label, &(form, &collection.value, scope.identity())),
                            [],
                            [&collection],
                        ));
                    }
                }
            }
            match &form.result_key {
                None => list.push(self.part(&inner, &form.result)?),
                Some(key) => {
                    let key = self.part(&inner, key)?;
                    let text = key_text(&key.value)?;
                    let Some(name) = text.as_str() else {
                        return Ok(Traced::derived(
                            opaque(
                                format!("{{{text} = …}}"),
                                &(form, &collection.value, scope.identity()),
                            ),
                            [&collection, &key],
                        ));
                    };
                    let value = self.part(&inner, &form.result)?.also(&key.origins);
                    fields.entry(name.to_owned()).or_default().push(value);
                }
            }
        }
        let finish = |value: Traced| if hidden { value.hidden() } else { value };
        if form.result_key.is_none() {
            return Ok(finish(unordered(Traced::list(list), &collection)));
        }
        let mut object = BTreeMap::new();
        for (key, mut values) in fields {
            if !form.group && values.len() > 1 {
                return Err(Failure::wrong(format!("the key `{key}` twice")));
            }
            let value = if form.group {
                unordered(Traced::list(values), &collection)
            } else {
                values.pop().unwrap_or_default()
            };
            object.insert(key, value);
        }
        Ok(finish(Traced::object(object)))
    }

    /// Terraform looks at the condition before there is any element.
    fn check_condition(
        &self,
        scope: &Scope<'a>,
        form: &For,
        condition: &Expr,
    ) -> Result<(), Failure> {
        let mut inner = scope.clone();
        for name in form.key.iter().chain([&form.value]) {
            inner.bind(name, Traced::plain(super::unknown(name.as_str())));
        }
        let condition = self.part(&inner, condition)?.value;
        if truth(&condition).is_none() && !condition.has_unknown() {
            return Err(Failure::wrong("if"));
        }
        Ok(())
    }
}

/// Key and value of each element, as `for` walks over them. None where there is nothing to walk over.
pub(super) fn items_with_keys(collection: &Traced) -> Option<Vec<(Traced, Traced)>> {
    if let Some(items) = collection.items() {
        let key = |index: usize, item: &Traced| match collection.form() {
            // The elements of a set are their own keys.
            Form::Set => item.clone(),
            Form::Unsettled => Traced::plain(opaque("a key of a list or set", &item.value)),
            Form::Structure | Form::List | Form::Map => {
                Traced::plain(super::repeat::index_value(index))
            }
        };
        let keyed = items.into_iter().enumerate();
        return Some(keyed.map(|(index, item)| (key(index, &item), item)).collect());
    }
    if collection.is_resource() {
        return None;
    }
    let fields = collection.fields()?.into_iter();
    Some(fields.map(|(key, field)| (Traced::plain(key.as_str().into()), field)).collect())
}

/// Whether a set has elements of which the place in it is not known.
pub(super) fn is_open_set(collection: &Traced) -> bool {
    collection.form() == Form::Set && collection.value.has_unknown()
}

/// A list made of the elements of a collection: of a set with unknown elements, nobody knows which comes first, or
/// whether two of them become one.
fn unordered(list: Traced, from: &Traced) -> Traced {
    if is_open_set(from) { list.formed(Form::Set) } else { list }
}
