"""What refunds refuse, to operators and use cases; no RPC method answers these yet."""

from shared.errors import Category, ErrorCode

not_captured = ErrorCode("not_captured", Category.CONFLICT, "No money was taken for this payment.")
refund_exceeds_payment = ErrorCode(
    "refund_exceeds_payment", Category.CONFLICT, "Less is left of this payment than would be refunded."
)
refund_not_failed = ErrorCode(
    "refund_not_failed", Category.CONFLICT, "Only a refund that failed can be sent again."
)
