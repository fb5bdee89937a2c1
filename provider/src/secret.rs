//! Text that may be read and never shown: its `Debug` says nothing, and it is wiped when it goes.

use std::fmt;

use zeroize::Zeroizing;

use crate::attribute::Attribute;
use crate::model::Field;
use crate::path::Place;
use crate::problem::Problem;
use crate::schema::Shape;
use crate::value::Value;

/// A secret text, for attributes that hold one.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text. Whoever asks answers for where it goes.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

impl Field for Secret {
    fn shape() -> Shape {
        String::shape()
    }

    fn decode(value: &Value, path: &Place<'_>) -> Result<Attribute<Self>, Vec<Problem>> {
        Ok(String::decode(value, path)?.map(Self::from))
    }

    fn encode(&self) -> Value {
        Value::text(self.reveal())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let secret = Attribute::Known(Secret::from("hunter2".to_owned()));
        assert_eq!(format!("{secret:?}"), "Known(Secret)");
        let value = secret.known().unwrap().encode();
        assert_eq!(Secret::decode(&value, &Place::Root), Ok(secret));
    }
}
