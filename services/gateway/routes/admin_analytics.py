"""admin/analytics/money: figures of money, from the ledger alone."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.process import resources
from shared.contracts import payment_books as contract
from shared.contracts.fields import currency, local_date
from shared.contracts.payment_books_forms import GroupBy, MoneyFiguresSchema

blueprint = Blueprint("analytics", __name__, url_prefix="/admin/analytics", description="Figures")

NO_STORE = {"Cache-Control": "no-store"}


class MoneyQuery(Schema):
    """Days of the operator's zone, both included."""

    from_date = local_date(data_key="from", required=True)
    to_date = local_date(data_key="to", required=True)
    group_by = fields.String(
        data_key="groupBy",
        load_default=GroupBy.DAY.value,
        validate=validate.OneOf([one.value for one in GroupBy]),
    )
    currency = currency(load_default=None)


@blueprint.get("/money")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.query(MoneyQuery)
@blueprint.answers(MoneyFiguresSchema, "Figures by group and currency.")
def get_money_figures(query: dict[str, Any]) -> Answer:
    """Revenue, commission, refunds and average per booking; each currency by itself."""
    return Answer(resources().services.ask(contract.GET_MONEY_FIGURES, query), headers=NO_STORE)
