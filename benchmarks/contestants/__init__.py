"""Who takes part: the broker on both databases, the floor, the peers. Each file says how one is started and where its doors are."""

from collections.abc import Callable

from benchmarks.contestants.authlib_plain import AuthlibPlain
from benchmarks.contestants.bare_flask import BareFlask
from benchmarks.contestants.django_oauth_toolkit import DjangoOAuthToolkit
from benchmarks.contestants.glewlwyd import Glewlwyd
from benchmarks.contestants.oidc_provider import OidcProvider
from benchmarks.contestants.ours import Ours
from benchmarks.door import Contestant

OURS: tuple[Callable[[], Contestant], ...] = (lambda: Ours("sqlite"), lambda: Ours("postgresql"))
BARE = "bare-flask"
ALL: tuple[Callable[[], Contestant], ...] = (
    *OURS,
    BareFlask,
    AuthlibPlain,
    DjangoOAuthToolkit,
    lambda: OidcProvider(on_redis=False),
    lambda: OidcProvider(on_redis=True),
    Glewlwyd,
)

__all__ = ["ALL", "BARE", "OURS", "Contestant"]
