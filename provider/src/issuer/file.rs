//! Key files: read only where nobody else can, and made so that there is never a moment in which somebody else could, nor one
//! in which half of a key is there. Of two processes that make the same file, one wins and both use what it made.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::error::KeyError;

/// No key is longer; a path that leads to something else is not read to its end.
const LONGEST: u64 = 64 * 1024;

/// The folder that is ours: what git should not see in it is named there.
const OURS: &str = ".nhi";
const IGNORED: &str =
    "# Keys never leave the machine that they were made on.\n/issuer.pem*\n/master.key*\n";

/// Where a key is kept.
#[derive(Clone, Debug)]
pub(crate) struct KeyFile {
    /// As configured, for messages.
    pub(crate) written: String,
    /// The file.
    pub(crate) path: PathBuf,
    /// Whether it is the default, which is made when it is missing.
    pub(crate) embedded: bool,
    /// The command that makes one by hand.
    pub(crate) how: &'static str,
}

impl KeyFile {
    /// What the file is called in a message.
    pub(crate) fn origin(&self) -> String {
        format!("the file `{}`", self.written)
    }

    /// What it holds; for the default, what `make` gives if there is no file yet.
    pub(crate) fn read(
        &self,
        make: impl FnOnce() -> Result<Zeroizing<String>, KeyError>,
    ) -> Result<Zeroizing<String>, KeyError> {
        let failed = |error: io::Error| KeyError::File {
            path: self.written.clone(),
            reason: error.to_string(),
        };
        if let Some(text) = self.existing()? {
            return Ok(text);
        }
        if !self.embedded {
            return Err(KeyError::NoFile { path: self.written.clone(), how: self.how });
        }
        create(&self.path, &make()?).map_err(failed)?;
        // Another process may have been faster: what is there holds.
        self.existing()?.ok_or_else(|| failed(ErrorKind::NotFound.into()))
    }

    fn existing(&self) -> Result<Option<Zeroizing<String>>, KeyError> {
        let failed = |reason: String| KeyError::File { path: self.written.clone(), reason };
        // Opening a pipe waits for whoever writes into it, which may be nobody.
        if fs::metadata(&self.path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(failed("it is no file".to_owned()));
        }
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error.to_string())),
        };
        // Of the open file, so that nobody exchanges it in between.
        let metadata = file.metadata().map_err(|error| failed(error.to_string()))?;
        if !metadata.is_file() || metadata.len() > LONGEST {
            return Err(failed("it is no file of the size of a key".to_owned()));
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = metadata.permissions().mode() & 0o7777;
            if mode & 0o077 != 0 {
                return Err(KeyError::TooOpen { path: self.written.clone(), mode });
            }
        }
        // Room from the start: a buffer that grows leaves copies behind.
        let room = usize::try_from(metadata.len()).unwrap_or(0) + 1;
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        file.take(LONGEST).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| failed("it is no text".to_owned()))?;
        Ok(Some(Zeroizing::new(text.to_owned())))
    }
}

/// Makes the file, whole or not at all, unless it is there.
fn create(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    if folder.file_name().is_some_and(|name| name == OURS) {
        ignore_keys(folder)?;
    }
    let id =
        crate::inventory::fresh_id("tmp").map_err(|error| io::Error::other(error.to_string()))?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{id}"));
    let draft = folder.join(name);
    let outcome = write(&draft, text).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let removed = fs::remove_file(&draft);
    outcome?;
    removed?;
    // The name as well as the content is on disk before anything is signed.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

fn write(draft: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Tells git to leave keys alone, unless somebody has told it something there already.
fn ignore_keys(folder: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).open(folder.join(".gitignore")) {
        Ok(mut file) => file.write_all(IGNORED.as_bytes()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &Path, embedded: bool) -> KeyFile {
        KeyFile {
            written: ".nhi/issuer.pem".to_owned(),
            path: folder.join(".nhi/issuer.pem"),
            embedded,
            how: "make it",
        }
    }

    /// What a maker of keys gives, which may fail.
    #[expect(clippy::unnecessary_wraps, reason = "as makers of keys do")]
    fn made(text: &str) -> Result<Zeroizing<String>, KeyError> {
        Ok(Zeroizing::new(text.to_owned()))
    }

    #[test]
    fn the_default_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path(), true);
        assert_eq!(file.read(|| made("one")).unwrap().as_str(), "one");
        assert_eq!(file.read(|| made("two")).unwrap().as_str(), "one");
        let mut names: Vec<_> = fs::read_dir(folder.path().join(".nhi"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, [".gitignore", "issuer.pem"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&file.path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn of_many_that_make_it_one_wins() {
        let folder = tempfile::tempdir().unwrap();
        let read: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16)
                .map(|number| {
                    let file = file(folder.path(), true);
                    scope
                        .spawn(move || file.read(|| made(&number.to_string())).unwrap().to_string())
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(read.iter().all(|text| *text == read[0]), "{read:?}");
    }

    #[test]
    fn a_file_of_somebody_elses_choice_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let error = file(folder.path(), false).read(|| made("one")).unwrap_err();
        assert!(matches!(error, KeyError::NoFile { .. }));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path(), true);
        file.read(|| made("hunter2")).unwrap();
        fs::set_permissions(&file.path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = file.read(|| made("two")).unwrap_err();
        insta::assert_snapshot!(
            crate::wording::diagnosed("", &error).detail,
            @"The file `.nhi/issuer.pem` can be read by others: its mode is 0640. Make sure that nobody has read it, then run `chmod 600 .nhi/issuer.pem`; if somebody may have, make a new key."
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_or_a_folder_in_its_place_is_refused_and_waits_for_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path(), true);
        fs::create_dir_all(&file.path).unwrap();
        assert!(matches!(file.read(|| made("one")), Err(KeyError::File { .. })));
        fs::remove_dir(&file.path).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(&file.path).status();
        if pipe.is_ok_and(|status| status.success()) {
            assert!(matches!(file.read(|| made("one")), Err(KeyError::File { .. })));
        }
    }
}
