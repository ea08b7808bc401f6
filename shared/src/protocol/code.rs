use std::fmt;

/// Declares the codes with their words.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// What kind of finding a [`Diagnostic`](super::Diagnostic) is. The
        /// words are stable: machines and documentation may rely on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word that stands in a diagnostic.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

codes! {
    /// The text is not YAML.
    Syntax = "syntax",
    /// The text holds no document.
    Empty = "empty",
    /// The text holds a second document.
    SeveralDocuments = "several-documents",
    /// The document is something else than a mapping.
    NotAMapping = "not-a-mapping",
    /// A mapping has the same key twice.
    DuplicateKey = "duplicate-key",
    /// Nested deeper than [`MAX_DEPTH`](super::yaml::MAX_DEPTH).
    TooDeep = "too-deep",
    /// Larger than one of the limits of [`yaml`](super::yaml).
    TooLarge = "too-large",
    /// A key that means nothing where it stands.
    UnknownKey = "unknown-key",
    /// A required key is not there.
    MissingKey = "missing-key",
    /// A value of the wrong type, such as text for a number.
    WrongType = "wrong-type",
    /// A value of the right type that is not allowed.
    BadValue = "bad-value",
    /// A value or key without quotes that OpenPAI reads as something else than
    /// what it looks like, or that JSON cannot hand on as it is.
    MisreadValue = "misread-value",
    /// A list that needs an item has none.
    EmptyList = "empty-list",
    /// A mapping that needs a key has none.
    EmptyMapping = "empty-mapping",
    /// Two things of one kind share a name.
    DuplicateName = "duplicate-name",
    /// A name that nothing has.
    DanglingReference = "dangling-reference",
    /// A name that something of another type has.
    WrongReferenceType = "wrong-reference-type",
    /// A `<% … %>` that nothing fills in.
    UnresolvedPlaceholder = "unresolved-placeholder",
    /// A tag of a command that disappears, such as `<%& … %>`.
    VanishingPlaceholder = "vanishing-placeholder",
    /// A tag of a command that OpenPAI cannot read, so that it refuses the job.
    BrokenPlaceholder = "broken-placeholder",
    /// Secrets that OpenPAI stores where every user of the cluster can read
    /// them. As bad as an error, but OpenPAI takes the protocol.
    ExposedSecrets = "exposed-secrets",
    /// A token or key of a service, outside `secrets`.
    SecretToken = "secret-token",
    /// A key to a cloud's account or storage, outside `secrets`.
    SecretCloudKey = "secret-cloud-key",
    /// A private key, outside `secrets`.
    SecretPrivateKey = "secret-private-key",
    /// A password, outside `secrets`.
    SecretPassword = "secret-password",
    /// There are more findings than are reported.
    TooManyFindings = "too-many-findings",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
