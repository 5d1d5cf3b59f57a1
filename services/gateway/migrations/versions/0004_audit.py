"""The audit of administrators' commands: rows are added and never changed, whoever tries."""

from alembic import op

from shared.database import schema

revision = "0004"
down_revision = "0003"

TABLE = """
CREATE TABLE audit_entry (
    id uuid NOT NULL CONSTRAINT pk_audit_entry PRIMARY KEY,
    ask_id uuid,
    outcome text NOT NULL,
    actor_id uuid NOT NULL,
    client_address text NOT NULL,
    action text NOT NULL,
    object_kind text NOT NULL,
    object_id text NOT NULL,
    reason text,
    content jsonb NOT NULL,
    request_id text NOT NULL,
    written_at timestamptz DEFAULT app_now() NOT NULL,
    CONSTRAINT fk_audit_entry_ask_id_audit_entry FOREIGN KEY (ask_id) REFERENCES audit_entry (id),
    CONSTRAINT ck_audit_entry_outcome CHECK (outcome IN ('asked', 'done', 'refused', 'unknown')),
    CONSTRAINT ck_audit_entry_outcome_names_its_ask CHECK ((outcome = 'asked') = (ask_id IS NULL))
)
"""
INDEXES = (
    "CREATE UNIQUE INDEX uq_audit_entry_ask_id ON audit_entry (ask_id) WHERE ask_id IS NOT NULL",
    "CREATE INDEX ix_audit_entry_written_at ON audit_entry (written_at, id) WHERE ask_id IS NULL",
    "CREATE INDEX ix_audit_entry_actor_id ON audit_entry (actor_id, written_at, id) WHERE ask_id IS NULL",
    "CREATE INDEX ix_audit_entry_object_id ON audit_entry (object_id, written_at, id) WHERE ask_id IS NULL",
    "CREATE INDEX ix_audit_entry_action ON audit_entry (action, written_at, id) WHERE ask_id IS NULL",
)
GUARD = (
    """
    CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the audit is only ever added to' USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    """
    CREATE TRIGGER audit_entry_is_kept BEFORE UPDATE OR DELETE ON audit_entry
        FOR EACH ROW EXECUTE FUNCTION audit_refuse_change()
    """,
    """
    CREATE TRIGGER audit_entries_are_kept BEFORE TRUNCATE ON audit_entry
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()
    """,
)


def upgrade() -> None:
    for statement in (
        TABLE,
        *INDEXES,
        *GUARD,
        *schema.grants_sql("gateway", [("audit_entry", "SELECT, INSERT")]),
    ):
        op.execute(statement)


REFUSAL = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM audit_entry) THEN
        RAISE EXCEPTION 'the audit has entries: it is not thrown away';
    END IF;
END $$
"""


def downgrade() -> None:
    for statement in (REFUSAL, "DROP TABLE audit_entry", "DROP FUNCTION audit_refuse_change()"):
        op.execute(statement)
