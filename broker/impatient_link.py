"""ImpatientLink: a connection to PostgreSQL that a thread which may not wait (`at_once`) listens to for a moment only.

Owns how long that is. Does not own what becomes of a connection that did not answer in time (`database`). A module of its own,
as psycopg is loaded only where PostgreSQL is asked.
"""

from typing import Any, TypeVar

from psycopg import Connection
from psycopg.abc import PQGen

from serving.at_once import may_wait

AT_ONCE_SECONDS = 0.05

T = TypeVar("T")


class ImpatientLink(Connection[Any]):
    """As any other, for a thread that may wait."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Drive `gen` until it is done.

        Raises:
            OperationalError: this thread may not wait, and the answer was not there in time; the connection is of no use then.
        """
        return super().wait(gen, interval, timeout if may_wait() else AT_ONCE_SECONDS)
