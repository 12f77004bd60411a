"""A mail, written twice from the same words: HTML with the arch head, and plain text with the bare link.

Owns the form of every mail. Does not own the words (whoever sends owns those) nor sending.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from jinja2 import Environment, StrictUndefined, select_autoescape

from look.templating import equip, template_loader


@dataclass(frozen=True, slots=True)
class Mail:
    """The words of one mail, already in the language of who gets it; write it inside `use_language`.

    `headline` is the one sentence in the arch, `sign` the character above it, `paragraphs` one or two sentences,
    `facts` (label, value) pairs, `button` (label, full URL), `after` who helps, `why` why this person gets this mail.
    """

    headline: str
    given_name: str = ""
    paragraphs: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    button: tuple[str, str] | None = None
    after: list[str] = field(default_factory=list)
    why: str = ""
    sender: str = "Poortwachter"
    sign: str = "✓"

    def html(self) -> str:
        """The HTML part."""
        return _environment().get_template("look/mail.html").render(mail=self)

    def text(self) -> str:
        """The text part: everything the HTML part says, with the bare link."""
        return _environment().get_template("look/mail.txt").render(mail=self)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=template_loader(),
        autoescape=select_autoescape(enabled_extensions=("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    equip(environment)
    return environment
