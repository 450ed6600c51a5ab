import pytest

from catalog_services.store.language import text


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Élevé", "eleve"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("Ångström", "angstrom"),
    ],
)
def test_case_and_accents_make_no_difference(written: str, folded: str) -> None:
    assert text.fold(written) == folded


def test_endings_make_no_difference() -> None:
    assert text.stem("connections") == text.stem("connected") == "connect"


def test_a_compound_is_found_by_its_parts_and_joined() -> None:
    words, _ = text.indexed(["SD-WAN Business"])
    assert words == ["sd", "wan", "business", "sdwan"]


def test_a_number_with_its_unit_in_one_word_is_two_words() -> None:
    assert text.indexed(["10Gbps"])[0] == text.indexed(["10 Gbps"])[0] == ["10", "gbps"]


def test_words_that_say_nothing_are_left_out() -> None:
    assert text.indexed(["fibre to the home"])[0] == ["fibre", "home"]


def test_one_name_written_differently_has_one_field() -> None:
    assert text.slug("Down-Speed (max)") == text.slug("down speed MAX") == "down_speed_max"


@pytest.mark.parametrize("name", ["!!!", "", "x" * 5000, "速度", "a.b.$c"])
def test_every_name_has_a_field_name_that_both_stores_take(name: str) -> None:
    slug = text.slug(name)
    assert 0 < len(slug) <= 60
    assert not set(slug) & {".", "$", " ", "\0"}


def test_two_long_names_do_not_share_a_field() -> None:
    assert text.slug("x" * 100 + "a") != text.slug("x" * 100 + "b")
