"""Which tests run in the same process when there are several: those that share a running house.

pytest-xdist has marks for this, which the pytest of today no longer hands on; so it is said by folder, in one place.
"""

from xdist.scheduler.loadscope import LoadScopeScheduling

TOGETHER = (
    ("tests/e2e/", "house"),
    ("tests/frame/test_house.py", "house"),
    ("tests/real_clients/", "clients"),
    ("tests/tryout/", "tryout"),
)


class HouseScheduling(LoadScopeScheduling):
    """Every test by itself to whichever process is free, but the tests of one house one after another."""

    def _split_scope(self, nodeid: str) -> str:
        return next((group for begin, group in TOGETHER if nodeid.startswith(begin)), nodeid)
