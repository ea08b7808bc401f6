//! Which item a request with `Idempotency-Key` has made.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// Whose key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_name: String,
    /// The key, as the client made it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// A digest of the request's body, in hexadecimal.
    pub body_digest: String,
    /// Which item; it may be gone.
    pub item_id: String,
    /// When.
    pub created_at: DateTimeUtc,
}

joined_by_hand!();
