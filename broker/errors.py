"""What an operation raises when it cannot do what was asked. Knows nothing of HTTP.

Each error has a stable `code` (snake_case, for programs), a `text` for people in both languages, and `facts`
(ids and codes only, never personal data). One handler per door turns them into a page or a problem document.
"""

from broker.text import Text


class DomainError(Exception):
    """Something the rules of the gatekeeper do not allow."""

    def __init__(self, code: str, text: Text, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.text = text
        self.facts = facts


class NotFoundError(DomainError):
    """It is not there, or not for this person: the two are the same answer."""

    def __init__(self, code: str = "not_found", text: Text | None = None, **facts: object) -> None:
        super().__init__(code, text or Text("Deze pagina bestaat niet.", "This page does not exist."), **facts)


class ForbiddenError(DomainError):
    """The person may not do this, and may know so."""


class ConflictError(DomainError):
    """The world changed since the page was shown, or a rule holds now that did not hold then."""


class InvalidError(DomainError):
    """What was filled in cannot be used; `fields` names each field and its sentence."""

    def __init__(self, code: str, text: Text, fields: dict[str, Text] | None = None, **facts: object) -> None:
        super().__init__(code, text, **facts)
        self.fields = fields or {}


class TooManyError(DomainError):
    """A limit was reached; `facts['retry_after']` is in seconds where it is known."""


class BusyError(DomainError):
    """The database could not be had in time; nothing was changed, the same request may be sent again."""

    def __init__(self) -> None:
        super().__init__(
            "busy",
            Text(
                "Het is even te druk. Er is niets veranderd. Probeer het zo meteen opnieuw.",
                "We are too busy right now. Nothing was changed. Please try again in a moment.",
            ),
        )
