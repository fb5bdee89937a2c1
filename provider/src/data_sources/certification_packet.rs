//! `nhi_certification_packet`: everything that a reviewer has to know to decide about an identity, and to be able to show later
//! what was known. It is made of the audit trail, so that the packet of a past time can be made again, byte for byte.

mod access;
mod gather;
mod markdown;
mod packet;
mod record;

use sha2::{Digest as _, Sha256};

use super::audit_trail::hex;
use super::known::{self, is_moment, moment};
use crate::context::Context;
use crate::data_source::DataSource;
use crate::model::model;
use crate::problem::Problem;
use crate::resource::Done;
use crate::schema::{computed, optional, required};

/// `nhi_certification_packet`.
#[derive(Debug)]
pub(crate) struct CertificationPacket;

model! {
    /// What is looked up, and what is found.
    pub(crate) struct PacketModel {
        /// The `id` of the identity.
        identity: String = required(),
        /// The time that the packet is of, as RFC 3339 writes it. State it where `digest` is cited as evidence: the packet of a past
        /// time stays the same, whatever happens afterwards. Without it the packet is of now; it changes with the record, and with
        /// the day, from which usage is counted back.
        as_of: String = optional().check(is_moment),
        /// The packet for people, as Markdown, with the decisions they can take as configuration to paste.
        markdown: String = computed(),
        /// The packet for programs, as JSON.
        json: String = computed(),
        /// `sha256:` and the hash of `json`: what the `evidence` of an `nhi_certification` can cite.
        digest: String = computed(),
    }
}

impl DataSource for CertificationPacket {
    const TYPE: &'static str = "nhi_certification_packet";
    const DESCRIPTION: &'static str = "What a reviewer of an identity has to know: ownership, purpose, access in plain words, usage, \
         credential, dependencies, incidents, exceptions and earlier reviews, with the questions to ask and the decisions to \
         take. For many identities, use it with `for_each` over what `nhi_inventory` finds.";

    type Model = PacketModel;

    async fn read(
        config: PacketModel,
        context: &Context,
    ) -> Result<Done<PacketModel>, Vec<Problem>> {
        let id = config.identity.as_str().unwrap_or_default();
        let identity = known::identity(context, id, PacketModel::identity).await?;
        let as_of = config.as_of.as_str().and_then(|text| moment(text).ok());
        if let Some(as_of) = as_of.filter(|as_of| *as_of > context.now()) {
            let detail = format!(
                "`{as_of}` has not come yet, and nobody knows what will be on record then. State a time that is past, or none."
            );
            return Err(vec![Problem::error("Time to come", detail).at(PacketModel::as_of)]);
        }
        let Some(packet) = gather::of(identity, as_of, context).await? else {
            let detail = format!("There was no identity `{id}` at that time. State a later one.");
            return Err(vec![Problem::error("Before its time", detail).at(PacketModel::as_of)]);
        };
        let json = serde_json::to_string_pretty(&packet)
            .map_err(|error| vec![Problem::bug(error.to_string())])?;
        let digest = format!("sha256:{}", hex(&Sha256::digest(json.as_bytes())));
        Ok(PacketModel {
            markdown: markdown::of(&packet, &digest).into(),
            json: json.into(),
            digest: digest.into(),
            ..config
        }
        .into())
    }
}

#[cfg(test)]
mod tests;
