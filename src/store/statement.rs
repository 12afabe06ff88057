//! SQL as text that is prepared once for each connection. Diesel's own `sql_query` prepares anew at every call, which on
//! the way of every message costs more than the work itself.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Nullable, Text, Untyped};
use diesel::{Connection, RunQueryDsl};

/// A statement of ours, with a `?` for each of its values. It is kept prepared under the type `K`, which stands for this
/// one text on a database, so that finding it costs nothing.
pub(super) struct Statement<'a, K> {
    sql: &'a str,
    values: Vec<Value<'a>>,
    key: PhantomData<K>,
}

/// Values of the longest statement.
const MOST_VALUES: usize = 12;

enum Value<'a> {
    Number(Option<i64>),
    Text(Option<&'a str>),
}

impl<'a, K: 'static> Statement<'a, K> {
    pub(super) fn new(sql: &'a str) -> Self {
        Self {
            sql,
            values: Vec::with_capacity(MOST_VALUES),
            key: PhantomData,
        }
    }

    /// Puts a whole number in the place of the next `?`.
    pub(super) fn number(mut self, value: impl Into<Option<i64>>) -> Self {
        self.values.push(Value::Number(value.into()));
        self
    }

    /// Puts a text in the place of the next `?`.
    pub(super) fn text(mut self, value: impl Into<Option<&'a str>>) -> Self {
        self.values.push(Value::Text(value.into()));
        self
    }
}

impl<DB, K> QueryFragment<DB> for Statement<'_, K>
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text>,
    Option<i64>: ToSql<Nullable<BigInt>, DB>,
    for<'b> Option<&'b str>: ToSql<Nullable<Text>, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut pieces = self.sql.split('?');
        pass.push_sql(pieces.next().unwrap_or_default());
        for (value, piece) in self.values.iter().zip(pieces) {
            match value {
                Value::Number(number) => pass.push_bind_param::<Nullable<BigInt>, _>(number)?,
                Value::Text(text) => pass.push_bind_param::<Nullable<Text>, _>(text)?,
            }
            pass.push_sql(piece);
        }
        Ok(())
    }
}

impl<K: 'static> QueryId for Statement<'_, K> {
    type QueryId = K;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<K> Query for Statement<'_, K> {
    type SqlType = Untyped;
}

impl<C: Connection, K> RunQueryDsl<C> for Statement<'_, K> {}
