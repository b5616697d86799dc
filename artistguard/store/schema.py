# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The artist's database as an append-only list of steps in plain SQL.

Step N takes a database from ``user_version`` N-1 to N. A released step is never edited; a change is
a new step at the end, and `tests/databases/` keeps one filled database of every release.
"""

from __future__ import annotations

STEPS: tuple[str, ...] = (
    """
    CREATE TABLE folders (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        added_at TEXT NOT NULL
    ) STRICT;

    -- What the artist made. `master` is the work this one is a near-duplicate of.
    CREATE TABLE works (
        id INTEGER PRIMARY KEY,
        master INTEGER REFERENCES works,
        added_at TEXT NOT NULL
    ) STRICT;

    -- One content of a work: the same bytes are the same version, wherever they lie.
    CREATE TABLE versions (
        id INTEGER PRIMARY KEY,
        work INTEGER NOT NULL REFERENCES works,
        sha256 BLOB NOT NULL UNIQUE,
        md5 BLOB NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        format TEXT NOT NULL,
        added_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX versions_of_work ON versions (work);

    CREATE TABLE fingerprints (
        version INTEGER NOT NULL REFERENCES versions,
        algorithm TEXT NOT NULL,
        hashes BLOB NOT NULL,
        qualities BLOB NOT NULL,
        PRIMARY KEY (version, algorithm)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX fingerprints_by_algorithm ON fingerprints (algorithm, version);

    -- Versions up to this one have been compared with each other.
    CREATE TABLE grouped (version INTEGER PRIMARY KEY) STRICT;

    -- Where a version lies on the disk. A file that cannot be read has an error and keeps the last
    -- version that could; one that has gone keeps its row, so that it is known when it comes back.
    CREATE TABLE files (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        version INTEGER REFERENCES versions,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        device TEXT NOT NULL,
        inode TEXT NOT NULL,
        error TEXT,
        gone_at TEXT,
        CHECK (version IS NOT NULL OR error IS NOT NULL)
    ) STRICT;
    CREATE INDEX files_of_version ON files (version);

    CREATE TABLE sources (
        id INTEGER PRIMARY KEY,
        backend TEXT NOT NULL,
        dataset TEXT NOT NULL,
        version TEXT NOT NULL,
        revision TEXT NOT NULL,
        rows INTEGER NOT NULL,
        UNIQUE (backend, dataset, version, revision)
    ) STRICT;

    -- What each version was looked up in, by which witnesses, and when.
    CREATE TABLE searches (
        source INTEGER NOT NULL REFERENCES sources,
        version INTEGER NOT NULL REFERENCES versions,
        witnesses TEXT NOT NULL,
        checked_at TEXT NOT NULL,
        PRIMARY KEY (source, version, witnesses)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE matches (
        id INTEGER PRIMARY KEY,
        work INTEGER REFERENCES works,
        backend TEXT NOT NULL,
        dataset TEXT NOT NULL,
        dataset_version TEXT NOT NULL,
        entry TEXT NOT NULL,
        url TEXT,
        host TEXT,
        caption TEXT,
        width INTEGER,
        height INTEGER,
        sha256 BLOB,
        md5 BLOB,
        witness TEXT NOT NULL,
        distance INTEGER NOT NULL,
        variant TEXT NOT NULL,
        band TEXT NOT NULL,
        evidence TEXT NOT NULL,
        found_at TEXT NOT NULL,
        verdict TEXT,
        decided_at TEXT
    ) STRICT;
    CREATE UNIQUE INDEX matches_once
        ON matches (ifnull(work, 0), backend, dataset, dataset_version, entry);

    -- One act of the artist. A standing wish also covers what is found or made later.
    CREATE TABLE wishes (
        id TEXT PRIMARY KEY,
        scope TEXT NOT NULL,
        standing INTEGER NOT NULL,
        channel TEXT NOT NULL,
        bands TEXT NOT NULL,
        work INTEGER REFERENCES works,
        domain TEXT,
        created_at TEXT NOT NULL,
        withdrawn_at TEXT
    ) STRICT;

    -- The outbox. `body` is exactly what is sent; `attempts` counts from before the first byte
    -- leaves, so that 0 proves that nothing was sent.
    CREATE TABLE opt_outs (
        id TEXT PRIMARY KEY,
        wish TEXT NOT NULL REFERENCES wishes,
        subject TEXT NOT NULL,
        target TEXT NOT NULL,
        work INTEGER REFERENCES works,
        match INTEGER REFERENCES matches,
        channel TEXT NOT NULL,
        body TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        created_at TEXT NOT NULL,
        answered_at TEXT
    ) STRICT;
    CREATE INDEX opt_outs_by_state ON opt_outs (state);
    -- The same target is never asked for twice on one channel while the first request stands.
    CREATE UNIQUE INDEX opt_outs_once ON opt_outs (channel, target)
        WHERE state IN ('queued', 'acknowledged', 'withdrawing');

    CREATE TABLE receipts (
        opt_out TEXT NOT NULL REFERENCES opt_outs,
        withdrawal INTEGER NOT NULL,
        channel TEXT NOT NULL,
        body BLOB NOT NULL,
        received_at TEXT NOT NULL,
        PRIMARY KEY (opt_out, withdrawal)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    -- What a window shows of each work, kept so that 100,000 are sorted and filtered at once. It is
    -- derived from the other tables: whatever touches a work puts it among the stale ones, and the
    -- next look brings those up to date. (OR IGNORE would give way to the outer statement.)
    CREATE TABLE cards (
        work INTEGER PRIMARY KEY REFERENCES works,
        folder TEXT NOT NULL,
        name TEXT NOT NULL,
        version INTEGER NOT NULL REFERENCES versions,
        standing TEXT NOT NULL,
        copies INTEGER NOT NULL,
        gone INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX cards_by_place ON cards (folder, name, work);
    CREATE INDEX cards_by_name ON cards (name, work);
    CREATE INDEX cards_by_copies ON cards (copies, work);
    CREATE INDEX cards_by_standing ON cards (standing);

    CREATE TABLE stale_cards (work INTEGER PRIMARY KEY) STRICT;
    INSERT INTO stale_cards SELECT DISTINCT v.work FROM versions v JOIN files f ON f.version = v.id;

    CREATE TRIGGER file_added AFTER INSERT ON files WHEN new.version IS NOT NULL BEGIN
        INSERT INTO stale_cards SELECT work FROM versions
            WHERE id = new.version AND work NOT IN (SELECT work FROM stale_cards);
    END;
    CREATE TRIGGER file_changed AFTER UPDATE OF path, version, gone_at ON files
    WHEN new.version IS NOT NULL BEGIN
        INSERT INTO stale_cards SELECT DISTINCT work FROM versions
            WHERE id IN (old.version, new.version) AND work NOT IN (SELECT work FROM stale_cards);
    END;
    CREATE TRIGGER search_made AFTER INSERT ON searches BEGIN
        INSERT INTO stale_cards SELECT work FROM versions
            WHERE id = new.version AND work NOT IN (SELECT work FROM stale_cards);
    END;
    CREATE TRIGGER match_found AFTER INSERT ON matches WHEN new.work IS NOT NULL BEGIN
        INSERT INTO stale_cards SELECT new.work
            WHERE new.work NOT IN (SELECT work FROM stale_cards);
    END;
    CREATE TRIGGER match_judged AFTER UPDATE OF band, verdict ON matches
    WHEN new.work IS NOT NULL BEGIN
        INSERT INTO stale_cards SELECT new.work
            WHERE new.work NOT IN (SELECT work FROM stale_cards);
    END;
    CREATE TRIGGER opt_out_made AFTER INSERT ON opt_outs WHEN new.work IS NOT NULL BEGIN
        INSERT INTO stale_cards SELECT new.work
            WHERE new.work NOT IN (SELECT work FROM stale_cards);
    END;
    CREATE TRIGGER opt_out_settled AFTER UPDATE OF state, disputed_at ON opt_outs
    WHEN new.work IS NOT NULL BEGIN
        INSERT INTO stale_cards SELECT new.work
            WHERE new.work NOT IN (SELECT work FROM stale_cards);
    END;

    CREATE INDEX matches_of_work ON matches (work);
    CREATE INDEX opt_outs_of_work ON opt_outs (work);

    -- Since when somebody else's claim stands against an opt-out.
    ALTER TABLE opt_outs ADD COLUMN disputed_at TEXT;

    -- Every verdict in the order in which it was given; those of one act are taken back together.
    CREATE TABLE decisions (
        id INTEGER PRIMARY KEY,
        act INTEGER NOT NULL,
        match INTEGER NOT NULL REFERENCES matches,
        before TEXT,
        after TEXT,
        decided_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX decisions_of_act ON decisions (act);

    -- Hosts that may show the artist's work: a shop, a licensee. What is found there is allowed.
    CREATE TABLE allowed_hosts (
        host TEXT PRIMARY KEY,
        added_at TEXT NOT NULL
    ) STRICT;
    """,
    """
    -- The addresses, sites and names (their SHA-256) that each source was last asked about and told
    -- all of. With nothing new to ask, a source need not be opened.
    CREATE TABLE clues (
        source INTEGER PRIMARY KEY REFERENCES sources,
        sha256 TEXT NOT NULL
    ) STRICT;
    """,
    """
    -- What the artist says at servers of who may speak for what. `body` is exactly what is sent.
    CREATE TABLE notices (
        number INTEGER PRIMARY KEY,
        channel TEXT NOT NULL,
        id TEXT NOT NULL,
        kind TEXT NOT NULL,
        body TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT,
        created_at TEXT NOT NULL,
        answered_at TEXT,
        receipt BLOB,
        UNIQUE (channel, id, kind)
    ) STRICT;
    """,
    """
    -- When an opt-out was first and last tried: what is overdue is counted from the first time.
    ALTER TABLE opt_outs ADD COLUMN sent_at TEXT;
    ALTER TABLE opt_outs ADD COLUMN tried_at TEXT;

    -- What was seen since of what was opted out: the later version of its data set that was looked
    -- at, and when; and the match that shows it there again, if one does.
    ALTER TABLE opt_outs ADD COLUMN seen_in TEXT;
    ALTER TABLE opt_outs ADD COLUMN seen_at TEXT;
    ALTER TABLE opt_outs ADD COLUMN found_again INTEGER REFERENCES matches;

    -- Says how 300,000 opt-outs stand without reading what each of them sends. It begins with the
    -- channel, so that it is never taken for one that finds the opt-outs of a work.
    CREATE INDEX opt_outs_at_channel ON opt_outs (channel, state, subject, attempts, sent_at,
        created_at, disputed_at, seen_in, found_again, work, match);
    CREATE INDEX opt_outs_of_wish ON opt_outs (wish);
    CREATE INDEX opt_outs_of_match ON opt_outs (match) WHERE match IS NOT NULL;

    CREATE INDEX works_of_master ON works (master) WHERE master IS NOT NULL;

    -- A wish for the works in one folder and those below it.
    ALTER TABLE wishes ADD COLUMN folder TEXT;

    -- Why a channel could not be used when it was tried last, and since when.
    CREATE TABLE troubles (
        channel TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        since TEXT NOT NULL
    ) STRICT;

    -- What others say at a channel against opt-outs of the artist's; `opt_out` is an id.
    CREATE TABLE disputes (
        channel TEXT NOT NULL,
        id TEXT NOT NULL,
        opt_out TEXT NOT NULL,
        claimant TEXT NOT NULL,
        reason TEXT NOT NULL,
        raised_at TEXT NOT NULL,
        PRIMARY KEY (channel, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX disputes_of ON disputes (opt_out);

    -- Works with opt-outs of which it is to be seen anew whether they were found again.
    CREATE TABLE unfollowed (work INTEGER PRIMARY KEY) STRICT;
    CREATE TRIGGER search_to_follow AFTER INSERT ON searches BEGIN
        INSERT INTO unfollowed SELECT v.work FROM versions v WHERE v.id = new.version
            AND v.work NOT IN (SELECT work FROM unfollowed)
            AND EXISTS (SELECT 1 FROM opt_outs o
                WHERE o.work = v.work AND o.state = 'acknowledged');
    END;
    CREATE TRIGGER match_to_follow AFTER INSERT ON matches WHEN new.work IS NOT NULL BEGIN
        INSERT INTO unfollowed SELECT new.work WHERE new.work NOT IN (SELECT work FROM unfollowed)
            AND EXISTS (SELECT 1 FROM opt_outs o
                WHERE o.work = new.work AND o.state = 'acknowledged');
    END;
    CREATE TRIGGER verdict_to_follow AFTER UPDATE OF band, verdict ON matches
    WHEN new.work IS NOT NULL BEGIN
        INSERT INTO unfollowed SELECT new.work WHERE new.work NOT IN (SELECT work FROM unfollowed)
            AND EXISTS (SELECT 1 FROM opt_outs o
                WHERE o.work = new.work AND o.state = 'acknowledged');
    END;
    CREATE TRIGGER opt_out_to_follow AFTER UPDATE OF state ON opt_outs
    WHEN new.state = 'acknowledged' AND new.work IS NOT NULL BEGIN
        INSERT INTO unfollowed SELECT new.work WHERE new.work NOT IN (SELECT work FROM unfollowed);
    END;
    INSERT INTO unfollowed SELECT DISTINCT work FROM opt_outs
        WHERE work IS NOT NULL AND state = 'acknowledged';

    -- What marked copies are signed with: certificates as PEM. The keys are in the keyring.
    CREATE TABLE signers (
        sha256 TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        chain BLOB NOT NULL,
        root BLOB,
        made_at TEXT NOT NULL
    ) STRICT;

    -- Every marked copy, with what it declares as JSON. The row is there before the file gets its
    -- name, so that ours are always told from those of others. `beside` is the file with the
    -- credentials, if they are not in the copy.
    CREATE TABLE marks (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        source_size INTEGER NOT NULL,
        source_mtime_ns INTEGER NOT NULL,
        source_sha256 BLOB NOT NULL,
        copy TEXT NOT NULL,
        copy_size INTEGER NOT NULL,
        copy_mtime_ns INTEGER NOT NULL,
        copy_sha256 BLOB NOT NULL,
        beside TEXT,
        means TEXT NOT NULL,
        declared TEXT NOT NULL,
        signer TEXT REFERENCES signers,
        marked_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX marks_at ON marks (copy);
    CREATE INDEX marks_of ON marks (source_sha256);
    CREATE INDEX marks_as ON marks (copy_sha256);

    -- The artist's own sites with what they are to say, as JSON, and every look at them. Of the
    -- snapshots there are headers and hashes, never what the site holds.
    CREATE TABLE sites (
        site TEXT PRIMARY KEY,
        policy TEXT NOT NULL,
        since TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE audits (
        id INTEGER PRIMARY KEY,
        site TEXT NOT NULL,
        at TEXT NOT NULL,
        policy TEXT NOT NULL,
        findings TEXT NOT NULL,
        snapshots TEXT NOT NULL
    ) STRICT;
    CREATE INDEX audits_of ON audits (site, at);

    -- Works that stand in one way are shown by place: with this, nothing is sorted for it.
    DROP INDEX cards_by_standing;
    CREATE INDEX cards_by_standing ON cards (standing, folder, name, work);
    """,
)
