//! Msgpack as Terraform writes it: unknown values are extensions, big numbers are text, `dynamic` is a pair of type and
//! value.

use std::collections::BTreeMap;

use rmp::Marker;
use rmp::encode as write;

use super::{WireError, insert};
use crate::number::Number;
use crate::path::Step;
use crate::ty::{MAX_DEPTH, Type};
use crate::value::{Refinement, Value, nfc};

/// The extension type of a refined unknown value.
const REFINED: i8 = 12;
/// An unknown value without refinements.
const UNKNOWN: [u8; 3] = [0xd4, 0, 0];
/// A length in the input is only a claim: memory is taken for this many elements, then as they come.
const CLAIM: usize = 256;
/// Most values are shorter than this, in bytes.
const TYPICAL: usize = 4096;

pub(super) fn decode(bytes: &[u8], ty: &Type) -> Result<Value, WireError> {
    let mut reader = Reader { rest: bytes };
    let value = reader.value(ty, MAX_DEPTH)?;
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(WireError::new("there are bytes after the value"))
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

fn truncated() -> WireError {
    WireError::new("the value is cut off")
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each place knows its markers and refuses all others"
)]
impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], WireError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or_else(truncated)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn marker(&mut self) -> Result<Marker, WireError> {
        self.array::<1>().map(|[byte]| Marker::from_u8(byte))
    }

    /// A length of 1, 2 or 4 bytes.
    fn length(&mut self, width: u8) -> Result<usize, WireError> {
        let length = match width {
            1 => u32::from(u8::from_be_bytes(self.array()?)),
            2 => u32::from(u16::from_be_bytes(self.array()?)),
            _ => u32::from_be_bytes(self.array()?),
        };
        usize::try_from(length).map_err(|_| truncated())
    }

    /// A count of elements, each of which takes at least `each` bytes.
    fn count(&mut self, width: u8, each: usize) -> Result<usize, WireError> {
        let count = self.length(width)?;
        self.plausible(count, each)
    }

    fn plausible(&self, count: usize, each: usize) -> Result<usize, WireError> {
        if count.saturating_mul(each) > self.rest.len() { Err(truncated()) } else { Ok(count) }
    }

    fn value(&mut self, ty: &Type, depth: usize) -> Result<Value, WireError> {
        let depth = depth.checked_sub(1).ok_or_else(|| WireError::new("nested too deeply"))?;
        let marker = self.marker()?;
        if marker == Marker::Null {
            return Ok(Value::Null);
        }
        if let Some(unknown) = self.unknown(marker)? {
            return Ok(unknown);
        }
        match ty {
            Type::Bool => match marker {
                Marker::True => Ok(Value::Bool(true)),
                Marker::False => Ok(Value::Bool(false)),
                _ => Err(WireError::mismatch(ty)),
            },
            Type::Number => self.number(marker).map(Value::Number),
            Type::String => match self.text(marker)? {
                Some(text) => Ok(Value::String(nfc(text.to_owned()))),
                None => Err(WireError::mismatch(ty)),
            },
            Type::List(element) => {
                self.elements(marker, ty, |_| Some(element), depth).map(Value::List)
            }
            Type::Tuple(types) => {
                let elements = self.elements(marker, ty, |index| types.get(index), depth)?;
                if elements.len() == types.len() {
                    Ok(Value::List(elements))
                } else {
                    Err(WireError::new(format!("a tuple of {} elements is needed", types.len())))
                }
            }
            Type::Set(element) => {
                let elements = self.elements(marker, ty, |_| Some(element), depth)?;
                Ok(Value::Set(elements.into_iter().collect()))
            }
            Type::Map(element) => {
                let entry = (Step::Key as fn(_) -> _, |_: &str| Some(element.as_ref()));
                self.entries(marker, ty, entry, depth).map(Value::Map)
            }
            Type::Object(types) => self.object(marker, ty, types, depth),
            Type::Dynamic => self.dynamic(marker, depth),
        }
    }

    /// Any extension is an unknown value.
    fn unknown(&mut self, marker: Marker) -> Result<Option<Value>, WireError> {
        let length = match marker {
            Marker::FixExt1 => 1,
            Marker::FixExt2 => 2,
            Marker::FixExt4 => 4,
            Marker::FixExt8 => 8,
            Marker::FixExt16 => 16,
            Marker::Ext8 => self.length(1)?,
            Marker::Ext16 => self.length(2)?,
            Marker::Ext32 => self.length(4)?,
            _ => return Ok(None),
        };
        let [kind] = self.array::<1>()?.map(u8::cast_signed);
        let payload = self.take(length)?;
        let refinement = if kind == REFINED { payload.to_vec() } else { Vec::new() };
        Ok(Some(Value::Unknown(Refinement(refinement))))
    }

    fn text(&mut self, marker: Marker) -> Result<Option<&'a str>, WireError> {
        let length = match marker {
            Marker::FixStr(length) => usize::from(length),
            Marker::Str8 | Marker::Bin8 => self.length(1)?,
            Marker::Str16 | Marker::Bin16 => self.length(2)?,
            Marker::Str32 | Marker::Bin32 => self.length(4)?,
            _ => return Ok(None),
        };
        let bytes = self.take(length)?;
        let text = std::str::from_utf8(bytes);
        text.map(Some).map_err(|_| WireError::new("the text is not UTF-8"))
    }

    fn number(&mut self, marker: Marker) -> Result<Number, WireError> {
        let float = |value: f64| {
            Number::from_f64(value).ok_or_else(|| WireError::new("a finite number is needed"))
        };
        match marker {
            Marker::FixPos(value) => Ok(i64::from(value).into()),
            Marker::FixNeg(value) => Ok(i64::from(value).into()),
            Marker::U8 => Ok(i64::from(u8::from_be_bytes(self.array()?)).into()),
            Marker::U16 => Ok(i64::from(u16::from_be_bytes(self.array()?)).into()),
            Marker::U32 => Ok(i64::from(u32::from_be_bytes(self.array()?)).into()),
            Marker::U64 => Ok(u64::from_be_bytes(self.array()?).into()),
            Marker::I8 => Ok(i64::from(i8::from_be_bytes(self.array()?)).into()),
            Marker::I16 => Ok(i64::from(i16::from_be_bytes(self.array()?)).into()),
            Marker::I32 => Ok(i64::from(i32::from_be_bytes(self.array()?)).into()),
            Marker::I64 => Ok(i64::from_be_bytes(self.array()?).into()),
            Marker::F32 => float(f32::from_be_bytes(self.array()?).into()),
            Marker::F64 => float(f64::from_be_bytes(self.array()?)),
            other => {
                let number = self.text(other)?.and_then(Number::from_text);
                number.ok_or_else(|| WireError::mismatch(&Type::Number))
            }
        }
    }

    fn elements<'t>(
        &mut self,
        marker: Marker,
        ty: &Type,
        element: impl Fn(usize) -> Option<&'t Type>,
        depth: usize,
    ) -> Result<Vec<Value>, WireError>
    where
        Type: 't,
    {
        let count = match marker {
            Marker::FixArray(count) => self.plausible(usize::from(count), 1)?,
            Marker::Array16 => self.count(2, 1)?,
            Marker::Array32 => self.count(4, 1)?,
            _ => return Err(WireError::mismatch(ty)),
        };
        let mut elements = Vec::with_capacity(count.min(CLAIM));
        for index in 0..count {
            let value = match element(index) {
                Some(element) => self.value(element, depth),
                None => Err(WireError::new("there are too many elements")),
            };
            elements.push(value.map_err(|error| error.within(Step::Index(index)))?);
        }
        Ok(elements)
    }

    fn entries<'t>(
        &mut self,
        marker: Marker,
        ty: &Type,
        (step, entry): (fn(String) -> Step, impl Fn(&str) -> Option<&'t Type>),
        depth: usize,
    ) -> Result<BTreeMap<String, Value>, WireError>
    where
        Type: 't,
    {
        let count = match marker {
            Marker::FixMap(count) => self.plausible(usize::from(count), 2)?,
            Marker::Map16 => self.count(2, 2)?,
            Marker::Map32 => self.count(4, 2)?,
            _ => return Err(WireError::mismatch(ty)),
        };
        let mut entries = BTreeMap::new();
        for _ in 0..count {
            let marker = self.marker()?;
            let key = self.text(marker)?.ok_or_else(|| WireError::new("a key is not a string"))?;
            let ty = entry(key).ok_or_else(|| {
                WireError::new(format!("an attribute named `{key}` is not expected"))
            })?;
            let value = self.value(ty, depth);
            let value = value.map_err(|error| error.within(step(key.to_owned())))?;
            insert(&mut entries, nfc(key.to_owned()), value)?;
        }
        Ok(entries)
    }

    fn object(
        &mut self,
        marker: Marker,
        ty: &Type,
        types: &BTreeMap<String, Type>,
        depth: usize,
    ) -> Result<Value, WireError> {
        let attribute = (Step::Attribute as fn(_) -> _, |name: &str| types.get(name));
        let entries = self.entries(marker, ty, attribute, depth)?;
        match types.keys().find(|name| !entries.contains_key(*name)) {
            Some(missing) => Err(WireError::new(format!("the attribute `{missing}` is missing"))),
            None => Ok(Value::Object(entries)),
        }
    }

    fn dynamic(&mut self, marker: Marker, depth: usize) -> Result<Value, WireError> {
        if marker != Marker::FixArray(2) {
            return Err(WireError::new("a pair of type and value is needed"));
        }
        let marker = self.marker()?;
        let ty = self.text(marker)?.and_then(|text| serde_json::from_str(text).ok());
        let ty = ty.as_ref().and_then(Type::from_json);
        let ty = ty.ok_or_else(|| WireError::new("the type is not one of Terraform's"))?;
        let value = self.value(&ty, depth)?;
        Ok(Value::Dynamic(Box::new((ty, value))))
    }
}

