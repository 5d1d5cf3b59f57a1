"""Events at Stripe whose webhooks did not reach us, of our account or of a provider's."""

from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from services.payment.clients.stripe_webhooks import read_event
from services.payment.domain.webhook import WebhookEvent

Call = Callable[[str, dict[str, Any], Callable[[dict[str, Any]], Any]], Any]
"""(operation, parameters, send) -> Stripe's object; `StripeGateway.call`."""

PAGE = 100
MOST = 1000


class Period(NamedTuple):
    """When the events were made, both included."""

    since: datetime
    until: datetime


def list_events(
    client: Any, call: Call, period: Period, types: frozenset[str], account_id: str | None = None
) -> list[WebhookEvent]:
    """At most 1,000 events of these types; Stripe takes 20 types."""
    params = {
        "created": {"gte": int(period.since.timestamp()), "lte": int(period.until.timestamp())},
        "types": sorted(types),
        "delivery_success": False,
        "limit": PAGE,
    }
    options = {} if account_id is None else {"stripe_account": account_id}
    listed = call(
        "list_events",
        params,
        lambda sent: list(islice(client.v1.events.list(sent, options).auto_paging_iter(), MOST)),
    )
    events = (read_event(event.to_dict()) for event in listed)
    return [event for event in events if event.type in types]
