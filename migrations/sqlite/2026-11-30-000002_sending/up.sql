-- Before a bulletin goes out, and in how many waves.

-- The first people, a wait, and then the rest. The audience is frozen at once; the rest only falls due later.
CREATE TABLE bulletin_wave (
    bulletin_id BIGINT PRIMARY KEY NOT NULL REFERENCES bulletin (id),
    first_count BIGINT NOT NULL CHECK (first_count > 0),
    wait_minutes BIGINT NOT NULL CHECK (wait_minutes > 0),
    -- Once it has begun: the last person of the first wave, and when the rest falls due.
    first_until BIGINT,
    rest_at BIGINT,
    -- When it was decided whether the rest goes: by how the first wave went, or by somebody.
    judged_at BIGINT
);

-- What somebody lets pass knowingly: for this version, and for what was found then.
CREATE TABLE bulletin_override (
    bulletin_id BIGINT NOT NULL REFERENCES bulletin (id),
    check_name TEXT NOT NULL,
    version INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    finding TEXT NOT NULL,
    reason TEXT NOT NULL,
    staff_id BIGINT NOT NULL REFERENCES staff_member (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (bulletin_id, check_name)
);

-- Whether the addresses in bulletins answer. Asked again when it is wanted later than it was last checked.
CREATE TABLE link_check (
    url TEXT PRIMARY KEY NOT NULL,
    wanted_at BIGINT NOT NULL,
    checked_at BIGINT,
    outcome TEXT,
    detail TEXT
);
