"""What one application tells the kit about itself.

Owns: the shape of that. Does not own settings of an installation (settings.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from modules.kit.person import SignedIn


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Who answers questions about the application (seed 002: on every page and every refusal)."""

    team: str
    phone: str
    email: str


@dataclass(frozen=True, kw_only=True)
class MenuEntry:
    """One page of the menu. `label` is a Dutch msgid; `current` says whether the shown endpoint belongs to it."""

    label: str
    endpoint: str
    current: Callable[[str], bool]


@dataclass(frozen=True, kw_only=True)
class Application:
    """One application of the department.

    `code` is its code at the broker and the audience of its access tokens; `rights_claim` and `context` say which rights
    count here (`"<Right>-<context>:<organisation>"`); `path` is where it lives, without a slash at the end; `home` is the
    endpoint after sign-in. `idle` and `absolute` end a session; `accent` is one of the look.
    """

    code: str
    name: str
    tagline: str
    accent: str
    path: str
    home: str
    scope: str
    rights_claim: str
    context: str
    right_names: dict[str, str]
    contact: Contact
    menu: Callable[[SignedIn], Sequence[MenuEntry]]
    idle: timedelta = timedelta(minutes=60)
    absolute: timedelta = timedelta(hours=8)
