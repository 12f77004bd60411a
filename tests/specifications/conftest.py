"""The same applications and keys as the tests of the door (tests/oidc)."""

from tests.oidc.conftest import app, catalogue, client_key, relying

__all__ = ["app", "catalogue", "client_key", "relying"]
