//! What the ledger has to be: the state machine of a bulletin and its messages, as plain data and without a database.

use std::time::Duration;

use practice_points::clock::Timestamp;

use super::{PEOPLE, Verdict};

/// How long a claim lasts.
pub const LEASE: Duration = Duration::from_secs(60);

/// So much of a lease has to be left when a message is asked about.
pub const LEAST_LEFT: Duration = Duration::from_secs(10);

/// Who holds a row: the number of a worker that ever was.
pub type Holder = usize;

/// Where a message is. The times are those from which on somebody may take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    Queued(Timestamp),
    Claimed(Holder, Timestamp),
    Deferred(Timestamp),
    Accepted,
    Refused,
    Skipped,
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bulletin {
    Sending,
    Paused,
    Sent,
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Active,
    Unsubscribed,
    Suspended,
    Erased,
}

/// A person of the audience, and the message to them.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    pub status: Status,
    pub has_left: bool,
    /// Suspended because their address failed: they confirm again before they get bulletins.
    pub has_to_confirm: bool,
    pub row: Row,
}

/// How a bulletin is divided: so many people first, and so many minutes later the rest.
#[derive(Debug, Clone, Copy)]
pub struct Wave {
    pub first: usize,
    pub minutes: i64,
}

/// The second wave, while nobody has decided whether it goes.
#[derive(Debug, Clone, Copy)]
struct Rest {
    first: usize,
    at: Timestamp,
}

/// All of it.
#[derive(Debug, Clone)]
pub struct Model {
    rest: Option<Rest>,
    pub now: Timestamp,
    pub bulletin: Bulletin,
    pub people: [Person; PEOPLE],
}

impl Row {
    /// From when on it may be taken; none when it is finished.
    pub fn due(self) -> Option<Timestamp> {
        match self {
            Self::Queued(at) | Self::Claimed(_, at) | Self::Deferred(at) => Some(at),
            _ => None,
        }
    }
}

impl Model {
    /// A bulletin whose sending begins now.
    pub fn new(now: Timestamp, wave: Option<Wave>) -> Self {
        let rest = wave.map(|wave| Rest {
            first: wave.first,
            at: now.plus(Duration::from_secs(
                60 * u64::try_from(wave.minutes).unwrap(),
            )),
        });
        let person = Person {
            status: Status::Active,
            has_left: false,
            has_to_confirm: false,
            row: Row::Queued(now),
        };
        let mut people = [person; PEOPLE];
        if let Some(rest) = rest {
            for person in &mut people[rest.first..] {
                person.row = Row::Queued(rest.at);
            }
        }
        Self {
            rest,
            now,
            bulletin: Bulletin::Sending,
            people,
        }
    }

    /// When the rest falls due, it is held if more than one in ten of the first were refused.
    fn judge(&mut self) {
        let is_due = |rest: &Rest| self.bulletin == Bulletin::Sending && rest.at <= self.now;
        let Some(rest) = self.rest.filter(is_due) else {
            return;
        };
        self.rest = None;
        let is_refused = |person: &&Person| matches!(person.row, Row::Refused | Row::Failed);
        let refused = self.people[..rest.first].iter().filter(is_refused).count();
        if refused * 10 > rest.first {
            self.bulletin = Bulletin::Paused;
        }
    }

    /// Somebody has the rest go at once. Returns whether that was possible.
    pub fn released_rest(&mut self) -> bool {
        let is_on = matches!(self.bulletin, Bulletin::Sending | Bulletin::Paused);
        let Some(rest) = self.rest.filter(|_| is_on) else {
            return false;
        };
        self.rest = None;
        for person in &mut self.people {
            if person.row == Row::Queued(rest.at) {
                person.row = Row::Queued(self.now);
            }
        }
        true
    }

    fn is_held_by(&self, person: usize, worker: Holder) -> bool {
        matches!(self.people[person].row, Row::Claimed(holder, _) if holder == worker)
    }

    fn sent_if_nothing_is_left(&mut self) {
        let is_open = self.people.iter().any(|person| person.row.due().is_some());
        if self.bulletin == Bulletin::Sending && !is_open {
            self.bulletin = Bulletin::Sent;
        }
    }

    fn may_be_claimed(&self, person: usize) -> bool {
        let is_due = self.people[person]
            .row
            .due()
            .is_some_and(|at| at <= self.now);
        self.bulletin == Bulletin::Sending && is_due
    }

    /// A worker was given some rows, and some were skipped. Which ones of those that are due is free.
    pub fn claimed(&mut self, worker: Holder, limit: usize, given: &[usize], skipped: &[usize]) {
        self.judge();
        let is_any_due = (0..PEOPLE).any(|person| self.may_be_claimed(person));
        let taken = given.len() + skipped.len();
        assert!(given.len() <= limit, "{given:?} of {limit}");
        assert_eq!(taken > 0, is_any_due, "what is due is claimed: {self:?}");
        for &person in given.iter().chain(skipped) {
            assert!(self.may_be_claimed(person), "{person} of {self:?}");
            let may_receive = self.people[person].status == Status::Active;
            assert_eq!(given.contains(&person), may_receive, "{person} of {self:?}");
            self.people[person].row = match may_receive {
                true => Row::Claimed(worker, self.now.plus(LEASE)),
                false => Row::Skipped,
            };
        }
        self.sent_if_nothing_is_left();
    }

