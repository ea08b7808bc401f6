//! Writing and reading the tar archive of a bundle.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{
    self, BufRead, BufReader, BufWriter, IntoInnerError, Read, Seek, SeekFrom, Take, Write,
};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail, ensure};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tar::{Archive, Builder, EntryType, Header};
use tempfile::NamedTempFile;

use super::format::{
    FORMAT, Kind, MANIFEST, MAX_ROW_BYTES, MEMBERS, Manifest, Member, Row, SIGNATURE, StorageRow,
    TemplateRow, VERSION, check,
};
use super::keys::{SigningKey, VerifyingKey};

/// The most bytes of a manifest.
const MAX_MANIFEST: u64 = 1024 * 1024;

/// The most members of an archive.
const MAX_MEMBERS: usize = 32;

/// The most rows of a batch, which are written at a time.
const ROWS: usize = 250;

/// The most bytes of a batch, but for a row that has more.
const BYTES: u64 = 4 * 1024 * 1024;

/// The bytes of a signature.
const SIGNATURE_BYTES: u64 = 64;

/// What the first bytes of a file tell about it.
const COMPRESSED: [(&[u8], &str); 5] = [
    (b"\x1f\x8b", "gunzip"),
    (b"\x28\xb5\x2f\xfd", "unzstd"),
    (b"\xfd7zXZ", "unxz"),
    (b"BZh", "bunzip2"),
    (b"PK\x03\x04", "unzip"),
];

/// A bundle on its way into a file, which has its name only once it is whole.
pub(super) struct Writer {
    archive: Builder<BufWriter<NamedTempFile>>,
    target: PathBuf,
    members: Vec<Member>,
}

impl Writer {
    /// Begins a bundle that will be `target`.
    ///
    /// # Errors
    /// When there is such a file already, or its folder cannot be written to.
    pub(super) fn create(target: &Path) -> anyhow::Result<Self> {
        ensure!(
            !target.exists(),
            "{} is there already: name another file, or remove that one",
            target.display()
        );
        let folder = target
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let file = tempfile::Builder::new()
            .prefix(".marketplace-export-")
            .tempfile_in(folder)
            .with_context(|| format!("cannot write into the folder {}", folder.display()))?;
        Ok(Self {
            archive: Builder::new(BufWriter::new(file)),
            target: target.to_owned(),
            members: Vec::new(),
        })
    }

    /// Writes a member of these rows.
    pub(super) async fn rows<R: Row>(&mut self, rows: Vec<R>) -> anyhow::Result<()> {
        let mut rows = Some(rows);
        self.member(async || Ok(rows.take())).await
    }

    /// Writes a member of the rows that `read` makes of all of `ids`, `size` at a time.
    pub(super) async fn pages<I, R: Row>(
        &mut self,
        ids: &[I],
        size: usize,
        read: impl AsyncFn(&[I]) -> anyhow::Result<Vec<R>>,
    ) -> anyhow::Result<()> {
        let mut pages = ids.chunks(size);
        self.member(async || match pages.next() {
            Some(ids) => Ok(Some(read(ids).await?)),
            None => Ok(None),
        })
        .await
    }

    /// Writes a member; `next` hands over some rows after the other until there are
    /// no more.
    pub(super) async fn member<R: Row>(
        &mut self,
        mut next: impl AsyncFnMut() -> anyhow::Result<Option<Vec<R>>>,
    ) -> anyhow::Result<()> {
        let mut header = header(0);
        let mut entry = self.archive.append_writer(&mut header, R::MEMBER)?;
        let mut member = Member {
            name: R::MEMBER.to_owned(),
            rows: 0,
            bytes: 0,
            sha256: String::new(),
        };
        let mut digest = Sha256::new();
        let mut line = Vec::new();
        while let Some(rows) = next().await? {
            for row in rows {
                line.clear();
                serde_json::to_writer(&mut line, &row)?;
                line.push(b'\n');
                member.rows += 1;
                member.bytes += line.len() as u64;
                ensure!(
                    line.len() <= MAX_ROW_BYTES,
                    "the row {} of {} takes {} MiB, and a bundle takes {}: shorten its texts",
                    member.rows,
                    R::MEMBER,
                    line.len().div_ceil(1024 * 1024),
                    MAX_ROW_BYTES / 1024 / 1024
                );
                digest.update(&line);
                entry.write_all(&line).context("cannot write the bundle")?;
            }
        }
        entry.finish().context("cannot write the bundle")?;
        member.sha256 = hex(digest);
        self.members.push(member);
        Ok(())
    }

