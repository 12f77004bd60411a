"""Fields of forms, as marshmallow fields: what somebody typed becomes a checked value, or a sentence in both languages.

Owns the way from text to value. The checks themselves are those of `people.identifiers`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from broker.people.identifiers import (
    IdentifierError,
    clean_line,
    clean_text,
    email_address,
    kbo_number,
    national_number,
    phone_number,
)
from broker.text import Text

MISSING_EMAIL = Text(
    "Vul uw e-mailadres in, bijvoorbeeld naam@gemeente.be", "Fill in your email address, for example name@gemeente.be"
)


class Answer(fields.Field[Any]):
    """One answer: trimmed, checked by `check`, or None where it may be left empty; `missing` is said where it may not."""

    def __init__(self, check: Callable[[str], str], missing: Text | None = None) -> None:
        super().__init__(required=False, load_default="")
        self._check = check
        self._missing = missing

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        typed = value.strip() if isinstance(value, str) else ""
        if not typed:
            if self._missing is not None:
                raise _RefusedError(self._missing)
            return None
        try:
            return self._check(typed)
        except IdentifierError as error:
            raise _RefusedError(error.text) from error


class _RefusedError(ValidationError):
    """A refusal that carries its sentence in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__([text])


def optional_email_answer(*, test_domains: bool) -> Answer:
    """An e-mail address that may be left out."""
    return Answer(lambda typed: email_address(typed, test_domains=test_domains))


def email_answer(*, test_domains: bool) -> Answer:
    """An e-mail address that must be there."""
    return Answer(lambda typed: email_address(typed, test_domains=test_domains), MISSING_EMAIL)


def phone_answer(missing: Text | None) -> Answer:
    """A telephone number, in E.164."""
    return Answer(phone_number, missing)


def number_answer(missing: Text) -> Answer:
    """A rijksregisternummer or BIS number, its 11 digits."""
    return Answer(national_number, missing)


def kbo_answer(missing: Text) -> Answer:
    """A KBO number, its 10 digits."""
    return Answer(kbo_number, missing)


def line_answer(longest: int, missing: Text | None = None) -> Answer:
    """One line of text."""
    return Answer(lambda typed: clean_line(typed, longest), missing)


def text_answer(longest: int, missing: Text | None = None) -> Answer:
    """Several lines of text."""
    return Answer(lambda typed: clean_text(typed, longest), missing)


def parse(answers: Mapping[str, Answer], typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Text]]:
    """(checked values, the sentence of each field that needs attention, in the order of `answers`)."""
    schema = Schema.from_dict(dict(answers))(unknown=EXCLUDE)
    try:
        return schema.load(dict(typed)), {}
    except ValidationError as error:
        wrong = {name: messages[0] for name, messages in error.messages_dict.items()}
        return dict(error.valid_data or {}), {name: wrong[name] for name in answers if name in wrong}
