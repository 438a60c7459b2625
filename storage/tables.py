"""Every table of the store. Instants are milliseconds UTC, days are `date.toordinal()`, money is minor units."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()


def _text(name: str, key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=False)


def _maybe(name: str) -> Column[str]:
    return Column(name, Text)


def _int(name: str, key: bool = False) -> Column[int]:
    return Column(name, Integer, primary_key=key, nullable=False, autoincrement=False)


def _big(name: str, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _source(key: bool = True, null: bool = False) -> Column[int]:
    rule = ForeignKey("sources.id", ondelete="CASCADE")
    return Column("source_id", Integer, rule, primary_key=key, nullable=null, autoincrement=False)


def _of_source() -> Column[int]:
    """The same without a foreign key, which would cost a look-up for each of millions of rows."""
    return Column("source_id", Integer, primary_key=True, nullable=False, autoincrement=False)


# One CRM connection each, and how its sync is doing. `options` is JSON with encrypted secrets.
sources = Table(
    "sources", metadata, _id(), Column("name", Text, nullable=False, unique=True), _text("kind"), _text("options"),
    _flag("enabled"), _big("created_at"), _maybe("cursor"), _big("as_of", True), _big("polled_at", True),
    _big("ok_at", True), _text("health"), _maybe("problem"), _text("missing"), _text("problems"), _big("requests"),
    _big("done", True), _big("total", True), _flag("first_read_done"), _big("next_try_at", True),
    _big("failing_since", True), _maybe("vault"), sqlite_autoincrement=True,
)  # fmt: skip

# What a CRM's record was when it came last. `digest` NULL = deleted there: the row keeps its revision, so that an
# older version that arrives late cannot bring the record back.
records = Table(
    "records", metadata, _of_source(), _text("record", True), _big("revision"), _big("digest", True), _maybe("owner"),
    _maybe("url"), sqlite_with_rowid=False,
)  # fmt: skip

# `rep` '' = nobody. `detail` is JSON: title, customer, pipeline, stage, loss_reason. `hour` NULL = the CRM knows the
# day alone. `day` and `hour` are what the totals were counted by.
facts = Table(
    "facts", metadata, _of_source(), _text("record", True), _int("n", True), _text("kind"), _big("at"), _int("day"),
    _text("rep"), _big("amount", True), _maybe("currency"), _big("seconds", True), _maybe("direction"),
    Column("answered", Boolean), _maybe("detail"), Column("hour", Integer),
    Index("facts_of_rep", "source_id", "rep", "kind", "day"),
    Index("facts_won", "at", sqlite_where=text("kind = 'deal_won'"), postgresql_where=text("kind = 'deal_won'")),
    sqlite_with_rowid=False,
)  # fmt: skip

open_deals = Table(
    "open_deals", metadata, _of_source(), _text("record", True), _text("owner"), _big("created"), _maybe("title"),
    _maybe("stage"), _maybe("pipeline"), _big("amount", True), _maybe("currency"), _big("next_activity", True),
    sqlite_with_rowid=False,
)  # fmt: skip


def _totals(name: str, when: str) -> Table:
    return Table(
        name, metadata, _int(when, True), _text("metric", True), _text("currency", True), _of_source(),
        _text("rep", True), _big("n"), _big("value"), sqlite_with_rowid=False,
    )  # fmt: skip


# Sums over facts. `rep` '' = nobody, `currency` '' = no money, month = year * 12 + month - 1.
# Beside the metrics there is `facts`: every fact once, whatever its kind.
day_totals = _totals("day_totals", "day")
month_totals = _totals("month_totals", "month")

# The same by hour (0 to 23, local), one row for all metrics of equal facts: `shape` says what they have in common
# (see storage/tally.py). Facts without a time are in none.
hour_totals = Table(
    "hour_totals", metadata, _int("day", True), _int("hour", True), _text("shape", True), _text("currency", True),
    _of_source(), _text("rep", True), _big("n"), _big("amount"), _big("seconds"), sqlite_with_rowid=False,
)  # fmt: skip

# From `is_rep` to `left`, and from `same_as` on, it is the office's word, which wins over the source's.
# `team_override` is a team's key, '' = in none. `same_as` is the key of the person that this one is too, '' = nobody
# else. `photo_file` is a row of `files`. `hidden` = counted, but not shown on the wall.
people = Table(
    "people", metadata, _source(), _text("id", True), _text("name"), _maybe("team"), _maybe("email"), _maybe("photo"),
    _maybe("zone"), _flag("active"), Column("rep", Boolean), Column("is_rep", Boolean), _maybe("name_shown"),
    _maybe("team_override"), _maybe("zone_override"), _maybe("workdays"), Column("joined", Integer),
    Column("left", Integer), _maybe("extension"), _maybe("same_as"), Column("photo_file", Integer),
    Column("hidden", Boolean),
)  # fmt: skip

# Who was in which team from a day on, where that ever changed: then the first row is of day 1, which is before all.
# `team` is a team's key, NULL = in none.
memberships = Table(
    "memberships", metadata, _source(), _text("person_id", True), _int("since", True), _maybe("team"),
)  # fmt: skip

# The office's own teams, whose keys begin with a colon, and the names it gives to teams of the sources.
teams = Table("teams", metadata, _text("key", True), _text("name"))

groups = Table("groups", metadata, _source(), _text("id", True), _text("name"), _maybe("head"))

absences = Table(
    "absences", metadata, _id(), _source(key=False), _text("person_id"), _int("first"), _int("last"), _flag("lowers"),
    sqlite_autoincrement=True,
)  # fmt: skip

rates = Table(
    "rates", metadata, _source(), _text("currency", True), _text("base", True), _int("day", True), _text("value"),
)  # fmt: skip

# What one unit of `currency` is worth in `base` from a day on, by the office's own word.
office_rates = Table(
    "office_rates", metadata, _text("currency", True), _text("base", True), _int("day", True), _text("value"),
)  # fmt: skip

# Append-only. `value` NULL = withdrawn. `source_id` = it came with that source.
targets = Table(
    "targets", metadata, _id(), _text("metric"), _text("scope"), _text("scope_key"), _text("period"), _maybe("value"),
    _int("since"), Column("until", Integer), _big("recorded_at"), _text("author"), _text("note"),
    _source(key=False, null=True),
)  # fmt: skip

settings = Table("settings", metadata, _text("key", True), _text("value"))

# Append-only: who changed what, before and after, as JSON.
audit = Table(
    "audit", metadata, _id(), _big("at"), _text("who"), _text("what"), _text("subject"), _text("before"),
    _text("after"), _text("note"),
)  # fmt: skip

# `teams` is a JSON list of the team keys that a team lead answers for, NULL = all. `totp` is an encrypted secret,
# `totp_used` the last time step that was let in.
users = Table(
    "users", metadata, _id(), Column("login", Text, nullable=False, unique=True), _text("hash"), _text("role"),
    _flag("must_change"), _big("created_at"), _maybe("teams"), _maybe("totp"), _big("totp_used", True),
)  # fmt: skip

# A login that somebody may make for themselves once. `hash` is the SHA-256 of the secret in the address.
invitations = Table(
    "invitations", metadata, Column("hash", LargeBinary, primary_key=True, nullable=False), _text("login"),
    _text("role"), _maybe("teams"), _text("author"), _big("created_at"), _big("expires_at"),
)  # fmt: skip

# `id` is the SHA-256 of the cookie, so that a stolen database opens no session.
sessions = Table(
    "sessions", metadata, _text("id", True),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    _big("created_at"), _big("seen_at"), _big("expires_at"), _text("agent"),
)  # fmt: skip

# Failed logins, by what was guessed at: a login, or a login from one address.
attempts = Table("attempts", metadata, _id(), _text("key"), _big("at"), Index("attempts_of_key", "key", "at"))

tokens = Table(
    "tokens", metadata, _id(), Column("name", Text, nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False, unique=True), _text("scope"), _big("created_at"),
    _big("revoked_at", True), _big("last_used_at", True),
)  # fmt: skip

# A TV that may show the wall. `playlist_id` and `language` NULL = the office's. `command` is JSON, what it shall do
# next. `hash` is the SHA-256 of its cookie. What it said of itself last: `agent` (browser),
# `showing` (panel), `heap` (bytes of JavaScript), `errors` (since its page was loaded).
screens = Table(
    "screens", metadata, _id(), Column("name", Text, nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False, unique=True), _big("created_at"), _big("seen_at", True),
    _text("agent"), _text("showing"), _big("heap", True), Column("errors", Integer), Column("playlist_id", Integer),
    _maybe("language"), _maybe("command"), sqlite_autoincrement=True,
)  # fmt: skip

# The panels of one screen or several. `slots` is JSON; the shared playlist is a setting.
playlists = Table(
    "playlists", metadata, _id(), Column("name", Text, nullable=False, unique=True), _text("slots"),
    sqlite_autoincrement=True,
)  # fmt: skip

# Wins to be celebrated, each record once for ever. `at` is when it was won, `noted_at` when we heard of it.
celebrations = Table(
    "celebrations", metadata, _id(), _source(key=False), _text("record"), _text("rep"), _big("at"), _big("noted_at"),
    UniqueConstraint("source_id", "record"), Index("celebrations_noted", "noted_at"), sqlite_autoincrement=True,
)  # fmt: skip

# Small files of the office's own: photos and sounds.
files = Table(
    "files", metadata, _id(), _text("kind"), _text("name"), _text("mime"),
    Column("content", LargeBinary, nullable=False), _big("created_at"), sqlite_autoincrement=True,
)  # fmt: skip

# A manager's own link to the phone page, as SHA-256 of its secret. `pin` is an argon2 hash, NULL = not chosen yet.
personal_links = Table(
    "personal_links", metadata, _source(), _text("person_id", True),
    Column("hash", LargeBinary, nullable=False, unique=True), _maybe("pin"), _big("created_at"), _big("used_at", True),
)  # fmt: skip

# A phone that may see one manager's page. `id` is the SHA-256 of its cookie.
visits = Table(
    "visits", metadata, _text("id", True), _source(key=False), _text("person_id"), _big("created_at"),
    _big("seen_at"), _big("expires_at"),
)  # fmt: skip

# What changed in numbers of days that were over. `kind` says how, `before` and `after` are JSON. `rep` is whose number
# it was, `new_rep` whose it is ('' = nobody's); `who` did it, NULL = the CRM does not say.
corrections = Table(
    "corrections", metadata, _id(), _big("noted_at"), _source(key=False), _text("record"), _text("kind"), _text("rep"),
    _text("new_rep"), _int("day"), _text("before"), _text("after"), _maybe("who"),
    Index("corrections_noted", "noted_at"),
)  # fmt: skip

# Codes that unbound screens show. `hash` is that of the cookie which the screen will be known by.
pairings = Table(
    "pairings", metadata, Column("hash", LargeBinary, primary_key=True, nullable=False),
    Column("code", Text, nullable=False, unique=True), _text("agent"), _big("expires_at"),
)  # fmt: skip

# The address that a CRM calls, one a connection. `hash` is the SHA-256 of its secret.
hooks = Table(
    "hooks", metadata, _source(), Column("hash", LargeBinary, nullable=False, unique=True), _big("created_at"),
)  # fmt: skip

# A login at a CRM that is under way. `hash` is the SHA-256 of its state, `session` that of the cookie that began it.
authorisations = Table(
    "authorisations", metadata, Column("hash", LargeBinary, primary_key=True, nullable=False), _source(key=False),
    _text("session"), _big("expires_at"),
)  # fmt: skip

# `token` grows with every change of hands: work done under an older one is refused.
leases = Table("leases", metadata, _text("name", True), _text("owner"), _big("expires_at"), _big("token"))

# Counters and heartbeats (`number`), and what the totals were counted by (`note`).
state = Table("state", metadata, _text("key", True), _big("number"), _maybe("note"))
