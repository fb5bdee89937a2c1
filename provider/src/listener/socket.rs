//! The folder of the unix socket: fresh, closed to other users, short enough for the system's limit, and removed at the end,
//! together with those that killed providers left behind.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, chown};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::net::UnixListener;

use crate::handshake::Invitation;

/// The shortest limit of the systems we run on (macOS) for the path of a socket, with its closing zero.
const LONGEST: usize = 104;
/// The name of the socket in its folder.
const SOCKET: &str = "s";
/// Where a short path is possible when the folder for temporary files is too long.
const SHORT: &str = "/tmp";

/// How every folder's name begins.
const PREFIX: &str = "nhi-";
/// Younger folders are left alone: their socket may be about to be made.
const FRESH: Duration = Duration::from_hours(1);

/// A folder with one socket, removed when dropped.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// The path of the socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.0.join(SOCKET)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove(&self.0);
        if let Some(parent) = self.0.parent() {
            sweep(parent, SystemTime::now());
        }
    }
}

fn remove(folder: &Path) {
    // Terraform or a cleaner may have been faster.
    let _already_gone = fs::remove_file(folder.join(SOCKET));
    let _already_gone = fs::remove_dir(folder);
}

/// Removes the folders of providers that were killed. It is done at the end, when nobody waits for us. Only a socket that
/// nobody listens on any more refuses a connection; process numbers say nothing where containers share a folder.
fn sweep(parent: &Path, now: SystemTime) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        let is_stale = || {
            let changed = entry.metadata().ok().filter(fs::Metadata::is_dir)?.modified().ok()?;
            now.duration_since(changed).ok().filter(|age| *age >= FRESH)?;
            let refused = UnixStream::connect(entry.path().join(SOCKET)).err()?;
            Some(refused.kind() == io::ErrorKind::ConnectionRefused)
        };
        if ours && is_stale() == Some(true) {
            remove(&entry.path());
        }
    }
}

/// Makes the folder and listens in it.
pub(crate) fn open(invitation: &Invitation) -> io::Result<(UnixListener, Folder)> {
    let parent = invitation.socket_folder.as_ref().map(PathBuf::from);
    let folder = create(&parent.unwrap_or_else(std::env::temp_dir))?;
    let listener = UnixListener::bind(folder.socket())?;
    if let Some(group) = &invitation.socket_group {
        let group = group_id(group, &fs::read_to_string("/etc/group")?)?;
        for (path, mode) in [(folder.0.clone(), 0o750), (folder.socket(), 0o660)] {
            chown(&path, None, Some(group))?;
            fs::set_permissions(&path, Permissions::from_mode(mode))?;
        }
    }
    Ok((listener, folder))
}

/// Makes a folder with a name that nobody has taken, in `parent` or, if the path would be too long, in a short one.
fn create(parent: &Path) -> io::Result<Folder> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    for attempt in 0..64 {
        let name = format!("{PREFIX}{:x}-{:x}", std::process::id(), now.subsec_nanos() + attempt);
        let mut folder = parent.join(&name);
        // One for the separator, one for the name of the socket, one for the closing zero.
        if folder.as_os_str().len() + 3 > LONGEST {
            folder = Path::new(SHORT).join(&name);
        }
        match DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => return Ok(Folder(folder)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// The number of a group, by number or by its name in the system's list.
fn group_id(group: &str, list: &str) -> io::Result<u32> {
    if let Ok(id) = group.parse() {
        return Ok(id);
    }
    let id = list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let named = fields.next()? == group;
        let id = fields.nth(1)?.parse().ok()?;
        named.then_some(id)
    });
    id.ok_or_else(|| io::Error::other(format!("there is no group `{group}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_folder_is_ours_alone_and_goes_away() {
        let parent = tempfile::tempdir().expect("a folder");
        let invitation = Invitation {
            socket_folder: Some(parent.path().display().to_string()),
            ..Invitation::default()
        };
        let (listener, folder) = open(&invitation).expect("a socket");
        let mode = fs::metadata(&folder.0).expect("the folder").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert!(folder.socket().exists());
        let path = folder.0.clone();
        drop((listener, folder));
        assert!(!path.exists());
    }

    #[test]
    fn only_what_a_dead_provider_left_behind_is_swept() {
        let parent = tempfile::tempdir().expect("a folder");
        let made = |name: &str| {
            let folder = parent.path().join(name);
            fs::create_dir(&folder).expect("a folder");
            (std::os::unix::net::UnixListener::bind(folder.join(SOCKET)).expect("a socket"), folder)
        };
        let (dead, living, other) = (made("nhi-1-1"), made("nhi-2-2"), made("other-3-3"));
        let starting = parent.path().join("nhi-4-4");
        fs::create_dir(&starting).expect("a folder");
        drop((dead.0, other.0));

        sweep(parent.path(), SystemTime::now());
        assert!(dead.1.exists());
        sweep(parent.path(), SystemTime::now() + FRESH);
        assert!(!dead.1.exists());
        assert!(living.1.exists() && other.1.exists() && starting.exists());
    }

    #[test]
    fn a_long_parent_gives_way_to_a_short_one() {
        let parent = tempfile::tempdir().expect("a folder");
        let long = parent.path().join("x".repeat(121));
        fs::create_dir(&long).expect("a folder");
        let folder = create(&long).expect("a folder");
        assert_eq!(folder.0.parent(), Some(Path::new(SHORT)));
        assert!(folder.socket().as_os_str().len() < LONGEST);
    }

    #[test]
    fn groups_are_found_by_name_and_number() {
        let list = "root:x:0:\nstaff:x:50:a,b\n";
        assert_eq!(group_id("staff", list).ok(), Some(50));
        assert_eq!(group_id("7", list).ok(), Some(7));
        assert!(group_id("nobody-here", list).is_err());
    }
}