    /// Writes the manifest, signs it, and gives the file its name.
    pub(super) fn finish(
        mut self,
        kind: Kind,
        key: Option<&SigningKey>,
        created: DateTime<Utc>,
    ) -> anyhow::Result<Manifest> {
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            version: VERSION,
            kind,
            created,
            made_by: env!("CARGO_PKG_VERSION").to_owned(),
            members: std::mem::take(&mut self.members),
        };
        let mut text = serde_json::to_vec_pretty(&manifest)?;
        text.push(b'\n');
        let signature = key.map(|key| key.sign(&text));
        for (name, content) in [(MANIFEST, Some(text)), (SIGNATURE, signature)] {
            if let Some(content) = content {
                let mut header = header(manifest.created.timestamp().unsigned_abs());
                header.set_size(content.len() as u64);
                self.archive.append_data(&mut header, name, &*content)?;
            }
        }
        let file = self.archive.into_inner()?;
        let file = file.into_inner().map_err(IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist_noclobber(&self.target)
            .map_err(|error| error.error)
            .with_context(|| {
                format!("cannot give the bundle its name {}", self.target.display())
            })?;
        Ok(manifest)
    }
}

/// The header of a member; its size, name and checksum follow.
fn header(time: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_mode(0o600);
    header.set_mtime(time);
    header.set_entry_type(EntryType::Regular);
    header
}

/// A bundle whose members are what its manifest says.
pub(super) struct Bundle {
    file: File,
    pub(super) manifest: Manifest,
    /// Whether there is a signature.
    pub(super) is_signed: bool,
    found: BTreeMap<String, Found>,
}

/// A member as it lies in the archive.
struct Found {
    start: u64,
    bytes: u64,
    /// Of all but the manifest and its signature,
    sha256: String,
    /// whose content this is.
    content: Vec<u8>,
}

/// The two fields that say whether the rest can be understood.
#[derive(Deserialize)]
struct Version {
    format: String,
    version: u64,
}

impl Bundle {
    /// Opens a bundle and reads it once, to see whether it is whole: with a key, also
    /// whether that key has signed it. Takes no more memory than a manifest does, and
    /// writes nothing.
    ///
    /// # Errors
    /// When it cannot be read or is no such bundle; the message says why.
    pub(super) fn open(path: &Path, key: Option<&VerifyingKey>) -> anyhow::Result<Self> {
        let file = File::open(path)
            .with_context(|| format!("cannot open the bundle {}", path.display()))?;
        ensure!(
            file.metadata()?.is_file(),
            "{} is no file: a bundle is read twice, so it cannot come through a pipe",
            path.display()
        );
        Self::check(file, key).with_context(|| format!("{} is no valid bundle", path.display()))
    }

    fn check(mut file: File, key: Option<&VerifyingKey>) -> anyhow::Result<Self> {
        refuse_compressed(&mut file)?;
        let mut found = BTreeMap::new();
        let archive_fault = read(&mut file, &mut found).err();
        let Some(manifest) = found.remove(MANIFEST) else {
            return Err(archive_fault.unwrap_or_else(|| {
                anyhow!("there is no {MANIFEST} in it: it is another archive")
            }));
        };
        // Before all else: of a newer version nothing else can be said.
        check_version(&manifest.content)?;
        if let Some(fault) = archive_fault {
            return Err(fault);
        }
        let signature = found.remove(SIGNATURE);
        if let Some(key) = key {
            let signature = signature.as_ref();
            let signature =
                signature.context("it is not signed, and --verify-key wants a signature")?;
            ensure!(
                key.verifies(&manifest.content, &signature.content),
                "its signature is not that of the key of --verify-key, or it was changed after it was signed"
            );
        }
        let manifest: Manifest = serde_json::from_slice(&manifest.content)
            .with_context(|| format!("{MANIFEST} is wrong"))?;
        check_members(&manifest, &found)?;
        Ok(Self {
            file,
            manifest,
            is_signed: signature.is_some(),
            found,
        })
    }

    /// The rows of a member, in order; none when there is no such member. One member is
    /// read at a time: they share the file's position.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn rows<R: Row>(&self) -> anyhow::Result<Rows<R>> {
        let mut rows = Rows {
            lines: None,
            sha256: String::new(),
            count: self.count(R::MEMBER),
            digest: Sha256::new(),
            number: 0,
            bytes: 0,
            last: None,
            of: PhantomData,
        };
        if let Some(found) = self.found.get(R::MEMBER) {
            let mut file = self.file.try_clone()?;
            file.seek(SeekFrom::Start(found.start))?;
            rows.lines = Some(BufReader::new(file.take(found.bytes)));
            rows.sha256.clone_from(&found.sha256);
        }
        Ok(rows)
    }

    /// How many rows a member has.
    pub(super) fn count(&self, member: &str) -> u64 {
        let members = self.manifest.members.iter();
        members
            .filter(|found| found.name == member)
            .map(|found| found.rows)
            .sum()
    }
}

