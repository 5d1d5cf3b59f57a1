"""The one list of metrics: names, labels and meaning. Labels take few values, never ids or addresses.

Gauges say how the processes of one gateway are put together (prometheus_client, multiprocess mode).
"""

from prometheus_client import Counter, Gauge, Histogram

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

timer_runs = Counter("care_timer_runs_total", "Runs of a timer", ["timer", "outcome"])
jobs_finished = Counter("care_jobs_finished_total", "Runs of a job by their end", ["kind", "outcome"])

database_refusals = Counter("care_database_refusals_total", "Transactions refused as unavailable", ["reason"])
database_connections_in_use = Gauge(
    "care_database_connections_in_use", "Connections taken from the pool", multiprocess_mode="livesum"
)

holds_created = Counter("care_holds_created_total", "Slots held for a customer")
holds_expired = Counter("care_holds_expired_total", "Holds that ended by themselves")
bookings_confirmed = Counter("care_bookings_confirmed_total", "Bookings that were paid")
slots_refused = Counter("care_slots_refused_total", "Requests for a slot that was no longer free")
payments_finished = Counter("care_payments_finished_total", "Payments by their end", ["outcome"])
stripe_seconds = Histogram(
    "care_stripe_seconds", "Time of a call to Stripe", ["operation", "outcome"], buckets=LATENCY_BUCKETS
)
webhooks_received = Counter("care_webhooks_received_total", "Webhooks by what became of them", ["outcome"])

cache_requests = Counter("care_cache_requests_total", "Reads of the cache", ["subject", "outcome"])
rate_limited = Counter("care_rate_limited_total", "Requests refused by a limit", ["budget"])
sockets_open = Gauge("care_sockets_open", "Open sockets", multiprocess_mode="livesum")
socket_messages = Counter("care_socket_messages_total", "Messages put into sockets' queues", ["event"])
sockets_dropped = Counter("care_sockets_dropped_total", "Sockets closed by us", ["reason"])
