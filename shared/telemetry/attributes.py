"""Every attribute that a span may carry; what is not named here does not leave the process.

Names are OpenTelemetry's (semantic conventions 1.38, of which HTTP, database, errors, URLs and services are
stable); what they have no name for begins with `care.`.
"""

ERROR_TYPE = "error.type"

HTTP_METHOD = "http.request.method"
HTTP_ROUTE = "http.route"
HTTP_STATUS = "http.response.status_code"
URL_PATH = "url.path"
URL_SCHEME = "url.scheme"
URL_TEMPLATE = "url.template"
SERVER_ADDRESS = "server.address"
SERVER_PORT = "server.port"

DB_SYSTEM = "db.system.name"
DB_NAMESPACE = "db.namespace"
DB_OPERATION = "db.operation.name"
DB_QUERY = "db.query.text"
DB_STATUS = "db.response.status_code"

RPC_SYSTEM = "rpc.system.name"
RPC_METHOD = "rpc.method"
RPC_STATUS = "rpc.response.status_code"

MESSAGING_SYSTEM = "messaging.system"
MESSAGING_DESTINATION = "messaging.destination.name"
MESSAGING_OPERATION = "messaging.operation.name"
MESSAGING_OPERATION_TYPE = "messaging.operation.type"
MESSAGE_ID = "messaging.message.id"
MESSAGE_COUNT = "messaging.batch.message_count"

ERROR_CODE = "care.error.code"
"""The code of a refusal or failure, as docs/errors.md lists them."""
REQUEST_ID = "care.request.id"
CAUSE_TRACE_ID = "care.cause.trace_id"
"""The trace that caused an event or job: the one that its link names, in a form that can be searched."""
JOB_KIND = "care.job.kind"
JOB_ID = "care.job.id"
JOB_ATTEMPT = "care.job.attempt"
TIMER = "care.timer"
STRIPE_OPERATION = "care.stripe.operation"
STRIPE_REQUEST_ID = "care.stripe.request_id"
SOCKET_FRAME = "care.socket.frame"

LINK = "care.link"
"""Why a span links to another: `CAUSE` or `CALLER`."""
CAUSE = "cause"
CALLER = "caller"

MAY_LEAVE = frozenset(
    value for name, value in vars().copy().items() if name.isupper() and name not in ("CAUSE", "CALLER")
)
