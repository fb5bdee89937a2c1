//! What a plan knows when its configuration is evaluated.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::evaluate::{Key, Known, join};
use crate::planned::Planned;
use crate::value::Value;

/// What a plan knows, read when somebody asks.
pub(super) struct FromPlan<'a> {
    planned: &'a Planned,
    cache: RefCell<BTreeMap<String, Option<Rc<Value>>>>,
    keys: BTreeMap<String, BTreeSet<Key>>,
    module_keys: BTreeMap<String, BTreeSet<Key>>,
}

impl<'a> FromPlan<'a> {
    pub(super) fn new(planned: &'a Planned) -> Self {
        let mut keys: BTreeMap<String, BTreeSet<Key>> = BTreeMap::new();
        let mut module_keys: BTreeMap<String, BTreeSet<Key>> = BTreeMap::new();
        for instance in planned.instances.iter().chain(&planned.prior) {
            if !instance.action.leaves_it() || instance.deposed().is_some() {
                continue;
            }
            let parts = &instance.parts;
            let name = super::super::modules::name_of(parts.mode, &parts.kind, &parts.name);
            keys.entry(join(&parts.module, &name))
                .or_default()
                .insert(key_of(parts.key.as_deref()));
            let mut module = String::new();
            for (name, key) in module_steps(&parts.module) {
                let called = join(&module, &format!("module.{name}"));
                module = format!("{called}{key}");
                module_keys.entry(called).or_default().insert(key);
            }
        }
        Self { planned, cache: RefCell::new(BTreeMap::new()), keys, module_keys }
    }
}

impl Known for FromPlan<'_> {
    fn instance(&self, address: &str) -> Option<Rc<Value>> {
        if let Some(known) = self.cache.borrow().get(address) {
            return known.clone();
        }
        let values = self.planned.find(address).filter(|instance| instance.action.leaves_it());
        let values = values.and_then(|instance| self.planned.values(instance).ok());
        let value = values.map(|values| Rc::new(values.after));
        self.cache.borrow_mut().insert(address.to_owned(), value.clone());
        value
    }

    fn keys(&self, resource: &str) -> Vec<Key> {
        self.keys.get(resource).into_iter().flatten().cloned().collect()
    }

    fn module_keys(&self, module: &str) -> Vec<Key> {
        self.module_keys.get(module).into_iter().flatten().cloned().collect()
    }
}

pub(super) fn key_of(key: Option<&str>) -> Key {
    key.map_or(Key::None, Key::parse)
}

/// `module.a[0].module.b["x"]` to its names and keys.
pub(in crate::input) fn module_steps(address: &str) -> Vec<(String, Key)> {
    let mut steps = Vec::new();
    let mut rest = address;
    while let Some(after) = rest.strip_prefix("module.") {
        let end = after.find(['.', '[']).unwrap_or(after.len());
        let Some((name, mut later)) = after.split_at_checked(end) else { break };
        let mut key = Key::None;
        if let Some(inside) = later.strip_prefix('[') {
            let mut quoted = false;
            let mut escaped = false;
            let end = inside.find(|c| {
                match c {
                    _ if escaped => escaped = false,
                    '\\' => escaped = true,
                    '"' => quoted = !quoted,
                    ']' if !quoted => return true,
                    _ => {}
                }
                false
            });
            let Some((text, after)) = end.and_then(|end| inside.split_at_checked(end)) else {
                break;
            };
            key = Key::parse(text);
            later = after.strip_prefix(']').unwrap_or(after);
        }
        steps.push((name.to_owned(), key));
        rest = later.strip_prefix('.').unwrap_or(later);
    }
    steps
}
