"""Hostile files, sent through both doors of the tool: refused at the field with what was typed still there, or made harmless (PH1).

What each check refuses and why stands in test_photo.py and test_attachments.py; here it is seen that both doors ask them.
"""

import io
import re
import uuid
from pathlib import Path

from werkzeug.test import TestResponse

from tests.modules.plusminmee.pictures import PHOTOGRAPHER, png_bomb, telephone_photo
from tests.modules.plusminmee.visitors import GROUPS, Visitor

SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>" + SCRIPT + b"</svg>"
REFUSED = {
    "svg": SVG,
    "bomb": png_bomb(20_000, 20_000),
    "page": b"<!doctype html>" + SCRIPT,
    "half": telephone_photo()[:200],
}
MADE_HARMLESS = {
    "page as well": telephone_photo() + SCRIPT,
    "zip as well": telephone_photo() + b"PK\x03\x04" + SCRIPT,
    "with a position": telephone_photo(),
}
NAMES = (
    "../../../etc/passwd.jpg",
    "..\\..\\boot.jpg",
    "/etc/cron.d/x.jpg",
    "foto.jpg.html",
    "a\x00b.jpg",
    'x"; y=".jpg',
)
HOSTILE = (SCRIPT, b"PK\x03\x04", PHOTOGRAPHER.encode(), b"Exif")


def files(tmp_path: Path) -> set[Path]:
    return {each.relative_to(tmp_path) for each in tmp_path.rglob("*") if each.is_file() and "files" in each.parts}


def test_a_photo_is_refused_or_made_harmless(member: Visitor, group: uuid.UUID, tmp_path: Path) -> None:
    form = f"{GROUPS}/{group}/jongeren/nieuw"
    for raw in REFUSED.values():
        member.get(form)
        page = member.post(form, {"name": "Ella", "photo": (io.BytesIO(raw), "foto.jpg")})
        assert page.status_code == 422
        assert 'id="photo-fout"' in page.text
        assert 'value="Ella"' in page.text
    assert files(tmp_path) == set(), "nothing of it was kept"
    for number, (raw, name) in enumerate(zip(MADE_HARMLESS.values(), NAMES, strict=False)):
        youngster = member.add_youngster(group, f"Jongere {number}", photo=(io.BytesIO(raw), name))
        for size in ("foto", "foto/klein"):
            answer = member.get(f"{GROUPS}/{group}/jongeren/{youngster}/{size}")
            assert answer.mimetype == "image/jpeg"
            assert not any(each in answer.data for each in HOSTILE)
    assert all(re.fullmatch(r"[0-9a-f]{32}", each.name) for each in files(tmp_path))


def test_an_attachment_is_refused_or_made_harmless(member: Visitor, group: uuid.UUID, tmp_path: Path) -> None:
    form = f"{GROUPS}/{group}/berichten/nieuw"
    for raw in REFUSED.values():
        member.get(form)
        page = member.post(form, {"words": "Zie bijlage.", "attachment": (io.BytesIO(raw), "foto.jpg")})
        assert page.status_code == 422
        assert 'id="attachment-fout"' in page.text
        assert "Zie bijlage." in page.text
    assert files(tmp_path) == set(), "nothing of it was kept"
    for raw in MADE_HARMLESS.values():
        answer = posted(member, form, raw, "foto.jpg")
        assert answer.mimetype == "image/jpeg"
        assert not any(each in answer.data for each in HOSTILE)
    assert all(re.fullmatch(r"[0-9a-f]{32}", each.name) for each in files(tmp_path))


def test_an_attachment_is_saved_under_a_plain_name(member: Visitor, group: uuid.UUID) -> None:
    for name in NAMES:
        said = posted(member, f"{GROUPS}/{group}/berichten/nieuw", telephone_photo(), name).headers[
            "Content-Disposition"
        ]
        assert re.fullmatch(r'attachment; filename="[\w. -]+\.jpg"(; filename\*=UTF-8\'\'[\w.%-]+)?', said)
        assert ".." not in said


def posted(member: Visitor, form: str, raw: bytes, name: str) -> TestResponse:
    """What is downloaded of the newest message."""
    member.get(form)
    page = member.post(form, {"words": "Zie bijlage.", "attachment": (io.BytesIO(raw), name)})
    assert page.status_code == 200, page.text
    return member.get(re.findall(r'href="([^"]+/bijlage)"', page.text)[0])
