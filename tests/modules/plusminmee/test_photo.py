"""Photos: what comes out was made by us, upright and small; what comes in may be anything (threats PH1)."""

import io
import random
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from modules.plusminmee import photo
from modules.plusminmee.photo import LARGEST_SIDE, LARGEST_UPLOAD, SQUARE_SIDE, make_photo, make_picture
from modules.plusminmee.refusals import RefusedError
from tests.modules.plusminmee.pictures import PHOTOGRAPHER, picture, png_bomb, png_with_a_lie, telephone_photo

SCRIPT = b"<script>alert(document.domain)</script>"


def opened(jpeg: bytes) -> Image.Image:
    """What a browser would show."""
    shown = Image.open(io.BytesIO(jpeg))
    assert shown.format == "JPEG"
    shown.load()
    return shown


def refused(raw: bytes) -> str:
    """Why it is not taken."""
    with pytest.raises(RefusedError) as error:
        make_photo(raw)
    return error.value.reason


def is_red(image: Image.Image, at: tuple[int, int]) -> bool:
    """Whether it is red there."""
    red, green, blue = image.convert("RGB").getpixel(at)  # type: ignore[misc]
    return red > 180 and green < 80 and blue < 80


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(picture("JPEG"), id="jpeg"),
        pytest.param(picture("JPEG", progressive=True), id="progressive jpeg"),
        pytest.param(picture("JPEG", mode="CMYK"), id="jpeg of a printer"),
        pytest.param(picture("PNG"), id="png"),
        pytest.param(picture("PNG", mode="RGBA"), id="png with transparency"),
        pytest.param(picture("PNG", mode="P"), id="png with a palette"),
        pytest.param(picture("WEBP"), id="webp"),
        pytest.param(picture("MPO", save_all=True, append_images=[Image.new("RGB", (64, 48))]), id="two lenses"),
    ],
)
def test_every_usual_picture_becomes_a_jpeg_of_ours(raw: bytes) -> None:
    made = make_photo(raw)
    assert opened(made.whole).size == (64, 48)
    assert is_red(opened(made.whole), (5, 24))
    assert opened(made.square).size == (SQUARE_SIDE, SQUARE_SIDE)


def test_a_grey_picture_of_sixteen_bits_keeps_its_greys() -> None:
    grey = Image.new("I;16", (4000, 4000), 128 * 256)
    into = io.BytesIO()
    grey.save(into, "PNG")
    level = opened(make_photo(into.getvalue()).whole).convert("L").getpixel((5, 5))
    assert 120 <= int(level) <= 136  # type: ignore[call-overload]


def test_what_was_transparent_becomes_white() -> None:
    into = io.BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(into, "PNG")
    assert min(opened(make_photo(into.getvalue()).whole).getpixel((5, 5))) > 250  # type: ignore[type-var]


def test_a_large_photo_becomes_small_and_keeps_its_shape() -> None:
    assert opened(make_photo(picture("JPEG", (4000, 3000))).whole).size == (LARGEST_SIDE, LARGEST_SIDE * 3 // 4)


def test_a_photo_that_lay_on_its_side_stands_up() -> None:
    standing = opened(make_photo(telephone_photo(orientation=6)).whole)
    assert standing.size == (48, 64)
    assert is_red(standing, (24, 5))


def test_nothing_that_came_with_the_photo_is_in_it() -> None:
    raw = telephone_photo()
    assert Image.open(io.BytesIO(raw)).getexif().get_ifd(0x8825), "the photo sent must hold a position"
    made = make_photo(raw)
    for jpeg in (made.whole, made.square):
        shown = opened(jpeg)
        assert not shown.getexif()
        assert set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert PHOTOGRAPHER.encode() not in jpeg
        assert b"Exif" not in jpeg


def test_a_picture_for_an_attachment_stays_large_enough_to_read() -> None:
    assert opened(make_picture(picture("PNG", (3000, 2000)))).size[0] == photo.LARGEST_PICTURE_SIDE


def test_a_photo_made_before_can_be_made_again() -> None:
    once = make_photo(telephone_photo()).whole
    assert opened(make_photo(once).whole).size == opened(once).size


# What is hostile


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(picture("JPEG") + SCRIPT, id="page behind a jpeg"),
        pytest.param(picture("JPEG", comment=SCRIPT), id="page within a jpeg"),
        pytest.param(picture("PNG") + SCRIPT, id="page behind a png"),
        pytest.param(picture("JPEG", exif=b"Exif\x00\x00" + SCRIPT), id="page as exif"),
    ],
)
def test_a_picture_that_is_a_page_as_well_is_a_picture_only(raw: bytes) -> None:
    assert SCRIPT in raw
    made = make_photo(raw)
    assert b"<script" not in made.whole + made.square


