//! The keys of storages' secrets.

use clap::Args;

use store::secrets::Keyring;

/// How secrets are kept.
#[derive(Args, Default)]
#[command(next_help_heading = "Secrets")]
pub struct SecretKeyOptions {
    /// Key, of at least 32 characters, that encrypts connection strings in the
    /// database
    #[arg(long, env = "SECRET_KEY", value_name = "KEY")]
    pub secret_key: Option<String>,
    /// Keys of before, separated by commas: what they encrypted is encrypted
    /// with SECRET_KEY when the API starts
    #[arg(long, env = "SECRET_KEY_OLD", value_name = "KEYS")]
    pub secret_key_old: Option<String>,
}

impl SecretKeyOptions {
    /// The keys.
    ///
    /// # Errors
    /// When a key is too short; the message does not show it.
    pub fn keys(&self) -> anyhow::Result<Keyring> {
        Keyring::new(self.secret_key.as_deref(), self.secret_key_old.as_deref())
    }
}

/// Keeps the keys out of whatever prints the settings.
impl std::fmt::Debug for SecretKeyOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretKeyOptions").finish_non_exhaustive()
    }
}
