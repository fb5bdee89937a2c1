//! cty's msgpack, read without a schema: enough for values, though not for telling a list from a tuple.
//!
//! Source of the encoding: Terraform's `docs/plugin-protocol/object-wire-format.md`.

use policy::text::{Hole, Shape, Text};
use rmp::Marker;
use serde_json::Number;
use thiserror::Error;

use super::place;
use crate::value::Value;

/// Deeper nesting than any schema has.
const MAX_DEPTH: usize = 128;

/// More parts than any resource has. A part takes a byte to write and fifty to keep.
const MAX_PARTS: usize = 8_000_000;

/// Why bytes are not a value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum MsgpackError {
    #[error("the msgpack ends in the middle of a value")]
    Truncated,
    #[error("the msgpack nests more than {MAX_DEPTH} levels deep")]
    TooDeep,
    #[error("the msgpack holds a value of more than {MAX_PARTS} parts")]
    TooMany,
    #[error("the msgpack has a map with a key twice")]
    Twice,
    #[error("the msgpack holds a string that is not UTF-8")]
    NotUtf8,
    #[error("the msgpack has a map key that is no string")]
    Key,
    #[error("the msgpack holds a number that is none")]
    Number,
    #[error("the msgpack uses the reserved marker 0xc1")]
    Reserved,
    #[error("{0} bytes follow the value")]
    Trailing(usize),
}

