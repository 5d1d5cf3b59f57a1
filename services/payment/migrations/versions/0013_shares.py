"""What providers may keep of payments whose visits are over."""

from alembic import op

from shared.database import repeating, schema

revision = "0013"
down_revision = "0012"

SERVICE = "payment"

SHARES = [
    """
    CREATE TABLE provider_share (
        payment_id uuid NOT NULL,
        provider_id uuid NOT NULL,
        currency varchar(3) NOT NULL,
        state varchar NOT NULL,
        over_at timestamptz NOT NULL,
        released_amount bigint,
        is_due boolean DEFAULT false NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT pk_provider_share PRIMARY KEY (payment_id),
        CONSTRAINT ck_provider_share_state CHECK (state IN ('paid_out', 'released', 'waiting')),
        CONSTRAINT ck_provider_share_released_is_told
            CHECK ((state = 'waiting') = (released_amount IS NULL)),
        CONSTRAINT ck_provider_share_waiting_is_not_due CHECK (state <> 'waiting' OR NOT is_due)
    )
    """,
    "CREATE INDEX ix_provider_share_waiting ON provider_share (over_at) WHERE state = 'waiting'",
    "CREATE INDEX ix_provider_share_due ON provider_share (provider_id, currency, payment_id) WHERE is_due",
]
# What late cancellations had left to providers before there were shares; nothing was completed then.
BEFORE = """
INSERT INTO provider_share (payment_id, provider_id, currency, state, over_at, updated_at)
SELECT p.id, p.provider_id, p.currency, 'waiting', c.cancelled_at, app_now()
FROM payment p JOIN booking_cancellation c ON c.booking_id = p.booking_id
WHERE p.captured_amount > 0
"""
# After all that reads much: until the transaction ends, nobody writes a payment beside it.
NAMED = """
ALTER TABLE provider_share ADD CONSTRAINT fk_provider_share_payment_id_payment
    FOREIGN KEY(payment_id) REFERENCES payment (id) NOT VALID
"""
RIGHTS = [
    ("provider_share", "SELECT, INSERT, UPDATE (state, released_amount, is_due, updated_at)"),
]


def upgrade() -> None:
    if not repeating.is_there("provider_share"):
        for statement in [*SHARES, BEFORE, *schema.grants_sql(SERVICE, RIGHTS), NAMED]:
            op.execute(statement)
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE provider_share VALIDATE CONSTRAINT fk_provider_share_payment_id_payment")


def downgrade() -> None:
    op.execute("DROP TABLE provider_share")
