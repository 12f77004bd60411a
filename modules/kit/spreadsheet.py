"""Cells for a spreadsheet that none of them takes for a formula (CU3). Owns that one care; each module owns its columns."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(text: str) -> str:
    """The text, so that no spreadsheet takes it for a formula; a quote in front where it could."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text
