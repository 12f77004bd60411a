"""The test people who can be picked on the page.

Owns: reading people.yaml. Does not own who else may sign in: any name and number can be typed.
"""

from dataclasses import dataclass
from pathlib import Path

import yaml

from modules.digital_keys.settings import KeySettingsError


@dataclass(frozen=True)
class TestPerson:
    """One invented person. `national_number` has eleven digits, with a counter that is never issued."""

    user: str
    given_name: str
    family_name: str
    national_number: str
    email: str | None

    @property
    def full_name(self) -> str:
        """Given name and family name."""
        return f"{self.given_name} {self.family_name}"


def read_people(path: Path) -> dict[str, TestPerson]:
    """The test people by user name, in the order of the file.

    Raises:
        KeySettingsError: the file cannot be read, or a person lacks something.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))["people"]
        people = [
            TestPerson(
                user=str(entry["user"]),
                given_name=str(entry["given_name"]),
                family_name=str(entry["family_name"]),
                national_number=str(entry["national_number"]),
                email=entry.get("email"),
            )
            for entry in entries
        ]
    except (OSError, yaml.YAMLError, TypeError, KeyError) as error:
        raise KeySettingsError(f"DIGITAL_KEYS_PEOPLE cannot be read: {type(error).__name__}") from error
    return {person.user: person for person in people}
