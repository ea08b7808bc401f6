//! Writing and reading the tar archive of a bundle.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, IntoInnerError, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail, ensure};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tar::{Archive, EntryType, Header};
use tempfile::NamedTempFile;

use super::format::{
    AuditRow, CategoryRow, FORMAT, ItemRow, Kind, MANIFEST, MAX_ROW_BYTES, Manifest, Member, Row,
    SIGNATURE, StarRow, StorageRow, TagRow, TemplateRow, VERSION,
};
use super::keys::{SigningKey, VerifyingKey};

/// Archives are made of blocks of so many bytes.
const BLOCK: usize = 512;

/// The most bytes of a manifest.
const MAX_MANIFEST: u64 = 1024 * 1024;

/// The most members of an archive.
const MAX_MEMBERS: usize = 32;

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
    out: BufWriter<NamedTempFile>,
    target: PathBuf,
    members: Vec<Member>,
}

/// A member that is being written.
struct Open {
    start: u64,
    bytes: u64,
    rows: u64,
    digest: Sha256,
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
            out: BufWriter::new(file),
            target: target.to_owned(),
            members: Vec::new(),
        })
    }

    /// Writes a member; `next` hands over some rows after the other until there are
    /// none.
    pub(super) async fn member<R: Row>(
        &mut self,
        mut next: impl AsyncFnMut() -> anyhow::Result<Vec<R>>,
    ) -> anyhow::Result<()> {
        let mut open = self.begin()?;
        let mut line = Vec::new();
        loop {
            let rows = next().await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                line.clear();
                serde_json::to_writer(&mut line, &row)?;
                line.push(b'\n');
                ensure!(
                    line.len() <= MAX_ROW_BYTES,
                    "the row {} of {} takes {} MiB, and a bundle takes {}: shorten its texts",
                    open.rows + 1,
                    R::MEMBER,
                    line.len().div_ceil(1024 * 1024),
                    MAX_ROW_BYTES / 1024 / 1024
                );
                open.rows += 1;
                self.write(&mut open, &line)?;
            }
        }
        let (rows, bytes) = (open.rows, open.bytes);
        let digest = self.end(R::MEMBER, open, 0)?;
        self.members.push(Member {
            name: R::MEMBER.to_owned(),
            rows,
            bytes,
            sha256: digest,
        });
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
        let time = manifest.created.timestamp().unsigned_abs();
        let signature = key.map(|key| key.sign(&text));
        let files = [(MANIFEST, Some(&text)), (SIGNATURE, signature.as_ref())];
        for (name, content) in files {
            if let Some(content) = content {
                let mut open = self.begin()?;
                self.write(&mut open, content)?;
                self.end(name, open, time)?;
            }
        }
        // The end of an archive.
        self.out.write_all(&[0; 2 * BLOCK])?;
        let file = self.out.into_inner().map_err(IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist_noclobber(&self.target)
            .map_err(|error| error.error)
            .with_context(|| {
                format!("cannot give the bundle its name {}", self.target.display())
            })?;
        Ok(manifest)
    }

    /// Leaves room for the member's header, which tells how long it has become.
    fn begin(&mut self) -> anyhow::Result<Open> {
        let start = self.out.stream_position()?;
        self.out.write_all(&[0; BLOCK])?;
        Ok(Open {
            start,
            bytes: 0,
            rows: 0,
            digest: Sha256::new(),
        })
    }

    fn write(&mut self, open: &mut Open, bytes: &[u8]) -> anyhow::Result<()> {
        open.digest.update(bytes);
        open.bytes += bytes.len() as u64;
        self.out.write_all(bytes).context("cannot write the bundle")
    }

    fn end(&mut self, name: &str, open: Open, time: u64) -> anyhow::Result<String> {
        let over = usize::try_from(open.bytes % BLOCK as u64)?;
        if over > 0 {
            self.out.write_all(&[0; BLOCK][over..])?;
        }
        let mut header = Header::new_ustar();
        header.set_path(name)?;
        header.set_size(open.bytes);
        header.set_mode(0o600);
        header.set_mtime(time);
        header.set_entry_type(EntryType::Regular);
        header.set_cksum();
        self.out.seek(SeekFrom::Start(open.start))?;
        self.out.write_all(header.as_bytes())?;
        self.out.seek(SeekFrom::End(0))?;
        Ok(hex(open.digest))
    }
}

