use std::io;
use std::path::Path;

/// The identity of a file: device and inode.
#[cfg(unix)]
pub(crate) type FileId = (u64, u64);

/// A placeholder for the identity of a file. On systems other than Unix, an open database file can be neither deleted
/// nor replaced.
#[cfg(not(unix))]
pub(crate) type FileId = ();

/// Returns the identity of the file at a path.
///
/// `std::fs::metadata` also requests the time of the last change. Linux normally updates this time once per clock tick.
/// Since version 6.13, Linux also updates the time at the first write after a program has requested the time. The
/// update changes the inode, which makes the flush of each commit slower by a quarter. Therefore this function requests
/// only the inode.
#[cfg(target_os = "linux")]
pub(super) fn identity(path: &Path) -> io::Result<FileId> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, statx};

    let found = match statx(CWD, path, AtFlags::empty(), StatxFlags::INO) {
        Ok(found) => found,
        // Kernels before 4.11 and some sandboxes do not support the system call.
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => return identity_of(&path.metadata()?),
        Err(error) => return Err(error.into()),
    };
    Ok((rustix::fs::makedev(found.stx_dev_major, found.stx_dev_minor), found.stx_ino))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn identity(path: &Path) -> io::Result<FileId> {
    identity_of(&path.metadata()?)
}

#[cfg(unix)]
fn identity_of(found: &std::fs::Metadata) -> io::Result<FileId> {
    use std::os::unix::fs::MetadataExt;
    Ok((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity_of(_: &std::fs::Metadata) -> io::Result<FileId> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn both_ways_return_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        assert_eq!(identity(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
        std::fs::write(&path, "").unwrap();
        assert_eq!(identity(&path).unwrap(), identity_of(&path.metadata().unwrap()).unwrap());
    }
}
