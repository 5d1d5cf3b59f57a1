"""The faults that the self-test plants, each with the check that must find it, named in advance."""

from tests.chaos.plans import Habits
from tests.chaos.selftest.edits import Edit, Statement
from tests.chaos.selftest.life_plants import LIFE_PLANTS
from tests.chaos.selftest.plant import Bait, Plant
from tests.fixtures.tcp_proxy import Slow

EVERYWHERE = ("search", "booking", "payment", "notify", "gateway")

PAID = {"plain": 1}
LEFT = {"cancelled_unpaid": 3, "abandoned": 1}


_PUBLISH_NOW = """    global _early
    if _early is None:
        _early = ConfirmingPublisher(os.environ["AMQP_URI"], "early", (events[0].type.exchange,))
    exchange = events[0].type.exchange
    _early.publish(
        [Outgoing(exchange, each.routing_key(), body, each.id, each.trace)
            for each, body in zip(traced, rows["bodies"])]
    )
"""

PUBLISH_BEFORE_COMMIT = Plant(
    what="events are published where they are written, before the commit",
    check="events.everything_told_is_true",
    # What is told waits for the broker; meanwhile connections to the database end.
    bait=Bait(
        Habits(ways=LEFT, pause_factor=0.2, looks=()),
        kinds=("cut",),
        targets=("booking to postgresql",),
        slow={("booking", "rabbitmq"): Slow(b"early", answering=0.1)},
    ),
    services=EVERYWHERE,
    edits=(
        Edit(
            "shared/messages/outbox.py",
            "import dataclasses\n",
            "import dataclasses\nimport os\nfrom typing import Any\n",
        ),
        Edit(
            "shared/messages/outbox.py",
            "from shared.messages.event_spans import created\n",
            "from shared.messages.event_spans import created\n"
            "from shared.messages.publisher import ConfirmingPublisher, Outgoing\n\n_early: Any = None\n",
        ),
        Edit(
            "shared/messages/outbox.py",
            "    send_with_next(connection, _ADD, rows)\n    wake_after_commit(connection)\n",
            _PUBLISH_NOW,
        ),
    ),
)

INBOX_OFF = Plant(
    what="no handler asks its inbox or notes an event; notify's unique key never refuses, under its name",
    check="inbox.each_person_was_told_once",
    # Handlers are slow, and connections end while they work: what they work on is delivered again.
    bait=Bait(
        Habits(ways=LEFT, pause_factor=0.2, looks=()),
        kinds=("cut",),
        targets=("notify to rabbitmq",),
        slow={("notify", "postgresql"): Slow(asking=0.1)},
    ),
    services=("booking", "payment", "notify"),
    edits=(
        Edit(
            "shared/messages/inbox.py",
            '    noted = connection.execute(_NOTE, {"event_id": event_id, "handler": handler})\n'
            "    return noted.one_or_none() is not None\n",
            "    return True\n",
        ),
    ),
    statements=(
        Statement(
            "notify",
            "ALTER TABLE notification DROP CONSTRAINT uq_notification_event_id_person_id,"
            " ADD CONSTRAINT uq_notification_event_id_person_id UNIQUE (event_id, person_id, id)",
        ),
    ),
)

CONSTRAINT_REPLACED = Plant(
    what="the constraint against overlaps never refuses, under its name",
    check="slots.no_two_allocations_overlap",
    bait=Bait(Habits(ways=PAID, afterwards={"stay": 1}, pause_factor=0.2, looks=(), places=1), seconds=6.0),
    statements=(
        Statement(
            "booking",
            "ALTER TABLE allocation DROP CONSTRAINT allocation_no_overlap, ADD CONSTRAINT"
            " allocation_no_overlap EXCLUDE USING gist (id WITH =, resource_id WITH =, blocked WITH &&)",
        ),
    ),
)

KEY_IGNORED = Plant(
    what="a command is done whatever was answered under its key",
    check="told.every_key_had_one_effect",
    bait=Bait(Habits(ways=LEFT, pause_factor=0.2, looks=(), reuses_key=0.5), seconds=6.0),
    services=("booking",),
    edits=(
        Edit(
            "shared/database/idempotency.py",
            "    send_with_next(connection, _LOCK,",
            "    return work()\n    send_with_next(connection, _LOCK,",
        ),
    ),
)

