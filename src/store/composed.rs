//! SQL that is put together from pieces, with its values beside each: for lists that are filtered in many ways, and whose
//! plan must not be left to chance.

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Text, Untyped};
use diesel::{Connection, RunQueryDsl};

/// A text with a `?` for each of its values. Only values come from outside, never a piece of the text.
#[derive(Debug, Clone, Default)]
pub(super) struct Composed {
    sql: String,
    values: Vec<Value>,
}

#[derive(Debug, Clone)]
enum Value {
    Number(i64),
    Text(String),
}

impl Composed {
    pub(super) fn new(sql: &str) -> Self {
        Self {
            sql: sql.to_owned(),
            values: Vec::new(),
        }
    }

    /// Adds a piece of text.
    pub(super) fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Adds another composed piece.
    pub(super) fn append(&mut self, other: &Self) -> &mut Self {
        self.sql.push_str(&other.sql);
        self.values.extend(other.values.iter().cloned());
        self
    }

    /// The value of the next `?`.
    pub(super) fn number(&mut self, value: i64) -> &mut Self {
        self.values.push(Value::Number(value));
        self
    }

    /// The value of the next `?`.
    pub(super) fn text(&mut self, value: impl Into<String>) -> &mut Self {
        self.values.push(Value::Text(value.into()));
        self
    }
}

impl<DB> QueryFragment<DB> for Composed
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text>,
    i64: ToSql<BigInt, DB>,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.unsafe_to_cache_prepared();
        let mut pieces = self.sql.split('?');
        pass.push_sql(pieces.next().unwrap_or_default());
        for (value, piece) in self.values.iter().zip(pieces) {
            match value {
                Value::Number(number) => pass.push_bind_param::<BigInt, _>(number)?,
                Value::Text(text) => pass.push_bind_param::<Text, _>(text)?,
            }
            pass.push_sql(piece);
        }
        Ok(())
    }
}

impl QueryId for Composed {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Composed {
    type SqlType = Untyped;
}

impl<C: Connection> RunQueryDsl<C> for &Composed {}
