"""How often one place begins and sends, on one day: in memory only, under a key that lasts for that day (SV6).

Owns: counting, and the limits. A school or a youth club is one place to us, so the limits leave room for a whole school; below
them a strikingly busy place is noted for the coordinator. Each process counts for itself. Nothing is written anywhere.
"""

import hashlib
import hmac
import ipaddress
import secrets
import threading
from collections import Counter
from datetime import date

MOST_BEGUN = 1_500
MOST_SENT = 800
MOST_WRONG_CODES = 200
STRIKING = 60
MOST_KEPT = 200_000


class Places:
    """The counters of one process. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._day: date | None = None
        self._key = b""
        self._counts: Counter[bytes] = Counter()

    def count(self, what: str, address: str | None, link_key: str, day: date) -> int:
        """Count one more `what` from there, for that survey, on that day; returns how many that makes."""
        with self._lock:
            return self._count(what, address, link_key, day, 1)

    def so_far(self, what: str, address: str | None, link_key: str, day: date) -> int:
        """How many there were."""
        with self._lock:
            return self._count(what, address, link_key, day, 0)

    def _count(self, what: str, address: str | None, link_key: str, day: date, more: int) -> int:
        if self._day != day or len(self._counts) > MOST_KEPT:  # yesterday's key is gone, and with it all that it hid
            self._day, self._key, self._counts = day, secrets.token_bytes(32), Counter()
        place = hmac.digest(self._key, f"{what}|{link_key}|{_network(address)}".encode(), hashlib.sha256)
        if more:
            self._counts[place] += more
        return self._counts[place]


def _network(address: str | None) -> str:
    """One household or school: an IPv4 address, or the first half of an IPv6 one."""
    try:
        read = ipaddress.ip_address(address or "")
    except ValueError:
        return "?"
    return str(read) if read.version == 4 else str(ipaddress.ip_network((read, 64), strict=False))
