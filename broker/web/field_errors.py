"""field_errors: what is wrong with a form, as every page with a form shows it: at the field, and in the list above."""

from collections.abc import Mapping
from typing import TypedDict

from broker.text import Text
from broker.web.task_view import say


class FieldErrors(TypedDict):
    """For the template: `wrong` by field, `errors` in order; both in the language of the reader."""

    wrong: dict[str, str]
    errors: list[tuple[str, str]]


def field_errors(wrong: Mapping[str, Text]) -> FieldErrors:
    """`wrong` is a sentence by the name of its field."""
    said = {name: say(sentence) for name, sentence in wrong.items()}
    return {"wrong": said, "errors": list(said.items())}
