//! The two databases have one schema.

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use practice_points::store::{DatabaseUrl, Db, Store, StoreError, migrate};

use crate::both_databases::Database;
use crate::postgres;

#[derive(diesel::QueryableByName, Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    required: String,
}

fn open(database: Database, folder: &tempfile::TempDir) -> Store {
    let url = match database {
        Database::Sqlite => DatabaseUrl::Sqlite(folder.path().join("practice-points.sqlite")),
        Database::Postgres(server) => server.fresh_database(None).parse().unwrap(),
    };
    Store::open(url).unwrap()
}

async fn columns(store: &Store) -> Vec<Column> {
    let mut columns: Vec<Column> = store
        .read(|db| {
            let query = match db {
                Db::Sqlite(_) => {
                    "SELECT m.name AS table_name, c.name AS column_name, \
                     CASE WHEN c.type = 'INTEGER' AND c.pk > 0 THEN 'BIGINT' ELSE c.type END AS kind, \
                     CASE WHEN c.\"notnull\" = 1 THEN 'required' ELSE 'optional' END AS required \
                     FROM sqlite_master m JOIN pragma_table_info(m.name) c \
                     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' \
                     AND m.name NOT LIKE 'search\\_index%' ESCAPE '\\'"
                }
                Db::Pg(_) => {
                    "SELECT table_name::text, column_name::text, \
                     CASE data_type WHEN 'bytea' THEN 'BLOB' ELSE upper(data_type) END AS kind, \
                     CASE is_nullable WHEN 'NO' THEN 'required' ELSE 'optional' END AS required \
                     FROM information_schema.columns \
                     WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' \
                     AND table_name NOT LIKE 'search\\_index%'"
                }
            };
            Ok::<_, StoreError>(diesel::sql_query(query).load(db)?)
        })
        .await
        .unwrap();
    columns.sort();
    columns
}

async fn indexes(store: &Store) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Name {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let mut names: Vec<String> = store
        .read(|db| {
            let query = match db {
                Db::Sqlite(_) => {
                    "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
                }
                Db::Pg(_) => {
                    "SELECT indexname::text AS name FROM pg_indexes WHERE schemaname = 'public' \
                     AND indexname NOT LIKE '%\\_pkey' AND indexname NOT LIKE '%\\_key' \
                     AND indexname NOT LIKE 'search\\_index%'"
                }
            };
            Ok::<_, StoreError>(diesel::sql_query(query).load::<Name>(db)?)
        })
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.name)
        .collect();
    names.sort();
    names
}

/// All but `search_index`: the words that are searched are in what each database has for it, FTS5 and a `tsvector`, and
/// nothing but a trigger and the search itself uses that.
#[tokio::test]
async fn both_databases_have_the_same_tables_columns_and_indexes() {
    let Some(server) = postgres::server() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let sqlite = open(Database::Sqlite, &folder);
    let postgres = open(Database::Postgres(server), &folder);
    migrate::up(&sqlite).unwrap();
    migrate::up(&postgres).unwrap();
    let (here, there) = (columns(&sqlite).await, columns(&postgres).await);
    assert!(here.len() > 100, "only {} columns found", here.len());
    assert_eq!(here, there);
    assert_eq!(indexes(&sqlite).await, indexes(&postgres).await);
}

fn migrations_go_up_down_and_up_again(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(database, &folder);
    let up = migrate::up(&store).unwrap();
    assert!(!up.is_empty());
    assert_eq!(migrate::up(&store).unwrap(), Vec::<String>::new());
    assert_eq!(migrate::down(&store).unwrap().len(), up.len());
    assert_eq!(migrate::up(&store).unwrap(), up);
}

#[test]
fn migrations_go_up_down_and_up_again_on_sqlite() {
    migrations_go_up_down_and_up_again(Database::Sqlite);
}

#[test]
fn migrations_go_up_down_and_up_again_on_postgres() {
    if let Some(server) = postgres::server() {
        migrations_go_up_down_and_up_again(Database::Postgres(server));
    }
}

/// Takes a migration back, with what an earlier version wrote in the ledger, and brings it up again.
async fn the_ledger_of_an_earlier_version_is_kept(database: Database) {
    const EARLIER: &str = "\
        INSERT INTO subscriber (id, email, email_key, name, status, source, search_key, strikes, created_at, updated_at) VALUES \
            (1, 'aroha@practice.example', 'a', 'Aroha Sample', 'active', 'form', 'aroha', 0, 1, 1), \
            (2, 'hemi@practice.example', 'h', 'Hemi Sample', 'active', 'form', 'hemi', 0, 1, 1); \
        INSERT INTO delivery (id, kind, subscriber_id, recipient, state, due_at, tries, reply, created_at, finished_at) \
            VALUES (7, 'welcome', 1, 'aroha@practice.example', 'accepted', 1, 2, 'Ok', 1, 5), \
            (9, 'welcome', 2, 'hemi@practice.example', 'deferred', 6, 1, 'later', 1, NULL); \
        INSERT INTO delivery_attempt (delivery_id, at, worker, outcome, reply) VALUES \
            (7, 3, 'first', 'deferred', 'later'), (7, 5, 'second', 'accepted', 'Ok'), (9, 4, 'first', 'deferred', 'later')";
    #[derive(diesel::QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let folder = tempfile::tempdir().unwrap();
    let store = open(database, &folder);
    let all = migrate::up(&store).unwrap();
    let lean = all
        .iter()
        .find(|name| name.replace('-', "") == "20261124000001");
    let lean = lean.unwrap().clone();
    let kind = match database {
        Database::Sqlite => "sqlite",
        Database::Postgres(_) => "postgres",
    };
    let down = format!("migrations/{kind}/2026-11-24-000001_lean_ledger/down.sql");
    let down = std::fs::read_to_string(down).unwrap();
    let forget = format!(
        "DELETE FROM __diesel_schema_migrations WHERE version = '{}'",
        lean.replace('-', "")
    );
    let statements = [down.as_str(), &forget, EARLIER].join(";");
    let taken_back = store.read(move |db| {
        match db {
            Db::Sqlite(c) => c.batch_execute(&statements)?,
            Db::Pg(c) => c.batch_execute(&statements)?,
        }
        Ok::<_, StoreError>(())
    });
    taken_back.await.unwrap();
    assert_eq!(migrate::up(&store).unwrap(), [lean]);
    let lines = async |query: &'static str| -> Vec<String> {
        let found = store.read(move |db| Ok::<_, StoreError>(diesel::sql_query(query).load(db)?));
        let found: Vec<Line> = found.await.unwrap();
        found.into_iter().map(|row| row.line).collect()
    };
    assert_eq!(
        lines(
            "SELECT id || ' ' || state || ' ' || coalesce(claimed_by, '-') AS line FROM delivery ORDER BY id"
        )
        .await,
        ["7 accepted second", "9 deferred -"],
        "an accepted message says who delivered it"
    );
    assert_eq!(
        lines(
            "SELECT delivery_id || ' ' || outcome AS line FROM delivery_attempt ORDER BY delivery_id"
        )
        .await,
        ["7 deferred", "9 deferred"]
    );
}

#[tokio::test]
async fn the_ledger_of_an_earlier_version_is_kept_on_sqlite() {
    the_ledger_of_an_earlier_version_is_kept(Database::Sqlite).await;
}

#[tokio::test]
async fn the_ledger_of_an_earlier_version_is_kept_on_postgres() {
    if let Some(server) = postgres::server() {
        the_ledger_of_an_earlier_version_is_kept(Database::Postgres(server)).await;
    }
}
