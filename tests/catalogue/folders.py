"""Policy and form folders that a test can spoil, and what stands in them beside the repository's own files."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from broker.catalogue import Catalogue, CatalogueError, Mistake, read_catalogue

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a-secret-of-the-tests-and-nowhere-else"
CLIENT = """\
application: cultuurmonitor
clients:
  - client_id: cultuurmonitor
    name: {nl: Cultuurmonitor, en: Cultuurmonitor}
    redirect_uris: [https://cijfers.example.org/terug]
    start_uri: https://cijfers.example.org/
    authentication: client_secret_basic
    secret_env: BROKER_CLIENT_TEST
    scopes: [openid, vo, cjm_cultuurmonitor]
"""
PROVIDER = """\
identity_providers:
  - code: itsme
    name: {nl: itsme, en: itsme}
    hint: {nl: Met de app., en: With the app.}
    issuer: https://sleutel.example.org/itsme
    client_id: poortwachter
    secret_env: BROKER_CLIENT_ITSME
    asserts: [name, national_number]
    number_claim: http://example.org/claims/BENationalNumber
    levels:
      "http://example.org/acr/advanced": {acr: "urn:be:vlaanderen:authmech:itsme", level: 27}
    ceiling: 27
"""


@dataclass
class Folders:
    """One policy folder and one form folder on disk; `extra` are overlays that come after them."""

    policies: Path
    forms: Path
    environment: dict[str, str]
    extra: list[Path] = field(default_factory=list)
    development: bool = False

    def path(self, name: str) -> Path:
        """Where "policies/…" or "forms/…" stands."""
        root, _, rest = name.partition("/")
        return (self.policies if root == "policies" else self.forms) / rest

    def write(self, name: str, content: str | bytes) -> Path:
        """Write one file."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def change(self, name: str, old: str, new: str) -> None:
        """Replace one piece of a file; it must stand there once."""
        text = self.path(name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def line_of(self, name: str, words: str) -> int:
        """The number of the first line that holds `words`."""
        lines = self.path(name).read_text(encoding="utf-8").splitlines()
        return next(number for number, line in enumerate(lines, 1) if words in line)

    def read(self) -> Catalogue:
        """The catalogue of these folders."""
        return read_catalogue(
            [self.policies, *self.extra], [self.forms], self.environment, development=self.development
        )

    def mistakes(self) -> list[Mistake]:
        """What is wrong with these folders."""
        with pytest.raises(CatalogueError) as caught:
            self.read()
        return caught.value.mistakes
