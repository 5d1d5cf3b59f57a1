"""Who may ask what only administrators may; the gateway has checked it too."""

from shared.contracts.declaration import Caller
from shared.errors import not_found
from shared.ids import is_id


def administrator_of(caller: Caller) -> str:
    """The administrator who asks. For anybody else there is nothing here: `not_found`."""
    if not caller.is_admin or not is_id(caller.user_id):
        raise not_found()
    return caller.user_id
