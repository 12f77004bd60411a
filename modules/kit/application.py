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
    """One page of the menu. `label` is a Dutch msgid; `current` says whether the shown endpoint belongs to it; `count` is what
    waits there for this person; `posts`: it is done, not shown (signing out)."""

    label: str
    endpoint: str
    current: Callable[[str], bool] = lambda _endpoint: False
    count: int = 0
    icon: str = ""
    divider: bool = False
    posts: bool = False


@dataclass(frozen=True, kw_only=True)
class Application:
    """One application of the department.

    `code` is its code at the broker and the audience of its access tokens; `rights_claim` and `context` say which rights
    count here (`"<Right>-<context>:<organisation>"`, without context where that is empty); `home` is the endpoint after
    sign-in; `path` is where it lives, without a slash at the end, and `accent` one of the look, both by its code unless told
    otherwise. `idle` and `absolute` end a session. `on_rights_changed(sub, organisation_code, rights)` is called when the broker
    says that the rights of a person changed, also of one who is not signed in: for one organisation or (None) for any, with
    what is left of them (None when that is not said); before it counts as heard, so once more when it fails.
    Paths that begin with one of `unlogged` leave no line in a log. `menu_at_side`: the menu stands at the left, and signing out is
    one of its entries. `warns_of_end`: whoever does nothing is told two minutes before they are signed out, and then nothing of
    the page stays on the screen. What stands at the foot of each page is the template `<code>/foot.html`, or that of the kit.
    """

    code: str
    name: str
    tagline: str
    home: str
    scope: str
    rights_claim: str
    context: str = ""
    right_names: dict[str, str]
    contact: Contact
    menu: Callable[[SignedIn], Sequence[MenuEntry]]
    path: str = ""
    accent: str = ""
    idle: timedelta = timedelta(minutes=60)
    absolute: timedelta = timedelta(hours=8)
    on_rights_changed: Callable[[str, str | None, frozenset[str] | None], None] | None = None
    unlogged: tuple[str, ...] = ()
    menu_at_side: bool = False
    warns_of_end: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", self.path or f"/{self.code}")
        object.__setattr__(self, "accent", self.accent or self.code)
