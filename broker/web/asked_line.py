"""Where the question stands that was asked of an applicant by a secure link, for the page of its task. Owns those words."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.asked_facts import REFUSED, AskedFacts
from broker.web.task_view import AskedLine
from look.language import gettext as _
from look.language import written_moment


def asked_line(session: Session, reader: uuid.UUID, request_id: uuid.UUID, ask_at: str) -> AskedLine:
    """The line for `reader`; one statement."""
    asked = session.scalar(
        select(AskedFacts).where(AskedFacts.request_id == request_id).order_by(AskedFacts.asked_at.desc()).limit(1)
    )
    now = clock.now()
    again = (_("Vraag gegevens met een beveiligde link…"), ask_at)
    if asked is None:
        return AskedLine(_("De aanvrager antwoordt op een beveiligde pagina. Alleen u ziet het antwoord."), again)
    mine = asked.asked_by == reader
    if asked.readable_at(now):
        if mine:
            return AskedLine(
                _("Er is een antwoord. Alleen u ziet het."), (_("Bekijk het antwoord"), f"/gevraagd/{asked.id}")
            )
        return AskedLine(_("Een collega vroeg gegevens en kreeg antwoord. Alleen die collega ziet het."), again)
    if asked.waits_at(now):
        until = written_moment(asked.expires_at)
        return AskedLine(_("Er is nog geen antwoord. De link werkt tot %(moment)s.", moment=until), again)
    if asked.close_reason == REFUSED:
        return AskedLine(_("De aanvrager wil deze gegevens niet geven."), again)
    return AskedLine(_("Een eerdere vraag is voorbij; het antwoord is gewist."), again)
