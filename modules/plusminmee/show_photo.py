"""A photo as a browser gets it, of a youngster or of a professional.

Owns: that answer. Does not own who may see it: the page asks that first.
"""

from flask import Response

from modules.plusminmee.attachments import photo_headers
from modules.plusminmee.errors import NotFoundError
from modules.plusminmee.file_store import NoFileError
from modules.plusminmee.keeping import keeping
from modules.plusminmee.sealing import Place


def show_photo(name: str | None, place: Place) -> Response:
    """The file of this name, which belongs to this place.

    Raises:
        NotFoundError: there is none.
    """
    if name is None:
        raise NotFoundError
    try:
        return Response(keeping().files.read(name, place), headers=photo_headers())
    except NoFileError:
        raise NotFoundError from None
