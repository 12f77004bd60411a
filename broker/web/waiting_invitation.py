"""What an administrator sees of an invitation that somebody has not answered yet: until when its link works, and sending it again.

Owns the words of that sheet, on the page of the person. The button is `add_colleague.invite`.
"""

from dataclasses import dataclass

from broker.access.invite_colleague import waits_for_invitation
from broker.access.list_people import PersonAtWork
from broker.database import db
from broker.people.find_local_account import account_of_person
from broker.people.one_time_link import INVITATION, SET_PASSWORD, link_is_open, newest_link
from look.language import gettext as _
from look.language import written_moment


@dataclass(frozen=True, slots=True)
class WaitingInvitation:
    """`said`: how it stands; `again`: sending it again makes sense."""

    said: str
    again: bool


def waiting_invitation(found: PersonAtWork) -> WaitingInvitation | None:
    """The invitation of this person; None for whoever waits for none."""
    if not waits_for_invitation(found.person):
        return None
    account = account_of_person(db.session(), found.person.id)
    if account is None:
        link = newest_link(db.session(), INVITATION, found.affiliation.id)
    elif account.password_hash is not None:
        name = found.name.given_name
        return WaitingInvitation(
            _(
                "%(name)s koos een wachtwoord, en vulde nog geen code in uit een sms. Dat kan door gewoon in te loggen.",
                name=name,
            ),
            again=False,
        )
    else:
        link = newest_link(db.session(), SET_PASSWORD, account.id)
    address = (found.affiliation.email if account is None else found.person.email) or ""
    if link is None:
        return WaitingInvitation(_("Er is nog geen uitnodiging vertrokken."), again=bool(address))
    moment = written_moment(link.expires_at)
    if link_is_open(link):
        return WaitingInvitation(
            _("De uitnodiging vertrok naar %(email)s. De link werkt tot %(moment)s.", email=address, moment=moment),
            again=True,
        )
    return WaitingInvitation(
        _("De link die naar %(email)s vertrok, werkt niet meer sinds %(moment)s.", email=address, moment=moment),
        again=True,
    )
