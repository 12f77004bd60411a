"""A look at the SQL statements that something costs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

_WRITING = ("INSERT", "UPDATE", "DELETE")


class Seen(list[str]):
    """The statements seen, in order, without BEGIN, COMMIT and settings."""

    @property
    def writing(self) -> list[str]:
        """Those that change rows."""
        return [each for each in self if each.startswith(_WRITING)]


class Statements:
    """`with statements() as seen:` collects what runs on the app's engines meanwhile, in every thread."""

    def __init__(self, *engines: Engine) -> None:
        self._engines = engines

    @contextmanager
    def __call__(self) -> Iterator[Seen]:
        seen = Seen()

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            plain = statement.strip()
            if plain.split()[0] not in ("BEGIN", "COMMIT", "ROLLBACK", "SET", "SAVEPOINT", "RELEASE", "PRAGMA"):
                seen.append(plain)

        for engine in self._engines:
            event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            for engine in self._engines:
                event.remove(engine, "before_cursor_execute", note)
