//! SQLite's files hold connection strings, and whoever reads them passes by every
//! access policy: only the server's own user may.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::process::{getegid, geteuid};

/// Reading and writing for the owner. SQLite gives its other files the rights of the
/// database's.
const OWNER_ONLY: u32 = 0o600;

/// What group and others may do.
const OTHERS: u32 = 0o077;

/// Makes the folder of a database's file unless it is there.
///
/// # Errors
/// When it cannot be made.
pub(super) fn make_folder(file: &Path) -> anyhow::Result<()> {
    let Some(folder) = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    else {
        return Ok(());
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| explain("make the folder", folder, &error))
}

/// Makes the database's file, unless it is there, before SQLite does so with wider
/// rights, and takes the rights of others from what is there: a file that was restored
/// or made by hand. The log says so.
///
/// # Errors
/// When the file cannot be opened for writing. That its rights cannot be changed, as on
/// a file system without any, is only told to the log.
pub(super) fn make_private(file: &Path) -> anyhow::Result<()> {
    open(file).map_err(|error| explain("open the SQLite file", file, &error))?;
    for path in [file.to_owned(), beside(file, "-wal"), beside(file, "-shm")] {
        tighten(&path);
    }
    Ok(())
}

/// Opens a lock file, made for the owner alone.
///
/// # Errors
/// When it cannot be opened for writing.
pub(super) fn open_lock(database: &Path) -> anyhow::Result<File> {
    let path = beside(database, ".lock");
    let file = open(&path).map_err(|error| explain("make the lock file", &path, &error))?;
    tighten(&path);
    Ok(file)
}

/// What cannot be done, why, and what an admin does about it.
fn explain(what: &str, path: &Path, error: &io::Error) -> anyhow::Error {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let advice = match error.kind() {
        ErrorKind::PermissionDenied => {
            // The file itself, or the nearest folder that is there.
            let found = whole
                .ancestors()
                .find_map(|path| Some((path, fs::metadata(path).ok()?)));
            let (user, group) = (geteuid().as_raw(), getegid().as_raw());
            let owner = found.as_ref().map_or(String::new(), |(path, data)| {
                let (path, mode) = (path.display(), data.mode() & 0o7777);
                format!(
                    ", and {path} belongs to user {} and group {} with mode {mode:o}",
                    data.uid(),
                    data.gid()
                )
            });
            let folder = whole.parent().unwrap_or(&whole).display();
            format!(
                "this process runs as user {user} and group {group}{owner}. Let it write there: \
                 `chown -R {user}:{group} {folder}`, for a volume on the machine that has it, or run it as another user"
            )
        }
        ErrorKind::ReadOnlyFilesystem => {
            "it is on a file system that is read-only: mount a volume there that can be \
             written, or name a file elsewhere by DATABASE_URL=sqlite://FILE"
                .to_owned()
        }
        ErrorKind::IsADirectory => {
            "there is a folder in its place: name a file by DATABASE_URL=sqlite://FILE".to_owned()
        }
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "there is a file in place of a folder: name another file by DATABASE_URL=sqlite://FILE"
                .to_owned()
        }
        _ => {
            "name another file by DATABASE_URL=sqlite://FILE if it does not belong there".to_owned()
        }
    };
    anyhow::anyhow!("cannot {what} {}: {error}; {advice}", whole.display())
}

fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(OWNER_ONLY)
        .open(path)
}

/// The path of one of the files that lie beside a database.
fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut path = OsString::from(database);
    path.push(ending);
    path.into()
}

fn tighten(path: &Path) {
    let Ok(found) = fs::metadata(path).map(|data| data.permissions().mode() & 0o7777) else {
        return;
    };
    if found & OTHERS == 0 {
        return;
    }
    let file = path.display();
    match fs::set_permissions(path, Permissions::from_mode(found & !OTHERS)) {
        Ok(()) => tracing::warn!(
            %file,
            mode = format!("{found:o}"),
            "other users had rights on the database's file; they were taken from them"
        ),
        Err(error) => tracing::warn!(
            %file,
            mode = format!("{found:o}"),
            %error,
            "other users have rights on the database's file, and these cannot be taken from them"
        ),
    }
}
