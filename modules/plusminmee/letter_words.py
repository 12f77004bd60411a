"""The words of every mail of PlusMinMee. A mail holds no fact about a youngster: it says that there is something, and where.

Owns: the kinds of letters and their words. Does not own when they are put (put_letter.py) nor how they leave (send_letters.py).
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from look.language import gettext as _
from look.language import written_date, written_moment
from look.mail import Mail
from modules.plusminmee.incident_link import address_of, secret_of
from modules.plusminmee.keeping import keeping

Facts = dict[str, Any]


@dataclass(frozen=True)
class Letter:
    """A subject and the words under it; `answer_to` is where an answer goes, where that is somebody else than the tool."""

    subject: str
    mail: Mail
    answer_to: str = ""


def _invited(facts: Facts, address: str) -> Letter:
    until = written_moment(datetime.fromisoformat(facts["until"]))
    return Letter(
        _("Uitnodiging voor een jeugdgroep in PlusMinMee"),
        Mail(
            headline=_("U bent uitgenodigd voor %(group)s", group=facts["group"]),
            paragraphs=[
                _("%(inviter)s nodigt u uit om mee te werken aan deze groep.", inviter=facts["inviter"]),
                _("Log in met dit e-mailadres en kies of u de uitnodiging aanvaardt of afslaat."),
            ],
            facts=[(_("Geldig tot"), until)],
            button=(_("Naar uw uitnodigingen"), f"{address}/uitnodigingen"),
            why=_("U krijgt deze mail omdat een beheerder van een jeugdgroep uw e-mailadres invulde."),
            sender="PlusMinMee",
            sign="✉",
        ),
    )


def _removed(facts: Facts, address: str) -> Letter:
    group = facts.get("group") or _("een jeugdgroep")  # a letter of the version before does not say which
    return Letter(
        _("U hoort niet meer bij een jeugdgroep"),
        Mail(
            headline=_("Uw toegang tot %(group)s stopte", group=group),
            given_name=facts["name"],
            paragraphs=[_("De beheerder haalde u uit de groep. U ziet de groep niet meer in uw overzicht.")],
            button=(_("Naar uw jeugdgroepen"), f"{address}/jeugdgroepen"),
            after=[_("Klopt dit niet? Vraag het aan de beheerder van de groep.")],
            why=_("U krijgt deze mail omdat u lid van de groep was."),
            sender="PlusMinMee",
            sign="–",
        ),
    )


def _taken_over(facts: Facts, address: str) -> Letter:
    return Letter(
        _("Een jeugdgroep heeft een nieuwe beheerder"),
        Mail(
            headline=_("%(group)s heeft een nieuwe beheerder", group=facts["group"]),
            given_name=facts["name"],
            paragraphs=[
                _(
                    "%(taker)s van %(organisation)s nam de groep over, want de vorige beheerder heeft geen recht meer.",
                    taker=facts["taker"],
                    organisation=facts["organisation"],
                )
            ],
            button=(
                _("Naar de professionals van de groep"),
                f"{address}/jeugdgroepen/{facts['group_id']}/professionals",
            ),
            why=_("U krijgt deze mail omdat u lid van de groep bent."),
            sender="PlusMinMee",
            sign="✉",
        ),
    )


def _left_alone(facts: Facts, address: str) -> Letter:
    return Letter(
        _("Een jeugdgroep heeft geen beheerder meer"),
        Mail(
            headline=_("%(group)s heeft geen beheerder meer", group=facts["group"]),
            given_name=facts["name"],
            paragraphs=[
                _(
                    "Het recht van de laatste beheerder stopte. "
                    "Zonder beheerder kan niemand uitnodigen, plaatsen of langer bewaren."
                ),
                _(
                    "Wie PMM Beheerder is bij %(organisation)s, kan de groep overnemen.",
                    organisation=facts["organisation"],
                ),
            ],
            button=(_("Bekijk en neem over"), f"{address}/zonder-beheerder/{facts['group_id']}"),
            why=_("U krijgt deze mail omdat u PMM Beheerder bent bij de organisatie van deze groep."),
            sender="PlusMinMee",
            sign="!",
        ),
    )


def _question(facts: Facts, _address: str) -> Letter:
    return Letter(
        _("Vraag over PlusMinMee: %(subject)s", subject=facts["subject"]),
        Mail(
            headline=facts["subject"],
            paragraphs=[facts["question"]],
            facts=[
                (_("Vraag van"), facts["name"]),
                (_("Organisatie"), facts["organisation"]),
                (_("Antwoord aan"), facts["answer_to"]),
            ],
            why=_("U krijgt deze mail omdat u vragen over PlusMinMee beantwoordt."),
            sender="PlusMinMee",
            sign="?",
        ),
        answer_to=facts["answer_to"],
    )


def _monitoring_over(facts: Facts, address: str) -> Letter:
    return Letter(
        _("Een periode van monitoren is voorbij"),
        Mail(
            headline=_("In %(group)s is een periode van monitoren voorbij", group=facts["group"]),
            given_name=facts["name"],
            paragraphs=[
                _(
                    "Er verandert niets vanzelf. Kies: terug in de cirkel, nog eens monitoren, of definitief verwijderen."
                )
            ],
            button=(_("Naar de methode"), f"{address}/jeugdgroepen/{facts['group_id']}/methode"),
            why=_("U krijgt deze mail omdat u beheerder van deze groep bent."),
            sender="PlusMinMee",
            sign="!",
        ),
    )


def _erased_soon(facts: Facts, address: str) -> Letter:
    day = written_date(date.fromisoformat(facts["until"]))
    return Letter(
        _("Een jeugdgroep wordt binnenkort gewist"),
        Mail(
            headline=_("%(group)s wordt gewist op %(day)s", group=facts["group"], day=day),
            given_name=facts["name"],
            paragraphs=[
                _("Op die dag wist PlusMinMee alles over de jongeren vanzelf."),
                _("Is de aanpak nog nodig? Kies dan een latere datum, binnen de termijn van uw organisatie."),
            ],
            button=(_("Naar de gegevens van de groep"), f"{address}/jeugdgroepen/{facts['group_id']}/gegevens"),
            why=_("U krijgt deze mail omdat u beheerder van deze groep bent."),
            sender="PlusMinMee",
            sign="!",
        ),
    )


def _reminder(facts: Facts, address: str) -> Letter:
    return Letter(
        _("Herinnering aan een interventie"),
        Mail(
            headline=_("Er staat vandaag een interventie voor u klaar"),
            given_name=facts["name"],
            paragraphs=[_("Ze hoort bij %(group)s. Wat er te doen is, leest u in PlusMinMee.", group=facts["group"])],
            button=(
                _("Naar de interventie"),
                f"{address}/jeugdgroepen/{facts['group_id']}/interventies/{facts['intervention_id']}",
            ),
            why=_("U krijgt deze mail omdat dit actiepunt voor u is."),
            sender="PlusMinMee",
            sign="!",
        ),
    )


def _reminder_of_who_left(facts: Facts, address: str) -> Letter:
    return Letter(
        _("Een interventie heeft niemand meer"),
        Mail(
            headline=_("Een interventie van vandaag heeft niemand meer"),
            given_name=facts["name"],
            paragraphs=[
                _("Ze was voor %(who)s, die niet meer bij %(group)s hoort.", who=facts["who"], group=facts["group"]),
                _("Kies voor wie ze nu is, of handel ze af."),
            ],
            button=(
                _("Naar de interventie"),
                f"{address}/jeugdgroepen/{facts['group_id']}/interventies/{facts['intervention_id']}",
            ),
            why=_("U krijgt deze mail omdat u beheerder van deze groep bent."),
            sender="PlusMinMee",
            sign="!",
        ),
    )


def _incident(facts: Facts, address: str) -> Letter:
    secret = secret_of(keeping().sealer, uuid.UUID(facts["link_id"]), facts["key_id"])
    return Letter(
        _("Melding van een beveiligingsincident in PlusMinMee"),
        Mail(
            headline=_("Er is een beveiligingsincident gemeld"),
            paragraphs=[
                _("%(name)s van %(organisation)s meldde het.", name=facts["name"], organisation=facts["organisation"]),
                _("Lees de melding met de knop hieronder. U hebt daarvoor geen account nodig."),
            ],
            facts=[(_("De link werkt tot"), written_moment(datetime.fromisoformat(facts["until"])))],
            button=(_("Naar de melding"), address_of(secret, address)),
            after=[_("Geef deze mail aan niemand door: wie de link heeft, kan de melding lezen.")],
            why=_("U krijgt deze mail als leidinggevende of als functionaris gegevensbescherming."),
            sender="PlusMinMee",
            sign="!",
        ),
    )


_KINDS: dict[str, Callable[[Facts, str], Letter]] = {
    "invited": _invited,
    "removed": _removed,
    "taken_over": _taken_over,
    "left_alone": _left_alone,
    "reminder": _reminder,
    "reminder_of_who_left": _reminder_of_who_left,
    "question": _question,
    "incident": _incident,
    "erased_soon": _erased_soon,
    "monitoring_over": _monitoring_over,
}
KINDS = tuple(_KINDS)


def words_of(kind: str, facts: Facts, address: str) -> Letter:
    """The letter of this kind; `address` is where PlusMinMee lives."""
    return _KINDS[kind](facts, address)
