"""Pictures for the tests: honest ones, and what somebody could send instead of one. Made here, so that none lies in the project."""

import io
import struct
import zlib

from PIL import Image

POSITION = b"\x34\x00\x00\x00\x01"
PHOTOGRAPHER = "Pietje Puk, Dorpsstraat 1"


def picture(kind: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **how: object) -> bytes:
    """A picture that is red at the left and blue at the right."""
    made = Image.new("RGB", size, "red")
    made.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    into = io.BytesIO()
    made.convert(mode).save(into, kind, **how)  # type: ignore[arg-type]
    return into.getvalue()


def telephone_photo(orientation: int = 6) -> bytes:
    """A JPEG as a telephone makes it: lying on its side, with who made it, where, and a comment."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = PHOTOGRAPHER
    position = exif.get_ifd(0x8825)
    position[1], position[2] = "N", (52.0, 1.0, 30.0)
    position[3], position[4] = "E", (4.0, 57.0, 0.0)
    return picture("JPEG", exif=exif, comment=PHOTOGRAPHER.encode(), icc_profile=PHOTOGRAPHER.encode())


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of a few kB that says it is this large, and is."""
    row = b"\x00" + bytes((width + 7) // 8)
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return _png(width, height, rows)


def png_with_a_lie(width: int, height: int) -> bytes:
    """A PNG that says it is this large, with hardly anything in it."""
    return _png(width, height, zlib.compress(b"\x00" * 100))


def _png(width: int, height: int, packed: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
