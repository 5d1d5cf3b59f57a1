"""Which provider a request is about, for those who act for one or several."""

from services.gateway import context
from shared.errors import invalid_field


def the_provider(asked: str | None) -> str:
    """The provider that was named, or the only one for which the caller acts.

    Raises `validation_failed` when it is not clear; whether the caller acts for it is the owner's matter.
    """
    if asked is not None:
        return asked
    principal = context.current().principal
    memberships = principal.memberships if principal else ()
    if len(memberships) != 1:
        raise invalid_field("provider_id", "Say for which provider.")
    return memberships[0]
