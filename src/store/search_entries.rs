//! What readers can search, and the search itself. Each database has its own index of the words (`search_index`), which
//! triggers keep beside the entries.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};

use super::schema::{search_entry, supersession};
use super::{Db, StoreError, each};
use crate::clock::Timestamp;
use crate::domain::article::{ArticleId, ArticleKind};
use crate::domain::local_time::CalendarDate;
use crate::domain::search_entry::EntryKind;
use crate::domain::search_words::{SearchWords, index_words};

/// So much of a text is searched, in bytes. PostgreSQL takes at most a megabyte of different words.
const MOST_BYTES: usize = 300_000;

/// A page that can be found.
#[derive(Debug)]
pub struct NewEntry<'a> {
    /// What it is.
    pub kind: EntryKind,
    /// Key of the article or bulletin.
    pub source_id: i64,
    /// Which practice point of the article, from 1; otherwise 0.
    pub position: i32,
    /// Its name in addresses, or its article's.
    pub slug: &'a str,
    /// Its title, or its article's.
    pub title: &'a str,
    /// Its text, without markup.
    pub body: &'a str,
    /// When it was first published.
    pub published_at: Timestamp,
}

/// Adds an entry. One that is there already stays: of two programs that start at once, both bring in everything.
pub fn insert(db: &mut Db, entry: &NewEntry<'_>) -> Result<(), StoreError> {
    let body = &entry.body[..entry.body.floor_char_boundary(MOST_BYTES)];
    // The title of its article is no part of a practice point: otherwise all points would be found by it.
    let title_words = match entry.kind {
        EntryKind::PracticePoint => String::new(),
        EntryKind::Article | EntryKind::Bulletin | EntryKind::Symposium => index_words(entry.title),
    };
    each!(db, c => diesel::insert_into(search_entry::table)
        .values((
            search_entry::kind.eq(entry.kind.as_str()),
            search_entry::source_id.eq(entry.source_id),
            search_entry::position.eq(entry.position),
            search_entry::slug.eq(entry.slug),
            search_entry::title.eq(entry.title),
            search_entry::body.eq(body),
            search_entry::title_words.eq(&title_words),
            search_entry::body_words.eq(index_words(body)),
            search_entry::published_at.eq(entry.published_at.as_millis()),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Takes the entries of an article or bulletin away.
pub fn remove(db: &mut Db, kinds: &[EntryKind], source_id: i64) -> Result<(), StoreError> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let entries = search_entry::table
        .filter(search_entry::kind.eq_any(kinds))
        .filter(search_entry::source_id.eq(source_id));
    diesel::delete(entries).execute(db)?;
    Ok(())
}

/// Takes every entry away.
pub fn clear(db: &mut Db) -> Result<(), StoreError> {
    diesel::delete(search_entry::table).execute(db)?;
    Ok(())
}

/// A page that was found.
#[derive(Debug, Clone, QueryableByName)]
pub struct Found {
    /// What it is.
    #[diesel(sql_type = Text)]
    pub kind: EntryKind,
    /// Which practice point of its article, from 1; otherwise 0.
    #[diesel(sql_type = Integer)]
    pub position: i32,
    /// Its name in addresses, or its article's.
    #[diesel(sql_type = Text)]
    pub slug: String,
    /// Its title, or its article's.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// Its text, without markup.
    #[diesel(sql_type = Text)]
    pub body: String,
    /// When it was first published.
    #[diesel(sql_type = BigInt)]
    pub published_at: Timestamp,
    /// Whether another article has taken the place of this one, or of the one that it is from.
    #[diesel(sql_type = Bool)]
    pub superseded: bool,
    /// When an event begins.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub event_at: Option<Timestamp>,
}

/// Whether the article of an entry has a successor. The key of an entry of another kind counts something else.
const SUPERSEDED: &str = "EXISTS (SELECT 1 FROM supersession s WHERE s.article_id = e.source_id \
                          AND (e.kind = 'article' OR e.kind = 'practice-point'))";

/// What each database calls the rows whose words match `$1`; how well they do comes after it.
fn matching(db: &Db) -> (&'static str, &'static str) {
    match db {
        Db::Sqlite(_) => (
            "search_index JOIN search_entry e ON e.id = search_index.rowid WHERE search_index MATCH $1",
            // The lower, the better: a word of the title weighs as much as eight of the text.
            "bm25(search_index, 8.0, 1.0)",
        ),
        Db::Pg(_) => (
            "to_tsquery('simple', $1) AS query CROSS JOIN search_index i \
             JOIN search_entry e ON e.id = i.entry_id WHERE i.words @@ query",
            // The weights of D, C, B and A; 1 divides by the logarithm of the length.
            "-ts_rank('{0.125, 0.25, 0.5, 1}', i.words, query, 1)",
        ),
    }
}

/// The words as the database's own language has them: each in quotation marks, and all asked for. Nothing of what was
/// typed is a word of that language.
pub(super) fn query(db: &Db, words: &SearchWords) -> String {
    let each_word = words.iter().map(|word| match db {
        Db::Sqlite(_) => {
            let end = if word.is_beginning { " *" } else { "" };
            format!("\"{}\"{end}", word.key.replace('"', "\"\""))
        }
        Db::Pg(_) => {
            let end = if word.is_beginning { ":*" } else { "" };
            let key = word.key.replace('\\', "\\\\").replace('\'', "''");
            format!("'{key}'{end}")
        }
    });
    let and = match db {
        Db::Sqlite(_) => " AND ",
        Db::Pg(_) => " & ",
    };
    each_word.collect::<Vec<_>>().join(and)
}

/// The pages in which all the words stand, the best first, perhaps of one kind only; behind them those that are
/// superseded.
///
/// `words` must not be empty.
pub fn search(
    db: &mut Db,
    words: &SearchWords,
    kind: Option<EntryKind>,
    limit: i64,
    offset: i64,
) -> Result<Vec<Found>, StoreError> {
    let (matching, rank) = matching(db);
    let sql = format!(
        "SELECT e.kind, e.position, e.slug, e.title, e.body, e.published_at, {SUPERSEDED} AS superseded, \
         (SELECT y.starts_at FROM symposium y WHERE e.kind = 'symposium' AND y.id = e.source_id) AS event_at \
         FROM {matching} AND ($2 = '' OR e.kind = $3) ORDER BY superseded, {rank}, e.published_at DESC, e.id LIMIT $4 OFFSET $5"
    );
    let query = query(db, words);
    let kind = kind.map_or("", EntryKind::as_str);
    Ok(diesel::sql_query(sql)
        .bind::<Text, _>(query)
        .bind::<Text, _>(kind)
        .bind::<Text, _>(kind)
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(offset)
        .load(db)?)
}

/// How many pages of each kind hold all the words; nothing of kinds without any.
///
/// `words` must not be empty.
pub fn count(db: &mut Db, words: &SearchWords) -> Result<Vec<(EntryKind, i64)>, StoreError> {
    #[derive(QueryableByName)]
    struct OfKind {
        #[diesel(sql_type = Text)]
        kind: EntryKind,
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let (matching, _) = matching(db);
    let sql = format!("SELECT e.kind, count(*) AS count FROM {matching} GROUP BY e.kind");
    let query = query(db, words);
    let counts: Vec<OfKind> = diesel::sql_query(sql).bind::<Text, _>(query).load(db)?;
    Ok(counts
        .into_iter()
        .map(|row| (row.kind, row.count))
        .collect())
}

/// The articles in which all the words stand, the best first and the superseded last, perhaps of one kind only; and how
/// many there are in all.
///
/// `words` must not be empty.
pub fn search_articles(
    db: &mut Db,
    words: &SearchWords,
    kind: Option<ArticleKind>,
    limit: i64,
    offset: i64,
) -> Result<(Vec<ArticleId>, i64), StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let (matching, rank) = matching(db);
    let of_kind = "AND e.kind = 'article' AND ($2 = '' OR EXISTS \
                   (SELECT 1 FROM publication p WHERE p.article_id = e.source_id AND p.kind = $3))";
    let query = query(db, words);
    let kind = kind.map_or("", ArticleKind::as_str);
    let sql = format!(
        "SELECT e.source_id AS number FROM {matching} {of_kind} \
         ORDER BY {SUPERSEDED}, {rank}, e.published_at DESC, e.id LIMIT $4 OFFSET $5"
    );
    let found: Vec<Row> = diesel::sql_query(sql)
        .bind::<Text, _>(&query)
        .bind::<Text, _>(kind)
        .bind::<Text, _>(kind)
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(offset)
        .load(db)?;
    let sql = format!("SELECT count(*) AS number FROM {matching} {of_kind}");
    let total: Row = diesel::sql_query(sql)
        .bind::<Text, _>(&query)
        .bind::<Text, _>(kind)
        .bind::<Text, _>(kind)
        .get_result(db)?;
    let ids = found.into_iter().map(|row| ArticleId(row.number));
    Ok((ids.collect(), total.number))
}

/// A practice point, with what its article's place in the library says.
#[derive(Debug, Clone, QueryableByName)]
pub struct Point {
    /// Which of its article, from 1.
    #[diesel(sql_type = Integer)]
    pub position: i32,
    /// The article's name in addresses.
    #[diesel(sql_type = Text)]
    pub slug: String,
    /// The article's title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// The point.
    #[diesel(sql_type = Text)]
    pub body: String,
    /// When the article was first published.
    #[diesel(sql_type = BigInt)]
    pub published_at: Timestamp,
    /// What the article is.
    #[diesel(sql_type = Text)]
    pub article_kind: ArticleKind,
    /// When its content is to be looked at again.
    #[diesel(sql_type = Nullable<Text>)]
    pub review_by: Option<CalendarDate>,
}

/// Which practice points are wanted.
#[derive(Debug, Clone, Default)]
pub struct PointFilter {
    /// All of these words.
    pub words: SearchWords,
    /// The topic's name in addresses; empty for all.
    pub topic: String,
    /// From when on, and before when.
    pub published: Option<(Timestamp, Timestamp)>,
}

/// What the two queries on practice points share, up to the values `$1` to `$5`. The library holds what counts now: points
/// of superseded articles are found by the search, marked, and keep their own addresses, since they were cited.
fn points(db: &Db, filter: &PointFilter) -> String {
    let (matching, _) = matching(db);
    // Without words there is no index to go through; the value still has its place.
    let matching = if filter.words.is_empty() {
        "search_entry e WHERE $1 = ''"
    } else {
        matching
    };
    format!(
        "FROM (SELECT e.* FROM {matching} AND e.kind = 'practice-point' AND NOT {SUPERSEDED}) e \
         JOIN publication p ON p.article_id = e.source_id JOIN topic t ON t.id = p.topic_id \
         WHERE ($2 = '' OR t.slug = $3) AND e.published_at >= $4 AND e.published_at < $5"
    )
}

/// Gives the query of [`points`] its values.
macro_rules! with_filter {
    ($db:expr, $sql:expr, $filter:expr) => {{
        let (from, before) = $filter
            .published
            .map_or((i64::MIN, i64::MAX), |(from, before)| {
                (from.as_millis(), before.as_millis())
            });
        let query = query($db, &$filter.words);
        diesel::sql_query($sql)
            .bind::<Text, _>(query)
            .bind::<Text, _>($filter.topic.clone())
            .bind::<Text, _>($filter.topic.clone())
            .bind::<BigInt, _>(from)
            .bind::<BigInt, _>(before)
    }};
}

/// The practice points that are wanted, those of the newest article first, each article's in their order.
pub fn list_points(
    db: &mut Db,
    filter: &PointFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Point>, StoreError> {
    let sql = format!(
        "SELECT e.position, e.slug, e.title, e.body, e.published_at, p.kind AS article_kind, p.review_by {} \
         ORDER BY e.published_at DESC, e.source_id DESC, e.position LIMIT $6 OFFSET $7",
        points(db, filter)
    );
    Ok(with_filter!(db, sql, filter)
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(offset)
        .load(db)?)
}

/// How many practice points are wanted.
pub fn count_points(db: &mut Db, filter: &PointFilter) -> Result<i64, StoreError> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let sql = format!("SELECT count(*) AS count {}", points(db, filter));
    let count: Count = with_filter!(db, sql, filter).get_result(db)?;
    Ok(count.count)
}

/// When the articles were published whose practice points are in the library, the newest first.
pub fn point_times(db: &mut Db) -> Result<Vec<Timestamp>, StoreError> {
    Ok(search_entry::table
        .left_join(supersession::table.on(supersession::article_id.eq(search_entry::source_id)))
        .filter(supersession::article_id.nullable().is_null())
        .filter(search_entry::kind.eq(EntryKind::PracticePoint.as_str()))
        .select(search_entry::published_at)
        .distinct()
        .order(search_entry::published_at.desc())
        .load(db)?)
}