def test_a_picture_that_is_a_zip_file_as_well_is_a_picture_only() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("../../etc/cron.d/x", "* * * * * root true")
    raw = picture("JPEG") + packed.getvalue()
    assert zipfile.is_zipfile(io.BytesIO(raw))
    assert not zipfile.is_zipfile(io.BytesIO(make_photo(raw).whole))


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", id="svg"),
        pytest.param(
            b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg>&x;</svg>",
            id="svg with entity",
        ),
        pytest.param(picture("GIF"), id="gif"),
        pytest.param(picture("TIFF"), id="tiff"),
        pytest.param(picture("BMP"), id="bmp"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (w) file\n", id="postscript"),
        pytest.param(b"push graphic-context\nimage over 0,0 0,0 'https://example.org/x'\n", id="mvg"),
        pytest.param(b"MZ\x90\x00", id="program"),
        pytest.param(SCRIPT, id="page"),
        pytest.param(b" " + picture("JPEG"), id="jpeg after a space"),
    ],
)
def test_what_is_no_jpeg_png_or_webp_is_refused(raw: bytes) -> None:
    assert refused(raw) == "photo_kind"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"\xff\xd8\xff" + SCRIPT, id="page that begins as a jpeg"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + SCRIPT, id="page that begins as a png"),
        pytest.param(b"RIFF\x00\x00\x00\x00WEBP" + SCRIPT, id="page that begins as a webp"),
        pytest.param(picture("JPEG", (600, 400))[:400], id="half a jpeg"),
        pytest.param(picture("PNG", (600, 400))[:120], id="half a png"),
        pytest.param(png_with_a_lie(3000, 3000), id="png that is not what it says"),
    ],
)
def test_what_is_broken_is_refused(raw: bytes) -> None:
    assert refused(raw) in ("photo_kind", "photo_unreadable")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(png_with_a_lie(60_000, 60_000), id="says it is enormous"),
        pytest.param(png_with_a_lie(2**31 - 1, 1), id="says it is endless"),
        pytest.param(png_bomb(20_000, 20_000), id="is enormous"),
    ],
)
def test_a_bomb_is_refused_before_it_is_decoded(raw: bytes) -> None:
    assert len(raw) < 100_000
    assert refused(raw) == "photo_pixels"


def test_a_bomb_of_text_in_a_picture_is_refused_or_left_out() -> None:
    from PIL import PngImagePlugin

    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "x" * 60_000_000, zip=True)
    raw = picture("PNG", pnginfo=notes)
    assert len(raw) < 200_000
    assert refused(raw) in ("photo_kind", "photo_unreadable")


def test_nothing_and_too_much_are_refused_at_once() -> None:
    assert refused(b"") == "photo_missing"
    assert refused(picture("JPEG") + bytes(LARGEST_UPLOAD)) == "photo_too_large"


def test_whatever_is_damaged_it_is_a_photo_or_refused() -> None:
    chance = random.Random(20261117)
    whole = telephone_photo()
    for _ in range(8):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 20)):
            damaged[chance.randrange(3, len(damaged))] = chance.randrange(256)
        try:
            opened(make_photo(bytes(damaged)).whole)
        except RefusedError as error:
            assert error.reason.startswith("photo_")  # noqa: PT017  # either way is right


# The process


def test_the_process_gets_no_environment_and_cannot_write_or_start_anything(tmp_path: Path) -> None:
    program = (
        "import os, resource, subprocess, sys; sys.path.insert(0, sys.argv[1]); import photo_process as p\n"
        "p._limit()\n"
        "print(sorted(k for k in os.environ if k != 'LC_CTYPE'))\n"
        "for what in (lambda: open(sys.argv[2], 'w'), lambda: open('/etc/passwd'), lambda: bytes(2 * 1024**3)):\n"
        "    try: what(); print('could')\n"
        "    except (OSError, MemoryError): print('could not')\n"
        "print(resource.getrlimit(resource.RLIMIT_CPU)[1])\n"
    )
    folder = str(Path(photo.__file__).parent)
    ended = subprocess.run(
        [sys.executable, "-I", "-c", program, folder, str(tmp_path / "written")],
        capture_output=True,
        text=True,
        env={},
        timeout=60,
        check=True,
    )
    assert ended.stdout.split("\n")[:5] == ["[]", "could not", "could not", "could not", "20"]


def test_a_secret_of_ours_is_not_in_the_environment_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUSMINMEE_SECRET", "a secret")
    given: list[dict[str, str]] = []
    run = subprocess.run

    def noting(*what: object, **how: object) -> object:
        given.append(how["env"])  # type: ignore[arg-type]
        return run(*what, **how)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", noting)
    make_photo(picture("JPEG"))
    assert given == [{}]


def test_a_process_that_takes_too_long_is_ended_and_its_turn_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(*_what: object, **_how: object) -> object:
        raise subprocess.TimeoutExpired("photo_process.py", 30)

    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "run", stuck)
        for _ in range(photo.AT_ONCE + 1):
            assert refused(picture("JPEG")) == "photo_unreadable"
    assert make_photo(picture("JPEG")).whole


def test_only_so_many_are_decoded_at_once_and_the_next_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo, "_turns", threading.BoundedSemaphore(1))
    monkeypatch.setattr(photo, "SECONDS", 0)
    photo._turns.acquire()
    assert refused(picture("JPEG")) == "photo_busy"


@pytest.mark.parametrize("written", [b"", b"\x00", b"\x00\x00\x00\x01x", (3).to_bytes(4) + SCRIPT, b"\xff" * 40])
def test_a_process_that_was_taken_over_is_not_taken_at_its_word(
    monkeypatch: pytest.MonkeyPatch, written: bytes
) -> None:
    monkeypatch.setattr(
        subprocess, "run", lambda *_what, **_how: subprocess.CompletedProcess([], 0, stdout=written, stderr=b"")
    )
    assert refused(picture("JPEG")) == "photo_unreadable"
