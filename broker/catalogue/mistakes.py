"""What a mistake in a policy or form file looks like, and the error that carries all of them at once."""

from dataclasses import dataclass

from broker.catalogue.model import Replacement


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake: where it stands, what was found there and what was expected.

    `file` is the path as it was opened, `line` counts from 1, `key` is the dotted path of the key
    ("rights.invoerder.claim", "clients[0].redirect_uris[1]"; "" for the whole file). `found` never holds the value of
    a secret.
    """

    file: str
    line: int
    key: str
    found: str
    expected: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:"
        return (
            f"{where} {self.key}: found {self.found}, expected {self.expected}"
            if self.key
            else (f"{where} found {self.found}, expected {self.expected}")
        )


class CatalogueError(Exception):
    """The policies or forms hold mistakes: `mistakes` has every one, in order of file and line, `replaced` what
    overlays do.
    """

    def __init__(self, mistakes: list[Mistake], replaced: tuple[Replacement, ...] = ()) -> None:
        self.mistakes = sorted(set(mistakes))
        self.replaced = replaced
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))
