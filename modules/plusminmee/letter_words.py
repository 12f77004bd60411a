"""The words of every mail of PlusMinMee. A mail holds no fact about a youngster: it says that there is something, and where.

Owns: the kinds of letters and their words. Does not own when they are put (put_letter.py) nor how they leave (send_letters.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from look.language import gettext as _
from look.language import written_date, written_moment
from look.mail import Mail

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
    return Letter(
        _("U hoort niet meer bij een jeugdgroep"),
        Mail(
            headline=_("Uw toegang tot een jeugdgroep stopte"),
            given_name=facts["name"],
            paragraphs=[_("De beheerder haalde u uit de groep. U ziet de groep niet meer in uw overzicht.")],
            button=(_("Naar uw jeugdgroepen"), f"{address}/jeugdgroepen"),
            after=[_("Klopt dit niet? Vraag het aan de beheerder van de groep.")],
            why=_("U krijgt deze mail omdat u lid van de groep was."),
            sender="PlusMinMee",
            sign="–",
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


_KINDS: dict[str, Callable[[Facts, str], Letter]] = {
    "invited": _invited,
    "removed": _removed,
    "reminder": _reminder,
    "reminder_of_who_left": _reminder_of_who_left,
    "question": _question,
    "erased_soon": _erased_soon,
    "monitoring_over": _monitoring_over,
}
KINDS = tuple(_KINDS)


def words_of(kind: str, facts: Facts, address: str) -> Letter:
    """The letter of this kind; `address` is where PlusMinMee lives."""
    return _KINDS[kind](facts, address)
