"""The one list of metrics: names, labels and meaning. Labels take few values, never ids or addresses.

Gauges say how the processes of one gateway are put together (prometheus_client, multiprocess mode); all
are `live...`, so that a process that ended is forgotten. Those of OF_THE_SERVICE are not of a process.
"""

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

# A third of all series, for an instant that nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]

LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 8.0, 15.0)
"""Seconds, up to the longest deadline."""

http_seconds = Histogram(
    "care_http_request_seconds",
    "Time to answer an HTTP request",
    ["method", "route", "status"],
    buckets=LATENCY_BUCKETS,
)
rpc_client_seconds = Histogram(
    "care_rpc_client_seconds",
    "Time from asking a service to its answer, as the caller sees it",
    ["service", "method", "outcome"],
    buckets=LATENCY_BUCKETS,
)
rpc_server_seconds = Histogram(
    "care_rpc_server_seconds",
    "Time that a service worked on a request",
    ["service", "method", "outcome"],
    buckets=LATENCY_BUCKETS,
)
rpc_in_flight = Gauge(
    "care_rpc_in_flight", "Calls waiting for an answer", ["service"], multiprocess_mode="livesum"
)
rpc_link_up = Gauge(
    "care_rpc_link_up", "1 while the RPC client is connected to the broker", multiprocess_mode="livemin"
)
rpc_replies_dropped = Counter(
    "care_rpc_replies_dropped_total", "Answers that could not be sent to their caller", ["service"]
)
breaker_open = Gauge(
    "care_rpc_breaker_open",
    "1 while calls to a service are refused at once",
    ["service"],
    multiprocess_mode="livemax",
)

outbox_age_seconds = Gauge(
    "care_outbox_age_seconds",
    "Age of the oldest event that is not yet confirmed",
    multiprocess_mode="livemax",
)
outbox_published = Counter("care_outbox_published_total", "Events that the broker confirmed")
outbox_failures = Counter("care_outbox_failures_total", "Rounds of the relay that failed", ["reason"])
event_handler_seconds = Histogram(
    "care_event_handler_seconds",
    "Time that a handler worked on an event",
    ["queue", "outcome"],
    buckets=LATENCY_BUCKETS,
)
events_retried = Counter("care_events_retried_total", "Events put into a delay queue", ["queue"])
events_parked = Counter("care_events_parked_total", "Events put aside for an operator", ["queue"])
parked_events = Gauge(
    "care_parked_events", "Events of the service that wait for an operator now", multiprocess_mode="livemax"
)

timer_runs = Counter("care_timer_runs_total", "Runs of a timer", ["timer", "outcome"])
jobs_finished = Counter("care_jobs_finished_total", "Runs of a job by their end", ["kind", "outcome"])
jobs_overdue_seconds = Gauge(
    "care_jobs_overdue_seconds",
    "How long the job that waits longest could have run",
    multiprocess_mode="livemax",
)
jobs_parked = Gauge(
    "care_jobs_parked", "Jobs that wait for an operator now", ["kind"], multiprocess_mode="livemax"
)
workers_busy = Gauge("care_workers_busy", "Requests, events and timers in work", multiprocess_mode="livesum")
workers_limit = Gauge("care_workers_limit", "So many may be in work at once", multiprocess_mode="livesum")

database_refusals = Counter("care_database_refusals_total", "Transactions refused as unavailable", ["reason"])
database_connections_in_use = Gauge(
    "care_database_connections_in_use",
    "Connections taken from the pool",
    ["pool"],
    multiprocess_mode="livesum",
)
database_connections_limit = Gauge(
    "care_database_connections_limit",
    "Connections that the pool may have",
    ["pool"],
    multiprocess_mode="livesum",
)

