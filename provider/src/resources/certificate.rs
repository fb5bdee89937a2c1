//! `nhi_certificate`: a certificate for a key that its owner holds.
//!
//! Guarantees: those of every identity, see [`identity`](super::identity); the key never leaves its owner: the request proves that
//! whoever sent it holds the key, and is all that is ever seen of it; the certificate names the identity and no other; a key
//! that others may know is not certified again.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use policy::governance::{Baseline, Kind, Lifetime};
use policy::template::DNS_NAMES;

use super::identity::{Common, Governed, Kinded, Slot, spiffe, validate, whole_seconds};
use super::refused;
use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::InventoryError;
use crate::inventory::record::{Credential, Details, Identity as Record, Terms};
use crate::issuer::authority::{self, Subject};
use crate::issuer::x509::leaf::key_hash;
use crate::issuer::x509::names;
use crate::issuer::x509::request::{self, Request};
use crate::model::model;
use crate::problem::Problem;
use crate::schema::{computed, optional, required};
use crate::settings::Configured;
use crate::wording;

/// `nhi_certificate`.
pub(crate) type Certificate = Kinded<CertificateModel>;

model! {
    /// The attributes of `nhi_certificate`.
    pub(crate) struct CertificateModel {
        ..common: Common,
        /// The certificate signing request (PKCS#10), as PEM, made and signed by whoever holds the key: P-256, P-384, Ed25519, or RSA
        /// with 3072 bits or more. Only the key and the names are taken from it: DNS names that the template's parameter `dns_names`
        /// states (separated by commas), and the identity's own SPIFFE ID. Another request means another certificate.
        csr_pem: String = required(),
        /// How long before its end the certificate is due for renewal, such as `10d`. Defaults to a third of its life, and is
        /// no more than that where the certificate lives shorter.
        renew_before: String = optional().check(validate::duration),
        /// The certificate, as PEM. It lives as long as the template, the kind and the identity's own end allow. Null while the identity
        /// is disabled and has none.
        certificate_pem: String = computed(),
        /// The certificates above it through the root, as PEM.
        chain_pem: String = computed(),
        /// When the certificate ends, as RFC 3339 writes it.
        not_after: String = computed(),
        /// The certificate's serial number, in lowercase hexadecimal digits.
        serial: String = computed(),
        /// Its SPIFFE ID, `spiffe://<trust domain>/certificate/<name>`; null where the provider's `issuer` has no `trust_domain`.
        spiffe_id: String = computed(),
    }
}

impl Governed for CertificateModel {
    const TYPE: &'static str = "nhi_certificate";
    const DESCRIPTION: &'static str = "A certificate for a key that stays with its owner: the issuer signs the owner's request. Its \
        subject is `UID=<id>, CN=<principal_name>`, whatever the request says, and it is good for servers and for clients. It is \
        renewed in place; the one before it works until the overlap is over, and is revoked then. While the identity is disabled or \
        quarantined its certificates are on hold in the revocation list of `nhi_trust_bundle`, and when it ends they are revoked. A \
        rotation with a new `rotation.epoch`, a reason and `overlap = \"0s\"` revokes them at once as compromised, and asks for the \
        request of another key. An active certificate is not destroyed.";
    const KIND: Kind = Kind::Certificate;

    fn common(&self) -> &Common {
        &self.common
    }

    fn common_mut(&mut self) -> &mut Common {
        &mut self.common
    }

    fn check(&self) -> Vec<Problem> {
        let problem = self.csr_pem.as_str().and_then(|text| request::read(text).err());
        problem.iter().map(unsuitable).collect()
    }

