//! One way out: a mail server, or the built-in mailbox; with what is known of how it bears up.

use std::io;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::config::Settings;
use crate::mail::mailbox::Mailbox;
use crate::mail::smtp::SmtpServer;

use super::gate::Gate;

/// A server that took no more connections is asked for one more in this time.
const ASK_FOR_MORE_AFTER: Duration = Duration::from_secs(60);

/// The servers' parts are kept in proportion within each of these.
const TURN: Duration = Duration::from_secs(1);

/// Where messages go.
#[derive(Debug, Clone)]
pub enum Transport {
    /// To a mail server.
    Smtp {
        /// Which.
        server: Box<SmtpServer>,
        /// What we call ourselves in EHLO.
        hello_name: String,
    },
    /// Into the built-in mailbox.
    Mailbox(Mailbox),
}

/// A way out, shared by its connections.
pub struct Route {
    /// Where it leads.
    pub transport: Transport,
    /// Whether it is in trouble.
    pub gate: Gate,
    /// Connections at a time, by the settings.
    pub connections: usize,
    /// Whether it is used only while every other is in trouble.
    pub is_fallback: bool,
    /// Its part of the messages, relative to the others.
    pub weight: u32,
    /// Messages a second over it, where that is limited.
    pub rate: Option<governor::DefaultDirectRateLimiter>,
    /// Messages over one connection, by the settings.
    messages_per_connection: u32,
    /// How many the server itself lets pass before it ends a connection; 0 while it has not.
    learned_messages: AtomicU32,
    open: AtomicUsize,
    learned_connections: Mutex<Option<(usize, Instant)>>,
    /// Messages that it has been given.
    taken: Mutex<Taken>,
}

/// What a server has been given in this turn.
struct Taken {
    since: Instant,
    messages: u64,
    last: Option<Instant>,
}

impl Route {
    /// The ways out by the settings: one for each mail server, or the built-in mailbox.
    ///
    /// # Errors
    /// When the mailbox cannot be opened, or a server's address is no good.
    pub fn from_settings(settings: &Settings) -> io::Result<Vec<Self>> {
        let delivery = settings.delivery;
        let route = |transport| Self {
            transport,
            gate: Gate::default(),
            connections: usize::from(delivery.connections),
            is_fallback: false,
            weight: 1,
            rate: None,
            messages_per_connection: delivery.messages_per_connection,
            learned_messages: AtomicU32::new(0),
            open: AtomicUsize::new(0),
            learned_connections: Mutex::default(),
            taken: Mutex::new(Taken {
                since: Instant::now(),
                messages: 0,
                last: None,
            }),
        };
        if settings.smtp_servers.is_empty() {
            let mailbox = Mailbox::open(settings.data_dir.join("mailbox"))?;
            return Ok(vec![route(Transport::Mailbox(mailbox))]);
        }
        let routes = settings.smtp_servers.iter().map(|server| {
            let share = server.share();
            let mut route = route(Transport::Smtp {
                server: Box::new(server.clone()),
                // A name of ours that the world knows (RFC 5321, section 4.1.1.1): the sender's domain.
                hello_name: settings.mail_from.email.domain().to_owned(),
            });
            route.is_fallback = share.is_fallback;
            route.weight = share.weight;
            route.rate = share.per_second.map(per_second);
            route.connections = share.connections.map_or(route.connections, usize::from);
            route.messages_per_connection = share
                .messages_per_connection
                .unwrap_or(route.messages_per_connection);
            route
        });
        Ok(routes.collect())
    }

    /// Its name, for people.
    pub fn name(&self) -> String {
        match &self.transport {
            Transport::Smtp { server, .. } => server.place(),
            Transport::Mailbox(_) => "the built-in mailbox".to_owned(),
        }
    }

    /// How many messages go over one connection: by the settings, or fewer where the server has ended connections
    /// earlier by itself.
    pub fn messages_per_connection(&self) -> u32 {
        match self.learned_messages.load(Ordering::Relaxed) {
            0 => self.messages_per_connection,
            learned => learned.min(self.messages_per_connection),
        }
    }

    /// The server ended a connection after so many messages. It is not tempted to again. Returns whether this is news.
    pub fn has_ended_after(&self, messages: u32) -> bool {
        let news = messages < self.messages_per_connection();
        if news {
            self.learned_messages.store(messages, Ordering::Relaxed);
        }
        news
    }

    /// A connection is there.
    pub fn opened(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection is gone.
    pub fn closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// The server took no further connection. If others stand, that is its limit: this returns true, and the connections
    /// keep to it for a while.
    pub fn takes_no_more(&self) -> bool {
        let open = self.open.load(Ordering::Relaxed);
        if open == 0 {
            return false;
        }
        *self.learned() = Some((open, Instant::now() + ASK_FOR_MORE_AFTER));
        true
    }

    /// Until when a further connection would be one too many, if it would be now.
    pub fn is_full_until(&self) -> Option<Instant> {
        let mut learned = self.learned();
        let (most, until) = (*learned)?;
        if until <= Instant::now() {
            // One more is tried; if the server takes it, another one later.
            *learned = Some((most + 1, Instant::now() + ASK_FOR_MORE_AFTER));
            return None;
        }
        let open = self.open.load(Ordering::Relaxed);
        (open >= most).then_some(until)
    }

    fn learned(&self) -> std::sync::MutexGuard<'_, Option<(usize, Instant)>> {
        // A pair of numbers: a panic elsewhere leaves it whole.
        self.learned_connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// It takes a message.
    pub fn take(&self) {
        let mut taken = self.taken();
        if taken.since.elapsed() >= TURN {
            taken.since = Instant::now();
            taken.messages = 0;
        }
        taken.messages += 1;
        taken.last = Some(Instant::now());
    }

    /// Whether it has taken more than its part, compared with another server that is at work too.
    pub fn is_ahead_of(&self, other: &Self) -> bool {
        // One after the other: holding both while the other server asks the same would be waiting for each other for ever.
        let messages = self.taken().in_turn();
        let theirs = other.taken().in_turn();
        let Some(theirs) = theirs else { return false };
        // What may be under way at once makes no difference.
        let slack = u64::try_from(other.connections).unwrap_or(u64::MAX);
        let messages = messages.unwrap_or(0);
        messages * u64::from(other.weight) > (theirs + slack) * u64::from(self.weight)
    }

    fn taken(&self) -> std::sync::MutexGuard<'_, Taken> {
        // A number and two times: a panic elsewhere leaves them whole.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// The messages of this turn; none if it has long not taken any: then it has no work, or does not get on with it.
    fn in_turn(&self) -> Option<u64> {
        let is_at_work = self.last.is_some_and(|last| last.elapsed() < 2 * TURN);
        let messages = if self.since.elapsed() < TURN {
            self.messages
        } else {
            0
        };
        is_at_work.then_some(messages)
    }
}

/// So many a second, evenly spread.
pub fn per_second(number: std::num::NonZeroU32) -> governor::DefaultDirectRateLimiter {
    let quota = governor::Quota::per_second(number).allow_burst(std::num::NonZeroU32::MIN);
    governor::RateLimiter::direct(quota)
}
