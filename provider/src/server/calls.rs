//! One function per call: decode, ask the table, encode. No decisions.

use proto::tfplugin6 as wire;

use crate::problem::Problem;
use crate::ty::Type;
use crate::value::Value;
use crate::wire as codec;

pub(super) mod actions;
pub(super) mod data_sources;
pub(super) mod ephemerals;
pub(super) mod functions;
pub(super) mod lists;
pub(super) mod provider;
pub(super) mod resources;

type Answer<T> = Result<T, Vec<Problem>>;

fn decode(dynamic: Option<&wire::DynamicValue>, ty: &Type, what: &str) -> Answer<Value> {
    codec::decode(dynamic, ty)
        .map_err(|error| vec![Problem::bug(format!("{what} cannot be read: {error}"))])
}

/// A null reply is an absent one.
fn encode(value: &Value, ty: &Type) -> Answer<Option<wire::DynamicValue>> {
    if value.is_null() {
        return Ok(None);
    }
    let encoded = codec::encode(value, ty);
    encoded
        .map(Some)
        .map_err(|error| vec![Problem::bug(format!("the reply cannot be written: {error}"))])
}
