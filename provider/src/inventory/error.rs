//! Why the inventory refused or failed, and the way out.

use jiff::Timestamp;

/// Why the inventory refused or failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InventoryError {
    /// The setting does not say where the inventory is.
    #[error("`{0}` is not an inventory address")]
    Address(String),
    /// A kind of inventory that this build has no driver for.
    #[error("this build cannot reach a PostgreSQL inventory yet")]
    NoPostgres,
    /// The file could not be opened or created.
    #[error("the inventory `{path}` cannot be opened: {reason}")]
    Open {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// A later version of the provider has been here.
    #[error(
        "the inventory `{path}` has schema version {found}, and this provider knows versions up to {known}"
    )]
    NewerSchema {
        /// The file.
        path: String,
        /// Its version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// Another process kept the write lock for too long.
    #[error("another process is writing to the inventory and did not finish")]
    Busy,
    /// The database failed.
    #[error("the inventory could not be read or written: {0}")]
    Storage(String),
    /// The database holds something that this provider did not write.
    #[error("the inventory holds an entry that cannot be read: {0}")]
    Corrupt(String),
    /// No such entry.
    #[error("there is no {what} `{key}` in the inventory")]
    NotFound {
        /// `owner`, `identity`, `template`.
        what: &'static str,
        /// What was asked for.
        key: String,
    },
    /// A living entry of another configuration has the name.
    #[error("the {what} `{name}` exists already")]
    NameInUse {
        /// `owner`, `service_account`, `template`, …
        what: String,
        /// The natural key.
        name: String,
        /// The id for an import.
        id: String,
        /// The configuration that made it.
        origin: String,
        /// Made by this very run, hence by another resource of the same configuration.
        this_run: bool,
    },
    /// A decommissioned identity of another owner had the name until recently.
    #[error("the name `{name}` belonged to an identity of `{owner}` until {until}")]
    NameKept {
        /// The name.
        name: String,
        /// Whose it was.
        owner: String,
        /// When it went.
        until: Timestamp,
        /// When the name is free.
        free_at: Timestamp,
    },
    /// The owner cannot own.
    #[error("the owner `{0}` is not active")]
    OwnerInactive(String),
    /// The owner still answers for identities.
    #[error("the owner `{owner}` still answers for {}", listed(identities))]
    OwnerInUse {
        /// The owner's name.
        owner: String,
        /// Kind and name of some of them.
        identities: Vec<String>,
    },
    /// Identities are bound to the template version.
    #[error("the template `{reference}` is still used by {}", listed(identities))]
    TemplateInUse {
        /// `name@version`.
        reference: String,
        /// Kind and name of some of them.
        identities: Vec<String>,
    },
    /// Published with another content.
    #[error("`{reference}` is published with another content")]
    VersionTaken {
        /// `name@version`.
        reference: String,
        /// The published digest.
        digest: String,
    },
    /// A principal that is bound already.
    #[error("`{principal}` on `{platform}` is bound to the {identity} by `{binding}`")]
    PrincipalBound {
        /// The platform.
        platform: String,
        /// The principal.
        principal: String,
        /// Kind, name and id of the identity that it is bound to.
        identity: String,
        /// The binding's id.
        binding: String,
    },
    /// Changed by somebody else since it was read.
    #[error("the {what} `{name}` was changed by somebody else in the meantime")]
    Changed {
        /// `owner`, `identity`.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// Active identities are not destroyed.
    #[error("the identity `{0}` is active")]
    StillActive(String),
    /// Disabled, but not for long enough.
    #[error("the identity `{name}` is under observation until {until}")]
    UnderObservation {
        /// Its name.
        name: String,
        /// When it may be destroyed.
        until: Timestamp,
    },
    /// A new version of a credential that comes without the credential.
    #[error("the credential of the identity `{0}` is made with it and was not made")]
    CredentialMissing(String),
    /// Not switched off by an operator.
    #[error("the identity `{0}` is not suspended")]
    NotSuspended(String),
}

impl InventoryError {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Address(_) => {
                "write `sqlite:` and the path of a file, such as `sqlite:.nhi/inventory.db`".into()
            }
            Self::NoPostgres => "use `sqlite:` and a path on a disk that all runs share, or keep the inventory where \
                                 one pipeline runs"
                .into(),
            Self::Open { .. } => {
                "check that the folder exists and can be written to, and that the path is a file".into()
            }
            Self::NewerSchema { .. } => "use the provider version that wrote it, or a later one".into(),
            Self::Busy => "wait until the other run is done, then run again; nothing was changed".into(),
            Self::Storage(_) => {
                "check the disk and the file's permissions, then run again; nothing was changed".into()
            }
            Self::Corrupt(_) => "restore the inventory from a backup".into(),
            Self::NotFound { what, .. } => format!("check the spelling, or register the {what} first"),
            Self::NameInUse { this_run: true, .. } => {
                "another resource of this configuration has the same name; give each its own".into()
            }
            Self::NameInUse { id, origin, .. } => format!(
                "it was made by `{origin}`; choose another name, or, if this configuration is to manage it from now \
                 on, import it: `terraform import <address> {id}`"
            ),
            Self::NameKept { owner, free_at, .. } => format!(
                "whoever still trusts that name would trust the new identity; choose another name, use the owner \
                 `{owner}`, or wait until {free_at}"
            ),
            Self::OwnerInactive(_) => "name an active owner, or set `active = true` on its `nhi_owner`".into(),
            Self::OwnerInUse { .. } => {
                "give them another owner or decommission them first; `active = false` retires an owner without \
                 removing it"
                    .into()
            }
            Self::TemplateInUse { .. } => {
                "move them to another version first; if this configuration publishes that version in its place, set \
                 `lifecycle { create_before_destroy = true }`; to stop new uses, set `status = \"deprecated\"` in the \
                 template"
                    .into()
            }
            Self::VersionTaken { .. } => {
                "a published version never changes: raise `version` in the template".into()
            }
            Self::PrincipalBound { binding, .. } => format!(
                "one principal belongs to one identity, so that it can be told who uses it: give this identity a principal \
                 of its own, or, if that binding is the one meant, import it: `terraform import <address> {binding}`"
            ),
            Self::Changed { .. } => "run `terraform plan` again and look at what changed".into(),
            Self::StillActive(_) => "set `state = \"disabled\"` and apply, then destroy it; or set \
                                     `break_glass_reason` and apply first"
                .into(),
            Self::UnderObservation { .. } => {
                "destroy it after that time; or set `break_glass_reason` and apply first".into()
            }
            Self::CredentialMissing(_) => {
                "change `rotation.epoch` in its configuration, with a `reason`, and apply".into()
            }
            Self::NotSuspended(_) => {
                "what a configuration or a review switched off is switched on in the configuration: `state = \"active\"`"
                    .into()
            }
        }
    }
}

/// Up to three by name, the others as a number.
fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(3).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(3) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

impl From<rusqlite::Error> for InventoryError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                Self::Busy
            }
            Some(_) | None => Self::Storage(error.to_string()),
        }
    }
}
