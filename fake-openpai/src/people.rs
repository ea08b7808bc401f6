use serde::Serialize;
use serde_json::{Value, json};

use crate::hardware::Hardware;

/// Somebody with an account. The password is the name.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) name: &'static str,
    pub(crate) admin: bool,
    groups: &'static [&'static str],
    virtual_clusters: &'static [&'static str],
    pub(crate) storages: &'static [&'static str],
}

/// A group as `GET /api/v2/groups` lists it.
#[derive(Debug, Serialize)]
pub(crate) struct Group {
    groupname: &'static str,
    description: &'static str,
    #[serde(rename = "externalName")]
    external_name: &'static str,
    extension: Value,
}

const USERS: [User; 4] = [
    User {
        name: "admin",
        admin: true,
        groups: &["default", "admingroup"],
        virtual_clusters: &["default", "vision", "nlp", "batch"],
        storages: &["team-data"],
    },
    User {
        name: "alice",
        admin: false,
        groups: &["default", "vision"],
        virtual_clusters: &["default", "vision"],
        storages: &[],
    },
    User {
        name: "bob",
        admin: false,
        groups: &["default", "nlp"],
        virtual_clusters: &["default", "nlp"],
        storages: &[],
    },
    User {
        name: "carol",
        admin: false,
        groups: &["default", "vision"],
        virtual_clusters: &["default", "vision", "batch"],
        storages: &["team-data"],
    },
];

impl User {
    /// The user of that name.
    pub(crate) fn find(name: &str) -> Option<&'static User> {
        USERS.iter().find(|user| user.name == name)
    }

    pub(crate) fn has_password(&self, password: &str) -> bool {
        self.name == password
    }

    pub(crate) fn may_use(&self, virtual_cluster: &str) -> bool {
        self.virtual_clusters.contains(&virtual_cluster)
    }

    /// Whether it is a storage of the user's groups.
    pub(crate) fn has_storage(&self, name: &str) -> bool {
        self.storages.contains(&name)
    }

    /// As `GET /api/v2/users/{name}` shows it; `grouplist` is lower case there
    /// (docs/contract.md#2-openpais-rest-server).
    pub(crate) fn to_json(&self, hardware: &Hardware) -> Value {
        let virtual_clusters: Vec<_> = self
            .virtual_clusters
            .iter()
            .filter(|name| hardware.has_virtual_cluster(name))
            .collect();
        json!({
            "username": self.name,
            "grouplist": self.groups,
            "email": format!("{}@example.com", self.name),
            "extension": {},
            "admin": self.admin,
            "virtualCluster": virtual_clusters,
            "storageConfig": self.storages,
        })
    }
}

/// Every group there is.
pub(crate) fn groups() -> Vec<Group> {
    [
        ("default", "Everybody with an account"),
        ("vision", "Images and video"),
        ("nlp", "Text and speech"),
        ("admingroup", "Those who run the cluster"),
    ]
    .map(|(groupname, description)| Group {
        groupname,
        description,
        external_name: "",
        extension: json!({}),
    })
    .into()
}
