//! The provider's configuration, and what configuring makes of it: where the inventory is, where templates come from, and
//! what identities inherit.
//!
//! Configuring opens and reads nothing; the first call that needs the inventory or a template does. In a plan a setting may be
//! unknown; then what depends on it is not looked up, and every look-up happens at apply.

pub(crate) mod catalogue;
mod issuer;
pub(crate) mod lineage;
pub(crate) mod planned;

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};

use crate::attribute::Attribute;
use crate::inventory::Inventory;
use crate::model::{Block, model};
use crate::path::Path as At;
use crate::problem::Problem;
use crate::schema::optional;
use catalogue::Catalogues;
pub(crate) use issuer::Issuer;
use planned::Planned;

/// What the provider is, in Markdown.
pub(crate) const DESCRIPTION: &str = "Governed non-human identities: a machine identity comes into being only through \
     code, inside a least-privilege template that a platform team published, with an accountable owner, a purpose and an \
     end date.";

const DEFAULT_INVENTORY: &str = "sqlite:.nhi/inventory.db";

model! {
    /// What identities have where they do not say it themselves.
    pub(crate) struct Defaults {
        /// The environment of identities that state none.
        environment: String = optional(),
        /// The business service of identities that state none.
        service: String = optional(),
    }
}

model! {
    /// The `provider "nhi"` block.
    pub(crate) struct Settings {
        /// Where the inventory is kept: `sqlite:` and the path of a file, relative to the folder that Terraform runs in.
        /// Defaults to the environment variable `NHI_INVENTORY`, then to `sqlite:.nhi/inventory.db`.
        inventory: String = optional(),
        /// Folders and files with templates (`*.nhi.hcl`), besides those that are published in the inventory. Relative to
        /// the folder that Terraform runs in.
        templates: Vec<String> = optional(),
        /// What identities have where they do not say it themselves. Never owner, purpose or expiry: those are said each time.
        defaults: Block<Defaults> = optional(),
        /// Who vouches for workloads.
        issuer: Block<Issuer> = optional(),
    }
}

/// The configured provider, which every call shares.
#[derive(Debug)]
pub(crate) struct Configured {
    /// The inventory; none while its address is unknown.
    pub(crate) inventory: Option<Inventory>,
    /// The templates that can be named; none while the settings that lead to them are unknown.
    pub(crate) catalogues: Option<Catalogues>,
    /// What identities inherit.
    pub(crate) defaults: Defaults,
    /// Who vouches for workloads.
    pub(crate) issuer: crate::issuer::Issuer,
    /// What this run plans and has not made yet.
    pub(crate) planned: Planned,
}

impl Configured {
    /// The inventory, for calls that cannot do without.
    pub(crate) fn inventory(&self) -> Result<&Inventory, Vec<Problem>> {
        self.inventory.as_ref().ok_or_else(|| {
            vec![
                Problem::error(
                    "Inventory not known yet",
                    "The provider's `inventory` depends on something that does not exist yet. Apply that first, with \
                     `-target`, or set `inventory` to a fixed address.",
                ),
            ]
        })
    }
}

/// What is wrong with the configuration on its own; with unknowns anywhere.
pub(crate) fn validate(settings: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(address) = settings.inventory.as_str() {
        problems.extend(open(address, Path::new("."), lineage::nobody()).err());
    }
    let mut seen = BTreeSet::new();
    for (index, path) in settings.templates.known().into_iter().flatten().enumerate() {
        let at = At::from(Settings::templates).index(index);
        if path.trim().is_empty() {
            problems.push(
                Problem::error("Empty path", "Name a folder or a file with templates.").at(at),
            );
        } else if !seen.insert(path) {
            problems.push(
                Problem::error("Path named twice", format!("`{path}` is in the list already."))
                    .at(at),
            );
        }
    }
    let issuer = settings.issuer.known().map(|Block(issuer)| issuer::validate(issuer));
    problems.extend(issuer.into_iter().flatten());
    problems
}

/// Makes the configured provider. In a plan the settings may hold unknowns; in reattach mode this is called repeatedly.
pub(crate) fn configure(settings: Settings) -> Result<Configured, Vec<Problem>> {
    let folder = env::current_dir().map_err(|error| {
        vec![Problem::error(
            "No working folder",
            format!("The provider's working folder cannot be found: {error}."),
        )]
    })?;
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    configure_in(settings, &folder, &variable)
}

