"""What people call the kinds of mandate, on pages. Owns these words; the mails have theirs (`notifications.mail_words`)."""

from broker.people.mandate import APPLICATION_OWNER, HEAD_LOCAL_ADMIN, HELPDESK, LOCAL_ADMIN, TARGET_GROUP_OFFICER
from look.language import gettext as _


def mandate_word(kind: str) -> str:
    """ "hoofd lokale beheerder" and so on, in the language of the page."""
    return {
        HEAD_LOCAL_ADMIN: _("hoofd lokale beheerder"),
        LOCAL_ADMIN: _("lokale beheerder"),
        TARGET_GROUP_OFFICER: _("doelgroepverantwoordelijke"),
        APPLICATION_OWNER: _("toepassingsverantwoordelijke"),
        HELPDESK: _("medewerker van de helpdesk"),
    }[kind]
