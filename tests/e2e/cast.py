"""Who plays: the people of the demo world by name, and people nobody has seen before. Owns names, numbers and addresses."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import yaml

_PEOPLE = Path(__file__).resolve().parents[2] / "modules" / "digital_keys" / "people.yaml"
_FIRST_BIRTHDAY = date(1960, 1, 1)
_NEVER_ISSUED = (998, 999)

_newcomers = count(1)


@dataclass(frozen=True)
class Identity:
    """One human being, as a digital key would tell. `user` is the name in the list of the digital keys, "" for a newcomer; `mobile`
    is where their messages by SMS arrive.
    """

    given_name: str
    family_name: str
    number: str
    email: str
    user: str = ""
    mobile: str = ""

    @property
    def full_name(self) -> str:
        """Given name and family name."""
        return f"{self.given_name} {self.family_name}"


_made: list[Identity] = []


def known(user: str) -> Identity:
    """Somebody of the demo world: `known("karim.benali")`."""
    people = yaml.safe_load(_PEOPLE.read_text())["people"]
    (found,) = [each for each in people if each["user"] == user]
    return Identity(found["given_name"], found["family_name"], found["national_number"], found["email"], user)


def newcomer(given_name: str) -> Identity:
    """Somebody whom neither the broker nor any other test knows: a name, a valid number, an address and a mobile of their own."""
    turn = next(_newcomers)
    birthday = _FIRST_BIRTHDAY + timedelta(days=turn)
    nine = f"{birthday:%y%m%d}{_NEVER_ISSUED[turn % 2]}"
    number = f"{nine}{97 - int(nine) % 97:02d}"
    address = f"{given_name}.{turn}@voorbeeld.test".lower()
    made = Identity(given_name, f"Nieuw{_letters(turn)}", number, address, mobile=f"+3161{turn:07d}")
    _made.append(made)
    return made


def everybody() -> list[Identity]:
    """All who can have played: the people of the demo world, and every newcomer so far."""
    people = yaml.safe_load(_PEOPLE.read_text())["people"]
    return [*(known(each["user"]) for each in people if each.get("national_number")), *_made]


def _letters(turn: int) -> str:
    """A number in letters, as names hold no figures: 1 is "ab"."""
    return "".join(chr(ord("a") + int(figure)) for figure in f"{turn:02d}")
