"""LineContent: what stands on one line of an upload, as it was typed, and what it says once every column is read. Pure.

Owns which right a line names (by code or by the name people call it) and its days. A sentence about a line names its column, never
the value in it (threats CU3).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from broker.access.explain_direct import rights_offered
from broker.catalogue import Application, Catalogue
from broker.catalogue.model import Right
from broker.people.identifiers import IdentifierError, clean_line, email_address, folded, national_number
from broker.people.organisation import Organisation
from broker.text import Text

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?: 00:00(?::00)?)?")
_WRITTEN = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


@dataclass(frozen=True, slots=True)
class LineContent:
    """One line, each column as it was typed, "" where it holds nothing."""

    number: str = ""
    email: str = ""
    given_name: str = ""
    family_name: str = ""
    application: str = ""
    right: str = ""
    context: str = ""
    first_day: str = ""
    last_day: str = ""

    @property
    def full_name(self) -> str:
        """The name as typed, for the page of whoever typed it."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def about(self) -> tuple[str, ...]:
        """By what two lines of one file are about the same right of the same person."""
        who = re.sub(r"\D", "", self.number) or self.email.casefold()
        return (who, self.application.casefold(), self.right.casefold(), self.context.casefold())

    def as_json(self) -> dict[str, str]:
        """What is sealed: the columns that hold something."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Checked:
    """A line whose columns can all be read. `number` and `email` are normalised, or empty."""

    number: str
    email: str
    given_name: str
    family_name: str
    application_code: str
    right_code: str
    context_code: str
    first_day: date | None
    last_day: date | None


def check_content(
    content: LineContent, catalogue: Catalogue, organisation: Organisation, *, test_domains: bool
) -> Checked | list[Text]:
    """The line as it will be used, or a sentence for every column that cannot be."""
    wrong: list[Text] = []

    def check(column: Text, value: str, normalise: Callable[[str], str]) -> str:
        if not value:
            return ""
        try:
            return normalise(value)
        except IdentifierError as error:
            wrong.append(_in_column(column, error.text))
            return ""

    number = check(NUMBER, content.number, national_number)
    email = check(EMAIL, content.email, lambda typed: email_address(typed, test_domains=test_domains))
    given_name = check(GIVEN_NAME, content.given_name, clean_line)
    family_name = check(FAMILY_NAME, content.family_name, clean_line)
    if not content.number and not content.email:
        wrong.append(NOBODY)
    days: list[date | None] = []
    for column, typed in ((FIRST_DAY, content.first_day), (LAST_DAY, content.last_day)):
        try:
            days.append(read_written_day(typed) if typed else None)
        except ValueError:
            wrong.append(_in_column(column, NO_DAY))
            days.append(None)
    found = _right(content, catalogue, organisation)
    if isinstance(found, Text):
        wrong.append(found)
    if wrong or isinstance(found, Text):
        return wrong
    return Checked(number, email, given_name, family_name, *found, *days)


def read_written_day(typed: str) -> date:
    """A day as programs write it (2027-12-31) or as people do (31/12/2027).

    Raises:
        ValueError: it is no day.
    """
    if (iso := _ISO.fullmatch(typed)) is not None:
        return date(int(iso[1]), int(iso[2]), int(iso[3]))
    if (written := _WRITTEN.fullmatch(typed)) is not None:
        return date(int(written[3]), int(written[2]), int(written[1]))
    raise ValueError("no day")


def _right(content: LineContent, catalogue: Catalogue, organisation: Organisation) -> tuple[str, str, str] | Text:
    """(application, right, context) that the line names and this kind of organisation may have, or why not."""
    application = next((each for each in catalogue.applications.values() if _is(content.application, each)), None)
    if application is None:
        return NO_APPLICATION
    offered = rights_offered(application, organisation)
    rights = [application.rights[code] for code in dict.fromkeys(code for code, _context in offered)]
    right = next((each for each in rights if _called(content.right, each.code, each.name)), None)
    if right is None:
        return NO_RIGHT
    return _context(content.context, application, right, offered)


def _context(
    typed: str, application: Application, right: Right, offered: list[tuple[str, str]]
) -> tuple[str, str, str] | Text:
    """The context that is named; where none is, the only one there is."""
    contexts = [context for code, context in offered if code == right.code]
    if not typed and len(contexts) == 1:
        return application.code, right.code, contexts[0]
    for code in contexts:
        if code and _called(typed, code, right.contexts[code].name):
            return application.code, right.code, code
    return NO_CONTEXT


def _is(typed: str, application: Application) -> bool:
    names = (application.name, application.short_name)
    return any(_called(typed, application.code, name) for name in names) or (
        bool(typed) and folded(typed) == folded(application.technical_name)
    )


def _called(typed: str, code: str, name: Text) -> bool:
    return bool(typed) and (typed == code or folded(typed) in (folded(code), folded(name.nl), folded(name.en)))


def _in_column(column: Text, sentence: Text) -> Text:
    return Text(f"{column.nl}: {sentence.nl}", f"{column.en}: {sentence.en}")


NUMBER = Text("Rijksregisternummer", "National register number")
EMAIL = Text("E-mailadres", "Email address")
GIVEN_NAME = Text("Voornaam", "First name")
FAMILY_NAME = Text("Familienaam", "Surname")
FIRST_DAY = Text("Vanaf", "From")
LAST_DAY = Text("Tot en met", "Up to and including")
NO_DAY = Text("Schrijf de dag zo: 31/12/2027.", "Write the day like this: 31/12/2027.")
NOBODY = Text(
    "Vul het e-mailadres op het werk in, of het rijksregisternummer van iemand die nog niet bij u werkt.",
    "Fill in the email address at work, or the national register number of somebody who does not work for you yet.",
)
NO_APPLICATION = Text(
    "Toepassing: zo heet er geen. Neem de code uit het voorbeeldbestand.",
    "Application: there is none of that name. Take the code from the example file.",
)
NO_RIGHT = Text(
    "Recht: dat kan uw organisatie in deze toepassing niet geven. Neem de code uit het voorbeeldbestand.",
    "Right: your organisation cannot give that in this application. Take the code from the example file.",
)
NO_CONTEXT = Text(
    "Context: die hoort niet bij dit recht. Neem de code uit het voorbeeldbestand.",
    "Context: it does not belong to this right. Take the code from the example file.",
)
