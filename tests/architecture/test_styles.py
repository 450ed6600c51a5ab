"""Every class that our pages have is in a stylesheet: Unfold's own has only those that Unfold uses itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import unfold

from config.env import BASE_DIR

HOOKS = {"suite-row", "cancel-link"}
"""Classes that scripts look for, and that look like nothing."""
ATTRIBUTE = re.compile(r'(?<![\w:-])class="((?:{%.*?%}|[^"])*)"')
ESCAPED = re.compile(r"\\(?:([0-9a-f]{1,6}) ?|(.))")
UNFOLD = Path(unfold.__file__).parent / "static" / "unfold" / "css" / "styles.css"


def test_every_class_of_a_page_is_in_a_stylesheet():
    known = {*_styled(UNFOLD), *HOOKS}
    for sheet in _ours("css"):
        known.update(_styled(sheet))
    pages = [*_ours("html"), *_ours("py")]
    unknown = {str(page.relative_to(BASE_DIR)): _used(page) - known for page in pages}
    assert {page: classes for page, classes in unknown.items() if classes} == {}


def test_a_hook_is_in_some_page():
    assert set().union(*map(_used, _ours("html"))) >= HOOKS


def _ours(suffix: str) -> Iterator[Path]:
    for folder in ("apps", "catalog_services"):
        yield from (BASE_DIR / folder).rglob(f"*.{suffix}")


def _used(page: Path) -> set[str]:
    """The classes of its elements, whatever is decided between; what a variable says is left out."""
    found = ATTRIBUTE.findall(page.read_text())
    words = (word for text in found for word in re.sub(r"{%.*?%}", " ", text).split())
    return {word for word in words if "{" not in word and "}" not in word}


def _styled(sheet: Path) -> set[str]:
    """The classes that its selectors name."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    selectors = (before.rpartition(";")[2] for before in re.findall(r"[^{}]+(?={)", text))
    names = (name for one in selectors for name in re.findall(r"\.((?:\\[0-9a-f]{1,6} ?|\\.|[\w-])+)", one))
    return {ESCAPED.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], name) for name in names}
