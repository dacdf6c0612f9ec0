"""The tables of the catalog. `migrations/` builds the same schema step by step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """A time zone aware instant, kept as whole microseconds since 1970 in UTC.

    Integers sort and compare alike on SQLite and PostgreSQL, and lose no precision.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        """To the database; a naive time is an error, since nobody knows when it was."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> datetime | None:
        """From the database."""
        return None if value is None else EPOCH + int(value) * MICROSECOND


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts rows up by itself only for a column that it knows as INTEGER PRIMARY KEY.
_Id = BigInteger().with_variant(Integer, "sqlite")
_HASH = String(64)


# A row number that was given once is never given again: an index that lags may still name it.
_NEVER_AGAIN: dict[str, Any] = {"sqlite_autoincrement": True}
# Tables that are all key: SQLite keeps them once, in the key's order, instead of twice.
_ALL_KEY: dict[str, Any] = {"sqlite_with_rowid": False}


def _row_id() -> Column[int]:
    return Column("id", _Id, primary_key=True, autoincrement=True)


def _reference(name: str, target: str, **options: Any) -> Column[int]:
    return Column(name, _Id, ForeignKey(target, ondelete="CASCADE"), nullable=False, **options)


counter = Table(
    "counter",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
    comment="Counters that move in the transaction of what they count; access_epoch is one.",
)

container = Table(
    "container",
    metadata,
    _row_id(),
    Column("source", String(20), nullable=False),
    Column("native_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("owner", Text),
    Column("canonical", Boolean, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("attempted_at", Instant),
    Column("swept_at", Instant),
    Column("synced_at", Instant),
    UniqueConstraint("source", "native_id"),
    **_NEVER_AGAIN,
)

scope = Table(
    "scope",
    metadata,
    _row_id(),
    Column("signature", Text, nullable=False, unique=True),
    CheckConstraint("signature <> ''", name="not_empty"),
    comment="An interned set of clauses; signature is the sorted clause ids, comma-separated.",
    **_NEVER_AGAIN,
)

part = Table(
    "part",
    metadata,
    _row_id(),
    _reference("container_id", "container.id"),
    Column("name", Text, nullable=False),
    UniqueConstraint("container_id", "name"),
    comment="Parts that a container is listed in, such as the libraries and lists of a site.",
    **_NEVER_AGAIN,
)

document = Table(
    "document",
    metadata,
    _row_id(),
    _reference("container_id", "container.id"),
    Column("source", String(20), nullable=False),
    Column("native_id", Text, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("title", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("skipped", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("content_hash", _HASH),
    Column("owners", Text, nullable=False),
    Column("created_at", Instant),
    Column("modified_at", Instant),
    Column("scope_id", _Id, ForeignKey("scope.id")),
    Column("access_at", Instant),
    Column("looked_at", Instant),
    Column("read_at", Instant),
    Column("part_id", _Id, ForeignKey("part.id")),
    Column("body_key", _HASH, nullable=False),
    Column("index_key", _HASH, nullable=False),
    Column("synced_at", Instant, nullable=False),
    Column("removed_at", Instant),
    UniqueConstraint("source", "native_id"),
    Index(None, "container_id", "scope_id"),
    Index(None, "scope_id"),
    Index(None, "removed_at"),
    comment="scope_id NULL: nothing is known about who may read it, so nobody may.",
    **_NEVER_AGAIN,
)

principal = Table(
    "principal",
    metadata,
    _row_id(),
    Column("source", String(20), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("native_id", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),  # for showing alone
    UniqueConstraint("source", "kind", "native_id"),
    **_NEVER_AGAIN,
)

group_feed = Table(
    "group_feed",
    metadata,
    _reference("group_id", "principal.id", primary_key=True),
    Column("feed", String(20), primary_key=True),
    Column("known", Boolean, nullable=False),
    Column("synced_at", Instant, nullable=False),
    comment="What each feed knows of a group: from unknown and out-of-date, no members count.",
    **_ALL_KEY,
)

membership = Table(
    "membership",
    metadata,
    _reference("group_id", "principal.id", primary_key=True),
    _reference("member_id", "principal.id", primary_key=True),
    Column("feed", String(20), primary_key=True),
    Index(None, "member_id", "group_id", "feed"),
    **_ALL_KEY,
)

clause = Table(
    "clause",
    metadata,
    _row_id(),
    Column("source", String(20), nullable=False),
    Column("key", Text, nullable=False),
    Column("known", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("synced_at", Instant, nullable=False),
    UniqueConstraint("source", "key"),
    **_NEVER_AGAIN,
)

clause_grant = Table(
    "clause_grant",
    metadata,
    _reference("clause_id", "clause.id", primary_key=True),
    _reference("principal_id", "principal.id", primary_key=True),
    Column("expires_at", Instant),
    Index(None, "principal_id", "clause_id", "expires_at"),
    **_ALL_KEY,
)

scope_clause = Table(
    "scope_clause",
    metadata,
    _reference("scope_id", "scope.id", primary_key=True),
    _reference("clause_id", "clause.id", primary_key=True),
    Column("size", Integer, nullable=False),
    CheckConstraint("size > 0", name="size_positive"),
    Index(None, "clause_id", "scope_id", "size"),
    comment="size: how many clauses the scope has; with a row missing, it admits nobody.",
    **_ALL_KEY,
)

container_scope = Table(
    "container_scope",
    metadata,
    _reference("container_id", "container.id", primary_key=True),
    _reference("scope_id", "scope.id", primary_key=True),
    Index(None, "scope_id"),
    comment="Scopes ever seen in a container: where a person holds all, the container is whole.",
    sqlite_with_rowid=False,
)

person = Table(
    "person",
    metadata,
    _row_id(),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("guest", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    UniqueConstraint("issuer", "subject"),
    Index(None, "email"),
    **_NEVER_AGAIN,
)

identity_link = Table(
    "identity_link",
    metadata,
    _reference("principal_id", "principal.id", primary_key=True),
    _reference("person_id", "person.id", primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("evidence", String(20), nullable=False),
    Column("feed", String(20), primary_key=True),
    Column("linked_at", Instant, nullable=False),
    Index(None, "person_id"),
    comment="Two people with equally strong evidence for one account: neither has it.",
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("source", String(20), primary_key=True),
    Column("container", Text, primary_key=True),
    Column("feed", String(20), primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("doubted", Text, nullable=False, server_default="[]"),
    Column("updated_at", Instant, nullable=False),
)

stage_mark = Table(
    "stage_mark",
    metadata,
    _reference("document_id", "document.id", primary_key=True),
    Column("stage", String(80), primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("produced", Integer, nullable=False),
    Column("done_at", Instant, nullable=False),
    comment="How far a document has come; a stage is due where the fingerprint differs.",
)

failure = Table(
    "failure",
    metadata,
    _row_id(),
    Column("source", String(20), nullable=False),
    Column("container", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("stage", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    UniqueConstraint("source", "document", "stage"),
    Index(None, "source", "container"),
    comment="What went wrong with one document and has not gone right since.",
)

held_deletion = Table(
    "held_deletion",
    metadata,
    Column("document_id", _Id, ForeignKey("document.id", ondelete="CASCADE"), primary_key=True),
    _reference("container_id", "container.id"),
    Column("noticed_at", Instant, nullable=False),
    Index(None, "container_id"),
    comment="Documents missing from a complete listing, too many at once to believe unasked.",
)

embedding_model = Table(
    "embedding_model",
    metadata,
    _row_id(),
    Column("name", Text, nullable=False, unique=True),
)

vector = Table(
    "vector",
    metadata,
    _reference("model_id", "embedding_model.id", primary_key=True),
    Column("text_hash", _HASH, primary_key=True),
    Column("data", LargeBinary, nullable=False),
    comment="Vectors of texts once embedded: little-endian float32.",
)
