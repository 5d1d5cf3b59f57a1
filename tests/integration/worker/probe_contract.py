"""The contract of a service that exists only in tests; its name is new for each run."""

import os

from marshmallow import Schema, fields

from shared.contracts.declaration import EventType, MethodKind, RpcMethod
from shared.errors import Category, ErrorCode

NAME_VARIABLE = "PROBE_NAME"
SERVICE = os.environ.get(NAME_VARIABLE, "probe")

SLOW_NOTE = "slow"
"""The handler takes a second for an event with this note."""

probe_refused = ErrorCode("probe_refused", Category.CONFLICT, "The probe refuses.")


class EchoRequestSchema(Schema):
    text = fields.String(required=True)
    number = fields.Integer(load_default=0, strict=True)


class EchoSchema(Schema):
    text = fields.String(required=True)
    members = fields.List(fields.String(), required=True)
    user_id = fields.String(required=True)
    remaining_ms = fields.Integer(required=True)
    trace_id = fields.String(required=True)


class WorkRequestSchema(Schema):
    name = fields.String(required=True)
    seconds = fields.Float(required=True)


class WorkSchema(Schema):
    name = fields.String(required=True)
    pid = fields.Integer(required=True)


class MisbehaveRequestSchema(Schema):
    how = fields.String(required=True)


class MisbehaveSchema(Schema):
    kept = fields.String(required=True)


class ThingSchema(Schema):
    note = fields.String(required=True)


ECHO = RpcMethod(SERVICE, "echo", MethodKind.QUESTION, EchoRequestSchema, EchoSchema)
ASK_PEER = RpcMethod(SERVICE, "ask_peer", MethodKind.QUESTION, EchoRequestSchema, EchoSchema)
WORK = RpcMethod(SERVICE, "work", MethodKind.PAYMENT_COMMAND, WorkRequestSchema, WorkSchema)
MISBEHAVE = RpcMethod(
    SERVICE, "misbehave", MethodKind.QUESTION, MisbehaveRequestSchema, MisbehaveSchema, (probe_refused,)
)
EMIT = RpcMethod(SERVICE, "emit", MethodKind.COMMAND, ThingSchema, ThingSchema)
UNSERVED = RpcMethod(SERVICE, "unserved", MethodKind.QUESTION, ThingSchema, ThingSchema)

THING_HAPPENED = EventType(SERVICE, "thing_happened", 1, ThingSchema)
