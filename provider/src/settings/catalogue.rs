//! The templates that identities can name: those in the provider's `templates` folders, those published in the inventory, and
//! those that this run is about to publish. Read when first needed, and again only after a change.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use policy::template::{Library, Template, TemplateError};

use super::Settings;
use super::planned::Planned;
use crate::inventory::Inventory;
use crate::inventory::record::Pinned;
use crate::problem::Problem;
use crate::wording;

/// How deep folders of templates may nest.
const MAX_DEPTH: usize = 16;

/// Templates as they are read, and those that an identity was bound to.
#[derive(Debug)]
pub(crate) struct Catalogues {
    /// As configured, and where that is.
    paths: Vec<(String, PathBuf)>,
    current: tokio::sync::Mutex<Option<(u64, Arc<Catalogue>)>>,
    pinned: std::sync::Mutex<BTreeMap<String, Option<Arc<Template>>>>,
}

/// A template where it is kept. Never a copy: the patterns of a copy have to be warmed up again, which takes longer than
/// planning with it.
#[derive(Clone, Debug)]
pub(crate) enum Chosen<'a> {
    /// One of those that can be named.
    Named(&'a Template),
    /// One that an identity was bound to.
    Pinned(Arc<Template>),
}

impl Deref for Chosen<'_> {
    type Target = Template;

    fn deref(&self) -> &Template {
        match self {
            Self::Named(template) => template,
            Self::Pinned(template) => template,
        }
    }
}

/// All templates at one time.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    /// What can be named.
    pub(crate) library: Library,
    /// What is wrong with the files; it only matters to those who name a template that is not in the library.
    pub(crate) problems: Vec<Problem>,
}

impl Catalogues {
    /// Templates in those folders and files, and in the inventory.
    pub(crate) fn new(paths: Vec<(String, PathBuf)>) -> Self {
        Self { paths, current: tokio::sync::Mutex::default(), pinned: std::sync::Mutex::default() }
    }

    /// All templates that can be named now.
    pub(crate) async fn current(
        &self,
        inventory: &Inventory,
        planned: &Planned,
    ) -> Result<Arc<Catalogue>, Vec<Problem>> {
        // Held while reading: others wait for the result instead of reading as well.
        let mut current = self.current.lock().await;
        let edition = planned.edition();
        if let Some((read_at, catalogue)) = &*current
            && *read_at == edition
        {
            return Ok(Arc::clone(catalogue));
        }
        let (edition, coming) = planned.templates();
        let published = inventory.templates().await.map_err(|error| {
            vec![wording::problem("Templates not readable", &error.to_string(), &error.help())]
        })?;
        let published: Vec<(String, String)> = published
            .into_iter()
            .filter(|template| template.withdrawn_at.is_none())
            .map(|template| (template.reference(), template.source))
            // What this run is about to publish comes in place of what is published.
            .filter(|(reference, _)| coming.iter().all(|(other, _)| other != reference))
            .collect();
        let paths = self.paths.clone();
        let files = tokio::task::spawn_blocking(move || read_all(&paths))
            .await
            .map_err(|error| vec![Problem::bug(error.to_string())])??;
        let catalogue = Arc::new(combine(&published, &coming, &files));
        *current = Some((edition, Arc::clone(&catalogue)));
        Ok(catalogue)
    }

    /// The template that an identity was bound to, whatever became of its file.
    pub(crate) fn pinned(&self, bound: &Pinned) -> Option<Arc<Template>> {
        let mut pinned = self.pinned.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = pinned.get(&bound.digest) {
            return known.clone();
        }
        // It was free of errors when it was bound.
        let library = Library::parse(&[(&bound.digest, &bound.source)]).0;
        let mut templates = library.templates();
        let found = templates
            .find(|it| it.name == bound.name && it.version.to_string() == bound.version)
            .map(|template| Arc::new(template.clone()));
        pinned.insert(bound.digest.clone(), found.clone());
        found
    }
}

