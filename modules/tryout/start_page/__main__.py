"""`python -m modules.tryout.start_page`: serve the start page on the loopback.

TRYOUT_FIRST_PORT and TRYOUT_DATA say of which house.
"""

import os
import sys
from pathlib import Path

from werkzeug.serving import make_server

from modules.tryout.house import House
from modules.tryout.start_page import create_app


def main() -> int:
    """Serve until stopped."""
    house = House(int(os.environ["TRYOUT_FIRST_PORT"]), Path(os.environ["TRYOUT_DATA"]))
    make_server("127.0.0.1", house.port + 5, create_app(house), threaded=True).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