/// The same with a folder and an environment of the caller's choice.
pub(crate) fn configure_in(
    settings: Settings,
    folder: &Path,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Configured, Vec<Problem>> {
    let Settings { inventory, templates, defaults, issuer } = settings;
    let issuer = issuer::configure(issuer.map(|Block(issuer)| issuer), folder, variable);
    let address = inventory
        .or(variable("NHI_INVENTORY").into())
        .or(Attribute::Known(DEFAULT_INVENTORY.to_owned()));
    let inventory = match address {
        Attribute::Known(address) => {
            let lineage = lineage::read(folder, variable).map_err(|problem| vec![problem])?;
            Some(open(&address, folder, lineage).map_err(|problem| vec![problem])?)
        }
        Attribute::Null | Attribute::Unknown => None,
    };
    let catalogues = match templates {
        Attribute::Unknown => None,
        Attribute::Null => Some(Vec::new()),
        Attribute::Known(paths) => Some(paths),
    };
    let catalogues = catalogues.filter(|_| inventory.is_some()).map(|paths| {
        let paths: Vec<(String, PathBuf)> =
            paths.into_iter().map(|path| (path.clone(), folder.join(path))).collect();
        Catalogues::new(paths)
    });
    let unknown_block = Defaults { environment: Attribute::Unknown, service: Attribute::Unknown };
    Ok(Configured {
        inventory,
        catalogues,
        defaults: match defaults {
            Attribute::Known(Block(defaults)) => defaults,
            Attribute::Null => Defaults::default(),
            Attribute::Unknown => unknown_block,
        },
        issuer,
        planned: Planned::default(),
    })
}

fn open(
    address: &str,
    folder: &Path,
    lineage: crate::inventory::record::Lineage,
) -> Result<Inventory, Problem> {
    Inventory::at(address, folder, lineage).map_err(|error| {
        let help = error.help();
        crate::wording::problem("Unsuitable inventory", &error.to_string(), &help)
            .at(Settings::inventory)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model as _;
    use crate::value::Value;

    fn nothing(_: &str) -> Option<String> {
        None
    }

    fn configured(settings: Settings) -> Configured {
        configure_in(settings, Path::new("/nowhere"), &nothing).unwrap()
    }

    #[test]
    fn an_empty_block_is_enough_and_opens_nothing() {
        let configured = configured(Settings::default());
        assert!(configured.inventory.is_some() && configured.catalogues.is_some());
        assert!(configured.issuer.trust_domain.is_null());
    }

    #[test]
    fn unknown_settings_are_no_problem() {
        let settings = Settings {
            inventory: Attribute::Unknown,
            templates: Attribute::Unknown,
            defaults: Attribute::Unknown,
            issuer: Attribute::Unknown,
        };
        assert_eq!(validate(&settings), []);
        let configured = configured(settings);
        assert!(configured.inventory.is_none() && configured.catalogues.is_none());
        assert!(
            configured.defaults.service.is_unknown() && configured.issuer.trust_domain.is_unknown()
        );
    }

    #[test]
    fn the_environment_names_the_inventory_where_the_block_does_not() {
        let variable =
            |name: &str| (name == "NHI_INVENTORY").then(|| "postgres://db/nhi".to_owned());
        let refused = configure_in(Settings::default(), Path::new("/nowhere"), &variable);
        insta::assert_snapshot!(refused.unwrap_err()[0].detail, @"This build cannot reach a PostgreSQL inventory yet. Use `sqlite:` and a path on a disk that all runs share, or keep the inventory where one pipeline runs.");
        let settings = Settings { inventory: "sqlite:own.db".into(), ..Settings::default() };
        assert!(configure_in(settings, Path::new("/nowhere"), &variable).is_ok());
    }

    #[test]
    fn wrong_settings_are_refused_where_they_stand() {
        let settings = Settings {
            inventory: "inventory.db".into(),
            templates: vec!["a".to_owned(), String::new(), "a".to_owned()].into(),
            ..Settings::default()
        };
        let places: Vec<_> = validate(&settings)
            .into_iter()
            .map(|problem| {
                format!("{}: {}", problem.attribute.unwrap_or_default(), problem.summary)
            })
            .collect();
        assert_eq!(
            places,
            [
                "inventory: Unsuitable inventory",
                "templates[1]: Empty path",
                "templates[2]: Path named twice"
            ]
        );
    }

    #[test]
    fn settings_read_their_own_form() {
        let settings = Settings {
            issuer: Block(Issuer { trust_domain: "example.com".into(), ..Issuer::default() })
                .into(),
            ..Settings::default()
        };
        let value: Value = settings.to_value();
        assert_eq!(Settings::from_value(&value), Ok(settings));
    }
}
