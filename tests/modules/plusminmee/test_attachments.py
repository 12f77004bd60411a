"""Attachments: known by what is in them, never opened, and downloaded under a name that does no harm (threats PH1)."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from werkzeug.http import parse_options_header

from modules.plusminmee.attachments import (
    LARGEST,
    LONGEST_NAME,
    Attachment,
    download_headers,
    download_name,
    photo_headers,
    read_attachment,
)
from modules.plusminmee.citizen_numbers import find_citizen_numbers
from modules.plusminmee.refusals import RefusedError
from tests.modules.plusminmee.numbers import bsns
from tests.modules.plusminmee.pictures import PHOTOGRAPHER, picture, png_bomb, telephone_photo

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = '<Types><Override PartName="/word/document.xml" ContentType="{0}.main+xml"/></Types>'


def packed(*parts: tuple[str, str | bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file with these parts."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", how) as file:
        for name, content in parts:
            stored = zipfile.ZIP_STORED if name == "mimetype" else how
            file.writestr(name, content, stored)
    return into.getvalue()


def office(media_type: str, *more: tuple[str, str | bytes]) -> bytes:
    """A document of Word or Excel."""
    return packed(("[Content_Types].xml", TYPES.format(media_type)), ("word/document.xml", "<w/>"), *more)


def open_document(media_type: str, *more: tuple[str, str | bytes]) -> bytes:
    """A document of LibreOffice."""
    return packed(("mimetype", media_type), ("content.xml", "<office/>"), *more)


ODT, ODS = "application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet"


def refused(raw: bytes, name: str = "verslag.pdf") -> str:
    """Why it is not taken."""
    with pytest.raises(RefusedError) as error:
        read_attachment(name, raw)
    return error.value.reason


@pytest.mark.parametrize(
    ("name", "raw", "kept_as", "media_type"),
    [
        ("verslag.pdf", PDF, "verslag.pdf", "application/pdf"),
        ("verslag.docx", office(WORD), "verslag.docx", WORD),
        ("lijst.xlsx", office(EXCEL), "lijst.xlsx", EXCEL),
        ("verslag.odt", open_document(ODT), "verslag.odt", ODT),
        ("lijst.ods", open_document(ODS), "lijst.ods", ODS),
        ("notitie.txt", "Afspraak: vrijdag om 15 uur, café De Brug.\r\n".encode(), "notitie.txt", "text/plain"),
        ("verslag.exe", PDF, "verslag.pdf", "application/pdf"),
        ("verslag", PDF, "verslag.pdf", "application/pdf"),
        ("verslag.html.pdf", PDF, "verslag.html.pdf", "application/pdf"),
        ("verslag.pdf.html", PDF, "verslag.pdf.pdf", "application/pdf"),
    ],
)
def test_a_document_is_kept_as_it_is_with_the_ending_of_what_it_is(
    name: str, raw: bytes, kept_as: str, media_type: str
) -> None:
    assert read_attachment(name, raw) == Attachment(kept_as, media_type, raw)


def test_a_photo_is_made_anew_without_the_place_where_it_was_taken() -> None:
    kept = read_attachment("IMG_0001.JPEG", telephone_photo())
    assert (kept.name, kept.media_type) == ("IMG_0001.jpg", "image/jpeg")
    assert not Image.open(io.BytesIO(kept.content)).getexif()
    assert PHOTOGRAPHER.encode() not in kept.content
    assert read_attachment("schets.png", picture("PNG")).name == "schets.jpg"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"<html><script>alert(1)</script>", id="page"),
        pytest.param(b"\xef\xbb\xbf \n<svg xmlns='http://www.w3.org/2000/svg'/>", id="svg"),
        pytest.param(b"#!/bin/sh\nrm -rf /\n", id="script of the shell"),
        pytest.param(b"%!PS-Adobe-3.0\n", id="postscript"),
        pytest.param(b"MZ\x90\x00\x03", id="program of windows"),
        pytest.param(b"\x7fELF\x02\x01", id="program of linux"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), id="old word"),
        pytest.param(b"\x1b]0;x\x07", id="signs of control"),
        pytest.param("Grüße".encode("latin-1"), id="text of another alphabet"),
        pytest.param(packed(("a.txt", "a")), id="zip"),
        pytest.param(packed(("META-INF/MANIFEST.MF", "")), id="jar"),
        pytest.param(packed(("mimetype", "application/epub+zip")), id="epub"),
        pytest.param(office("application/vnd.openxmlformats-officedocument.presentationml.presentation"), id="slides"),
        pytest.param(picture("GIF"), id="gif"),
    ],
)
def test_other_kinds_are_refused_whatever_they_are_called(raw: bytes) -> None:
    assert refused(raw, "verslag.pdf") == "attachment_kind"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(office(WORD, ("word/vbaProject.bin", b"\x00")), id="macros"),
        pytest.param(office(WORD, ("word/VBAPROJECT.BIN", b"\x00")), id="macros in capitals"),
        pytest.param(office("application/vnd.ms-word.document.macroEnabled"), id="said to have macros"),
        pytest.param(office(WORD, ("word/embeddings/oleObject1.bin", b"\x00")), id="another file within"),
        pytest.param(office(EXCEL, ("xl/activeX/activeX1.xml", "")), id="controls"),
        pytest.param(open_document(ODT, ("Basic/Standard/Module1.xml", "")), id="macros of libreoffice"),
        pytest.param(open_document(ODS, ("Scripts/python/x.py", "")), id="scripts of libreoffice"),
        pytest.param(PDF.replace(b"/Type", b"/OpenAction<</S/JavaScript/JS(app.alert)>>/Type"), id="pdf with a script"),
        pytest.param(PDF.replace(b"/Type", b"/S/Launch/F(cmd.exe)/Type"), id="pdf that starts a program"),
        pytest.param(PDF.replace(b"<</Root", b"<</Encrypt 5 0 R/Root"), id="pdf with a password"),
        pytest.param(PDF.replace(b"/Type", b"/EmbeddedFiles 3 0 R/Type"), id="pdf with a file within"),
    ],
)
def test_what_can_do_something_by_itself_is_refused(raw: bytes) -> None:
    assert refused(raw) == "attachment_active"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"%PDF-1.7\n" + bytes(100), id="pdf without an end"),
        pytest.param(office(WORD)[:60], id="half a document"),
        pytest.param(b"PK\x03\x04" + bytes(100), id="begins as a zip only"),
        pytest.param(packed(*((f"{n}.xml", "") for n in range(2001))), id="thousands of parts"),
        pytest.param(packed(("[Content_Types].xml", " " * 300_000)), id="a bomb in what we do read"),
        pytest.param(office(WORD, *((f"word/{n}.xml", b"\x00" * 50_000_000) for n in range(5))), id="zip bomb"),
    ],
)
def test_what_is_broken_or_a_bomb_is_refused(raw: bytes) -> None:
    assert len(raw) < LARGEST
    assert refused(raw) == "attachment_unreadable"


def test_a_picture_that_is_a_bomb_is_refused_as_a_photo_is() -> None:
    assert refused(png_bomb(20_000, 20_000)) == "photo_pixels"


def test_nothing_and_too_much_are_refused() -> None:
    assert refused(b"") == "attachment_missing"
    assert refused(PDF + bytes(LARGEST)) == "attachment_too_large"


@given(st.binary(max_size=300), st.sampled_from([b"", b"%PDF-", b"PK\x03\x04", b"PK\x05\x06"]))
def test_whatever_comes_it_is_taken_or_refused(junk: bytes, beginning: bytes) -> None:
    try:
        kept = read_attachment("x", beginning + junk)
    except RefusedError:
        return
    assert kept.media_type in ("text/plain", "application/pdf")


@given(
    raw=st.sampled_from([office(WORD), open_document(ODT), office(WORD, ("word/a.xml", "a" * 500))]),
    damage=st.lists(st.tuples(st.integers(4, 10_000), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_a_damaged_document_is_taken_or_refused_and_never_crashes(raw: bytes, damage: list[tuple[int, int]]) -> None:
    damaged = bytearray(raw)
    for place, byte in damage:
        damaged[4 + place % (len(damaged) - 4)] = byte
    try:
        kept = read_attachment("x", bytes(damaged))
    except RefusedError:
        return
    assert kept.content == damaged


def test_a_document_packed_in_an_unusual_way_is_refused() -> None:
    for how in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        raw = packed(("[Content_Types].xml", TYPES.format(WORD)), ("word/document.xml", "<w/>"), how=how)
        assert refused(raw) == "attachment_unreadable"


def test_a_document_whose_one_part_that_we_read_is_broken_is_refused() -> None:
    raw = bytearray(office(WORD))
    at = raw.index(b"[Content_Types].xml") + len(b"[Content_Types].xml")
    raw[at : at + 4] = b"\xff\xff\xff\xff"
    assert refused(bytes(raw)) == "attachment_unreadable"


# Its name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../../etc/passwd", "passwd.pdf"),
        ("..\\..\\windows\\system32\\cmd.exe", "cmd.pdf"),
        ("C:\\Users\\piet\\verslag.pdf", "verslag.pdf"),
        ("verslag.pdf\r\nSet-Cookie: x=1", "verslag.pdf"),
        ('a"; filename="b.html', "a_ filename=_b.pdf"),
        ("verslag\u202efdp.exe", "verslagfdp.pdf"),
        ("verslag\x00.exe", "verslag.pdf"),
        ("CON.pdf", "bijlage CON.pdf"),
        ("nul", "bijlage nul.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("...", "bijlage.pdf"),
        ("", "bijlage.pdf"),
        ("/", "bijlage.pdf"),
        ("cafe\u0301 overleg.pdf", "café overleg.pdf"),
        ("100%.pdf", "100_.pdf"),
    ],
)
def test_a_name_leads_nowhere(name: str, safe: str) -> None:
    assert download_name(name, "application/pdf") == safe


@given(st.text(max_size=400))
def test_whatever_a_file_is_called_its_name_is_short_plain_and_of_its_kind(name: str) -> None:
    safe = download_name(name, "application/pdf")
    assert safe.endswith(".pdf")
    assert 5 <= len(safe) <= LONGEST_NAME
    assert not set('/\\:*?"<>|;%\r\n\x00') & set(safe)
    assert not safe.startswith((".", " "))
    assert download_name(safe, "application/pdf") == safe


@given(bsns, st.sampled_from(["{}", "Verslag {}", "verslag_{}_def", "{} kopie"]))
def test_no_bsn_stands_in_a_name(number: str, around: str) -> None:
    """A name is kept, shown to the group and taken along with the file."""
    for written in (number, f"{number[:3]}.{number[3:6]}.{number[6:]}"):
        safe = download_name(f"{around.format(written)}.pdf", "application/pdf")
        assert find_citizen_numbers(safe) == ()
        assert safe == f"{around.format('x')}.pdf"


# How it is sent


@given(st.text(max_size=100))
def test_a_browser_reads_the_name_that_was_meant_and_always_saves(name: str) -> None:
    safe = download_name(name, "text/plain")
    headers = download_headers(safe, "text/plain")
    headers["Content-Disposition"].encode("latin-1")
    how, options = parse_options_header(headers["Content-Disposition"])
    assert (how, options["filename"]) == ("attachment", safe)


def test_an_attachment_is_never_shown_guessed_at_or_kept_on_the_way() -> None:
    headers = download_headers("verslag.pdf", "application/pdf")
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_photo_is_shown_by_our_own_pages_only() -> None:
    headers = photo_headers()
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"].startswith("sandbox")
