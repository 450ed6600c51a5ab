"""A log and a trace tell no path that somebody made up, and none without end."""

from __future__ import annotations

import pytest

from apps.core.paths import MOST, shown

SERVICE = "/api/v1/pricing/ops/correlation/"


@pytest.mark.parametrize("path", ["/", "/api/v1/prices/7", "/admin/ops", "/ops/", SERVICE, "/" + "x" * 900])
def test_a_path_is_told_as_it_is(path: str) -> None:
    assert shown(path) == path


@pytest.mark.parametrize("before", ["/ops/c/", SERVICE])
@pytest.mark.parametrize("given", ["0192-ab:c", "0192-ab:c/", "x" * 64])
def test_a_correlation_id_is_told(before: str, given: str) -> None:
    assert shown(before + given) == before + given


@pytest.mark.parametrize("before", ["/ops/c/", SERVICE, "//ops/c/"])
@pytest.mark.parametrize("given", ["<script>", "x" * 65, "a/b", "a//", "a/ops/c/b\x00", "x" * 60_000])
def test_what_is_no_correlation_id_is_not_repeated(before: str, given: str) -> None:
    assert shown(before + given) == f"{before}…"


@pytest.mark.parametrize("path", ["/" + "x" * 60_000, f"/{'x' * 60_000}/ops/c/<script>"])
def test_a_path_is_told_up_to_a_length(path: str) -> None:
    assert shown(path) == f"{path[:MOST]}…"
