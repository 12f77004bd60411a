"""A text of an application's own files, in both languages. Owns what one is, and nothing of where it stands."""

from dataclasses import dataclass

from look.language import current_language


@dataclass(frozen=True)
class Words:
    """A text in both languages; `str()` gives it in the language of the reader."""

    nl: str
    en: str

    def __str__(self) -> str:
        return self.en if current_language() == "en" else self.nl
