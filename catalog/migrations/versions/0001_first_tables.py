"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.tables import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "checkpoint",
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("container", sa.Text(), nullable=False),
        sa.Column("feed", sa.String(length=20), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("source", "container", "feed", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "clause",
        sa.Column("id", _Id, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("synced_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause")),
        sa.UniqueConstraint("source", "key", name=op.f("uq_clause_source_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "container",
        sa.Column("id", _Id, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("canonical", sa.Boolean(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("attempted_at", Instant(), nullable=True),
        sa.Column("swept_at", Instant(), nullable=True),
        sa.Column("synced_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_container")),
        sa.UniqueConstraint("source", "native_id", name=op.f("uq_container_source_native_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
        comment="Counters that move in the transaction of what they count; access_epoch is one.",
    )
    op.create_table(
        "embedding_model",
        sa.Column("id", _Id, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_embedding_model")),
        sa.UniqueConstraint("name", name=op.f("uq_embedding_model_name")),
    )
    op.create_table(
        "failure",
        sa.Column("id", _Id, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("container", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failure")),
        sa.UniqueConstraint(
            "source", "document", "stage", name=op.f("uq_failure_source_document_stage")
        ),
        comment="What went wrong with one document and has not gone right since.",
    )
    op.create_index(
        op.f("ix_failure_source_container"), "failure", ["source", "container"], unique=False
    )
    op.create_table(
        "person",
        sa.Column("id", _Id, autoincrement=True, nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("guest", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_person_issuer_subject")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_person_email"), "person", ["email"], unique=False)
    op.create_table(
        "principal",
        sa.Column("id", _Id, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_principal")),
        sa.UniqueConstraint(
            "source", "kind", "native_id", name=op.f("uq_principal_source_kind_native_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "scope",
        sa.Column("id", _Id, autoincrement=True, nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.CheckConstraint("signature <> ''", name=op.f("ck_scope_not_empty")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scope")),
        sa.UniqueConstraint("signature", name=op.f("uq_scope_signature")),
        comment="An interned set of clauses; signature is the sorted clause ids, comma-separated.",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "clause_grant",
        sa.Column("clause_id", _Id, nullable=False),
        sa.Column("principal_id", _Id, nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clause_id"],
            ["clause.id"],
            name=op.f("fk_clause_grant_clause_id_clause"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["principal_id"],
            ["principal.id"],
            name=op.f("fk_clause_grant_principal_id_principal"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("clause_id", "principal_id", name=op.f("pk_clause_grant")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_clause_grant_principal_id_clause_id_expires_at"),
        "clause_grant",
        ["principal_id", "clause_id", "expires_at"],
        unique=False,
    )
    op.create_table(
        "document",
        sa.Column("id", _Id, autoincrement=True, nullable=False),
        sa.Column("container_id", _Id, nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("skipped", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("owners", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=True),
        sa.Column("modified_at", Instant(), nullable=True),
        sa.Column("scope_id", _Id, nullable=True),
        sa.Column("access_at", Instant(), nullable=True),
        sa.Column("body_key", sa.String(length=64), nullable=False),
        sa.Column("index_key", sa.String(length=64), nullable=False),
        sa.Column("synced_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["container_id"],
            ["container.id"],
            name=op.f("fk_document_container_id_container"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_document_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("source", "native_id", name=op.f("uq_document_source_native_id")),
        comment="scope_id NULL: nothing is known about who may read it, so nobody may.",
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_document_container_id_scope_id"),
        "document",
        ["container_id", "scope_id"],
        unique=False,
    )
    op.create_index(op.f("ix_document_removed_at"), "document", ["removed_at"], unique=False)
    op.create_index(op.f("ix_document_scope_id"), "document", ["scope_id"], unique=False)
    op.create_table(
        "group_feed",
        sa.Column("group_id", _Id, nullable=False),
        sa.Column("feed", sa.String(length=20), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("synced_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["principal.id"],
            name=op.f("fk_group_feed_group_id_principal"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "feed", name=op.f("pk_group_feed")),
        comment="What each feed knows of a group: from unknown and out-of-date, no members count.",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "identity_link",
        sa.Column("principal_id", _Id, nullable=False),
        sa.Column("person_id", _Id, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(length=20), nullable=False),
        sa.Column("feed", sa.String(length=20), nullable=False),
        sa.Column("linked_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_identity_link_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["principal_id"],
            ["principal.id"],
            name=op.f("fk_identity_link_principal_id_principal"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("principal_id", "person_id", "feed", name=op.f("pk_identity_link")),
        comment="Two people with equally strong evidence for one account: neither has it.",
    )
    op.create_index(
        op.f("ix_identity_link_person_id"), "identity_link", ["person_id"], unique=False
    )
    op.create_table(
        "membership",
        sa.Column("group_id", _Id, nullable=False),
        sa.Column("member_id", _Id, nullable=False),
        sa.Column("feed", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["principal.id"],
            name=op.f("fk_membership_group_id_principal"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["principal.id"],
            name=op.f("fk_membership_member_id_principal"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "member_id", "feed", name=op.f("pk_membership")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_membership_member_id_group_id_feed"),
        "membership",
        ["member_id", "group_id", "feed"],
        unique=False,
    )
    op.create_table(
        "scope_clause",
        sa.Column("scope_id", _Id, nullable=False),
        sa.Column("clause_id", _Id, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_scope_clause_size_positive")),
        sa.ForeignKeyConstraint(
            ["clause_id"],
            ["clause.id"],
            name=op.f("fk_scope_clause_clause_id_clause"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"],
            ["scope.id"],
            name=op.f("fk_scope_clause_scope_id_scope"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("scope_id", "clause_id", name=op.f("pk_scope_clause")),
        comment="size: how many clauses the scope has; with a row missing, it admits nobody.",
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_scope_clause_clause_id_scope_id_size"),
        "scope_clause",
        ["clause_id", "scope_id", "size"],
        unique=False,
    )
    op.create_table(
        "vector",
        sa.Column("model_id", _Id, nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["embedding_model.id"],
            name=op.f("fk_vector_model_id_embedding_model"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("model_id", "text_hash", name=op.f("pk_vector")),
        comment="Vectors of texts once embedded: little-endian float32.",
    )
    op.create_table(
        "held_deletion",
        sa.Column("document_id", _Id, nullable=False),
        sa.Column("container_id", _Id, nullable=False),
        sa.Column("noticed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["container_id"],
            ["container.id"],
            name=op.f("fk_held_deletion_container_id_container"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_held_deletion_document_id_document"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_held_deletion")),
        comment="Documents missing from a complete listing, too many at once to believe unasked.",
    )
    op.create_index(
        op.f("ix_held_deletion_container_id"), "held_deletion", ["container_id"], unique=False
    )
    op.create_table(
        "stage_mark",
        sa.Column("document_id", _Id, nullable=False),
        sa.Column("stage", sa.String(length=80), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("produced", sa.Integer(), nullable=False),
        sa.Column("done_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_stage_mark_document_id_document"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", "stage", name=op.f("pk_stage_mark")),
        comment="How far a document has come; a stage is due where the fingerprint differs.",
    )
    op.create_table(
        "container_scope",
        sa.Column("container_id", _Id, nullable=False),
        sa.Column("scope_id", _Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["container_id"],
            ["container.id"],
            name=op.f("fk_container_scope_container_id_container"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"],
            ["scope.id"],
            name=op.f("fk_container_scope_scope_id_scope"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("container_id", "scope_id", name=op.f("pk_container_scope")),
        comment="Scopes ever seen in a container: where a person holds all, the container is whole.",
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_container_scope_scope_id"), "container_scope", ["scope_id"], unique=False
    )
    op.execute("INSERT INTO counter (name, value) VALUES ('access_epoch', 0)")