RELAY_BY_ID = Plant(
    what="the relay asks for events above the last id that it sent",
    check="rest.nothing_waits",
    # Slow transactions overlap, so that ids are not committed in their order; the relay is not slow.
    bait=Bait(
        Habits(ways=LEFT, pause_factor=0.2, looks=()),
        slow={("booking", "postgresql"): Slow(b"application_name\0booking", asking=0.12)},
        rest_seconds=12.0,
    ),
    services=EVERYWHERE,
    edits=(
        Edit(
            "shared/messages/outbox_store.py",
            "    FROM outbox ORDER BY outbox.id LIMIT",
            "    FROM outbox WHERE id > $3 ORDER BY outbox.id LIMIT",
        ),
        Edit(
            "shared/messages/outbox_store.py",
            "PREPARE take (text, integer) AS",
            "PREPARE take (text, integer, uuid) AS",
        ),
        Edit(
            "shared/messages/outbox_store.py",
            '"EXECUTE take (%s, %s)", (self._holder, limit)',
            '"EXECUTE take (%s, %s, %s)", (self._holder, limit, self._last)',
        ),
        Edit(
            "shared/messages/outbox_store.py",
            "        self._connection: Any = None\n",
            "        self._connection: Any = None\n        self._last = str(UUID(int=0))\n",
        ),
        Edit(
            "shared/messages/outbox_store.py",
            "from typing import Any\n",
            "from typing import Any\nfrom uuid import UUID\n",
        ),
        Edit(
            "shared/messages/outbox_store.py",
            '        """Delete rows that the broker has confirmed."""\n',
            '        """Delete rows that the broker has confirmed."""\n'
            "        self._last = max(self._last, *ids)\n",
        ),
    ),
)

TIP_FORGOTTEN = Plant(
    what="a refund gives the service back and keeps the tip",
    check="money.every_payment_has_its_booking_or_went_back",
    bait=Bait(Habits(ways=PAID, afterwards={"cancel": 1}, tips=(0, 5), looks=(), pause_factor=0.2)),
    services=("payment",),
    edits=(
        Edit(
            "services/payment/usecases/refunds_due.py",
            "        Money(min(tip.amount, (whole.tip - so_far.tip).amount), currency),\n",
            "        Money(0, currency),\n",
        ),
    ),
)

REFUND_BY_REFUND = Plant(
    what="the commission goes back rounded for each refund, not cumulatively",
    check="ledger.commission_goes_back_cumulatively",
    # Two parts too small for a commission of their own; what is left goes back with the visit. Of visits that
    # are near nothing is taken yet that could go back.
    bait=Bait(
        Habits(
            ways=PAID,
            afterwards={"parts_and_cancel": 1},
            looks=(),
            pause_factor=0.2,
            days=tuple(range(3, 10)),
        )
    ),
    services=("payment",),
    edits=(
        Edit(
            "services/payment/domain/refunds.py",
            "commission_back(split, refunded) - so_far.commission",
            "commission_back(split, service)",
        ),
    ),
)

CACHE_FILLED_LATE = Plant(
    what="an answer is cached under the generations of after it was asked for",
    check="copies.caches_answer_like_their_owners",
    # What services answer arrives late, what they tell of changes does not. Only the last change of a day
    # leaves a trace, so there are many days.
    bait=Bait(
        Habits(ways={"two_windows": 1}, pause_factor=0.2, looks=(), days=tuple(range(28))),
        slow={("gateway", "rabbitmq"): Slow(b"rpc answers", answering=0.6)},
    ),
    services=("gateway",),
    edits=(
        Edit(
            "services/gateway/cache.py",
            "        value = compute()\n        try:\n",
            "        value = compute()\n        generations, _ = self._read(entry, _nobody)\n        try:\n",
        ),
    ),
)

PLANTS: dict[str, Plant] = {
    "publish-before-commit": PUBLISH_BEFORE_COMMIT,
    "inbox-off": INBOX_OFF,
    "constraint-replaced": CONSTRAINT_REPLACED,
    "key-ignored": KEY_IGNORED,
    "relay-by-id": RELAY_BY_ID,
    "tip-forgotten": TIP_FORGOTTEN,
    "refund-by-refund": REFUND_BY_REFUND,
    "cache-filled-late": CACHE_FILLED_LATE,
    **LIFE_PLANTS,
}
