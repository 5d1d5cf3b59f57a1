"""The part of payment's public face that is for administrators: commission rules and figures of money."""

from shared.contracts.declaration import MethodKind, RpcMethod
from shared.contracts.payment_books_forms import (
    CommissionPreviewSchema,
    CommissionRulesListSchema,
    CommissionRulesSchema,
    GetMoneyFiguresRequestSchema,
    ListCommissionRulesRequestSchema,
    MoneyFiguresSchema,
    PreviewCommissionRulesRequestSchema,
    ProposeCommissionRulesRequestSchema,
)
from shared.errors import Category, ErrorCode

SERVICE = "payment"

valid_from_taken = ErrorCode(
    "valid_from_taken", Category.CONFLICT, "Another set of rules begins at this instant."
)
period_too_long = ErrorCode(
    "period_too_long", Category.INVALID, "There is too much in these days for one answer. Ask for fewer."
)

LIST_COMMISSION_RULES = RpcMethod(
    SERVICE,
    "list_commission_rules",
    MethodKind.QUESTION,
    ListCommissionRulesRequestSchema,
    CommissionRulesListSchema,
)
PROPOSE_COMMISSION_RULES = RpcMethod(
    SERVICE,
    "propose_commission_rules",
    MethodKind.COMMAND,
    ProposeCommissionRulesRequestSchema,
    CommissionRulesSchema,
    (valid_from_taken,),
)
PREVIEW_COMMISSION_RULES = RpcMethod(
    SERVICE,
    "preview_commission_rules",
    MethodKind.QUESTION,
    PreviewCommissionRulesRequestSchema,
    CommissionPreviewSchema,
    (period_too_long,),
)
GET_MONEY_FIGURES = RpcMethod(
    SERVICE,
    "get_money_figures",
    MethodKind.QUESTION,
    GetMoneyFiguresRequestSchema,
    MoneyFiguresSchema,
    (period_too_long,),
)
METHODS = (LIST_COMMISSION_RULES, PROPOSE_COMMISSION_RULES, PREVIEW_COMMISSION_RULES, GET_MONEY_FIGURES)
ERRORS = (valid_from_taken, period_too_long)
