//! The `tfplan` entry of a saved plan file, and the one place where Terraform and OpenTofu disagree about a number.

pub use messages::*;

#[expect(clippy::all, clippy::pedantic, reason = "generated code")]
mod messages {
    include!("generated/planfile.rs");
}

use prost::{DecodeError, Message as _};

/// That a resource is to be imported, in whichever of the two readings the plan was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Import {
    /// The import id; empty when the import is by identity.
    pub id: String,
    /// The id is not known yet (Terraform only).
    pub unknown: bool,
    /// The identity object, where the import is by identity.
    pub identity: Option<DynamicValue>,
}

impl Change {
    /// Reads `importing` by either program's numbers: the wire type of number 2 tells them apart, and without it both
    /// readings agree.
    pub fn import(&self) -> Result<Option<Import>, DecodeError> {
        let Some(bytes) = &self.importing else { return Ok(None) };
        let terraform = TerraformImporting::decode(bytes.as_slice());
        let import = match terraform {
            Ok(TerraformImporting { id, unknown, identity }) => Import { id, unknown, identity },
            Err(_) => {
                let OpenTofuImporting { id, identity } =
                    OpenTofuImporting::decode(bytes.as_slice())?;
                Import { id, unknown: false, identity }
            }
        };
        Ok(Some(import))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(importing: Vec<u8>) -> Change {
        Change { importing: Some(importing), ..Change::default() }
    }

    #[test]
    fn both_programs_imports_are_read() {
        let identity = Some(DynamicValue { msgpack: vec![0x80] });
        let terraform =
            TerraformImporting { id: "a".into(), unknown: true, identity: identity.clone() };
        let opentofu = OpenTofuImporting { id: "a".into(), identity: identity.clone() };

        assert_eq!(
            change(terraform.encode_to_vec()).import(),
            Ok(Some(Import { id: "a".into(), unknown: true, identity: identity.clone() }))
        );
        assert_eq!(
            change(opentofu.encode_to_vec()).import(),
            Ok(Some(Import { id: "a".into(), unknown: false, identity }))
        );
        assert_eq!(Change::default().import(), Ok(None));
        assert!(change(vec![0xff]).import().is_err());
    }

    #[test]
    fn numbers_that_changed_their_meaning_are_skipped() {
        // 15, 19 and 22 of `Plan`, as messages, as texts and as bytes that are neither.
        let mut bytes = Plan { version: 3, ..Plan::default() }.encode_to_vec();
        for number in [15_u32, 19, 22] {
            for content in [&b"\x0a\x01x\x12\x02\x0a\x00"[..], b"token", b"\xff\xfe\xff"] {
                prost::encoding::encode_key(
                    number,
                    prost::encoding::WireType::LengthDelimited,
                    &mut bytes,
                );
                prost::encoding::encode_varint(content.len() as u64, &mut bytes);
                bytes.extend_from_slice(content);
            }
        }
        let read = Plan::decode(bytes.as_slice()).expect("a plan");
        assert_eq!(read, Plan { version: 3, ..Plan::default() });
    }
}
