//! Ed25519 keys (RFC 8032) in PEM files, as OpenSSL makes and reads them: a private
//! one is PKCS #8 (RFC 8410), a public one a `SubjectPublicKeyInfo`.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};

/// What stands before the 32 bytes of a private key in PKCS #8.
const PRIVATE_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// What stands before the 32 bytes of a public key.
const PUBLIC_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// The most bytes that are read of a key file.
const MAX_FILE: u64 = 64 * 1024;

/// Signs.
pub struct SigningKey(Ed25519KeyPair);

/// Checks signatures.
pub struct VerifyingKey(Vec<u8>);

/// Makes a key pair: the private key in `file`, for its owner alone, and the public
/// key in `file.pub`, whose path is answered. Nothing that is there is overwritten.
///
/// # Errors
/// When one of the files is there already or cannot be written.
pub fn make(file: &Path) -> anyhow::Result<PathBuf> {
    let mut seed = [0; 32];
    SystemRandom::new()
        .fill(&mut seed)
        .map_err(|_| anyhow!("the system gives no random bytes"))?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed)
        .map_err(|error| anyhow!("cannot make a key: {error}"))?;
    let mut name = file.as_os_str().to_owned();
    name.push(".pub");
    let public = PathBuf::from(name);
    ensure!(
        !public.exists(),
        "{} is there already: name another file",
        public.display()
    );
    write_new(file, 0o600, "PRIVATE KEY", &PRIVATE_PREFIX, &seed)?;
    write_new(
        &public,
        0o644,
        "PUBLIC KEY",
        &PUBLIC_PREFIX,
        pair.public_key().as_ref(),
    )?;
    Ok(public)
}

fn write_new(file: &Path, mode: u32, label: &str, prefix: &[u8], key: &[u8]) -> anyhow::Result<()> {
    let body = BASE64_STANDARD.encode([prefix, key].concat());
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(file)
        .and_then(|mut file| {
            write!(
                file,
                "-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"
            )?;
            file.sync_all()
        })
        .with_context(|| format!("cannot write the key file {}", file.display()))
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let length = fs::metadata(file).map(|data| data.len());
    let bytes = length.and_then(|length| {
        if length > MAX_FILE {
            return Err(std::io::Error::other("it is too large to be one"));
        }
        fs::read(file)
    });
    bytes.with_context(|| format!("cannot read the key file {}", file.display()))
}

impl SigningKey {
    /// Reads a private key.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no such key. Nothing of it is shown.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let bytes = read(file)?;
        PrivatePkcs8KeyDer::from_pem_slice(&bytes)
            .ok()
            .and_then(|der| {
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der()).ok()
            })
            .map(Self)
            .with_context(|| {
                format!(
                    "{} holds no private Ed25519 key in PEM: make one with `marketplace export --new-key FILE`, \
                     or with `openssl genpkey -algorithm ed25519 -out FILE`",
                    file.display()
                )
            })
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

impl VerifyingKey {
    /// Reads a public key.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no such key.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let bytes = read(file)?;
        SubjectPublicKeyInfoDer::from_pem_slice(&bytes)
            .ok()
            .and_then(|der| der.as_ref().strip_prefix(&PUBLIC_PREFIX).map(<[u8]>::to_vec))
            .filter(|key| key.len() == 32)
            .map(Self)
            .with_context(|| {
                format!(
                    "{} holds no public Ed25519 key in PEM: take the file whose name ends in .pub, or make it of the \
                     private one with `openssl pkey -in KEY -pubout`",
                    file.display()
                )
            })
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0)
            .verify(message, signature)
            .is_ok()
    }
}
