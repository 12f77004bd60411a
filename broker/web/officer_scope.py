"""What the signed-in officer is responsible for, and the tabs over their pages. Owns no page."""

from typing import Any

from broker.database import db
from broker.errors import NotFoundError
from broker.people.living_mandates import living_mandates
from broker.people.mandate import TARGET_GROUP_OFFICER
from broker.web.actor import actor
from look.language import gettext as _


def own_kinds() -> list[tuple[str, str]]:
    """The kinds of organisation, (target group, type), that the signed-in person is an officer of.

    Raises:
        NotFoundError: none at all; then these pages do not exist.
    """
    held = living_mandates(db.session(), person_id=actor(), kinds=(TARGET_GROUP_OFFICER,))
    kinds = [
        (view.mandate.target_group, view.mandate.organisation_type)
        for view in held
        if view.mandate.target_group and view.mandate.organisation_type
    ]
    if not kinds:
        raise NotFoundError
    return kinds


def officer_tabs(current: str) -> list[dict[str, Any]]:
    """The tabs for the macro `tabs`; `current` is the path of the one that is open."""
    rows = (
        (_("Aanstellen"), "/verantwoordelijke"),
        (_("Zonder beheerder"), "/verantwoordelijke/zonder-beheerder"),
        (_("Aanstellingen"), "/verantwoordelijke/aanstellingen"),
        (_("Labels"), "/verantwoordelijke/labels"),
        (_("Fusie"), "/verantwoordelijke/fusie"),
    )
    return [{"label": label, "url": path, "current": path == current, "count": 0} for label, path in rows]
