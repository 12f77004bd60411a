"""plain_writing: marks letters of several alphabets in one name, as used to deceive a reader (threats SR7)."""

from dataclasses import dataclass

from broker.access.rules.case import WARNING, Case, Finding
from broker.people.identifiers import mixes_scripts
from broker.text import Text


@dataclass(frozen=True)
class PlainWriting:
    """Name and short answers are written in one alphabet."""

    name: str = "plain_writing"

    def check(self, case: Case) -> Finding | None:
        if not any(mixes_scripts(text) for text in (case.applicant_name, *case.free_texts)):
            return None
        return Finding(
            self.name,
            WARNING,
            Text("Er staan letters uit verschillende alfabetten in", "It holds letters of different alphabets"),
            Text(
                "Zo kan een naam lijken op die van iemand anders. Kijk goed na om wie het gaat.",
                "A name can look like somebody else's that way. Check carefully who it is.",
            ),
        )


PLAIN_WRITING = PlainWriting()
