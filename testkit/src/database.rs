//! Databases of their own for tests, on one PostgreSQL server.

use std::env;

use sea_orm::{ConnectionTrait, Database};
use uuid::Uuid;

/// Names the server: where databases may be made.
const SERVER: &str = "TEST_DATABASE_URL";

/// Makes an empty database on the server that `TEST_DATABASE_URL` names, and says its
/// address.
///
/// # Panics
/// When there is no such server.
pub async fn create() -> String {
    let server = env::var(SERVER).expect(
        "these tests want a PostgreSQL server: run `cargo xtask test`, which starts one, or set TEST_DATABASE_URL to \
         one on which databases may be made",
    );
    let name = format!("test_{}", Uuid::new_v4().simple());
    let db = Database::connect(&server).await.unwrap();
    db.execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    db.close().await.unwrap();
    with_name(&server, &name)
}

/// The address of another database on a server.
fn with_name(server: &str, name: &str) -> String {
    let (address, options) = server.split_once('?').unwrap_or((server, ""));
    let after_scheme = address.find("://").expect("an address") + "://".len();
    let host = address[after_scheme..]
        .find('/')
        .map_or(address, |slash| &address[..after_scheme + slash]);
    let options = if options.is_empty() {
        String::new()
    } else {
        format!("?{options}")
    };
    format!("{host}/{name}{options}")
}

#[cfg(test)]
mod tests {
    use super::with_name;

    #[test]
    fn only_the_name_changes() {
        for (server, database) in [
            ("postgres://u:p@h:5/postgres", "postgres://u:p@h:5/x"),
            ("postgres://h", "postgres://h/x"),
            (
                "postgres://h/a?sslmode=disable",
                "postgres://h/x?sslmode=disable",
            ),
        ] {
            assert_eq!(with_name(server, "x"), database);
        }
    }
}
