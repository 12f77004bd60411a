"""`python -m modules.kit.client_key FILE`: the public half of a client's key, as the broker's policy wants it under `jwks`.

Owns: that one print-out. Does not make keys (`openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out FILE`).
"""

import json
import sys
from pathlib import Path

from modules.kit.tokens import SigningKey


def public_keys(key: SigningKey) -> dict[str, list[dict[str, str]]]:
    """The key set of this one key; its id is its thumbprint (RFC 7638)."""
    return {"keys": [{**key.public, "kid": key.thumbprint, "alg": key.algorithm, "use": "sig"}]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(public_keys(SigningKey(Path(sys.argv[1]).read_text())), indent=2) + "\n")