/// A bundle whose members are what its manifest says.
pub(super) struct Bundle {
    file: File,
    pub(super) manifest: Manifest,
    /// Whether there is a signature.
    pub(super) is_signed: bool,
    places: BTreeMap<String, Place>,
}

/// Where a member lies.
struct Place {
    start: u64,
    bytes: u64,
    sha256: String,
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
        let mut file = File::open(path)
            .with_context(|| format!("cannot open the bundle {}", path.display()))?;
        ensure!(
            file.metadata()?.is_file(),
            "{} is no file: a bundle is read twice, so it cannot come through a pipe",
            path.display()
        );
        Self::check(&mut file, key)
            .with_context(|| format!("{} is no valid bundle", path.display()))
            .map(|(manifest, is_signed, places)| Self {
                file,
                manifest,
                is_signed,
                places,
            })
    }

    fn check(
        file: &mut File,
        key: Option<&VerifyingKey>,
    ) -> anyhow::Result<(Manifest, bool, BTreeMap<String, Place>)> {
        refuse_compressed(file)?;
        let mut found = Found::default();
        let archive_fault = found.read(file).err();
        let Some(text) = &found.manifest else {
            return Err(archive_fault.unwrap_or_else(|| {
                anyhow!("there is no {MANIFEST} in it: it is another archive")
            }));
        };
        // Before all else: of a newer version nothing else can be said.
        check_version(text)?;
        if let Some(fault) = archive_fault {
            return Err(fault);
        }
        if let Some(key) = key {
            match &found.signature {
                None => bail!("it is not signed, and --verify-key wants a signature"),
                Some(signature) => ensure!(
                    key.verifies(text, signature),
                    "its signature is not that of the key of --verify-key, or it was changed after it was signed"
                ),
            }
        }
        let manifest: Manifest =
            serde_json::from_slice(text).with_context(|| format!("{MANIFEST} is wrong"))?;
        check_members(&manifest, &found.places)?;
        Ok((manifest, found.signature.is_some(), found.places))
    }

    /// The rows of a member, in order; none when there is no such member. One member is
    /// read at a time: they share the file's position.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn rows<R: Row>(&self) -> anyhow::Result<Rows<R>> {
        let Some(place) = self.places.get(R::MEMBER) else {
            return Ok(Rows {
                reader: None,
                left: 0,
                sha256: String::new(),
                count: 0,
                number: 0,
                last: None,
            });
        };
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(place.start))?;
        Ok(Rows {
            reader: Some(BufReader::new(Hashing {
                inner: file.take(place.bytes),
                digest: Sha256::new(),
            })),
            left: place.bytes,
            sha256: place.sha256.clone(),
            count: self.count(R::MEMBER),
            number: 0,
            last: None,
        })
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

/// What an archive holds.
#[derive(Default)]
struct Found {
    places: BTreeMap<String, Place>,
    manifest: Option<Vec<u8>>,
    signature: Option<Vec<u8>>,
}

