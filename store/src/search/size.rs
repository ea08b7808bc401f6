//! How much room the search index takes.

use sea_orm::{ConnectionTrait, Statement};

use crate::{Store, StoreError, dialect};

/// Bytes, as the database keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexSize {
    /// All that there is for searching: terms and keys, codes with their index, and
    /// folded texts.
    pub index: u64,
    /// The texts that are searched, as they were given: name, author, summary, tags and
    /// description of each item.
    pub texts: u64,
}

impl Store {
    /// Measures the search index; that reads all of it.
    pub async fn index_size(&self) -> Result<IndexSize, StoreError> {
        let backend = self.db.get_database_backend();
        let mut sizes = [0; 2];
        for (size, sql) in sizes.iter_mut().zip(dialect::index_size(backend)) {
            let row = self
                .db
                .query_one_raw(Statement::from_string(backend, sql))
                .await?;
            let bytes: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
            *size = u64::try_from(bytes).unwrap_or(0);
        }
        let [index, texts] = sizes;
        Ok(IndexSize { index, texts })
    }
}
