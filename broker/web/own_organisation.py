"""For which of their organisations an administrator acts on a desk page. Owns only that choice."""

from broker.access.mandate_over import own_organisations
from broker.database import db
from broker.errors import NotFoundError
from broker.people.organisation import Organisation
from broker.web.actor import actor


def desk_organisations() -> list[Organisation]:
    """The organisations of the signed-in administrator, by name.

    Raises:
        NotFoundError: the person is no administrator.
    """
    found = own_organisations(db.session(), actor())
    if not found:
        raise NotFoundError
    return found


def chosen_organisation(organisations: list[Organisation], code: str) -> Organisation:
    """The one of that code, or the only one where none was named.

    Raises:
        NotFoundError: not one of the administrator's.
    """
    if len(organisations) == 1 and not code:
        return organisations[0]
    found = next((each for each in organisations if each.code == code), None)
    if found is None:
        raise NotFoundError
    return found
