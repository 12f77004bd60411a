"""docs/integrate.md shows exactly what runs here."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "integrate.md"


@pytest.mark.parametrize(
    ("language", "file"),
    [
        ("python", "kit/app.py"),
        ("python", "flask/app.py"),
        ("js", "node/app.js"),
        ("apache", "apache/oidc.conf"),
    ],
)
def test_the_document_shows_the_application_letter_by_letter(language: str, file: str) -> None:
    assert f"```{language}\n{(HERE / file).read_text()}```\n" in DOCUMENT.read_text(), (
        f"docs/integrate.md lags behind {file}"
    )


def test_node_packages_come_from_whatever_registry_the_machine_has() -> None:
    """No address of a registry stands in the lock file."""
    assert '"resolved"' not in (HERE / "node" / "package-lock.json").read_text()
    assert '"integrity"' in (HERE / "node" / "package-lock.json").read_text()
