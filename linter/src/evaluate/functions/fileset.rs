//! `fileset`: the files below a folder that a pattern matches.

use std::path::Path;

use super::strings::clean;
use crate::evaluate::ReadFile;

/// More files than a module has.
const MAX_FILES: usize = 20_000;

/// Deeper folders are not entered; links can go in circles.
const MAX_DEPTH: usize = 40;

/// Sorted paths relative to the folder; None where the folder or the pattern cannot be read.
pub(super) fn matching(files: &dyn ReadFile, folder: &str, pattern: &str) -> Option<Vec<String>> {
    if pattern.contains(['\\', '[']) || pattern.split('/').any(|part| part == "..") {
        return None;
    }
    let patterns = alternatives(pattern)?;
    let patterns: Vec<Vec<&str>> = patterns
        .iter()
        .map(|pattern| pattern.split('/').filter(|part| !matches!(*part, "" | ".")).collect())
        .collect();
    let mut found = Vec::new();
    let mut walk = Walk { files, patterns: &patterns, found: &mut found, seen: 0 };
    walk.folder(&clean(folder), &mut Vec::new())?;
    found.sort();
    Some(found)
}

/// A pattern for each choice among braces; None where there are too many or they do not close.
fn alternatives(pattern: &str) -> Option<Vec<String>> {
    let mut done = Vec::new();
    let mut open = vec![pattern.to_owned()];
    while let Some(pattern) = open.pop() {
        let Some((before, after)) = pattern.split_once('{') else {
            done.push(pattern);
            continue;
        };
        let (choices, after) =
            after.split_once('}').filter(|(choices, _)| !choices.contains('{'))?;
        for choice in choices.split(',') {
            open.push(format!("{before}{choice}{after}"));
        }
        if open.len() + done.len() > 100 {
            return None;
        }
    }
    Some(done)
}

struct Walk<'w> {
    files: &'w dyn ReadFile,
    patterns: &'w [Vec<&'w str>],
    found: &'w mut Vec<String>,
    seen: usize,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &str, inside: &mut Vec<String>) -> Option<()> {
        if inside.len() > MAX_DEPTH {
            return None;
        }
        for (name, is_folder) in self.files.list(Path::new(folder))? {
            self.seen += 1;
            if self.seen > MAX_FILES {
                return None;
            }
            inside.push(name.clone());
            let path: Vec<&str> = inside.iter().map(String::as_str).collect();
            if is_folder {
                if self.patterns.iter().any(|pattern| may_match_below(pattern, &path)) {
                    self.folder(&format!("{folder}/{name}"), inside)?;
                }
            } else if self.patterns.iter().any(|pattern| matches_path(pattern, &path)) {
                self.found.push(path.join("/"));
            }
            inside.pop();
        }
        Some(())
    }
}

/// Whether files below a folder may match: its path matches a beginning of the pattern.
fn may_match_below(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (_, None) | (Some((&"**", _)), _) => true,
        (None, _) => false,
        (Some((part, pattern)), Some((name, path))) => {
            matches_name(part, name) && may_match_below(pattern, path)
        }
    }
}

fn matches_path(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => {
            matches_path(rest, path)
                || path.split_first().is_some_and(|(_, path)| matches_path(pattern, path))
        }
        (Some((part, pattern)), Some((name, path))) => {
            matches_name(part, name) && matches_path(pattern, path)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// `*` is any run of characters, `?` is one.
fn matches_name(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while from < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(c) if *c == '?' || name.get(from) == Some(c) => {
                at += 1;
                from += 1;
            }
            _ => match star {
                Some((star_at, star_from)) => {
                    star = Some((star_at, star_from + 1));
                    at = star_at + 1;
                    from = star_from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).is_none_or(|rest| rest.iter().all(|c| *c == '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Few;

    impl ReadFile for Few {
        fn read(&self, _: &Path) -> Option<Vec<u8>> {
            None
        }

        fn list(&self, folder: &Path) -> Option<Vec<(String, bool)>> {
            let names: &[(&str, bool)] = match folder.to_str()? {
                "iam" => {
                    &[(".hidden.json", false), ("a.json", false), ("b.yaml", false), ("team", true)]
                }
                "iam/team" => &[("c.json", false), ("deep", true)],
                "iam/team/deep" => &[("d.json", false)],
                _ => return None,
            };
            Some(names.iter().map(|(name, is_folder)| ((*name).to_owned(), *is_folder)).collect())
        }
    }

    #[test]
    fn patterns() {
        let found = |pattern| matching(&Few, "./iam/", pattern).map(|files| files.join(" "));
        assert_eq!(found("*.json").as_deref(), Some(".hidden.json a.json"));
        assert_eq!(
            found("**/*.json").as_deref(),
            Some(".hidden.json a.json team/c.json team/deep/d.json")
        );
        assert_eq!(found("*/*.{json,yaml}").as_deref(), Some("team/c.json"));
        assert_eq!(found("team/**").as_deref(), Some("team/c.json team/deep/d.json"));
        assert_eq!(found("?.yaml").as_deref(), Some("b.yaml"));
        assert_eq!(found("../x"), None);
        assert_eq!(matching(&Few, "none", "*"), None);
    }
}
