"""Several operations begun at the same moment, each in a thread of its own, as on several nodes."""

from collections.abc import Callable
from threading import Barrier, Thread

from flask import Flask

from broker.errors import BusyError, DomainError


def at_once(app: Flask, *doing: Callable[[], object]) -> list[str]:
    """What came of each, begun at the same moment."""
    barrier, outcomes = Barrier(len(doing)), []

    def run(one: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                one()
                outcomes.append("done")
            except (DomainError, BusyError) as error:
                outcomes.append(error.code)

    threads = [Thread(target=run, args=(one,)) for one in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
