//! The intrinsic functions of a template: `Ref`, `Fn::Sub` and the others, in both spellings.

use policy::text::{Hole, Part, Shape, Text};

use crate::value::Value;

use super::super::{Made, Part as Piece, holes, set};

/// Functions within functions end here, whatever a template says.
const DEEPEST: usize = 64;

/// A template with what a stack gives it.
pub(super) struct Stack<'a> {
    template: &'a Value,
    given: &'a Value,
    /// The address of the stack.
    address: &'a str,
}

impl<'a> Stack<'a> {
    pub(super) fn new(template: &'a Value, given: &'a Value, address: &'a str) -> Self {
        Self { template, given, address }
    }

    /// The address of the stack.
    pub(super) fn address(&self) -> &'a str {
        self.address
    }

    /// What applies to all functions of a template.
    pub(super) fn global(&self, section: &str) -> &'a Value {
        self.template.get("Globals").get(section)
    }

    /// A value with its functions evaluated as far as they can be.
    pub(super) fn value(&self, value: &Value) -> Value {
        self.at(value, DEEPEST)
    }

    /// What a resource of the template is called by others: its own name where it says one.
    pub(super) fn named(&self, id: &str, attribute: &str) -> Value {
        let resource = self.template.get("Resources").get(id);
        let names = ["RoleName", "UserName", "GroupName"];
        let said = names.into_iter().map(|name| resource.get("Properties").get(name));
        match said.filter(|name| !name.is_null()).map(|name| self.value(name)).next() {
            Some(name) if attribute == "id" => name,
            Some(_) | None => hole(format!("{}/{id}.{attribute}", self.address)),
        }
    }

    /// Which arguments of a part name other resources of the template: by the unknown values that those give.
    pub(super) fn links(&self, part: &Piece) -> Vec<(String, String, String)> {
        let Made::Resource(_, after) = &part.made else { return Vec::new() };
        let prefix = format!("{}/", self.address);
        let mut found = Vec::new();
        for (name, value) in after {
            holes(value, &mut |hole| {
                let Some(rest) = hole.origin.strip_prefix(&prefix) else { return };
                if let Some((id, attribute)) = rest.split_once('.') {
                    found.push((name.clone(), id.to_owned(), attribute.to_owned()));
                }
            });
        }
        found
    }

    fn at(&self, value: &Value, depth: usize) -> Value {
        let Some(depth) = depth.checked_sub(1) else {
            return Value::Unknown(Hole {
                origin: "a value that is nested too deep".into(),
                shape: Shape::Any,
            });
        };
        match value {
            Value::Object(fields) => {
                if let (Some((name, argument)), 1) = (fields.iter().next(), fields.len())
                    && let Some(known) = self.function(name, argument, depth)
                {
                    return known;
                }
                // It may add whatever it likes to what stands beside it.
                if let Some(inside) = fields.get("Fn::Transform") {
                    return Value::Unknown(unknown("Fn::Transform", inside));
                }
                let all = fields.iter().map(|(name, field)| (name.clone(), self.at(field, depth)));
                Value::Object(all.filter(|(_, field)| !field.is_null()).collect())
            }
            Value::List(items) => {
                let all = items.iter().map(|item| self.at(item, depth));
                Value::List(all.filter(|item| !item.is_null()).collect())
            }
            Value::String(text) => Value::String(resolved(text)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Unknown(_) => value.clone(),
        }
    }

    /// The value of a function; None if it is none.
    fn function(&self, name: &str, argument: &Value, depth: usize) -> Option<Value> {
        let short = name.strip_prefix("Fn::").or_else(|| name.strip_prefix('!')).unwrap_or(name);
        if short == name && name != "Ref" {
            return None;
        }
        let list = || self.at(argument, depth).elements().to_vec();
        let given = match short {
            "Ref" => self.reference(&argument.text().unwrap_or_default().to_string(), depth),
            "GetAtt" => {
                let texts: Vec<String> = argument
                    .elements()
                    .iter()
                    .filter_map(Value::text)
                    .map(|it| it.to_string())
                    .collect();
                let path = texts.join(".");
                Value::String(self.attribute(&path))
            }
            "Sub" => Value::String(self.substitute(argument, depth)),
            "Join" => join(&list(), name),
            "FindInMap" => self.mapped(&list(), name),
            "Select" => select(&list(), name),
            _ => Value::Unknown(unknown(name, argument)),
        };
        Some(match given {
            Value::String(text) => Value::String(resolved(&text)),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::List(_)
            | Value::Object(_)
            | Value::Unknown(_) => given,
        })
    }

    fn reference(&self, name: &str, depth: usize) -> Value {
        if name == "AWS::NoValue" {
            return Value::Null;
        }
        if name.starts_with("AWS::") {
            return Value::String(Text::hole(name, Shape::Word));
        }
        let parameter = self.template.get("Parameters").get(name);
        if !parameter.is_null() {
            let said = set(self.given.get(name)).unwrap_or_else(|| parameter.get("Default"));
            // What is given, or the default, is the name of the parameter that holds the value.
            let kind = parameter.get("Type").as_str();
            if kind.is_some_and(|kind| kind.starts_with("AWS::SSM::Parameter::Value")) {
                return hole(format!("the parameter `{name}` of the parameter store"));
            }
            let list = parameter
                .get("Type")
                .as_str()
                .is_some_and(|kind| kind == "CommaDelimitedList" || kind.starts_with("List<"));
            return match said.as_str() {
                Some(text) if list => {
                    Value::List(text.split(',').map(str::trim).map(Value::from).collect())
                }
                _ if said.is_null() => hole(format!("the parameter `{name}`")),
                _ => said.clone(),
            };
        }
        let resource = self.template.get("Resources").get(name);
        let attribute = if resource.get("Type").as_str() == Some("AWS::IAM::ManagedPolicy") {
            "arn"
        } else {
            "id"
        };
        match depth {
            0 => hole(format!("{}/{name}.{attribute}", self.address)),
            _ => self.named(name, attribute),
        }
    }

    /// `Role.Arn`
    fn attribute(&self, path: &str) -> Text {
        let (id, attribute) = path.split_once('.').unwrap_or((path, ""));
        let attribute = attribute.to_ascii_lowercase();
        Text::hole(format!("{}/{id}.{attribute}", self.address), Shape::Any)
    }

    /// `Fn::Sub`, with or without variables of its own.
    fn substitute(&self, argument: &Value, depth: usize) -> Text {
        let items = argument.elements();
        let pattern = items.first().and_then(Value::text);
        let own = items.get(1).map(|own| self.at(own, depth)).unwrap_or_default();
        let mut out = Text::new();
        for part in pattern.unwrap_or_default().parts() {
            let literal = match part {
                Part::Literal(literal) => literal.as_str(),
                Part::Hole(hole) => {
                    out.push(&Text::from(hole.clone()));
                    continue;
                }
            };
            let mut rest = literal;
            while let Some((before, after)) = rest.split_once("${") {
                out.push_str(before);
                let Some((name, tail)) = after.split_once('}') else {
                    out.push_str("${");
                    rest = after;
                    continue;
                };
                if let Some(kept) = name.strip_prefix('!') {
                    out.push_str(&format!("${{{kept}}}"));
                } else if let Some(text) = own.get(name).text() {
                    out.push(&text);
                } else if name.contains('.') {
                    out.push(&self.attribute(name));
                } else {
                    let said = self.reference(name, depth);
                    out.push(&said.text().unwrap_or_else(|| Text::hole(name, Shape::Any)));
                }
                rest = tail;
            }
            out.push_str(rest);
        }
        out
    }

    fn mapped(&self, arguments: &[Value], name: &str) -> Value {
        let mut found = self.template.get("Mappings");
        for key in arguments {
            let Some(key) = key.as_str() else { return Value::Unknown(unknown(name, key)) };
            found = found.get(key);
        }
        set(found).cloned().unwrap_or_else(|| Value::Unknown(unknown(name, &Value::Null)))
    }
}

