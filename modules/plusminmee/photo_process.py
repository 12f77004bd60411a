"""The process in which a stranger's picture is decoded: `python photo_process.py LARGEST SQUARE`, picture in, two pictures out.

Owns: its own limits (memory, processor time, no files, and no children unless it runs as root), taken before a byte of the
picture is read, and decoding and encoding with Pillow. Does not own the time that it gets, nor what a refusal is called
(photo.py). It imports nothing of ours and gets no environment, so whoever breaks a decoder finds no secret here.

What it writes: the picture, at most LARGEST pixels wide and high, and the middle of it as a square of SQUARE pixels; each as a
length of 4 bytes and a JPEG. It writes nothing when it ends with another number than 0.
"""

import io
import resource
import sys

from PIL import Image, ImageOps, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

DONE, NO_PICTURE, TOO_MANY_PIXELS, DAMAGED = 0, 3, 4, 5
MOST_PIXELS = 50_000_000
"""What the best telephones make: 200 MB when decoded."""
_MEMORY = 1024 * 1024 * 1024
_PROCESSOR_SECONDS = 20
_KINDS = ("JPEG", "PNG", "WEBP")
_QUALITY = 85
# Loaded before files can be opened no more: the kinds, and what reads the orientation and the pictures of two lenses.
_LOADED = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)


def main(largest: int, square: int) -> int:
    """Read a picture from the input, write two; the number says how it went."""
    Image.preinit()
    _limit()
    Image.MAX_IMAGE_PIXELS = None  # the limit below is ours, and lower
    try:
        picture: Image.Image = Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=_KINDS)
    except MemoryError:
        return TOO_MANY_PIXELS
    except Exception:  # noqa: BLE001  # whatever a decoder makes of what a stranger sent: it is no picture
        return NO_PICTURE
    if picture.width * picture.height > MOST_PIXELS:
        return TOO_MANY_PIXELS
    try:
        whole = _plain(picture, largest)
        pictures = [_written(whole), _written(ImageOps.fit(whole, (square, square)))]
    except MemoryError:
        return TOO_MANY_PIXELS
    except Exception:  # noqa: BLE001  # as above
        return DAMAGED
    for each in pictures:
        sys.stdout.buffer.write(len(each).to_bytes(4) + each)
    sys.stdout.buffer.flush()
    return DONE


def _limit() -> None:
    """Give up what decoding does not need; none of it can be had back."""
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(what, (most, most))


def _plain(picture: Image.Image, largest: int) -> Image.Image:
    """Small enough, upright, in three colours on white, and a new picture: nothing that came with the old one is in it."""
    if picture.mode == "I;16":
        picture = picture.point(lambda value: value / 256).convert("L")
    elif picture.mode in ("1", "P"):
        picture = picture.convert("RGBA")
    picture.thumbnail((largest, largest))
    upright = ImageOps.exif_transpose(picture)
    ground = Image.new("RGB", upright.size, "white")
    if upright.has_transparency_data:
        seen = upright.convert("RGBA")
        ground.paste(seen, mask=seen.getchannel("A"))
    else:
        ground.paste(upright.convert("RGB"))
    return ground


def _written(picture: Image.Image) -> bytes:
    into = io.BytesIO()
    picture.save(into, "JPEG", quality=_QUALITY, optimize=True)
    return into.getvalue()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
