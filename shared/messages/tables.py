"""Tables behind the messages: outbox, inbox, the relay's lease, jobs. Each service has its own."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import schema


def outbox_table(metadata: MetaData) -> Table:
    """Events that were committed and not yet confirmed by the broker. `body` is the wire's JSON."""
    return Table(
        "outbox",
        metadata,
        Column("id", Uuid(as_uuid=False), primary_key=True),
        Column("routing_key", String, nullable=False),
        Column("body", Text, nullable=False),
        Column("trace", JSONB, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.app_now()),
    )


def inbox_table(metadata: MetaData) -> Table:
    """Events that a handler has applied."""
    return Table(
        "inbox",
        metadata,
        Column("event_id", Uuid(as_uuid=False), nullable=False),
        Column("handler", String, nullable=False),
        Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.app_now()),
        PrimaryKeyConstraint("event_id", "handler"),
        Index("ix_inbox_received_at", "received_at"),
    )


def relay_lease_table(metadata: MetaData) -> Table:
    """One row: which process sends the outbox, and until when it may go on without renewing."""
    return Table(
        "relay_lease",
        metadata,
        Column("name", String, primary_key=True),
        Column("holder", String, nullable=False),
        Column("until", DateTime(timezone=True), nullable=False),
    )


def job_table(metadata: MetaData, name: str = "job") -> Table:
    """Work for the world outside, done under its own key. `state` is one of JobState."""
    return Table(
        name,
        metadata,
        Column("id", Uuid(as_uuid=False), primary_key=True),
        Column("kind", String, nullable=False),
        Column("key", String, nullable=False),
        Column("payload", JSONB, nullable=False),
        Column("state", String, nullable=False),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("run_at", DateTime(timezone=True), nullable=False),
        Column("lease_until", DateTime(timezone=True)),
        Column("reason", String, nullable=False, server_default=""),
        Column("trace", JSONB, nullable=False, server_default="{}"),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.app_now()),
        UniqueConstraint("kind", "key"),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'parked')", name="state"),
        Index(f"ix_{name}_due", "run_at", postgresql_where="state IN ('waiting', 'running')"),
        Index(f"ix_{name}_done", "created_at", postgresql_where="state = 'done'"),
        Index(f"ix_{name}_parked", "kind", postgresql_where="state = 'parked'"),
    )


def message_tables_sql(service: str) -> list[str]:
    """Statements for the migration that introduces outbox, inbox and lease, with the app role's rights.

    A later change of these tables is a function of its own: released migrations stay as they are.
    """
    return [
        """
        CREATE TABLE outbox (
            id uuid NOT NULL CONSTRAINT pk_outbox PRIMARY KEY,
            routing_key varchar NOT NULL,
            body text NOT NULL,
            trace jsonb NOT NULL,
            created_at timestamptz NOT NULL DEFAULT app_now()
        )
        """,
        """
        CREATE TABLE inbox (
            event_id uuid NOT NULL,
            handler varchar NOT NULL,
            received_at timestamptz NOT NULL DEFAULT app_now(),
            CONSTRAINT pk_inbox PRIMARY KEY (event_id, handler)
        )
        """,
        "CREATE INDEX ix_inbox_received_at ON inbox (received_at)",
        """
        CREATE TABLE relay_lease (
            name varchar NOT NULL CONSTRAINT pk_relay_lease PRIMARY KEY,
            holder varchar NOT NULL,
            until timestamptz NOT NULL
        )
        """,
        *schema.grants_sql(
            service,
            [
                ("outbox", "SELECT, INSERT, DELETE"),
                ("inbox", "SELECT, INSERT, DELETE"),
                ("relay_lease", "SELECT, INSERT, UPDATE, DELETE"),
            ],
        ),
    ]


def job_table_sql(service: str, name: str = "job") -> list[str]:
    """Statements for the migration that introduces a job table, with the app role's rights."""
    return [
        f"""
        CREATE TABLE {name} (
            id uuid NOT NULL CONSTRAINT pk_{name} PRIMARY KEY,
            kind varchar NOT NULL,
            key varchar NOT NULL,
            payload jsonb NOT NULL,
            state varchar NOT NULL
                CONSTRAINT ck_{name}_state CHECK (state IN ('waiting', 'running', 'done', 'parked')),
            attempts integer NOT NULL DEFAULT 0,
            run_at timestamptz NOT NULL,
            lease_until timestamptz,
            reason varchar NOT NULL DEFAULT '',
            created_at timestamptz NOT NULL DEFAULT app_now(),
            CONSTRAINT uq_{name}_kind_key UNIQUE (kind, key)
        )
        """,
        f"CREATE INDEX ix_{name}_due ON {name} (run_at) WHERE state IN ('waiting', 'running')",
        *schema.grants_sql(service, [(name, "SELECT, INSERT, UPDATE, DELETE")]),
    ]


def job_done_index_sql(name: str = "job") -> str:
    """What finds the jobs that may be forgotten; came after `job_table_sql`."""
    return f"CREATE INDEX ix_{name}_done ON {name} (created_at) WHERE state = 'done'"


def job_parked_index_sql(name: str = "job") -> str:
    """What counts the jobs that an operator has to look at; came after `job_done_index_sql`."""
    return f"CREATE INDEX ix_{name}_parked ON {name} (kind) WHERE state = 'parked'"


def job_trace_column_sql(name: str = "job") -> str:
    """Where a job keeps the trace context of who enqueued it; jobs of an older release have none."""
    return f"ALTER TABLE {name} ADD COLUMN trace jsonb NOT NULL DEFAULT '{{}}'"