/// Reads all members once, without what archives may say beyond plain files: no long
/// names, no links, no holes. Goes on behind members that do not belong here, because
/// those of a newer version may be such.
fn read(file: &mut File, all: &mut BTreeMap<String, Found>) -> anyhow::Result<()> {
    let mut foreign = None;
    file.rewind()?;
    let mut archive = Archive::new(BufReader::new(file));
    for (number, entry) in archive.entries()?.raw(true).enumerate() {
        let mut entry = entry.with_context(|| {
            format!("it is no tar archive, or damaged behind its member {number}")
        })?;
        ensure!(
            number < MAX_MEMBERS,
            "it has more than {MAX_MEMBERS} members"
        );
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if entry.header().entry_type() != EntryType::Regular {
            foreign.get_or_insert_with(|| anyhow!("its member {name:?} is no plain file"));
            continue;
        }
        let most = match &*name {
            MANIFEST => Some(MAX_MANIFEST),
            SIGNATURE => Some(SIGNATURE_BYTES),
            name if MEMBERS.contains(&name) => None,
            name => {
                foreign.get_or_insert_with(|| {
                    anyhow!("its member {name:?} does not belong into a bundle")
                });
                continue;
            }
        };
        let (start, bytes) = (entry.raw_file_position(), entry.size());
        let (mut digest, mut content) = (Sha256::new(), Vec::new());
        let read = if let Some(most) = most {
            ensure!(
                bytes <= most,
                "its member {name:?} takes {bytes} bytes; {most} are the most"
            );
            entry.read_to_end(&mut content)? as u64
        } else {
            io::copy(&mut entry, &mut digest)?
        };
        ensure!(read == bytes, "it ends in the middle of {name:?}");
        let found = Found {
            start,
            bytes,
            sha256: hex(digest),
            content,
        };
        ensure!(
            all.insert(name.clone(), found).is_none(),
            "it has the member {name:?} twice"
        );
    }
    foreign.map_or(Ok(()), Err)
}

fn refuse_compressed(file: &mut File) -> anyhow::Result<()> {
    let mut first = Vec::new();
    file.rewind()?;
    file.take(8).read_to_end(&mut first)?;
    for (magic, program) in COMPRESSED {
        ensure!(
            !first.starts_with(magic),
            "it is compressed: unpack it first with {program}"
        );
    }
    Ok(())
}

fn check_version(manifest: &[u8]) -> anyhow::Result<()> {
    let said: Version = serde_json::from_slice(manifest)
        .with_context(|| format!("{MANIFEST} names no format and version"))?;
    ensure!(
        said.format == FORMAT,
        "{MANIFEST} is that of something else: its format is not {FORMAT:?}"
    );
    ensure!(
        said.version == u64::from(VERSION),
        "it has version {} of the format, and this program ({}) reads version {VERSION}: import it with the \
         version of the marketplace that made it, or a newer one",
        said.version,
        env!("CARGO_PKG_VERSION")
    );
    Ok(())
}

fn check_members(manifest: &Manifest, found: &BTreeMap<String, Found>) -> anyhow::Result<()> {
    ensure!(
        manifest.members.len() == found.len(),
        "{MANIFEST} names {} members, and {} are there",
        manifest.members.len(),
        found.len()
    );
    for member in &manifest.members {
        let name = &member.name;
        let found = found
            .get(name)
            .with_context(|| format!("{MANIFEST} names {name:?}, which is not there"))?;
        ensure!(
            found.bytes == member.bytes && found.sha256 == member.sha256,
            "its member {name:?} has another checksum than {MANIFEST} says: it was damaged or changed"
        );
        let belongs = (name == TemplateRow::MEMBER) == (manifest.kind == Kind::Templates);
        ensure!(
            belongs,
            "its member {name:?} does not belong into a bundle of {}",
            manifest.kind
        );
    }
    Ok(())
}

/// Reads the rows of a member, one at a time.
pub(super) struct Rows<R> {
    lines: Option<BufReader<Take<File>>>,
    sha256: String,
    count: u64,
    /// Of the lines that were read, how many they are, and their bytes.
    digest: Sha256,
    number: u64,
    bytes: u64,
    /// What the last one is sorted by.
    last: Option<Vec<String>>,
    of: PhantomData<R>,
}

impl<R: Row> Rows<R> {
    /// The next rows, as many as are written at a time; none at the end.
    ///
    /// # Errors
    /// As [`Rows::next`].
    pub(super) fn batch(&mut self) -> anyhow::Result<Vec<R>> {
        let (mut batch, until) = (Vec::new(), self.bytes + BYTES);
        while batch.len() < ROWS && self.bytes < until {
            let Some(row) = self.next()? else { break };
            batch.push(row);
        }
        Ok(batch)
    }

