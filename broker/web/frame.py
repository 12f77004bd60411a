"""What stands around every page of the broker: its name, its menu and who is signed in.

Owns the menu. Does not own how it looks (look/) nor who is signed in (`broker.web.who`).
"""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from flask import Flask, g, request

from broker.access.list_tasks import count_open_tasks
from broker.access.own_pools import OwnPools
from broker.database import db
from broker.people.mandate import APPLICATION_OWNER, HELPDESK, LOCAL_KINDS, TARGET_GROUP_OFFICER
from broker.web.desk_tabs import DESK_PATHS
from broker.web.help_pages import help_address
from broker.web.pools_at_hand import pools_at_hand
from broker.web.return_path import return_path
from broker.web.stay import stay_of
from broker.web.who import signed_in
from look.language import LANGUAGES
from look.language import gettext as _
from look.shell import Brand, Frame, MenuItem, Who, init_look

_TRANSLATIONS = Path(__file__).parent.parent / "translations" / "en.po"


def init_pages(app: Flask) -> None:
    """Dress the pages of `app`."""
    init_look(
        app,
        brand=Brand(
            name="Poortwachter",
            tagline="toegang voor lokale besturen",
            privacy_url="/privacy",
            accessibility_url="/toegankelijkheid",
            help_url="/help",
        ),
        translations=[_TRANSLATIONS] if _TRANSLATIONS.exists() else [],
        frame=frame_of_request,
        person_language=language_of_person,
    )


def language_of_person() -> str | None:
    """The language that the application they come from asks for them, else the one that the signed-in person chose."""
    asked = _language_of_application()
    if asked is not None:
        return asked
    person = signed_in()
    return person.language if person else None


def _language_of_application() -> str | None:
    """The first of ui_locales that we speak (OpenID Connect Core, 3.1.2.1), on the pages of that request and on the sign-in
    pages that lead back to it."""
    locales = g.get("ui_locales")
    if locales is None and request.path.startswith("/aanmelden"):
        back = parse_qs(urlsplit(return_path(request.values.get("verder"))).query)
        locales = " ".join(back.get("ui_locales", ()))
    spoken = (tag[:2].lower() for tag in (locales or "").split())
    return next((each for each in spoken if each in LANGUAGES), None)


def frame_of_request() -> Frame:
    """The menu and the person of this request; an anonymous visitor has neither."""
    person = signed_in()
    if person is None:
        return Frame(help_url=help_address(request.path))
    pools = pools_at_hand()
    kinds = {mandate.kind for mandate in (*pools.mandates, *pools.overseeing)}
    local = not kinds.isdisjoint(LOCAL_KINDS)
    officer, owner = TARGET_GROUP_OFFICER in kinds, APPLICATION_OWNER in kinds
    menu = []
    if pools.scopes:
        menu.append(_item(_("Mijn taken"), "/taken", count_open_tasks(db.session(), pools)))
    if local:
        menu.append(_item(_("Mensen en rechten"), "/rechten", also=DESK_PATHS))
    if officer:
        menu.append(_item(_("Beheerders"), "/verantwoordelijke"))
    if owner:
        menu.append(_item(_("Toepassing"), "/toepassingsbeheer"))
    if (owner or officer) and not local:  # local administrators have it among the tabs of their desk
        menu.append(_item(_("Nazicht"), "/nazicht" if officer else "/nazicht/voortgang"))
    if owner or HELPDESK in kinds:
        menu.append(_item(_("Opzoeken"), "/opzoeken"))
    menu.append(_item(_("Mijn aanvragen"), "/mijn-aanvragen"))
    who = Who(person.full_name, _organisation(pools), sign_out_url="/afmelden", profile_url="/mijn-profiel")
    return Frame(menu=menu, who=who, stay=stay_of(person), help_url=help_address(request.path))


def _item(label: str, path: str, count: int = 0, also: tuple[str, ...] = ()) -> MenuItem:
    """`also`: what else stands under this item, but for what has a word of its own in the menu."""
    return MenuItem(label, path, current=request.path.startswith((path, *also)), count=count)


def _organisation(pools: OwnPools) -> str:
    """The one organisation somebody decides for; none is named where there are several."""
    names = set(pools.organisations)
    return names.pop() if len(names) == 1 else ""
