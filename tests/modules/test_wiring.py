"""How thin an application can be: what it takes to put one together with the kit."""

import ast
import tokenize
from pathlib import Path

import pytest

MODULES = Path(__file__).resolve().parents[2] / "modules"
MOST = 30


@pytest.mark.parametrize("code", ["cultuurmonitor", "jeugdmonitor", "plusminmee"])
def test_an_application_needs_thirty_lines_of_wiring_at_most(code: str) -> None:
    """`create_app` and what goes with it, the file for the server, and what the application tells about itself."""
    about = MODULES / code / "about.py"
    wiring = code_lines(MODULES / code / "__init__.py") + code_lines(MODULES / code / "wsgi.py")
    (application,) = [
        statement
        for statement in ast.parse(about.read_text()).body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "APPLICATION"
    ]
    wiring += (application.end_lineno or 0) - application.lineno + 1
    assert wiring <= MOST


def code_lines(file: Path) -> int:
    """Lines that hold code: imports count, blank lines, comments and docstrings do not."""
    lines: set[int] = set()
    with file.open("rb") as opened:
        for token in tokenize.tokenize(opened.readline):
            if token.type not in _NO_CODE:
                lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - _docstring_lines(file))


def _docstring_lines(file: Path) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            found.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return found


_NO_CODE = {
    tokenize.ENCODING,
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
