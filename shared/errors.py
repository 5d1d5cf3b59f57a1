"""Errors that may cross the wire: one exception type, a closed list of categories, stable codes."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self


class Category(StrEnum):
    """What kind of refusal it is; the gateway maps each category to one HTTP status."""

    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    PAYMENT_DECLINED = "payment_declined"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    INVALID = "invalid"
    LIMITED = "limited"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"
    DEADLINE = "deadline"


class ServiceError(Exception):
    """A refusal with a stable code, raised by a service and read by its peers.

    On the wire it is nameko's error object with exc_type `ServiceError` and exc_args
    `[{code, category, message, details}]`; a peer reads nothing else of it.
    `details` holds JSON values only and never personal data.
    """

    def __init__(
        self,
        code: str,
        category: Category,
        message: str,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        self.code = code
        self.category = category
        self.message = message
        self.details = dict(details or {})
        super().__init__(self.to_wire())

    def to_wire(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "category": self.category.value,
            "message": self.message,
            "details": self.details,
        }

    @classmethod
    def from_wire(cls, value: Mapping[str, Any]) -> Self:
        """Read a peer's error. A category that this release does not know counts as internal."""
        try:
            category = Category(value.get("category", ""))
        except ValueError:
            category = Category.INTERNAL
        return cls(
            str(value.get("code", "internal_error")),
            category,
            str(value.get("message", "")),
            value.get("details") or {},
        )

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class ErrorCode:
    """A code that a contract declares: calling it makes the error.

    `slot_taken = ErrorCode("slot_taken", Category.CONFLICT, "This time is no longer free.")`,
    then `raise slot_taken(alternatives=[...])`.
    """

    def __init__(self, code: str, category: Category, message: str) -> None:
        self.code = code
        self.category = category
        self.message = message

    def __call__(self, message: str | None = None, /, **details: Any) -> ServiceError:
        return ServiceError(self.code, self.category, message or self.message, details)

    def matches(self, error: BaseException) -> bool:
        return isinstance(error, ServiceError) and error.code == self.code


def invalid_field(field: str, reason: str) -> ServiceError:
    """`validation_failed` for one field; details are `{"errors": {field: [reason]}}`."""
    return validation_failed(errors={field: [reason]})


validation_failed = ErrorCode("validation_failed", Category.INVALID, "Some fields are not valid.")
forbidden = ErrorCode("forbidden", Category.FORBIDDEN, "This account may not do that.")
not_found = ErrorCode("not_found", Category.NOT_FOUND, "There is no such object.")
unavailable = ErrorCode(
    "unavailable", Category.UNAVAILABLE, "The service cannot answer now. Try again shortly."
)
outcome_unknown = ErrorCode(
    "outcome_unknown",
    Category.DEADLINE,
    "No answer in time. Repeat the request with the same Idempotency-Key.",
)
deadline_exceeded = ErrorCode("deadline_exceeded", Category.DEADLINE, "No answer in time.")
internal_error = ErrorCode("internal_error", Category.INTERNAL, "Something went wrong on our side.")
request_in_progress = ErrorCode(
    "request_in_progress", Category.CONFLICT, "A request with this Idempotency-Key is still running."
)
idempotency_key_reused = ErrorCode(
    "idempotency_key_reused",
    Category.INVALID,
    "This Idempotency-Key was used for another request.",
)

cursor_invalid = ErrorCode("cursor_invalid", Category.INVALID, "This cursor is not one of ours.")

COMMON_ERRORS = (
    validation_failed,
    not_found,
    unavailable,
    outcome_unknown,
    deadline_exceeded,
    internal_error,
    request_in_progress,
    idempotency_key_reused,
    cursor_invalid,
)
"""Codes that every RPC method may answer with."""
