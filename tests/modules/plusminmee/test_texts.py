"""The tool's own texts on their pages: tips where they matter (W17), the instructions."""

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


def test_the_work_instructions_hold_every_chapter_and_what_is_asked_of_beheerders(fatima: Visitor) -> None:
    page = fatima.get("/plusminmee/werkinstructies").text
    for chapter in MANUAL.chapters:
        assert f'id="{chapter.code}"' in page
    assert "Voor beheerders" in page
