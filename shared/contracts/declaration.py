"""How a contract is declared: RPC methods, events, and who asks."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields

from shared.contracts import compiled
from shared.errors import ErrorCode, validation_failed


class MethodKind(StrEnum):
    """Questions may be repeated by the gateway; commands only with their key."""

    QUESTION = "question"
    COMMAND = "command"
    PAYMENT_COMMAND = "payment_command"


DEADLINE_SECONDS: Mapping[MethodKind, float] = {
    MethodKind.QUESTION: 3.0,
    MethodKind.COMMAND: 8.0,
    MethodKind.PAYMENT_COMMAND: 15.0,
}


@dataclass(frozen=True)
class RpcMethod:
    """One RPC method: one JSON object in, one out, snake_case, times ISO 8601 in UTC.

    `errors` are the codes that it may answer with besides `shared.errors.COMMON_ERRORS`.
    """

    service: str
    name: str
    kind: MethodKind
    request: type[Schema]
    answer: type[Schema]
    errors: tuple[ErrorCode, ...] = ()

    @property
    def full_name(self) -> str:
        return f"{self.service}.{self.name}"

    @property
    def deadline_seconds(self) -> float:
        return DEADLINE_SECONDS[self.kind]


@dataclass(frozen=True)
class EventType:
    """A fact in the past tense. `data` is the whole public state of the aggregate.

    A new `version` may add members, never take one away or change its meaning.
    """

    service: str
    name: str
    version: int
    data: type[Schema]

    @property
    def exchange(self) -> str:
        return f"{self.service}.events"


class Role(StrEnum):
    """What a signed-in account may do besides being itself."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    ADMIN = "admin"


class PostRole(StrEnum):
    """As what a user acts for a provider."""

    OWNER = "owner"
    STAFF = "staff"


@dataclass(frozen=True)
class Post:
    """The user acts for this provider, as its owner or as one of its staff (`staff_id`, else empty)."""

    provider_id: str
    role: str
    staff_id: str = ""

    @property
    def is_owner(self) -> bool:
        return self.role == PostRole.OWNER

    def reaches(self, staff_id: str | None) -> bool:
        """Whether they see what this one of the staff does; None: what all do, which only the owner sees."""
        return self.is_owner or (bool(self.staff_id) and self.staff_id == staff_id)


@dataclass(frozen=True)
class Caller:
    """Who asks, as the gateway found out; travels in nameko's context data as text.

    `user_id` is empty for strangers. `memberships` are the ids of the providers that the user acts
    for, `posts` say as what; a peer of an older release tells none. `deadline_ms` is what remains of the
    caller's patience at the moment of sending.
    """

    user_id: str = ""
    client_address: str = ""
    roles: tuple[str, ...] = ()
    memberships: tuple[str, ...] = ()
    posts: tuple[Post, ...] = ()
    locale: str = "en"
    request_id: str = ""
    trace: Mapping[str, str] = field(default_factory=dict)
    deadline_ms: int = 0

    @property
    def is_admin(self) -> bool:
        return Role.ADMIN in self.roles

    def acts_for(self, provider_id: str) -> bool:
        return provider_id in self.memberships

    def post_at(self, provider_id: str) -> Post | None:
        """None: the user does not act for this provider, or it is not known as what."""
        found = (post for post in self.posts if post.provider_id == provider_id)
        return next(found, None) if self.acts_for(provider_id) else None

    def owns(self, provider_id: str) -> bool:
        """Whether they are an owner of the provider; one of whom it is not known as what is none."""
        post = self.post_at(provider_id)
        return post is not None and post.is_owner

    def to_context(self) -> dict[str, str]:
        """Context data: names and values are text, as AMQP headers carry them best."""
        return {
            "user_id": self.user_id,
            "client_address": self.client_address,
            "roles": ",".join(self.roles),
            "memberships": ",".join(self.memberships),
            "posts": ",".join(f"{post.provider_id}:{post.role}:{post.staff_id}" for post in self.posts),
            "locale": self.locale,
            "request_id": self.request_id,
            "trace": json.dumps(dict(self.trace)),
            "deadline_ms": str(self.deadline_ms),
        }

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> "Caller":
        """Read context data; what is missing takes its default (a peer of an older release)."""

        def text(name: str, default: str = "") -> str:
            return str(context.get(name) or default)

        def texts(name: str) -> tuple[str, ...]:
            return tuple(part for part in text(name).split(",") if part)

        return cls(
            user_id=text("user_id"),
            client_address=text("client_address"),
            roles=texts("roles"),
            memberships=texts("memberships"),
            posts=tuple(Post(*part.split(":")[:3]) for part in texts("posts")),
            locale=text("locale", "en"),
            request_id=text("request_id"),
            trace=json.loads(text("trace", "{}")),
            deadline_ms=int(text("deadline_ms", "0")),
        )


def read(schema: type[Schema], value: object) -> dict[str, Any]:
    """Read what a peer sent: members that this release does not know are left out, at every depth.

    Instants become aware datetimes in UTC. Raises `validation_failed` with the errors by field.
    """
    try:
        read_at_once: dict[str, Any] = compiled.reader(schema)(value)
        return read_at_once
    except compiled.UnsureError:
        return _read_slowly(schema, value)


def _read_slowly(schema: type[Schema], value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise validation_failed("A JSON object is expected.")
    try:
        loaded: dict[str, Any] = _reader(schema).load(value)
    except ValidationError as error:
        raise validation_failed(errors=error.messages) from None
    return loaded


# A schema's instance copies all its fields when it is made (half of a command's time, measured); it
# keeps nothing of what it has read or written.
@functools.cache
def _reader(schema: type[Schema]) -> Schema:
    return tolerant(schema())


@functools.cache
def _writer(schema: type[Schema]) -> Schema:
    return schema(unknown=RAISE)


def tolerant(schema: Schema) -> Schema:
    """The schema, now without a word about members that it does not know, at every depth.

    marshmallow does not hand `unknown` on to nested schemas.
    """
    schema.unknown = EXCLUDE
    for member in schema.fields.values():
        inner = member.inner if isinstance(member, fields.List) else member
        if isinstance(inner, fields.Nested):
            tolerant(inner.schema)
    return schema


def write(schema: type[Schema], value: Mapping[str, Any]) -> dict[str, Any]:
    """Turn values into the JSON object that the contract states, strictly.

    Raises marshmallow's ValidationError when the object breaks its own contract: a bug of the
    producer, never of the peer.
    """
    try:
        written: dict[str, Any] = compiled.writer(schema)(value)
        return written
    except compiled.UnsureError:
        dumped = write_unchecked(schema, value)
    problems = _writer(schema).validate(dumped)
    if problems:
        raise ValidationError(problems)
    return dumped


def write_unchecked(schema: type[Schema], value: Mapping[str, Any]) -> dict[str, Any]:
    """As `write`, for what somebody else checks and refuses: a request, by the service that is asked."""
    try:
        written: dict[str, Any] = compiled.writer(schema)(value)
        return written
    except compiled.UnsureError:
        dumped: dict[str, Any] = _writer(schema).dump(value)
        return dumped
