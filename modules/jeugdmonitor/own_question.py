"""Own questions of a municipality: the form, what is wrong with it, and what in it deserves a second look.

Owns: reading it, and the words that ask who a child is (SV5). Pure: knows no page and no database. Does not own keeping it
(keep_own_question.py).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from look.language import gettext as _
from modules.jeugdmonitor.bank import THEMES
from modules.jeugdmonitor.question import Kind
from modules.jeugdmonitor.round_form import read_line

LONGEST_PROMPT = 200
LONGEST_OPTION = 80
FEWEST_OPTIONS, MOST_OPTIONS = 2, 10
MOST_OWN = 15
_KINDS: dict[str, Kind] = {"one": "one", "several": "several", "text": "text"}

_ASKS_WHO = re.compile(
    r"\b(naam|namen|voornaam|achternaam|familienaam|roepnaam|heet je|noem je|wie ben je|adres|straat|huisnummer|postcode|"
    r"woonplaats|telefoon\w*|gsm\w*|nummer|rijksregister\w*|e-?mail\w*|mailadres|instagram|snapchat|tiktok|facebook|whatsapp|"
    r"account|profiel|gebruikersnaam|geboorte\w*|geboren|verjaar\w*|verjaardag|klas|leerkracht|juf|meester|"
    r"welke school|jouw school heet|trainer|ploeg|godsdienst|geloof|religie|afkomst|nationaliteit|huidskleur|moedertaal|"
    r"ziek\w*|ziekte|diagnose|handicap|beperking|medicatie|geaardheid|homo|lesbisch|trans|politie|gescheiden|"
    r"alleenstaand\w*|werkloos|uitkering|foto|filmpje)\b"
)
_TELLS_WHO = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}|(?:\d[\s./-]?){8,}|https?://|www\.|(?:^|\s)@\w{3,}", re.IGNORECASE)


@dataclass(frozen=True)
class OwnQuestion:
    """A question as a coordinator wrote it."""

    theme: str
    kind: Kind
    prompt: str
    options: tuple[str, ...]


def read_own_question(
    posted: Mapping[str, str], *, free_text: bool
) -> tuple[OwnQuestion | None, list[tuple[str, str]], list[str]]:
    """The question or None, what is wrong (field, sentence), and the words that ask who a child is.

    Such words are no mistake: a coordinator who has looked again may keep them (`looked_again`).
    """
    errors: list[tuple[str, str]] = []
    prompt = read_line(posted.get("prompt", ""))
    if not prompt:
        errors.append(("prompt", _("Schrijf de vraag.")))
    elif len(prompt) > LONGEST_PROMPT:
        errors.append(("prompt", _("Deze vraag is te lang. Hou het bij %(most)s tekens.", most=LONGEST_PROMPT)))
    theme = posted.get("theme", "")
    if theme not in THEMES:
        errors.append(("theme", _("Kies bij welk onderwerp deze vraag hoort.")))
    kind = _KINDS.get(posted.get("kind", ""))
    if kind is None or (kind == "text" and not free_text):
        kind = None
        errors.append(("kind", _("Kies hoe er geantwoord wordt.")))
    options = tuple(filter(None, (read_line(line) for line in posted.get("options", "").splitlines())))
    if kind == "text":
        options = ()
    elif kind is not None:
        wrong = _wrong_options(options)
        errors += [("options", wrong)] if wrong else []
    words = words_that_ask_who(" ".join((prompt, *options)))
    if words and not posted.get("looked_again"):
        errors.append(("looked_again", _("Kijk deze vraag nog eens na, en zet een vinkje als ze zo kan.")))
    if errors or kind is None:
        return None, errors, words
    return OwnQuestion(theme, kind, prompt, options), [], words


def words_that_ask_who(text: str) -> list[str]:
    """The words in a question that may lead to one child, each once, in their order."""
    found = _ASKS_WHO.findall(unicodedata.normalize("NFC", text).lower())
    return list(dict.fromkeys(found))


def tells_who(text: str) -> bool:
    """Whether what somebody wrote holds an address, a long number or an account."""
    return _TELLS_WHO.search(text) is not None


def _wrong_options(options: tuple[str, ...]) -> str:
    if not FEWEST_OPTIONS <= len(options) <= MOST_OPTIONS:
        return _(
            "Schrijf %(least)s tot %(most)s antwoorden, elk op een regel.", least=FEWEST_OPTIONS, most=MOST_OPTIONS
        )
    if any(len(option) > LONGEST_OPTION for option in options):
        return _("Een antwoord is te lang. Hou het bij %(most)s tekens.", most=LONGEST_OPTION)
    if len({option.casefold() for option in options}) < len(options):
        return _("Twee antwoorden zijn hetzelfde.")
    return ""
