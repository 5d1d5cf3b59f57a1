"""Numbers of invoices and credit notes without gaps; those of what was captured and refunded before."""

from alembic import op

from shared.database import repeating, schema

revision = "0015"
down_revision = "0014"

SERVICE = "payment"

TABLES = [
    """
    CREATE TABLE number_series (
        series varchar NOT NULL,
        year integer NOT NULL,
        last integer NOT NULL,
        CONSTRAINT pk_number_series PRIMARY KEY (series, year),
        CONSTRAINT ck_number_series_series CHECK (series IN ('credit_note', 'invoice')),
        CONSTRAINT ck_number_series_last_counts CHECK (last >= 1)
    )
    """,
    """
    CREATE TABLE document (
        series varchar NOT NULL,
        year integer NOT NULL,
        number integer NOT NULL,
        subject_id uuid NOT NULL,
        payment_id uuid NOT NULL,
        issued_at timestamptz NOT NULL,
        CONSTRAINT pk_document PRIMARY KEY (series, year, number),
        CONSTRAINT uq_document_series_subject_id UNIQUE (series, subject_id),
        CONSTRAINT ck_document_series CHECK (series IN ('credit_note', 'invoice')),
        CONSTRAINT ck_document_number_counts CHECK (number >= 1)
    )
    """,
    "CREATE INDEX ix_document_payment_id ON document (payment_id)",
]

# In the order in which it happened; a refund that was begun anew has one credit note, of its first time.
BEFORE = [
    "SET LOCAL timezone = 'UTC'",
    """
    INSERT INTO document (series, year, number, subject_id, payment_id, issued_at)
    SELECT 'invoice', extract(year FROM posted_at),
        row_number() OVER (PARTITION BY extract(year FROM posted_at) ORDER BY posted_at, id),
        payment_id, payment_id, posted_at
    FROM ledger_transaction WHERE kind = 'captured'
    """,
    """
    INSERT INTO document (series, year, number, subject_id, payment_id, issued_at)
    SELECT 'credit_note', extract(year FROM posted_at),
        row_number() OVER (PARTITION BY extract(year FROM posted_at) ORDER BY posted_at, refund_id),
        refund_id, payment_id, posted_at
    FROM (
        SELECT split_part(fact, ':', 2)::uuid AS refund_id, payment_id, min(posted_at) AS posted_at
        FROM ledger_transaction WHERE kind = 'refund_sent' GROUP BY 1, 2
    ) AS sent
    """,
    "INSERT INTO number_series SELECT series, year, max(number) FROM document GROUP BY series, year",
]
# After all that reads much: until the transaction ends, nobody writes a payment beside it.
NAMED = """
ALTER TABLE document ADD CONSTRAINT fk_document_payment_id_payment
    FOREIGN KEY(payment_id) REFERENCES payment (id) NOT VALID
"""
RIGHTS = [
    ("number_series", "SELECT, INSERT, UPDATE (last)"),
    ("document", "SELECT, INSERT"),
]


def upgrade() -> None:
    if not repeating.is_there("document"):
        for statement in [*TABLES, *BEFORE, *schema.grants_sql(SERVICE, RIGHTS), NAMED]:
            op.execute(statement)
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE document VALIDATE CONSTRAINT fk_document_payment_id_payment")


REFUSAL = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM document) THEN
        RAISE EXCEPTION 'documents have numbers: these are not thrown away';
    END IF;
END $$
"""


def downgrade() -> None:
    for statement in (REFUSAL, "DROP TABLE document", "DROP TABLE number_series"):
        op.execute(statement)
