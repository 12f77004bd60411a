"""No address and no form holds a NUL: nobody types one, and PostgreSQL takes no text with one, so that further on it would be an
error of ours. Owns that refusal. A form with files is read by the page it is for, which checks what was typed.
"""

from flask import Flask, abort, request


def refuse_nul(app: Flask) -> None:
    """Such a page does not exist, and such a form or query is a bad request; said before any page is asked."""

    def look() -> None:
        values = [value for _name, value in request.args.items(multi=True)]
        if request.mimetype == "application/x-www-form-urlencoded":
            values += [value for _name, value in request.form.items(multi=True)]
        if "\0" in request.path:
            abort(404)
        if any("\0" in each for each in values):
            abort(400)

    app.before_request(look)