impl Found {
    /// Reads all members once, without what archives may say beyond plain files: no
    /// long names, no links, no holes. Goes on behind members that do not belong here,
    /// because those of a newer version may be such.
    fn read(&mut self, file: &mut File) -> anyhow::Result<()> {
        let mut foreign = None;
        file.rewind()?;
        let mut archive = Archive::new(BufReader::new(&mut *file));
        let entries = archive.entries()?.raw(true);
        for (number, entry) in entries.enumerate() {
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
            if ![MANIFEST, SIGNATURE].contains(&&*name) && !is_member(&name) {
                foreign.get_or_insert_with(|| {
                    anyhow!("its member {name:?} does not belong into a bundle")
                });
                continue;
            }
            let kept = match &*name {
                MANIFEST => Some((&mut self.manifest, MAX_MANIFEST)),
                SIGNATURE => Some((&mut self.signature, SIGNATURE_BYTES)),
                _ => None,
            };
            let (bytes, start) = (entry.size(), entry.raw_file_position());
            if let Some((content, most)) = kept {
                ensure!(content.is_none(), "it has the member {name:?} twice");
                ensure!(
                    bytes <= most,
                    "its member {name:?} takes {bytes} bytes; {most} are the most"
                );
                let mut read = Vec::new();
                entry.read_to_end(&mut read)?;
                ensure!(
                    read.len() as u64 == bytes,
                    "it ends in the middle of {name:?}"
                );
                *content = Some(read);
                continue;
            }
            let mut digest = Sha256::new();
            let read = std::io::copy(&mut entry, &mut digest)?;
            ensure!(read == bytes, "it ends in the middle of {name:?}");
            let place = Place {
                start,
                bytes,
                sha256: hex(digest),
            };
            ensure!(
                self.places.insert(name.clone(), place).is_none(),
                "it has the member {name:?} twice"
            );
        }
        foreign.map_or(Ok(()), Err)
    }
}

fn is_member(name: &str) -> bool {
    [
        CategoryRow::MEMBER,
        TagRow::MEMBER,
        ItemRow::MEMBER,
        StarRow::MEMBER,
        AuditRow::MEMBER,
        StorageRow::MEMBER,
        TemplateRow::MEMBER,
    ]
    .contains(&name)
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

fn check_members(manifest: &Manifest, places: &BTreeMap<String, Place>) -> anyhow::Result<()> {
    ensure!(
        manifest.members.len() == places.len(),
        "{MANIFEST} names {} members, and {} are there",
        manifest.members.len(),
        places.len()
    );
    for member in &manifest.members {
        let name = &member.name;
        let place = places
            .get(name)
            .with_context(|| format!("{MANIFEST} names {name:?}, which is not there"))?;
        ensure!(
            place.bytes == member.bytes && place.sha256 == member.sha256,
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
    reader: Option<BufReader<Hashing<std::io::Take<File>>>>,
    left: u64,
    sha256: String,
    count: u64,
    number: u64,
    last: Option<R>,
}

struct Hashing<T> {
    inner: T,
    digest: Sha256,
}

impl<T: Read> Read for Hashing<T> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.digest.update(&buffer[..count]);
        Ok(count)
    }
}

impl<R: Row + Clone> Rows<R> {
    /// The next row; none at the end.
    ///
    /// # Errors
    /// When it is not what it should be, and at the end when the file has changed
    /// since it was checked. The message has the row's number, and nothing of secrets.
    pub(super) fn next(&mut self) -> anyhow::Result<Option<R>> {
        let Some(reader) = &mut self.reader else {
            return Ok(None);
        };
        if self.left == 0 {
            let mut rest = Vec::new();
            reader.read_to_end(&mut rest)?;
            let digest = hex(reader.get_ref().digest.clone());
            ensure!(
                digest == self.sha256,
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
            self.reader = None;
            return Ok(None);
        }
        self.number += 1;
        let mut line = Vec::new();
        let most = MAX_ROW_BYTES as u64;
        let read = reader.by_ref().take(most).read_until(b'\n', &mut line)? as u64;
        self.left = self.left.saturating_sub(read);
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
        if let Some(fault) = row.fault() {
            bail!("{place}: {fault}");
        }
        if let Some(last) = &self.last {
            ensure!(
                row.order(last).is_gt(),
                "{place}: it comes out of order, or twice"
            );
        }
        self.last = Some(row.clone());
        Ok(Some(row))
    }
}

pub(super) fn hex(digest: Sha256) -> String {
    use std::fmt::Write as _;

    digest
        .finalize()
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

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
        let mut rows = vec![category("a"), category("b")];
        writer
            .member(async || Ok(std::mem::take(&mut rows)))
            .await
            .unwrap();
        writer
            .member(async || Ok(Vec::<TagRow>::new()))
            .await
            .unwrap();
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
