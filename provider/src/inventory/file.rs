//! The database file: where it is, who may read it, how it is opened, and its schema, which is brought up to date by the
//! migrations in this program.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::InventoryError;
use super::worker::Source;

/// How long SQLite waits, with growing pauses, for a lock that another process holds.
const PATIENCE: Duration = Duration::from_secs(15);

/// Every schema change, in order; the number of those applied is the file's `user_version`. Append only.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_inventory.sql"),
    include_str!("../../migrations/0002_lifecycle.sql"),
];

/// The connection that changes things. It makes the file when it is not there.
#[derive(Clone)]
pub(super) struct Writing(pub(super) PathBuf);

impl Source for Writing {
    const WRITES: bool = true;

    fn connect(&self, connection: &mut Option<Connection>) -> Result<(), InventoryError> {
        if connection.is_none() {
            create(&self.0)?;
            *connection = Some(open(&self.0)?);
        }
        Ok(())
    }
}

/// The connection that looks things up. It never makes a file: a plan against an inventory that does not exist yet sees an
/// empty one.
#[derive(Clone)]
pub(super) struct Reading(pub(super) PathBuf);

impl Source for Reading {
    const WRITES: bool = false;

    fn connect(&self, connection: &mut Option<Connection>) -> Result<(), InventoryError> {
        let in_file =
            connection.as_ref().is_some_and(|open| open.path().is_some_and(|p| !p.is_empty()));
        if in_file {
            return Ok(());
        }
        // An empty file is one that another process is about to fill.
        if fs::metadata(&self.0).is_ok_and(|file| file.len() > 0) {
            let file = open(&self.0)?;
            file.pragma_update(None, "query_only", true)?;
            *connection = Some(file);
        } else if connection.is_none() {
            let empty = Connection::open_in_memory()?;
            keep_statements(&empty)?;
            migrate(&empty, &self.0)?;
            *connection = Some(empty);
        }
        Ok(())
    }
}

fn create(path: &Path) -> Result<(), InventoryError> {
    let failed = |error: std::io::Error| InventoryError::Open {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    // The write-ahead log and its index take their mode from the file.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(failed)
}

fn open(path: &Path) -> Result<Connection, InventoryError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| {
        InventoryError::Open { path: path.display().to_string(), reason: error.to_string() }
    })?;
    connection.busy_timeout(PATIENCE)?;
    keep_statements(&connection)?;
    // SQLite does not wait for the lock that a change of journal mode needs, but the first change lasts.
    let mut attempts = 0;
    while let Err(error) = connection.pragma_update(None, "journal_mode", "wal") {
        attempts += 1;
        if InventoryError::from(error) != InventoryError::Busy || attempts > 100 {
            return Err(InventoryError::Open {
                path: path.display().to_string(),
                reason: "it is not a database, or another process holds it".to_owned(),
            });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    migrate(&connection, path)?;
    Ok(connection)
}

/// Every statement is prepared once. Unless told otherwise, SQLite prepares a statement with a partial index in its reach
/// again for each new argument, in the hope of a better plan; that was most of the time spent on a look-up.
fn keep_statements(connection: &Connection) -> Result<(), InventoryError> {
    connection.set_prepared_statement_cache_capacity(64);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn migrate(connection: &Connection, path: &Path) -> Result<(), InventoryError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let version = || connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    if version()? == known {
        return Ok(());
    }
    connection.execute_batch("BEGIN IMMEDIATE")?;
    // Another process may have been faster.
    let found = version()?;
    let outcome = if found > known {
        Err(InventoryError::NewerSchema { path: path.display().to_string(), found, known })
    } else {
        let applied = usize::try_from(found).unwrap_or(0);
        MIGRATIONS
            .iter()
            .skip(applied)
            .try_for_each(|migration| connection.execute_batch(migration))
            .and_then(|()| connection.pragma_update(None, "user_version", known))
            .map_err(InventoryError::from)
    };
    connection.execute_batch(if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    outcome
}

/// The file that an inventory address names: `sqlite:PATH`, relative to the folder that Terraform runs in.
pub(super) fn parse(address: &str, folder: &Path) -> Result<PathBuf, InventoryError> {
    if ["postgres:", "postgresql:"].iter().any(|scheme| address.starts_with(scheme)) {
        return Err(InventoryError::NoPostgres);
    }
    let path = address.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
    match path {
        Some(path) if !path.is_empty() && !path.ends_with('/') && !path.contains('\0') => {
            Ok(folder.join(path))
        }
        Some(_) | None => Err(InventoryError::Address(address.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let folder = Path::new("/work");
        let read = |address| parse(address, folder).map(|path| path.display().to_string());
        assert_eq!(read("sqlite:.nhi/inventory.db").as_deref(), Ok("/work/.nhi/inventory.db"));
        assert_eq!(read("sqlite:/var/lib/nhi.db").as_deref(), Ok("/var/lib/nhi.db"));
        assert_eq!(read("sqlite:///var/lib/nhi.db").as_deref(), Ok("/var/lib/nhi.db"));
        assert_eq!(read("postgres://db/nhi"), Err(InventoryError::NoPostgres));
        for wrong in ["", "sqlite:", "inventory.db", "sqlite:folder/", "mysql://x"] {
            assert_eq!(read(wrong), Err(InventoryError::Address(wrong.to_owned())));
        }
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inventory.db");
        create(&path).unwrap();
        open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let error = open(&path).unwrap_err();
        assert!(
            matches!(error, InventoryError::NewerSchema { found: 99, known: 2, .. }),
            "{error}"
        );
    }

    #[test]
    fn a_file_that_is_no_database_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inventory.db");
        fs::write(&path, "# not a database, just a note that is long enough").unwrap();
        assert!(matches!(open(&path), Err(InventoryError::Open { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/inventory.db");
        create(&path).unwrap();
        let connection = open(&path).unwrap();
        connection.execute_batch("CREATE TABLE t (x)").unwrap();
        for name in ["inventory.db", "inventory.db-wal", "inventory.db-shm"] {
            let mode = fs::metadata(path.with_file_name(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn a_statement_is_prepared_once_whatever_it_is_asked() {
        let connection = Connection::open_in_memory().unwrap();
        keep_statements(&connection).unwrap();
        migrate(&connection, Path::new("memory")).unwrap();
        let ask = |name: &str| {
            let sql = "SELECT id FROM identities
                       WHERE kind = ?1 AND name = ?2 AND decommissioned_at IS NULL";
            let mut statement = connection.prepare_cached(sql).unwrap();
            assert!(!statement.exists(["service_account", name]).unwrap());
            statement.get_status(rusqlite::StatementStatus::RePrepare)
        };
        assert_eq!([ask("a"), ask("b"), ask("c")], [0, 0, 0]);
    }

    #[test]
    fn settings_that_durability_rests_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inventory.db");
        create(&path).unwrap();
        let connection = open(&path).unwrap();
        let pragma = |name: &str| {
            connection
                .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
                .unwrap()
        };
        assert_eq!(pragma("journal_mode"), "wal".to_owned().into());
        assert_eq!(pragma("synchronous"), 2.into());
        assert_eq!(pragma("foreign_keys"), 1.into());
    }
}