    /// The next row; none at the end.
    ///
    /// # Errors
    /// When it is not what it should be, and at the end when the file has changed
    /// since it was checked. The message has the row's number, and nothing of secrets.
    pub(super) fn next(&mut self) -> anyhow::Result<Option<R>> {
        let Some(lines) = &mut self.lines else {
            return Ok(None);
        };
        let mut line = Vec::new();
        let most = MAX_ROW_BYTES as u64;
        let read = lines.by_ref().take(most).read_until(b'\n', &mut line)? as u64;
        if read == 0 {
            self.lines = None;
            ensure!(
                hex(std::mem::take(&mut self.digest)) == self.sha256,
                "{} was changed while it was read; nothing was imported",
                R::MEMBER
            );
            ensure!(
                self.number == self.count,
                "{} has {} lines, and {MANIFEST} says {}",
                R::MEMBER,
                self.number,
                self.count
            );
            return Ok(None);
        }
        self.digest.update(&line);
        self.number += 1;
        self.bytes += read;
        let place = format!("{}, line {}", R::MEMBER, self.number);
        if line.pop() != Some(b'\n') {
            ensure!(
                read < most,
                "{place}: it is longer than {} MiB",
                MAX_ROW_BYTES / 1024 / 1024
            );
            bail!("{place}: it has no end");
        }
        let row: R = serde_json::from_slice(&line).map_err(|error| {
            // What serde says may quote a value.
            if R::MEMBER == StorageRow::MEMBER {
                anyhow!("{place}: it is no storage")
            } else {
                anyhow!("{place}: {error}")
            }
        })?;
        let key = check(&row).map_err(|fault| anyhow!("{place}: {fault}"))?;
        let last = self.last.replace(key);
        ensure!(
            R::KEY.is_empty() || self.last > last,
            "{place}: it comes out of order, or twice"
        );
        Ok(Some(row))
    }
}

fn hex(digest: Sha256) -> String {
    format!("{:x}", digest.finalize())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::super::format::{CategoryRow, TagRow};
    use super::*;

    /// A small bundle of two members.
    async fn small(path: &Path) -> Vec<u8> {
        let mut writer = Writer::create(path).unwrap();
        let time = "2026-01-02T03:04:05.678Z".parse().unwrap();
        let category = |name: &str| CategoryRow {
            name: name.to_owned(),
            id: name.to_owned(),
            description: None,
            extras: Some("x".repeat(600)),
            created_at: time,
            updated_at: time,
        };
        let rows = vec![category("a"), category("b")];
        writer.rows(rows).await.unwrap();
        writer.rows(Vec::<TagRow>::new()).await.unwrap();
        writer
            .finish(Kind::Catalogue, None, DateTime::UNIX_EPOCH)
            .unwrap();
        fs::read(path).unwrap()
    }

    fn read(path: &Path) -> anyhow::Result<Vec<String>> {
        let bundle = Bundle::open(path, None)?;
        let mut rows: Rows<CategoryRow> = bundle.rows()?;
        let mut names = Vec::new();
        while let Some(row) = rows.next()? {
            names.push(row.name);
        }
        let mut tags: Rows<TagRow> = bundle.rows()?;
        assert!(tags.next()?.is_none());
        Ok(names)
    }

    #[tokio::test]
    async fn what_was_written_is_read_and_what_changes_meanwhile_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.tar");
        let bytes = small(&path).await;
        assert_eq!(read(&path).unwrap(), ["a", "b"]);
        let bundle = Bundle::open(&path, None).unwrap();
        let mut rows: Rows<CategoryRow> = bundle.rows().unwrap();
        let at = bytes.windows(3).position(|part| part == b"xxx").unwrap();
        let mut changed = bytes;
        changed[at] = b'y';
        fs::write(&path, changed).unwrap();
        let mut last = Ok(None);
        for _ in 0..3 {
            last = rows.next();
        }
        let error = last.unwrap_err().to_string();
        assert!(error.contains("was changed while it was read"), "{error}");
    }

    #[tokio::test]
    async fn no_damage_makes_it_panic_or_lie() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.tar");
        let bytes = small(&path).await;
        let damaged = folder.path().join("damaged.tar");
        let damage = prop::collection::vec((0..bytes.len(), any::<u8>()), 1..4);
        proptest!(ProptestConfig::with_cases(2_000), |(damage in damage, cut in prop::option::of(0..bytes.len()))| {
            let mut changed = bytes.clone();
            for (at, byte) in damage {
                changed[at] = byte;
            }
            changed.truncate(cut.unwrap_or(usize::MAX));
            fs::write(&damaged, changed).unwrap();
            if let Ok(names) = read(&damaged) {
                prop_assert_eq!(names, ["a", "b"]);
            }
        });
    }
}
