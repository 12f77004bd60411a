"""A sentence in the two languages of the broker. Owns no sentence itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in Dutch and in English; `{name}` holds a fact that `with_facts` fills in."""

    nl: str
    en: str

    def in_language(self, language: str) -> str:
        """The sentence in `language`; Dutch for every language we do not have."""
        return self.en if language == "en" else self.nl

    def with_facts(self, **facts: object) -> "Text":
        """The same sentence with its `{…}` filled in."""
        return Text(self.nl.format(**facts), self.en.format(**facts))
