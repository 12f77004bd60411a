"""What the page after a new password says of what stays with the account (`authentication.kept_factors`)."""

from broker.authentication.kept_factors import KeptFactors
from broker.web.tell import tell
from look.language import gettext as _
from look.language import ngettext, short_date


def tell_kept(kept: KeptFactors) -> None:
    """Say which passkeys there are, and whether an app is, and where to remove one; nothing where there are none."""
    sentences = []
    if kept.passkeys:
        sentences.append(
            ngettext(
                "Er staat %(count)s toegangssleutel bij uw account, toegevoegd op %(days)s.",
                "Er staan %(count)s toegangssleutels bij uw account, toegevoegd op %(days)s.",
                len(kept.passkeys),
                count=len(kept.passkeys),
                days=", ".join(short_date(each) for each in kept.passkeys),
            )
        )
    if kept.app:
        sentences.append(_("Er staat een app bij uw account die codes toont."))
    if sentences:
        sentences.append(_("Kent u er een niet? Verwijder die in Mijn profiel nadat u inlogt."))
        tell("info", _("Dit werkt nog zoals voor het nieuwe wachtwoord."), " ".join(sentences))
