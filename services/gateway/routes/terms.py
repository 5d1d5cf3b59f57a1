"""customer/services/terms: where services are given, and whether their providers are asked first."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.process import resources
from shared.contracts.booking_terms import GET_SERVICE_TERMS, MOST_SERVICES, ServiceTermsSchema

blueprint = Blueprint("terms", __name__, url_prefix="/customer/services", description="Finding care")

_ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class TermsQuery(Schema):
    """Ids of services with commas between them, 100 at most."""

    ids = fields.String(
        required=True, validate=validate.Regexp(rf"^{_ID}(,{_ID}){{0,{MOST_SERVICES - 1}}}\Z")
    )


@blueprint.get("/terms")
@declares(Access.ANYONE, Budget.SEARCH)
@blueprint.query(TermsQuery)
@blueprint.answers(ServiceTermsSchema, "What holds for whoever books them now.")
def get_service_terms(query: dict[str, Any]) -> Answer:
    """Of those services that are on offer: where, and `answerHours` where the provider is asked first."""
    wanted = {"service_ids": query["ids"].split(",")}
    return Answer(resources().services.ask(GET_SERVICE_TERMS, wanted))
