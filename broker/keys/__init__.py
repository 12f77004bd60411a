"""Keys: sealing, look-up, one-time links and signing.

Owns: everything derived from BROKER_SECRET_KEYS (`Keys`), the signing keys of the provider and python-jose. Does not own what
is sealed, nor who may open it.
"""

from broker.keys.secret_keys import Keys, SealError, SecretKeysError, parse_secret_keys

__all__ = ["Keys", "SealError", "SecretKeysError", "parse_secret_keys"]
