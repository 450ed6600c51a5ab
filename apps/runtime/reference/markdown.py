from __future__ import annotations


def cell(text: str) -> str:
    """Text that stands in a table's cell."""
    return text.replace("|", "\\|")
