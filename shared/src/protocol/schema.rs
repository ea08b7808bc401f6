//! What OpenPAI accepts where: the shape of a job protocol as a table.

/// What a value must be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Anything, null included.
    Any,
    /// Nothing: the key must not be there.
    Never,
    Text,
    TextOrNumber,
    /// The number of the protocol's version, as a number or as text.
    ProtocolVersion,
    /// One of these words.
    Word(&'static [&'static str]),
    /// The name of something.
    Name,
    Integer {
        least: Option<i64>,
        /// Less than this is allowed, but hardly meant.
        usual: Option<i64>,
    },
    IntegerOrNull,
    /// A list of texts.
    Texts {
        at_least_one: bool,
    },
    /// A mapping, free inside.
    Mapping,
    /// A mapping with known keys.
    Shape(&'static Shape),
    /// A mapping with known keys, which depend on the value of `type`.
    Prerequisite,
    /// A list with at least one item.
    List(&'static Kind),
    /// A mapping with at least one key, from names of something to values.
    /// The names are `[a-zA-Z_][a-zA-Z0-9_]*`: they become parts of
    /// environment variables.
    Map {
        of: &'static Kind,
        named: &'static str,
    },
}

/// A mapping with known keys.
pub(super) struct Shape {
    /// What it is called in a message, before its name or number; `None` when
    /// its key says enough.
    pub(super) noun: Option<&'static str>,
    pub(super) required: &'static [(&'static str, Kind)],
    pub(super) optional: &'static [(&'static str, Kind)],
    pub(super) others: Others,
}

/// What becomes of unknown keys.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Others {
    Refused,
    /// They pass; one that looks like a slip of a known key gets a warning.
    Pass,
}

/// The longest name of a job, a prerequisite or a deployment, in characters.
pub(super) const MAX_NAME: usize = 255;

/// What plugins of OpenPAI's runtime are configured under in `extras`.
pub(crate) const RUNTIME_PLUGINS: &str = "com.microsoft.pai.runtimeplugin";

/// Every type of prerequisite.
pub(super) const PREREQUISITE_TYPES: &[&str] = &["dockerimage", "data", "script", "output"];

const ANY_INTEGER: Kind = Kind::Integer {
    least: None,
    usual: None,
};

const USUALLY_POSITIVE: Kind = Kind::Integer {
    least: None,
    usual: Some(0),
};

const USUALLY_ONE: Kind = Kind::Integer {
    least: None,
    usual: Some(1),
};

pub(super) const DOCUMENT: Shape = Shape {
    noun: None,
    required: &[
        ("protocolVersion", Kind::ProtocolVersion),
        ("name", Kind::Name),
        ("type", Kind::Word(&["job"])),
        (
            "taskRoles",
            Kind::Map {
                of: &Kind::Shape(&TASK_ROLE),
                named: "a task role",
            },
        ),
    ],
    optional: &[
        ("version", Kind::TextOrNumber),
        ("contributor", Kind::Text),
        ("description", Kind::Text),
        ("prerequisites", Kind::List(&Kind::Prerequisite)),
        ("parameters", Kind::Mapping),
        ("secrets", Kind::Mapping),
        (
            "jobRetryCount",
            Kind::Integer {
                least: Some(0),
                usual: None,
            },
        ),
        ("deployments", Kind::List(&Kind::Shape(&DEPLOYMENT))),
        ("defaults", Kind::Shape(&DEFAULTS)),
        ("extras", Kind::Shape(&EXTRAS)),
    ],
    others: Others::Refused,
};

/// The shape of a prerequisite of a type; `None` for types there are not.
pub(super) fn prerequisite(kind: &str) -> Option<&'static Shape> {
    match kind {
        "dockerimage" => Some(&DOCKER_IMAGE),
        "data" => Some(&DATA),
        "script" | "output" => Some(&SCRIPT_OR_OUTPUT),
        _ => None,
    }
}

const PREREQUISITE_TYPE: (&str, Kind) = ("type", Kind::Word(PREREQUISITE_TYPES));

const DOCKER_IMAGE: Shape = Shape {
    noun: Some("prerequisite"),
    required: &[("name", Kind::Name), PREREQUISITE_TYPE, ("uri", Kind::Text)],
    optional: &[
        ("auth", Kind::Shape(&AUTH)),
        ("protocolVersion", Kind::ProtocolVersion),
        ("version", Kind::TextOrNumber),
        ("contributor", Kind::Text),
        ("description", Kind::Text),
    ],
    others: Others::Refused,
};

const AUTH: Shape = Shape {
    noun: None,
    required: &[],
    optional: &[
        ("username", Kind::Text),
        ("password", Kind::Text),
        ("registryuri", Kind::Text),
    ],
    others: Others::Pass,
};

const DATA: Shape = Shape {
    noun: Some("prerequisite"),
    required: &[("name", Kind::Name), PREREQUISITE_TYPE],
    optional: &[
        (
            "uri",
            Kind::Texts {
                at_least_one: false,
            },
        ),
        ("protocolVersion", Kind::ProtocolVersion),
        ("version", Kind::TextOrNumber),
        ("contributor", Kind::Text),
        ("description", Kind::Text),
        ("plugin", Kind::Text),
        (
            "require",
            Kind::Texts {
                at_least_one: false,
            },
        ),
    ],
    others: Others::Pass,
};

