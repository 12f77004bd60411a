"""What libraries would load and a broker never uses stays out of the process. Imported before anything else.

Owns that list. structlog draws coloured tracebacks with rich where it finds it (and rich brings pygments); we write JSON.
What we ourselves need seldom (holidays, telephone numbers, Alembic) is imported by the function that needs it;
`tests/frame/test_lean_start.py` holds both.
"""

import sys

_UNUSED = ("rich",)

for _name in (each for each in _UNUSED if each not in sys.modules):
    sys.modules[_name] = None  # type: ignore[assignment]  # an import of it says that it is not there
import structlog  # noqa: E402, F401

for _name in _UNUSED:
    if sys.modules.get(_name, ...) is None:
        del sys.modules[_name]
