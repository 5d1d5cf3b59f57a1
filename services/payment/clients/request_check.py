"""Holds every request against Stripe's own types before it leaves: names, nesting, kinds of values."""

import types
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from stripe._request_options import RequestOptions
from stripe.params import (
    AccountCreateParams,
    AccountLinkCreateParams,
    AccountRetrieveParams,
    ApplicationFeeRefundCreateParams,
    ApplicationFeeRefundListParams,
    ApplicationFeeRetrieveParams,
    BalanceRetrieveParams,
    ChargeRetrieveParams,
    DisputeListParams,
    DisputeRetrieveParams,
    DisputeUpdateParams,
    EventListParams,
    PaymentIntentCancelParams,
    PaymentIntentCaptureParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    PaymentIntentListParams,
    PaymentIntentRetrieveParams,
    PaymentMethodCreateParams,
    PayoutCreateParams,
    PayoutListParams,
    PayoutRetrieveParams,
    RefundCreateParams,
    RefundListParams,
    ReviewRetrieveParams,
    TransferCreateParams,
    TransferListParams,
    TransferReversalCreateParams,
    TransferReversalListParams,
)
from stripe.params.radar import EarlyFraudWarningRetrieveParams
from typing_extensions import get_type_hints, is_typeddict

PARAMS: dict[str, Any] = {
    "create": PaymentIntentCreateParams,
    "confirm": PaymentIntentConfirmParams,
    "cancel": PaymentIntentCancelParams,
    "capture": PaymentIntentCaptureParams,
    "retrieve": PaymentIntentRetrieveParams,
    "list": PaymentIntentListParams,
    "create_payment_method": PaymentMethodCreateParams,
    "refund": RefundCreateParams,
    "refund_fee": ApplicationFeeRefundCreateParams,
    "list_events": EventListParams,
    "list_refunds": RefundListParams,
    "retrieve_fee": ApplicationFeeRetrieveParams,
    "list_fee_refunds": ApplicationFeeRefundListParams,
    "create_account": AccountCreateParams,
    "retrieve_account": AccountRetrieveParams,
    "create_account_link": AccountLinkCreateParams,
    "retrieve_balance": BalanceRetrieveParams,
    "payout": PayoutCreateParams,
    "retrieve_payout": PayoutRetrieveParams,
    "list_payouts": PayoutListParams,
    "retrieve_dispute": DisputeRetrieveParams,
    "list_disputes": DisputeListParams,
    "submit_evidence": DisputeUpdateParams,
    "retrieve_charge": ChargeRetrieveParams,
    "reverse_transfer": TransferReversalCreateParams,
    "return_transfer": TransferCreateParams,
    "list_reversals": TransferReversalListParams,
    "list_transfers": TransferListParams,
    "retrieve_review": ReviewRetrieveParams,
    "retrieve_fraud_warning": EarlyFraudWarningRetrieveParams,
}
"""Stripe's own description of the parameters of each operation (stripe 16.1.0, generated)."""


class RequestNotValidError(Exception):
    """A request of ours that Stripe would not understand: a bug, and nothing was sent."""


def check_request(operation: str, params: dict[str, Any]) -> None:
    """Raise RequestNotValidError naming every parameter that Stripe's types don't allow there."""
    problems = _problems(PARAMS[operation], params, operation)
    if problems:
        raise RequestNotValidError("; ".join(problems))


@cache
def _fields(kind: Any) -> dict[str, Any]:
    # RequestOptions, a base of some of them, speaks of keys and headers, and its annotations can't
    # be read in the modules of its heirs: what is left is read as a class of its own.
    own = {
        name: hint
        for name, hint in kind.__annotations__.items()
        if name not in RequestOptions.__annotations__
    }
    readable = type(kind.__name__, (), {"__annotations__": own, "__module__": kind.__module__})
    return get_type_hints(readable)


def _problems(kind: Any, value: Any, path: str) -> list[str]:
    origin = get_origin(kind)
    if kind is Any:
        return []
    if is_typeddict(kind):
        return _object_problems(kind, value, path)
    if origin in (Union, types.UnionType):
        return _choice_problems(get_args(kind), value, path)
    if origin is Literal:
        return [] if value in get_args(kind) else [f"{path} is not one of the allowed values"]
    if origin is list:
        return _list_problems(get_args(kind)[0], value, path)
    if origin is dict:
        return _map_problems(get_args(kind)[1], value, path)
    return [] if type(value) is kind else [f"{path} has the wrong type"]


def _choice_problems(kinds: tuple[Any, ...], value: Any, path: str) -> list[str]:
    """Stripe's types leave enumerations open with `| str`; we send only values that they name."""
    named = {word for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)} - {""}
    if named and isinstance(value, str):
        return [] if value in named else [f"{path} is not one of the allowed values"]
    return min((_problems(kind, value, path) for kind in kinds), key=len)


def _object_problems(kind: Any, value: Any, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path} is not an object"]
    known = _fields(kind)
    problems = [f"{path}.{name} is missing" for name in kind.__required_keys__ if name not in value]
    for name, member in value.items():
        if name in known:
            problems += _problems(known[name], member, f"{path}.{name}")
        else:
            problems.append(f"{path}.{name} is unknown")
    return problems


def _list_problems(kind: Any, value: Any, path: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{path} is not a list"]
    return [problem for item in value for problem in _problems(kind, item, f"{path}[]")]


def _map_problems(kind: Any, value: Any, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path} is not an object"]
    return [problem for name, item in value.items() for problem in _problems(kind, item, f"{path}.{name}")]