/// Reads one value. Unknown values become holes whose origin is `origin` and the path of the value.
pub(super) fn value(bytes: &[u8], origin: &str) -> Result<Value, MsgpackError> {
    let mut reader = Reader { rest: bytes, origin, parts: 0 };
    let value = reader.value("", 0)?;
    match reader.rest.len() {
        0 => Ok(value),
        more => Err(MsgpackError::Trailing(more)),
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    origin: &'a str,
    parts: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, path: &str, depth: usize) -> Result<Value, MsgpackError> {
        if depth > MAX_DEPTH {
            return Err(MsgpackError::TooDeep);
        }
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(MsgpackError::TooMany);
        }
        let marker = Marker::from_u8(self.byte()?);
        Ok(match marker {
            Marker::Null => Value::Null,
            Marker::True => Value::Bool(true),
            Marker::False => Value::Bool(false),
            Marker::FixPos(number) => Value::Number(number.into()),
            Marker::FixNeg(number) => Value::Number(number.into()),
            Marker::U8 => Value::Number(self.byte()?.into()),
            Marker::U16 => Value::Number(u16::from_be_bytes(self.array()?).into()),
            Marker::U32 => Value::Number(u32::from_be_bytes(self.array()?).into()),
            Marker::U64 => Value::Number(u64::from_be_bytes(self.array()?).into()),
            Marker::I8 => Value::Number(i8::from_be_bytes(self.array()?).into()),
            Marker::I16 => Value::Number(i16::from_be_bytes(self.array()?).into()),
            Marker::I32 => Value::Number(i32::from_be_bytes(self.array()?).into()),
            Marker::I64 => Value::Number(i64::from_be_bytes(self.array()?).into()),
            Marker::F32 => float(f32::from_be_bytes(self.array()?).into())?,
            Marker::F64 => float(f64::from_be_bytes(self.array()?))?,
            Marker::FixStr(length) => self.string(length.into())?,
            // Only the type in front of a dynamic value is binary.
            Marker::Str8 | Marker::Bin8 => {
                let length = self.length8()?;
                self.string(length)?
            }
            Marker::Str16 | Marker::Bin16 => {
                let length = self.length16()?;
                self.string(length)?
            }
            Marker::Str32 | Marker::Bin32 => {
                let length = self.length32()?;
                self.string(length)?
            }
            Marker::FixArray(length) => self.list(length.into(), path, depth)?,
            Marker::Array16 => {
                let length = self.length16()?;
                self.list(length, path, depth)?
            }
            Marker::Array32 => {
                let length = self.length32()?;
                self.list(length, path, depth)?
            }
            Marker::FixMap(length) => self.object(length.into(), path, depth)?,
            Marker::Map16 => {
                let length = self.length16()?;
                self.object(length, path, depth)?
            }
            Marker::Map32 => {
                let length = self.length32()?;
                self.object(length, path, depth)?
            }
            Marker::FixExt1 => self.unknown(1, path)?,
            Marker::FixExt2 => self.unknown(2, path)?,
            Marker::FixExt4 => self.unknown(4, path)?,
            Marker::FixExt8 => self.unknown(8, path)?,
            Marker::FixExt16 => self.unknown(16, path)?,
            Marker::Ext8 => {
                let length = self.length8()?;
                self.unknown(length, path)?
            }
            Marker::Ext16 => {
                let length = self.length16()?;
                self.unknown(length, path)?
            }
            Marker::Ext32 => {
                let length = self.length32()?;
                self.unknown(length, path)?
            }
            Marker::Reserved => return Err(MsgpackError::Reserved),
        })
    }

    fn list(&mut self, length: usize, path: &str, depth: usize) -> Result<Value, MsgpackError> {
        // A dynamic value is a pair of the type's JSON, in binary, and the value.
        if length == 2 && matches!(self.rest.first(), Some(0xc4..=0xc6)) {
            self.value(path, depth + 1)?;
            return self.value(path, depth + 1);
        }
        // The length is a claim: nothing is reserved for elements that are not there.
        let mut items = Vec::new();
        for index in 0..length {
            items.push(self.value(&place::index(path, index), depth + 1)?);
        }
        Ok(Value::List(items))
    }

    fn object(&mut self, length: usize, path: &str, depth: usize) -> Result<Value, MsgpackError> {
        let mut fields = std::collections::BTreeMap::new();
        for _ in 0..length {
            let key = self.value(path, depth + 1)?;
            let key = key.as_str().ok_or(MsgpackError::Key)?;
            let value = self.value(&place::key(path, key), depth + 1)?;
            if fields.insert(key.to_owned(), value).is_some() {
                return Err(MsgpackError::Twice);
            }
        }
        Ok(Value::Object(fields))
    }

    /// Any extension is an unknown value; what it says about nullness or a prefix is not used.
    fn unknown(&mut self, length: usize, path: &str) -> Result<Value, MsgpackError> {
        self.byte()?;
        self.take(length)?;
        let origin = place::key(self.origin, path);
        Ok(Value::Unknown(Hole { origin: origin.trim_end_matches('.').into(), shape: Shape::Any }))
    }

    fn string(&mut self, length: usize) -> Result<Value, MsgpackError> {
        self.text(length).map(|text| Value::String(Text::literal(text)))
    }

    fn text(&mut self, length: usize) -> Result<&'a str, MsgpackError> {
        std::str::from_utf8(self.take(length)?).map_err(|_| MsgpackError::NotUtf8)
    }

    fn length8(&mut self) -> Result<usize, MsgpackError> {
        self.byte().map(usize::from)
    }

    fn length16(&mut self) -> Result<usize, MsgpackError> {
        self.array().map(|bytes| u16::from_be_bytes(bytes).into())
    }

    /// More than there is memory for is found out by the bytes that are not there.
    fn length32(&mut self) -> Result<usize, MsgpackError> {
        self.array().map(|bytes| usize::try_from(u32::from_be_bytes(bytes)).unwrap_or(usize::MAX))
    }

    fn byte(&mut self) -> Result<u8, MsgpackError> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], MsgpackError> {
        let (bytes, rest) = self.rest.split_first_chunk::<N>().ok_or(MsgpackError::Truncated)?;
        self.rest = rest;
        Ok(*bytes)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], MsgpackError> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(MsgpackError::Truncated)?;
        self.rest = rest;
        Ok(bytes)
    }
}

/// A float that is a number.
fn float(number: f64) -> Result<Value, MsgpackError> {
    Number::from_f64(number).map(Value::Number).ok_or(MsgpackError::Number)
}
