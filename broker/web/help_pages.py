"""/help: how it works, for who asks, who administers and who is an officer (seed 002; seed-sentences M4). Texts and pictures only.

Owns the pages, and which paragraph belongs to which page of the broker (`help_address`): every page leads to its own.
"""

from pathlib import Path

from flask import Blueprint, render_template

from broker.installation import installation

blueprint = Blueprint("help", __name__)

PATH = "/help"
ASKING, ADMINISTRATOR, OFFICER = "ik-vraag-toegang", "ik-ben-lokale-beheerder", "ik-ben-doelgroepverantwoordelijke"
_TEMPLATES = {ASKING: "help/asking.html", ADMINISTRATOR: "help/administrator.html", OFFICER: "help/officer.html"}
_PICTURES = Path(__file__).parent / "static" / "help"

# The end of a path whose beginning names an application.
_ABOUT_END = {"/account-aanvragen": f"{ASKING}#account", "/account-voor-collega": f"{ASKING}#account-voor-collega"}
# The beginning of a path, and the paragraph about it: the first that fits.
_ABOUT: tuple[tuple[str, str], ...] = (
    ("/user/", f"{ASKING}#formulier"),
    ("/aanvraag", f"{ASKING}#volgen"),
    ("/mijn-aanvragen", f"{ASKING}#volgen"),
    *(
        (f"/mijn-profiel/{end}", f"{ASKING}#wachtwoord")
        for end in ("naam", "wachtwoord", "e-mailadres", "mobiel-nummer", "app", "toegangssleutels")
    ),
    ("/mijn-profiel", f"{ASKING}#profiel"),
    ("/link/gegevens", f"{ASKING}#nummer"),
    ("/link/e-mailadres", f"{ASKING}#wachtwoord"),
    ("/link/uitnodiging", f"{ASKING}#aanmelden"),
    ("/link", f"{ASKING}#formulier"),
    ("/gevraagd", f"{ADMINISTRATOR}#mijn-taken"),
    ("/melden", f"{ASKING}#profiel"),
    ("/toepassingen", f"{ASKING}#link"),
    ("/aanmelden/account", f"{ASKING}#wachtwoord"),
    ("/aanmelden", f"{ASKING}#aanmelden"),
    ("/op/v1/auth", f"{ASKING}#aanmelden"),
    ("/hoedanigheid", f"{ASKING}#aanmelden"),
    ("/taken", f"{ADMINISTRATOR}#mijn-taken"),
    ("/rechten/nieuw", f"{ADMINISTRATOR}#toegang-verlenen"),
    ("/mensen/nieuw", f"{ADMINISTRATOR}#toegang-verlenen"),
    ("/rechten/links", f"{ADMINISTRATOR}#link-sturen"),
    ("/rechten", f"{ADMINISTRATOR}#mensen-en-rechten"),
    ("/mensen", f"{ADMINISTRATOR}#mensen-en-rechten"),
    ("/beheerders", f"{ADMINISTRATOR}#beheerders"),
    ("/lijsten", f"{ADMINISTRATOR}#lijsten"),
    ("/nazicht", f"{ADMINISTRATOR}#nazicht"),
    ("/verantwoordelijke/labels", f"{OFFICER}#labels"),
    ("/verantwoordelijke/fusie", f"{OFFICER}#fusie"),
    ("/verantwoordelijke", f"{OFFICER}#organisaties"),
    ("/toepassingsbeheer", f"{OFFICER}#toepassing"),
    ("/opzoeken", f"{OFFICER}#opzoeken"),
)

BEGINNINGS = tuple(beginning for beginning, _about in _ABOUT)


@blueprint.get(PATH)
def start() -> str:
    """Who are you, and the questions that are often asked."""
    return render_template("help/start.html", helpdesk=installation().catalogue.helpdesk)


@blueprint.get(f"{PATH}/<any('{ASKING}', '{ADMINISTRATOR}', '{OFFICER}'):part>")
def show(part: str) -> str:
    """All paragraphs for one kind of reader."""
    catalogue = installation().catalogue
    return render_template(
        _TEMPLATES[part],
        helpdesk=catalogue.helpdesk,
        pictures={path.stem for path in _PICTURES.glob("*.png")},
    )


def help_address(path: str) -> str:
    """Where the help about the page at `path` stands."""
    about = next((about for end, about in _ABOUT_END.items() if path.endswith(end)), "")
    about = about or next((about for beginning, about in _ABOUT if path.startswith(beginning)), "")
    return f"{PATH}/{about}" if about else PATH
