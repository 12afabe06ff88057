#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::mpsc;

use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::store::{DatabaseUrl, Db, Store, StoreError};

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn run(db: &mut Db, sql: &str) -> Result<(), StoreError> {
    diesel::sql_query(sql).execute(db)?;
    Ok(())
}

async fn notes(store: &Store) -> Vec<i64> {
    let query = "SELECT number FROM note ORDER BY number";
    let rows: Result<Vec<Number>, StoreError> = store
        .read(move |db| Ok(diesel::sql_query(query).load(db)?))
        .await;
    rows.unwrap().into_iter().map(|row| row.number).collect()
}

async fn store(folder: &tempfile::TempDir) -> Store {
    let store = Store::open(DatabaseUrl::Sqlite(folder.path().join("notes.sqlite"))).unwrap();
    store
        .write(|db| run(db, "CREATE TABLE note (number BIGINT UNIQUE NOT NULL)"))
        .await
        .unwrap();
    store
}

/// Holds the writer until the returned sender is used or dropped, so that what comes meanwhile goes together.
fn hold(store: &Store) -> (mpsc::Sender<()>, tokio::task::JoinHandle<()>) {
    let (go, wait) = mpsc::channel::<()>();
    let store = store.clone();
    let held = tokio::spawn(async move {
        let waited: Result<(), StoreError> = store
            .write(move |db| {
                let _ = wait.recv();
                run(db, "INSERT INTO note VALUES (0)")
            })
            .await;
        waited.unwrap();
    });
    (go, held)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_or_panics_undoes_nothing_of_the_others_in_its_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let (go, held) = hold(&store);
    let write = |sql: &'static str| {
        let store = store.clone();
        tokio::spawn(async move { store.write(move |db| run(db, sql)).await })
    };
    let good = write("INSERT INTO note VALUES (1)");
    let panics = {
        let store = store.clone();
        tokio::spawn(async move {
            let nothing: Result<(), StoreError> = store
                .write(|db| {
                    run(db, "INSERT INTO note VALUES (2)")?;
                    panic!("on purpose")
                })
                .await;
            nothing
        })
    };
    let half = {
        let store = store.clone();
        tokio::spawn(async move {
            let failed: Result<(), StoreError> = store
                .write(|db| {
                    run(db, "INSERT INTO note VALUES (3)")?;
                    run(db, "INSERT INTO note VALUES (3)")
                })
                .await;
            failed
        })
    };
    let last = write("INSERT INTO note VALUES (4)");
    go.send(()).unwrap();
    held.await.unwrap();
    assert!(good.await.unwrap().is_ok());
    assert!(panics.await.unwrap_err().is_panic());
    assert!(matches!(half.await.unwrap(), Err(StoreError::Exists)));
    assert!(last.await.unwrap().is_ok());
    assert_eq!(notes(&store).await, [0, 1, 4]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_lock_that_lasts_too_long_the_writer_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let path = folder.path().join("notes.sqlite");
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    diesel::sql_query("BEGIN IMMEDIATE")
        .execute(&mut other)
        .unwrap();
    let locked = store
        .write(|db| run(db, "INSERT INTO note VALUES (1)"))
        .await;
    assert!(
        matches!(&locked, Err(StoreError::Unavailable(why)) if why.contains("locked")),
        "{locked:?}"
    );
    diesel::sql_query("ROLLBACK").execute(&mut other).unwrap();
    store
        .write(|db| run(db, "INSERT INTO note VALUES (2)"))
        .await
        .unwrap();
    assert_eq!(notes(&store).await, [2]);
}