    /// A worker asks whether it may still send a row. Returns the answer that is due.
    pub fn asked(&mut self, worker: Holder, person: usize) -> bool {
        let has_time = |at: Timestamp| at > self.now.plus(LEAST_LEFT);
        if !self.is_held_by(person, worker) || !self.people[person].row.due().is_some_and(has_time)
        {
            return false;
        }
        let row = match (self.bulletin, self.people[person].status) {
            (Bulletin::Sending, Status::Active) => return true,
            (Bulletin::Sending, _) | (Bulletin::Cancelled, _) => Row::Skipped,
            _ => Row::Queued(self.now),
        };
        self.people[person].row = row;
        self.sent_if_nothing_is_left();
        false
    }

    /// A worker tells what became of a row. `again` is when it is tried again, where it is.
    pub fn recorded(
        &mut self,
        worker: Holder,
        person: usize,
        verdict: Verdict,
        again: Option<Timestamp>,
    ) {
        if !self.is_held_by(person, worker) {
            return;
        }
        let now = self.now;
        let person = &mut self.people[person];
        person.row = match verdict {
            Verdict::Accepted => Row::Accepted,
            Verdict::NoSuchMailbox | Verdict::MailboxFull => Row::Refused,
            Verdict::CannotBeMade => Row::Failed,
            Verdict::Policy if again.is_none() => Row::Refused,
            Verdict::Deferred | Verdict::InDoubt | Verdict::Policy => {
                let again = again.expect("it is tried again");
                assert!(again > now, "not at once");
                Row::Deferred(again)
            }
        };
        if verdict == Verdict::NoSuchMailbox && person.status == Status::Active {
            person.status = Status::Suspended;
            person.has_to_confirm = true;
        }
        self.sent_if_nothing_is_left();
    }

    /// A worker gives a row back.
    pub fn released(&mut self, worker: Holder, person: usize, due: Timestamp) {
        if self.is_held_by(person, worker) {
            self.people[person].row = Row::Queued(due);
        }
    }

    /// A worker has a row in hand still.
    pub fn renewed(&mut self, worker: Holder, person: usize) {
        if self.is_held_by(person, worker) {
            self.people[person].row = Row::Claimed(worker, self.now.plus(LEASE));
        }
    }

    /// Moves the bulletin. Returns whether that was possible.
    pub fn moved(&mut self, from: &[Bulletin], to: Bulletin) -> bool {
        let is_possible = from.contains(&self.bulletin);
        if is_possible {
            self.bulletin = to;
            if to == Bulletin::Cancelled {
                // What a worker holds may be on the wire.
                self.skip(|row, _| matches!(row, Row::Queued(_) | Row::Deferred(_)));
            }
        }
        is_possible
    }

    /// A sent bulletin goes again to those whose messages were given up, or refused too, and who can get it. Returns
    /// whether there was anybody.
    pub fn sent_again(&mut self, refused: bool) -> bool {
        if self.bulletin != Bulletin::Sent {
            return false;
        }
        let now = self.now;
        let is_chosen = |row| row == Row::Failed || (refused && row == Row::Refused);
        let people = self.people.iter_mut();
        let chosen = people.filter(|one| one.status == Status::Active && is_chosen(one.row));
        let mut is_any = false;
        for person in chosen {
            person.row = Row::Queued(now);
            is_any = true;
        }
        if is_any {
            self.bulletin = Bulletin::Sending;
        }
        is_any
    }

    /// What is left of a cancelled bulletin, and in nobody's hand, is skipped.
    pub fn skipped_cancelled(&mut self) {
        if self.bulletin == Bulletin::Cancelled {
            self.skip(|row, now| match row {
                Row::Claimed(_, at) => at <= now,
                row => row.due().is_some(),
            });
        }
    }

    fn skip(&mut self, which: impl Fn(Row, Timestamp) -> bool) {
        for person in &mut self.people {
            if which(person.row, self.now) {
                person.row = Row::Skipped;
            }
        }
    }

    pub fn left(&mut self, person: usize) {
        let person = &mut self.people[person];
        match person.status {
            Status::Active => person.status = Status::Unsubscribed,
            Status::Suspended => {}
            _ => return,
        }
        person.has_left = true;
    }

    pub fn suspended(&mut self, person: usize) -> bool {
        let is_possible = self.people[person].status == Status::Active;
        if is_possible {
            self.people[person].status = Status::Suspended;
            self.people[person].has_to_confirm = false;
        }
        is_possible
    }

    pub fn reinstated(&mut self, person: usize) -> bool {
        let person = &mut self.people[person];
        let is_possible = person.status == Status::Suspended;
        let is_asked = person.has_to_confirm && !person.has_left;
        if is_possible && !is_asked {
            person.status = match person.has_left {
                true => Status::Unsubscribed,
                false => Status::Active,
            };
        }
        is_possible
    }

    pub fn erased(&mut self, person: usize) -> bool {
        let is_possible = self.people[person].status != Status::Erased;
        self.people[person].status = Status::Erased;
        is_possible
    }

    /// Nothing is left to do: sent, or cancelled by somebody.
    pub fn has_come_to_its_end(&self) {
        let is_over = matches!(self.bulletin, Bulletin::Sent | Bulletin::Cancelled);
        let is_left = self.people.iter().any(|person| person.row.due().is_some());
        assert!(is_over && !is_left, "{self:?}");
    }
}
