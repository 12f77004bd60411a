"""The tool's own texts on their pages: tips where they matter (W17), the instructions."""

import re
import uuid

import pytest

from modules.plusminmee.manual import MANUAL
from modules.plusminmee.tips import Page, tips_for
from tests.modules.plusminmee.visitors import GROUPS, Visitor

WHERE: list[tuple[Page, str]] = [
    ("sign_in", "/plusminmee"),
    ("groups", GROUPS),
    ("youngsters", "{group}/jongeren"),
    ("youngsters", "{group}/jongeren/nieuw"),
    ("photo", "{group}/jongeren/nieuw"),
    ("identity_check", "{group}/jongeren/nieuw"),
    ("professionals", "{group}/professionals"),
]


@pytest.mark.parametrize(("page", "path"), WHERE)
def test_each_tip_stands_on_its_page(fatima: Visitor, group: uuid.UUID, page: Page, path: str) -> None:
    shown = fatima.get(path.format(group=f"{GROUPS}/{group}")).text
    for tip in tips_for(page):
        assert f'data-tip="{tip.code}"' in shown


def test_no_police_data_is_said_where_one_types(fatima: Visitor, group: uuid.UUID) -> None:
    """Beside the field, not at the foot of the page only."""
    inside = f"{GROUPS}/{group}"
    youngster = fatima.add_youngster(group, "Ella")
    fatima.get(f"{inside}/voorstellen/nieuw")
    form = {"youngster": str(youngster), "wanted": "plus", "why": "Helpt mee."}
    (proposal,) = re.findall(r'data-open="([^"]+)"', fatima.post(f"{inside}/voorstellen/nieuw", form).text)
    forms = (
        "jongeren/nieuw",
        f"jongeren/{youngster}/wijzigen",
        "interventies/nieuw",
        "berichten/nieuw",
        "voorstellen/nieuw",
    )
    for path in (f"{inside}/methode", proposal, *(f"{inside}/{each}" for each in forms)):
        page = fatima.get(path).text
        assert "olitiegegevens" in page.partition("<main")[2].partition("</main")[0], path


def test_the_work_instructions_hold_every_chapter_and_what_is_asked_of_beheerders(fatima: Visitor) -> None:
    page = fatima.get("/plusminmee/werkinstructies").text
    for chapter in MANUAL.chapters:
        assert f'id="{chapter.code}"' in page
    assert "Voor beheerders" in page
