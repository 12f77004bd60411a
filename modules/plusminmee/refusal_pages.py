"""The pages of what PlusMinMee does not do: for every page of it, in one place.

Owns: those words and their status. Does not own the errors of the kit (modules/kit/error_pages.py).
"""

from flask import Blueprint, url_for

from look.language import gettext as _
from modules.kit.error_pages import error_page
from modules.plusminmee.errors import BeheerderOnlyError, ChangedMeanwhileError, NotFoundError

blueprint = Blueprint("refusals", __name__)


@blueprint.app_errorhandler(NotFoundError)
def not_found(_error: NotFoundError) -> tuple[str, int]:
    """The same page for what does not exist and for what is of a group that is not yours."""
    return error_page(
        _("Dit vinden we niet in uw jeugdgroepen"),
        _("Misschien is het adres niet volledig, of bent u geen lid van deze groep."),
        404,
        back=(_("Naar uw jeugdgroepen"), url_for("groups.overview")),
    )


@blueprint.app_errorhandler(BeheerderOnlyError)
def beheerder_only(_error: BeheerderOnlyError) -> tuple[str, int]:
    """A member, and only the beheerder does this (W18)."""
    return error_page(
        _("Dit doet de beheerder van de groep"),
        _("Er is niets gewijzigd. Op het tabblad Professionals ziet u wie de beheerder is."),
        403,
        small_title=_("Een andere rol"),
        back=(_("Naar uw jeugdgroepen"), url_for("groups.overview")),
    )


@blueprint.app_errorhandler(ChangedMeanwhileError)
def changed_meanwhile(_error: ChangedMeanwhileError) -> tuple[str, int]:
    """Somebody else was first."""
    return error_page(
        _("Iemand anders wijzigde dit net voor u"),
        _("Wat u typte is niet bewaard. Ga terug met de terugknop van uw browser om het over te nemen."),
        409,
        back=(_("Naar uw jeugdgroepen"), url_for("groups.overview")),
    )
