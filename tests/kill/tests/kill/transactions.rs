//! Kills programs that store rows of their own and events in one transaction. At the same time, relays publish the
//! events and are killed, too. In the end, there must be one row and one published message for each stored event.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use castore::sqlite::rusqlite::Connection;
use castore_kill_tests::{Arguments, Folder, Place, ROWS, Role, Sent, Storage};

use crate::fleet::Fleet;
use crate::places::{PostgresWorld, SqliteWorld, killed_writers_are_done};
use crate::seed::seed;
use crate::stored::{Key, PushReceipt};
use crate::until;

const TRANSACTORS: u64 = 2;
const RELAYS: u64 = 2;

#[tokio::test]
async fn sqlite() {
    let world = SqliteWorld::new().await;
    let connection = Connection::open(&world.path).unwrap();
    connection.execute_batch(&format!("CREATE TABLE {ROWS} (row TEXT NOT NULL)")).unwrap();
    let rows = async || {
        let mut select = connection.prepare(&format!("SELECT row FROM {ROWS}")).unwrap();
        select.query_map([], |row| row.get(0)).unwrap().collect::<Result<Vec<String>, _>>().unwrap()
    };
    expect_agreement("transactions::sqlite", &world.storage, &world.folder, &world.place, rows).await;
}

#[tokio::test]
async fn postgres() {
    let world = PostgresWorld::new().await;
    let client = world.connect().await;
    client.batch_execute(&format!("CREATE TABLE {ROWS} (row TEXT NOT NULL)")).await.unwrap();
    let rows = async || {
        let rows = client.query(&format!("SELECT row FROM {ROWS}"), &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    expect_agreement("transactions::postgres", &world.storage, &world.folder, &world.place, rows).await;
}

async fn expect_agreement(
    test: &str,
    storage: &impl Storage,
    folder: &Folder,
    place: &Place,
    rows: impl AsyncFn() -> Vec<String>,
) {
    let seed = seed(test);
    let mut fleet = Fleet::new(seed);
    let mut launch = |role: Role, number: u64| {
        let (place, folder) = (place.clone(), folder.clone());
        fleet.launch(Arguments { role, name: format!("{role}-{number}"), place, folder, seed: seed * 10 + number });
    };
    (0..TRANSACTORS).for_each(|number| launch(Role::Transactor, number));
    (0..RELAYS).for_each(|number| launch(Role::Relay, number));

    let (begun, least) = (Instant::now(), Duration::from_secs(5));
    let count = |name: &str| folder.lines(name).len();
    until("enough happens", async || {
        let looked = Instant::now();
        while looked.elapsed() < Duration::from_millis(200) {
            fleet.trouble(None, begun.elapsed().saturating_sub(least));
            std::thread::sleep(Duration::from_millis(10));
        }
        let (kills, relay_kills) = (fleet.kills, fleet.reader_kills);
        let [acknowledged, rolled_back, conflicts] = ["acknowledged", "rolled-back", "conflicts"].map(count);
        let is_enough = begun.elapsed() >= least
            && kills - relay_kills >= 5
            && relay_kills >= 2
            && acknowledged > 150
            && rolled_back > 20
            && conflicts > 0;
        let seen = format!(
            "{kills} kills ({relay_kills} of relays), {acknowledged} events, {rolled_back} rollbacks, {conflicts} conflicts"
        );
        (!is_enough).then_some(seen)
    })
    .await;
    fleet.calm();
    fleet.end(Role::Transactor);
    killed_writers_are_done(place, Role::Transactor).await;

    let stored = PushReceipt::read(storage).await;
    let mut own: Vec<Key> = rows().await.iter().map(|row| key(&row.split(' ').collect::<Vec<_>>())).collect();
    own.sort();
    let events: Vec<Key> = stored.keys.iter().cloned().collect();
    assert_eq!(own, events, "the rows of the program are those of the stored events");
    let acknowledged: BTreeSet<Key> = folder
        .lines("acknowledged")
        .iter()
        .map(|line| key(&line.iter().map(String::as_str).collect::<Vec<_>>()))
        .collect();
    let lost: Vec<_> = acknowledged.difference(&stored.keys).collect();
    assert!(lost.is_empty(), "committed, but not stored: {lost:?}");

    let sent = || -> BTreeSet<Key> {
        let lines = folder.lines("broker");
        lines.iter().filter_map(Sent::of).map(|sent| (sent.store, sent.aggregate, sent.version)).collect()
    };
    until("all is published", async || {
        fleet.check();
        let missing = stored.keys.difference(&sent()).count();
        (missing > 0).then(|| format!("{missing} are missing"))
    })
    .await;
    fleet.end(Role::Relay);
    assert_eq!(sent(), stored.keys, "the published messages are those of the stored events");
    println!("{test}: {} events, {} acknowledged, {} kills", stored.keys.len(), acknowledged.len(), fleet.kills);
}

fn key(words: &[&str]) -> Key {
    let [store, aggregate, version] = words else { panic!("three words, not {words:?}") };
    ((*store).to_owned(), (*aggregate).to_owned(), version.parse().unwrap())
}