holds_created = Counter("care_holds_created_total", "Slots held for a customer")
holds_expired = Counter("care_holds_expired_total", "Holds that ended by themselves")
holds_live = Gauge("care_holds_live", "Slots that are held now", multiprocess_mode="livemax")
holds_overdue_seconds = Gauge(
    "care_holds_overdue_seconds",
    "How long the hold that should have ended first is still there",
    multiprocess_mode="livemax",
)
contests_open = Gauge(
    "care_contests_open",
    "Contested no-shows that no administrator has decided",
    multiprocess_mode="livemax",
)
contests_oldest_seconds = Gauge(
    "care_contests_oldest_seconds",
    "How long ago the visit of the oldest of these was said to be missed",
    multiprocess_mode="livemax",
)
bookings_confirmed = Counter("care_bookings_confirmed_total", "Bookings that were paid")
authorizations_lost = Counter(
    "care_authorizations_lost_total", "Holds on a card that ended though it was to be taken: no money came"
)
authorizations_late = Gauge(
    "care_authorizations_late",
    "Holds on a card that lapse within 23 hours and are neither taken nor released",
    multiprocess_mode="livemax",
)
bookings_completed = Counter("care_bookings_completed_total", "Visits that took place")
bookings_paid_twice = Counter(
    "care_bookings_paid_twice_total", "Payments for a booking that was paid already or is over"
)
holiday_regions_unknown = Counter(
    "care_holiday_regions_unknown_total", "Calendars read whose region of holidays is not known any more"
)
slots_refused = Counter("care_slots_refused_total", "Requests for a slot that was no longer free")
payments_finished = Counter("care_payments_finished_total", "Payments by their end", ["outcome"])
refunds_moved = Counter("care_refunds_moved_total", "Refunds by the state that they came to", ["status"])
refunds_open = Gauge(
    "care_refunds_open", "Refunds that are not done now", ["status"], multiprocess_mode="livemax"
)
refunds_unsent_seconds = Gauge(
    "care_refunds_unsent_seconds",
    "Age of the oldest refund that the payment provider has not taken",
    multiprocess_mode="livemax",
)
disputes_moved = Counter("care_disputes_moved_total", "Disputes by the state that they came to", ["status"])
disputes_open = Gauge(
    "care_disputes_open", "Disputes that are not decided now", ["status"], multiprocess_mode="livemax"
)
disputes_urgent = Gauge(
    "care_disputes_urgent",
    "Disputes that wait for evidence now and whose time for it ends within three days",
    multiprocess_mode="livemax",
)
payouts_moved = Counter("care_payouts_moved_total", "Payouts by the state that they came to", ["status"])
payouts_held = Counter(
    "care_payouts_held_total", "Payouts that were due and could not be made, by why", ["reason"]
)
payouts_open = Gauge(
    "care_payouts_open", "Payouts that have not arrived now", ["status"], multiprocess_mode="livemax"
)
payouts_unsent_seconds = Gauge(
    "care_payouts_unsent_seconds",
    "Age of the oldest payout that the payment provider has not taken",
    multiprocess_mode="livemax",
)
reconciler_findings = Counter(
    "care_reconciler_findings_total",
    "What the reconciler found, by its kind",
    ["finding"],
)
books_compared = Counter(
    "care_books_compared_total", "Payments compared with their refunds, the ledger and Stripe"
)
books_differences = Counter(
    "care_books_differences_total",
    "What differed in a comparison of the books",
    ["difference"],
)
stripe_seconds = Histogram(
    "care_stripe_seconds", "Time of a call to Stripe", ["operation", "outcome"], buckets=LATENCY_BUCKETS
)
tap_seconds = Histogram(
    "care_tap_seconds", "Time of a call to Tap", ["operation", "outcome"], buckets=LATENCY_BUCKETS
)
webhooks_received = Counter("care_webhooks_received_total", "Webhooks by what became of them", ["outcome"])
webhooks_by_type = Counter(
    "care_webhooks_total",
    "Genuine webhooks by their type, and what became of them; types that nobody works are other",
    ["type", "outcome"],
)
webhook_delay_seconds = Histogram(
    "care_webhook_delay_seconds",
    "From what a webhook states until it came (delivery), and from then until it was worked (work)",
    ["endpoint", "stage"],
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200, 43200, 259200),
)

cache_requests = Counter("care_cache_requests_total", "Reads of the cache", ["subject", "outcome"])
rate_limited = Counter("care_rate_limited_total", "Requests refused by a limit", ["budget"])
sockets_open = Gauge("care_sockets_open", "Open sockets", multiprocess_mode="livesum")
socket_messages = Counter("care_socket_messages_total", "Messages put into sockets' queues", ["event"])
sockets_dropped = Counter("care_sockets_dropped_total", "Sockets closed by us", ["reason"])

OF_THE_SERVICE = (
    outbox_age_seconds,
    parked_events,
    jobs_overdue_seconds,
    jobs_parked,
    holds_live,
    holds_overdue_seconds,
    contests_open,
    contests_oldest_seconds,
    refunds_open,
    refunds_unsent_seconds,
    disputes_open,
    disputes_urgent,
    payouts_open,
    payouts_unsent_seconds,
    authorizations_late,
)
"""Gauges that tell of what all processes of a service share. Each process says the same, or 0: to be put
together by the largest of a service, never by a sum."""
