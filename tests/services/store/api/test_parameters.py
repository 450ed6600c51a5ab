"""Every bad parameter is a 400 problem document that names it; nothing is ever a 500."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.services.store.conftest import Store
from tests.services.store.factories import OfferingState

BAD = [
    ("limit", "0"), ("limit", "201"), ("limit", "x"), ("limit", "9" * 400), ("limit", "1.5"), ("limit", ""),
    ("skip", "-1"), ("skip", "10001"), ("skip", "9" * 5000), ("skip", "9990"),
    ("min_price", "abc"), ("min_price", "-1"), ("min_price", "1e400"), ("min_price", "NaN"), ("min_price", "Infinity"),
    ("max_price", "1" * 1000), ("max_price", "\x00"),
    ("currency", "EURO"), ("currency", "€"), ("currency", "E1R"), ("currency", ""),
    ("price_type", "monthly"), ("is_bundle", "perhaps"), ("period", "\x00"),
    ("at", "2026"), ("at", "now"), ("at", "1700000000"), ("at", "2026-01-01T00:00:00"), ("at", "2026-13-01T00:00:00Z"),
    ("at", "99999-01-01T00:00:00Z"), ("at", ""),
    ("sort", "rank"), ("sort", "name,-name"), ("sort", ""),
    ("cursor", "abc"), ("cursor", "x" * 3000), ("cursor", "a:b:c"), ("cursor", ""), ("cursor", "\x00"), ("cursor", "é"),
    ("channel", ""), ("channel", "x" * 201), ("category", "a\x00b"), ("brand", "\x1f"), ("catalog", "\x7f"),
    ("characteristic", "Speed"), ("characteristic", ":100"), ("characteristic", "Speed:"),
    ("characteristic", "Speed:.."),
    ("characteristic", "Speed:a..b"), ("characteristic", "Speed:5..1"), ("characteristic", "Speed:1 GB..2 Mbps"),
    ("characteristic", "Speed:1e999.."), ("characteristic", "\x00:1"),
    ("unknown", "1"), ("offset", "1"), ("$where", "1"), ("q[$ne]", "1"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD)
@pytest.mark.parametrize("path", ["search", "offerings"])
def test_a_bad_value_is_refused_by_name(store: Store, path: str, name: str, value: str) -> None:
    assert name in store.refused(path, **{name: value})


@pytest.mark.parametrize("value", ["x" * 201, "a\x00b", "\x08"])
def test_a_bad_question_is_refused_by_name(store: Store, value: str) -> None:
    assert "q" in store.refused("search", q=value)


def test_what_the_list_does_not_know_is_refused_there(store: Store) -> None:
    assert "q" in store.refused("offerings", q="x")
    assert "sort" in store.refused("offerings", sort="price")


def test_a_detail_takes_only_its_moment(store: Store) -> None:
    assert "limit" in store.refused(f"offerings/{OfferingState()['id']}", limit="1")
    assert "at" in store.refused(f"offerings/{OfferingState()['id']}", at="x")


@pytest.mark.parametrize("query", ["q=%ff%fe", "channel=%c3%28", "characteristic=%ff:1", "period=%80"])
def test_what_is_not_utf_8_is_refused_by_name(store: Store, query: str) -> None:
    response = store.client.get(f"/api/v1/store/search?{query}")
    assert response.status_code == 400
    assert query.split("=", maxsplit=1)[0] in response.json()["errors"]


def test_a_single_parameter_given_twice_is_refused(store: Store) -> None:
    assert store.refused("search", limit=["1", "2"])["limit"] == ["Given more than once."]


def test_too_many_values_are_refused(store: Store) -> None:
    assert "channel" in store.refused("search", channel=["x"] * 21)


def test_prices_the_wrong_way_round_are_refused(store: Store) -> None:
    assert "min_price" in store.refused("search", min_price="5", max_price="1")


def test_a_cursor_replaces_skip(store: Store) -> None:
    assert "skip" in store.refused("search", skip="5", cursor="x")


def test_all_errors_are_told_at_once(store: Store) -> None:
    assert {"limit", "currency", "at"} <= store.refused("search", limit="x", currency="x", at="x").keys()


@given(
    st.dictionaries(
        st.sampled_from(["q", "characteristic", "channel", "at", "cursor", "min_price", "sort", "x"]),
        st.text(max_size=60),
    )
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_is_asked_is_answered_or_refused(store: Store, parameters: dict[str, str]) -> None:
    sent = {
        name: value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        for name, value in parameters.items()
    }
    assert store.client.get("/api/v1/store/search", sent).status_code in {200, 400}