/// A text in which dynamic references (`{{resolve:ssm:name}}`) are unknown.
fn resolved(text: &Text) -> Text {
    const OPEN: &str = "{{resolve:";
    let is_open = |part: &Part| matches!(part, Part::Literal(it) if it.contains(OPEN));
    if !text.parts().iter().any(is_open) {
        return text.clone();
    }
    let mut out = Text::new();
    for part in text.parts() {
        let literal = match part {
            Part::Literal(literal) => literal.as_str(),
            Part::Hole(hole) => {
                out.push(&Text::from(hole.clone()));
                continue;
            }
        };
        let mut rest = literal;
        while let Some((before, after)) = rest.split_once(OPEN) {
            out.push_str(before);
            // One that goes on behind an unknown part has no end here.
            let (name, tail) = after.split_once("}}").unwrap_or((after, ""));
            out.push(&Text::hole(format!("{OPEN}{name}}}}}"), Shape::Any));
            rest = tail;
        }
        out.push_str(rest);
    }
    out
}

fn hole(origin: String) -> Value {
    Value::String(Text::hole(origin, Shape::Any))
}

fn unknown(name: &str, argument: &Value) -> Hole {
    let mut origin = name.to_owned();
    holes(argument, &mut |hole| {
        origin.push(' ');
        origin.push_str(&hole.origin);
    });
    Hole { origin: origin.into(), shape: Shape::Any }
}

fn join(arguments: &[Value], name: &str) -> Value {
    let [separator, Value::List(items)] = arguments else {
        return Value::Unknown(unknown(name, &Value::List(arguments.to_vec())));
    };
    let separator = separator.text().unwrap_or_default();
    let mut out = Text::new();
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            out.push(&separator);
        }
        match item.text() {
            Some(text) => out.push(&text),
            None => return Value::Unknown(unknown(name, item)),
        }
    }
    Value::String(out)
}

fn select(arguments: &[Value], name: &str) -> Value {
    let known = match arguments {
        [index, Value::List(items)] => {
            let index = index.text().and_then(|text| text.as_str()?.parse::<usize>().ok());
            index.and_then(|index| items.get(index)).cloned()
        }
        _ => None,
    };
    known.unwrap_or_else(|| Value::Unknown(unknown(name, &Value::List(arguments.to_vec()))))
}
