//! The names of the official templates, to tell what is taken for one of them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbErr};
use shared::wire::Item;

use super::{Store, lock};
use crate::entity::items;
use crate::error::StoreError;
use crate::{links, names};

/// How long the names are believed: admins change them a few times a year, and lists
/// ask for them many times a second.
const BELIEVED_FOR: Duration = Duration::from_secs(10);

/// The most names that are looked at.
const MAX_NAMES: u64 = 10_000;

/// How the names of public official templates look.
pub struct OfficialNames(HashSet<String>);

impl OfficialNames {
    /// Whether people may take the item for an official one, which it is not.
    pub fn are_resembled_by(&self, item: &Item) -> bool {
        if self.0.is_empty() || item.is_official() {
            return false;
        }
        let looks = item.name.as_deref().map(names::looks).unwrap_or_default();
        looks.iter().any(|key| self.0.contains(key))
    }
}

/// The names as they were read last, and when they are to be read again.
#[derive(Default)]
pub(crate) struct Cache(Mutex<Option<(Instant, Arc<OfficialNames>)>>);

impl Cache {
    fn get(&self) -> Option<(Instant, Arc<OfficialNames>)> {
        lock(&self.0).clone()
    }

    fn put(&self, names: Arc<OfficialNames>) {
        let due = Instant::now() + BELIEVED_FOR;
        *lock(&self.0) = Some((due, names));
    }
}

impl Store {
    /// The official names, some ten seconds old. While the database is busy with lists
    /// they may be older: they are a hint, for which nobody is kept waiting.
    pub async fn official_names(&self) -> Result<Arc<OfficialNames>, StoreError> {
        let known = self.official_names.get();
        let _read = match known {
            Some((due, names)) => {
                if Instant::now() < due {
                    return Ok(names);
                }
                let Ok(read) = self.long_reads.try_acquire() else {
                    return Ok(names);
                };
                // Who comes meanwhile has what there is.
                self.official_names.put(names);
                Some(read)
            }
            None => self.long_reads.acquire().await.ok(),
        };
        let names = Arc::new(self.read_official_names().await?);
        self.official_names.put(Arc::clone(&names));
        Ok(names)
    }

    async fn read_official_names(&self) -> Result<OfficialNames, DbErr> {
        let item = |column| Expr::col((items::Entity, column));
        let query = Query::select()
            .distinct()
            .column((items::Entity, items::Column::Name))
            .from(items::Entity)
            .and_where(item(items::Column::Id).in_subquery(links::official_items()))
            .and_where(item(items::Column::IsPublic).eq(true))
            .and_where(item(items::Column::Name).is_not_null())
            .limit(MAX_NAMES)
            .to_owned();
        let mut keys = HashSet::new();
        for row in self.db.query_all(&query).await? {
            keys.extend(names::looks(&row.try_get_by_index::<String>(0)?));
        }
        // A name that looks like nothing is no official's.
        keys.remove("");
        Ok(OfficialNames(keys))
    }
}