/// Published templates come first: where a file says the same, the published status holds.
fn combine(
    published: &[(String, String)],
    coming: &[(String, String)],
    files: &[(String, String)],
) -> Catalogue {
    let (mut library, mut errors) = Library::parse(published);
    for texts in [coming, files] {
        let (more, found) = Library::parse(texts);
        errors.extend(found);
        errors.extend(library.merge(more));
    }
    Catalogue { library, problems: errors.iter().map(problem).collect() }
}

/// A mistake in a template text, as a problem of whoever needs the template.
pub(crate) fn problem(error: &TemplateError) -> Problem {
    let text = error.file.inner();
    let before = text.get(..error.span.offset()).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let phrase = format!("{}, line {line}: {error}", error.file.name());
    wording::problem("Mistake in a template", &phrase, error.help.as_deref().unwrap_or_default())
}

fn read_all(paths: &[(String, PathBuf)]) -> Result<Vec<(String, String)>, Vec<Problem>> {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for (written, path) in paths {
        if let Err(error) = read_path(written, path, MAX_DEPTH, &mut files) {
            problems.push(Problem::error(
                "Templates not readable",
                format!("The provider's `{}` names `{written}`: {error}.", Settings::templates),
            ));
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

/// A file, or every `*.nhi.hcl` below a folder, in the order of their names; hidden ones are left out.
fn read_path(
    written: &str,
    path: &Path,
    depth: usize,
    files: &mut Vec<(String, String)>,
) -> io::Result<()> {
    if !fs::metadata(path)?.is_dir() {
        files.push((written.to_owned(), fs::read_to_string(path)?));
        return Ok(());
    }
    let Some(depth) = depth.checked_sub(1) else {
        return Err(io::Error::other("folders nest too deeply, or in a circle"));
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let folder = fs::metadata(entry.path()).is_ok_and(|entry| entry.is_dir());
        if !name.starts_with('.') && (folder || name.ends_with(".nhi.hcl")) {
            names.push(name);
        }
    }
    names.sort();
    for name in names {
        let shown = format!("{}/{name}", written.trim_end_matches('/'));
        read_path(&shown, &path.join(name), depth, files)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(version: &str, action: &str) -> String {
        format!(
            "template \"reader\" {{\n  version = \"{version}\"\n  aws {{\n    permissions = jsonencode({{\n      \
             Version = \"2012-10-17\"\n      Statement = [{{ Effect = \"Allow\", Action = [\"{action}\"], Resource = \
             [\"*\"] }}]\n    }})\n  }}\n}}\n"
        )
    }

    #[test]
    fn folders_files_and_subfolders() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("templates/b.nhi.hcl", "b");
        write("templates/a/a.nhi.hcl", "a");
        write("templates/b.nhitest.hcl", "no");
        write("templates/.hidden.nhi.hcl", "no");
        write("one.hcl", "one");
        let paths = ["./templates/", "one.hcl"];
        let paths = paths.map(|path| (path.to_owned(), folder.path().join(path)));
        let names: Vec<_> = read_all(&paths).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["./templates/a/a.nhi.hcl", "./templates/b.nhi.hcl", "one.hcl"]);
        let missing = [("gone".to_owned(), folder.path().join("gone"))];
        assert!(
            read_all(&missing).unwrap_err()[0]
                .detail
                .starts_with("The provider's `templates` names `gone`")
        );
    }

    #[test]
    fn a_file_cannot_change_what_is_published() {
        let published = [("reader@1.0.0".to_owned(), template("1.0.0", "s3:GetObject"))];
        let same = [("t.nhi.hcl".to_owned(), template("1.0.0", "s3:GetObject"))];
        assert_eq!(combine(&published, &[], &same).problems, []);
        let wider = [("t.nhi.hcl".to_owned(), template("1.0.0", "s3:PutObject"))];
        let catalogue = combine(&published, &[], &wider);
        assert_eq!(catalogue.problems.len(), 1);
        assert!(catalogue.library.find("reader@1").is_ok());
    }
}
