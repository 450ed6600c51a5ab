"""Bulk edits as a browser goes through them: select, choose, look, do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import unescape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client


def choose(
    client: Client, url: str, rows: Iterable[Any] = (), *, query: str = "", across: bool = False
) -> str:
    """The page that asks what is to change in the selected rows, or in all that match."""
    selected = [str(row.pk) for row in rows]
    body = {"action": "bulk_edit", "_selected_action": selected, "select_across": "1" if across else "0"}
    return shown(client.post(f"{url}{query}", body))


def look(client: Client, page: str, field: str, **value: Any) -> str:
    """The preview of a new value: ``value="EUR"``, ``way="add"``."""
    form = page.partition(f'id="bulk-{field}"')[2].partition("</form>")[0]
    target = re.search(rf'action="([^"]+)" novalidate id="bulk-{field}"', page)
    assert target, page
    posted = {f"{field}-{name}": one for name, one in value.items()}
    return shown(client.post(unescape(target.group(1)), {**hidden(form), **posted}))


def press(client: Client, page: str, button: str) -> str:
    """What follows a button of the preview or of the result."""
    for target, form in re.findall(
        r'<form method="post" action="([^"]+bulk-edit/[^"]*)">(.*?)</form>', page, re.DOTALL
    ):
        if button in form:
            return shown(client.post(unescape(target), {**hidden(form), **submitted(form)}))
    raise AssertionError(f"no button {button}")


def hidden(form: str) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(unescape(value))
    return found


def submitted(form: str) -> Mapping[str, str]:
    return dict(re.findall(r'<button name="([^"]+)" value="([^"]*)"', form))


def table(page: str, name: str) -> list[list[str]]:
    """The cells of ``changed`` or ``refused``, row by row."""
    body = page.partition(f'id="{name}"')[2].partition("</table>")[0]
    rows = re.findall(r"<tr class=\"border-t.*?</tr>", body, re.DOTALL)
    return [
        [unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row)]
        for row in rows
    ]


def shown(response: Any) -> str:
    assert response.status_code == 200, (response.status_code, response.headers)
    return str(response.content.decode())