    fn decide(&mut self, configured: &Configured) -> Result<(), Vec<Problem>> {
        self.spiffe_id = spiffe::id(configured, spiffe::by_name(self), Common::name)?;
        let Some(request) = self.csr_pem.as_str().and_then(|text| request::read(text).ok()) else {
            return Ok(());
        };
        let mut problems: Vec<Problem> = self.foreign(&request).into_iter().collect();
        if let Some(parameters) = self.stated() {
            problems.extend(named(&request, &parameters));
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn spiffe_id(&self) -> Attribute<String> {
        self.spiffe_id.clone()
    }

    fn details(&self) -> Option<Details> {
        Some(Details::Certificate {
            csr_pem: self.csr_pem.as_str().unwrap_or_default().to_owned(),
            renew_before: self.renew_before.as_str().map(str::to_owned),
        })
    }

    /// Another request; or the first certificate of an identity that was made while it was disabled.
    fn asks_for_new(prior: &Self, proposed: &Self) -> Attribute<bool> {
        if proposed.csr_pem.is_unknown() {
            return Attribute::Unknown;
        }
        let is_missing = prior.certificate_pem.is_null() && !is_disabled(&proposed.common);
        Attribute::Known(prior.csr_pem != proposed.csr_pem || is_missing)
    }

    const RENEWS: bool = true;

    /// So long before its end as is stated, or after two thirds of its life where that is shorter than what is stated. One that ends
    /// with its identity is the last.
    fn due(&self, terms: &Terms) -> Option<Timestamp> {
        let Some(Credential::Certificate { not_before, not_after, .. }) = &terms.credential else {
            return None;
        };
        let life = not_after.duration_since(*not_before);
        let stated = self.renew_before.as_str().and_then(|text| Lifetime::parse(text).ok());
        let margin = stated
            .map(|margin| SignedDuration::from_secs(i64::from(margin.as_seconds())))
            .filter(|margin| *margin < life)
            .unwrap_or(life / 3);
        let due = not_after.checked_sub(margin).unwrap_or(*not_before);
        (*not_after < terms.expires_at).then_some(due)
    }

    fn follow(&mut self, prior: &Self, rotates: Attribute<bool>) {
        if rotates == Attribute::Known(false) {
            self.certificate_pem = prior.certificate_pem.clone();
            self.chain_pem = prior.chain_pem.clone();
            self.not_after = prior.not_after.clone();
            self.serial = prior.serial.clone();
        }
    }

    async fn issue(
        &self,
        slot: Slot<'_>,
        context: &Context,
    ) -> Result<Option<Credential>, Vec<Problem>> {
        // Who is switched off gets nothing.
        if is_disabled(&self.common) {
            return Ok(None);
        }
        let request = request::read(self.csr_pem.as_str().unwrap_or_default())
            .map_err(|error| vec![unsuitable(&error)])?;
        let hash = key_hash(&request.public_key);
        if self.gives_up_its_key(&hash, slot, context).await? {
            return Err(vec![compromised()]);
        }
        let parameters = self.stated().unwrap_or_default();
        if let Some(problem) = named(&request, &parameters) {
            return Err(vec![problem]);
        }
        let not_after = ends(slot.terms, context).await?;
        let subject = Subject {
            principal_name: self.common.principal_name.as_str().unwrap_or_default().to_owned(),
            id: slot.id.to_owned(),
            spiffe_id: slot.terms.spiffe_id.clone(),
            dns_names: request.dns_names,
            public_key: request.public_key,
        };
        let (by, leaf) = authority::sign(context, subject, not_after).await?;
        Ok(Some(Credential::Certificate {
            certificate_pem: leaf.pem(),
            chain_pem: by.certificate_pem(),
            authority: by.id(),
            serial: leaf.serial,
            subject: leaf.subject,
            key_hash: leaf.key_hash,
            not_before: leaf.not_before,
            not_after: leaf.not_after,
        }))
    }

    fn recall(&mut self, record: &Record) {
        self.spiffe_id = record.terms.spiffe_id.clone().into();
        if let Some(Details::Certificate { csr_pem, renew_before }) = &record.facts.details {
            self.csr_pem = csr_pem.as_str().into();
            self.renew_before = renew_before.clone().into();
        }
        let Some(Credential::Certificate { serial, certificate_pem, chain_pem, not_after, .. }) =
            &record.terms.credential
        else {
            (self.serial, self.not_after) = (Attribute::Null, Attribute::Null);
            (self.certificate_pem, self.chain_pem) = (Attribute::Null, Attribute::Null);
            return;
        };
        self.serial = serial.as_str().into();
        self.certificate_pem = certificate_pem.as_str().into();
        self.chain_pem = chain_pem.as_str().into();
        self.not_after = not_after.to_string().into();
    }
}

impl CertificateModel {
    /// The template's parameters; none while that of the DNS names is not known.
    fn stated(&self) -> Option<BTreeMap<String, String>> {
        let parameters = match &self.common.parameters {
            Attribute::Unknown => return None,
            Attribute::Null => return Some(BTreeMap::new()),
            Attribute::Known(parameters) => parameters,
        };
        if parameters.get(DNS_NAMES).is_some_and(Attribute::is_unknown) {
            return None;
        }
        let known = |(name, value): (&String, &Attribute<String>)| {
            Some((name.clone(), value.as_str()?.to_owned()))
        };
        Some(parameters.iter().filter_map(known).collect())
    }

    /// A URI in the request that is not the identity's own.
    fn foreign(&self, request: &Request) -> Option<Problem> {
        let own = match &self.spiffe_id {
            Attribute::Unknown => return None,
            Attribute::Null => None,
            Attribute::Known(own) => Some(own),
        };
        let foreign = request.uris.iter().find(|uri| Some(*uri) != own)?;
        let phrase =
            format!("the request asks for the URI `{foreign}`, which is not the identity's");
        let help = match own {
            Some(own) => format!("leave it out, or ask for `{own}`"),
            None => "leave it out; without a `trust_domain` in the provider's `issuer` there are no SPIFFE IDs".to_owned(),
        };
        Some(wording::problem("Name refused", &phrase, &help).at(Self::csr_pem))
    }

    /// Whether others may know the key: a certificate of it was revoked for that, or this rotation is about to.
    async fn gives_up_its_key(
        &self,
        hash: &str,
        slot: Slot<'_>,
        context: &Context,
    ) -> Result<bool, Vec<Problem>> {
        let inventory = context.configured()?.inventory()?;
        let failed = |error: InventoryError| vec![refused("Inventory not readable", &error)];
        if inventory.is_compromised(hash).await.map_err(failed)? {
            return Ok(true);
        }
        let same = matches!(slot.previous, Some(Credential::Certificate { key_hash, .. }) if key_hash == hash);
        let until = slot.terms.previous_valid_until;
        if !same || until.is_none_or(|until| slot.terms.rotated_at < until) {
            return Ok(false);
        }
        let epoch =
            self.common.rotation.known().and_then(|rotation| rotation.epoch.known().copied());
        let record = inventory.identity(slot.id).await.map_err(failed)?;
        Ok(epoch.is_some() && record.is_some_and(|record| record.facts.rotation.epoch != epoch))
    }
}

fn is_disabled(common: &Common) -> bool {
    common.state.as_str() == Some("disabled")
}

fn unsuitable(error: &request::RequestError) -> Problem {
    let problem = wording::problem("Unsuitable request", &error.to_string(), &error.help());
    problem.at(CertificateModel::csr_pem)
}

fn named(request: &Request, parameters: &BTreeMap<String, String>) -> Option<Problem> {
    let error = names::check(&request.dns_names, parameters).err()?;
    let problem = wording::problem("Name refused", &error.to_string(), &error.help());
    Some(problem.at(CertificateModel::csr_pem))
}

fn compromised() -> Problem {
    let detail = "The key of this request is one that others may know: its certificate is revoked as compromised, and a new one \
                  would be as good to whoever has the key. Make another key, and give its request.";
    Problem::error("Compromised key", detail).at(CertificateModel::csr_pem)
}

/// The earliest of what the template and the kind allow, and the identity's own end.
async fn ends(terms: &Terms, context: &Context) -> Result<Timestamp, Vec<Problem>> {
    let configured = context.configured()?;
    let now = whole_seconds(context.now());
    let mut limits = vec![terms.expires_at];
    let mut limit = |most: Option<Lifetime>| limits.extend(most.map(|most| most.after(now)));
    match &configured.catalogues {
        Some(catalogues) => {
            let template = catalogues.pinned(&terms.template);
            limit(template.and_then(|it| Some(it.require.max_session.as_ref()?.value)));
            let inventory = configured.inventory()?;
            let catalogue = catalogues.current(inventory, &configured.planned).await?;
            limit(catalogue.library.baseline().caps(Kind::Certificate).max_session);
        }
        None => limit(Baseline::default().caps(Kind::Certificate).max_session),
    }
    let end = limits.into_iter().min().unwrap_or(now);
    if end <= now {
        let detail = "The identity has ended, and a certificate cannot outlive it. Give it a later `expiry`.";
        return Err(vec![Problem::error("Expired", detail).at(Common::expiry)]);
    }
    Ok(end)
}

#[cfg(test)]
mod tests;