const SCRIPT_OR_OUTPUT: Shape = Shape {
    noun: Some("prerequisite"),
    required: &[("name", Kind::Name), PREREQUISITE_TYPE],
    optional: &[
        ("uri", Kind::Text),
        ("protocolVersion", Kind::ProtocolVersion),
        ("version", Kind::TextOrNumber),
        ("contributor", Kind::Text),
        ("description", Kind::Text),
        ("plugin", Kind::Text),
        (
            "require",
            Kind::Texts {
                at_least_one: false,
            },
        ),
    ],
    others: Others::Pass,
};

/// What can be asked of a prerequisite whose type is not known.
pub(super) const UNKNOWN_PREREQUISITE: Shape = Shape {
    noun: Some("prerequisite"),
    required: &[("name", Kind::Name), PREREQUISITE_TYPE],
    optional: &[
        ("uri", Kind::Any),
        ("protocolVersion", Kind::ProtocolVersion),
        ("version", Kind::TextOrNumber),
        ("contributor", Kind::Text),
        ("description", Kind::Text),
    ],
    others: Others::Pass,
};

const TASK_ROLE: Shape = Shape {
    noun: Some("task role"),
    required: &[
        ("dockerImage", Kind::Text),
        ("resourcePerInstance", Kind::Shape(&RESOURCES)),
        ("commands", Kind::Texts { at_least_one: true }),
    ],
    optional: &[
        ("protocolVersion", Kind::ProtocolVersion),
        (
            "instances",
            Kind::Integer {
                least: Some(1),
                usual: None,
            },
        ),
        ("completion", Kind::Shape(&COMPLETION)),
        ("taskRetryCount", ANY_INTEGER),
        (
            "prerequisites",
            Kind::Texts {
                at_least_one: false,
            },
        ),
        ("data", Kind::Text),
        ("output", Kind::Text),
        ("script", Kind::Text),
        ("extraContainerOptions", Kind::Shape(&CONTAINER_OPTIONS)),
    ],
    others: Others::Refused,
};

const RESOURCES: Shape = Shape {
    noun: None,
    required: &[
        ("cpu", USUALLY_POSITIVE),
        ("memoryMB", USUALLY_ONE),
        ("gpu", USUALLY_POSITIVE),
    ],
    optional: &[(
        "ports",
        Kind::Map {
            of: &USUALLY_ONE,
            named: "a port",
        },
    )],
    others: Others::Refused,
};

const COMPLETION: Shape = Shape {
    noun: None,
    required: &[],
    optional: &[
        ("minFailedInstances", Kind::IntegerOrNull),
        ("minSucceededInstances", Kind::IntegerOrNull),
    ],
    others: Others::Refused,
};

const CONTAINER_OPTIONS: Shape = Shape {
    noun: None,
    required: &[],
    optional: &[
        ("shmMB", USUALLY_ONE),
        // OpenPAI's schema means to refuse other keys than `shmMB`, and
        // refuses this one instead.
        ("additionalProperties", Kind::Never),
    ],
    others: Others::Pass,
};

const DEPLOYMENT: Shape = Shape {
    noun: Some("deployment"),
    required: &[
        ("name", Kind::Name),
        (
            "taskRoles",
            Kind::Map {
                of: &Kind::Shape(&DEPLOYMENT_ROLE),
                named: "a task role",
            },
        ),
    ],
    optional: &[("protocolVersion", Kind::ProtocolVersion)],
    others: Others::Pass,
};

const DEPLOYMENT_ROLE: Shape = Shape {
    noun: Some("task role"),
    required: &[],
    optional: &[
        ("preCommands", Kind::Texts { at_least_one: true }),
        ("postCommands", Kind::Texts { at_least_one: true }),
    ],
    others: Others::Refused,
};

const DEFAULTS: Shape = Shape {
    noun: None,
    required: &[],
    optional: &[("deployment", Kind::Text), ("virtualCluster", Kind::Any)],
    others: Others::Pass,
};

/// What OpenPAI itself reads there; anything else may stand beside it.
const EXTRAS: Shape = Shape {
    noun: None,
    required: &[],
    optional: &[
        ("hivedScheduler", Kind::Any),
        ("gangAllocation", Kind::Any),
        (RUNTIME_PLUGINS, Kind::Any),
        ("submitFrom", Kind::Any),
    ],
    others: Others::Pass,
};

impl Shape {
    /// The keys that mean something, and what their values must be.
    pub(super) fn known(&self) -> impl Iterator<Item = (&'static str, Kind)> {
        self.required.iter().chain(self.optional).copied()
    }

    /// The key below which another one belongs that is not known here.
    pub(super) fn home_of(&self, key: &str) -> Option<&'static str> {
        let holds = |kind: Kind| match kind {
            Kind::Shape(inner) => inner.known().any(|(name, _)| name == key),
            _ => false,
        };
        self.known()
            .find(|(_, kind)| holds(*kind))
            .map(|(name, _)| name)
    }
}

impl Kind {
    /// What a value of this kind is, as in "must be …".
    pub(super) fn wanted(self) -> String {
        match self {
            Self::Any => "anything".to_owned(),
            Self::Never => "absent".to_owned(),
            Self::Text | Self::Name => "text".to_owned(),
            Self::TextOrNumber => "text or a number".to_owned(),
            Self::ProtocolVersion => "2".to_owned(),
            Self::Word([word]) => format!("`{word}`"),
            Self::Word(words) => format!("one of {}", super::suggest::list(words.iter().copied())),
            Self::Integer { .. } => "a whole number".to_owned(),
            Self::IntegerOrNull => "a whole number or null".to_owned(),
            Self::Texts { .. } => "a list of texts".to_owned(),
            Self::Mapping | Self::Shape(_) | Self::Prerequisite | Self::Map { .. } => {
                "a mapping".to_owned()
            }
            Self::List(_) => "a list".to_owned(),
        }
    }
}