pub(super) fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, WireError> {
    let mut bytes = Vec::with_capacity(TYPICAL);
    put(&mut bytes, value, ty)?;
    Ok(bytes)
}

/// Writing into memory cannot fail, so an error here can only be a length beyond 32 bits.
fn too_long<E>(_: E) -> WireError {
    WireError::new("the value is too long")
}

fn length(length: usize) -> Result<u32, WireError> {
    u32::try_from(length).map_err(too_long)
}

fn put(bytes: &mut Vec<u8>, value: &Value, ty: &Type) -> Result<(), WireError> {
    match (value, ty) {
        (Value::Null, _) => write::write_nil(bytes).map_err(too_long),
        (Value::Unknown(Refinement(refinement)), ty) => {
            if refinement.is_empty() || *ty == Type::Dynamic {
                bytes.extend(UNKNOWN);
                return Ok(());
            }
            write::write_ext_meta(bytes, length(refinement.len())?, REFINED).map_err(too_long)?;
            bytes.extend(refinement);
            Ok(())
        }
        (Value::Bool(value), Type::Bool) => write::write_bool(bytes, *value).map_err(too_long),
        (Value::Number(number), Type::Number) => put_number(bytes, number),
        (Value::String(text), Type::String) => write::write_str(bytes, text).map_err(too_long),
        (Value::List(elements), Type::List(element)) => put_array(bytes, elements, element),
        (Value::Set(elements), Type::Set(element)) => {
            put_array(bytes, elements.as_slice(), element)
        }
        (Value::List(elements), Type::Tuple(types)) if elements.len() == types.len() => {
            write::write_array_len(bytes, length(elements.len())?).map_err(too_long)?;
            for (index, (value, ty)) in elements.iter().zip(types).enumerate() {
                put(bytes, value, ty).map_err(|error| error.within(Step::Index(index)))?;
            }
            Ok(())
        }
        (Value::Map(entries), Type::Map(element)) => {
            write::write_map_len(bytes, length(entries.len())?).map_err(too_long)?;
            for (key, value) in entries {
                write::write_str(bytes, key).map_err(too_long)?;
                put(bytes, value, element).map_err(|error| error.within(Step::Key(key.clone())))?;
            }
            Ok(())
        }
        (Value::Object(entries), Type::Object(types)) if entries.keys().eq(types.keys()) => {
            write::write_map_len(bytes, length(entries.len())?).map_err(too_long)?;
            for ((name, value), ty) in entries.iter().zip(types.values()) {
                write::write_str(bytes, name).map_err(too_long)?;
                let step = || Step::Attribute(name.clone());
                put(bytes, value, ty).map_err(|error| error.within(step()))?;
            }
            Ok(())
        }
        (Value::Dynamic(dynamic), Type::Dynamic) => {
            let (ty, value) = dynamic.as_ref();
            write::write_array_len(bytes, 2).map_err(too_long)?;
            write::write_bin(bytes, ty.to_json().to_string().as_bytes()).map_err(too_long)?;
            put(bytes, value, ty)
        }
        _ => Err(WireError::mismatch(ty)),
    }
}

fn put_array(bytes: &mut Vec<u8>, elements: &[Value], ty: &Type) -> Result<(), WireError> {
    write::write_array_len(bytes, length(elements.len())?).map_err(too_long)?;
    for (index, value) in elements.iter().enumerate() {
        put(bytes, value, ty).map_err(|error| error.within(Step::Index(index)))?;
    }
    Ok(())
}

/// Every number goes out as decimal text, which is one of the forms that core reads. A msgpack integer becomes a 64-bit float
/// in core, while the same number read back from the state file is a 512-bit one; they are equal, but `plan -refresh-only
/// -detailed-exitcode` compares representations and would report a change at each run.
fn put_number(bytes: &mut Vec<u8>, number: &Number) -> Result<(), WireError> {
    write::write_str(bytes, &number.to_string()).map_err(too_long)
}
