"""The message to a local administrator that somebody copies or mails (seed 000 step 1), and the address that opens a mail program.

Owns its words, but for those of the application, which are its policy's. It never holds a rijksregisternummer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from broker.catalogue import Application, Context, Right
from look.language import current_language
from look.language import gettext as _


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent, and to whom besides the administrator."""

    copy_to: str
    subject: str
    body: str

    @property
    def mailto(self) -> str:
        """Opens the message in a mail program, with the team of the application in cc (RFC 6068). Whom it is to, the sender fills
        in: who administers what is told to nobody who has not proved who they are (threats SR3)."""
        body = self.body.replace("\n", "\r\n")
        return f"mailto:?cc={quote(self.copy_to)}&subject={quote(self.subject)}&body={quote(body)}"


def written_message(
    application: Application,
    right: Right,
    context: Context | None,
    organisation: str,
    name: str,
    emails: Sequence[str],
    replaces: str = "",
) -> Message:
    """The example message of the application, filled in, in the language of the page."""
    language = current_language()
    called = right_in_words(right, context)
    contact = application.contact
    team = contact.team.in_language(language)
    facts = {"right": called, "organisation": organisation, "page": application.page}
    policy = application.ask_administrator
    paragraphs = [
        _("Beste lokale beheerder,") + "\n" + _("in cc. %(email)s", email=contact.email),
        *(each.in_language(language).format(**facts) for each in (policy.message if policy else ())),
        "\n".join(
            [
                _("Hierbij mijn contactgegevens voor de rechtentoekenning:"),
                _("- Organisatie: %(name)s", name=organisation),
                _("- Voornaam en naam: %(name)s", name=name),
                _("- E-mailadres: %(emails)s", emails=", ".join(emails)),
                *([_("- Ik vervang: %(name)s", name=replaces)] if replaces else []),
            ]
        ),
        _(
            "Mag ik u vragen de rechtentoekenning ook per e-mail aan %(team)s, %(email)s, te bevestigen, met (enkel) de"
            " bovenstaande contactgegevens? Geeft u het recht in Poortwachter, dan gebeurt dat vanzelf.",
            email=contact.email,
            team=team,
        ),
        _(
            "Mijn rijksregisternummer staat niet in dit bericht. Hebt u het nodig, vraag het dan met een beveiligde link uit"
            " Poortwachter. Nadien kunt u deze mail verwijderen (charter verwerking persoonsgegevens, art. 193 DLB)."
        ),
        _("Vriendelijke groeten,") + "\n" + name,
    ]
    return Message(contact.email, _("Vraag om het recht ‘%(right)s’", right=called), "\n\n".join(paragraphs))


def right_in_words(right: Right, context: Context | None) -> str:
    """The right as an administrator knows it: "DCJM Jeugdmonitor met context Projectcoördinator"."""
    language = current_language()
    name = right.name.in_language(language)
    return (
        _("%(right)s met context %(context)s", right=name, context=context.name.in_language(language))
        if context
        else name
    )
