"""What is not taken, and what the field then says.

Owns: the error that the checks of this tool raise, and its sentence in both languages. Does not own any check.
"""

from modules.kit.words import Words
from modules.plusminmee.words import read_file

_SENTENCES: dict[str, Words] = {
    code: Words(nl=entry.text("nl"), en=entry.text("en"))
    for code, entry in read_file("refusals.yaml").only("refusals").by_code("refusals").items()
}


class RefusedError(ValueError):
    """Something was not taken. `reason` is a code for logs and tests, `words` the sentence at the field; no value in either."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.words = _SENTENCES[reason]
