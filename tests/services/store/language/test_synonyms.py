import pytest

from catalog_services.store.language.synonyms import Term, build, terms


def asked(text: str, *sets: tuple[str, ...]) -> list[Term]:
    return terms(text, build(sets))


def test_the_two_spellings_of_fibre_are_one_from_the_start() -> None:
    assert asked("fiber")[0].phrases == asked("fibre")[0].phrases


def test_a_phrase_is_one_thing_asked_for() -> None:
    (home, internet) = asked("fibre to the home internet")
    assert ("ftth",) in home.phrases
    assert internet.phrases == (("internet",),)


def test_a_managers_set_counts_in_both_directions() -> None:
    sets = ("router", "home gateway")
    assert (
        asked("router", sets)[0].phrases
        == asked("home gateway", sets)[0].phrases
        == (("home", "gateway"), ("router",))
    )


def test_sets_that_share_a_phrase_are_one_set() -> None:
    (found,) = asked("cpe", ("router", "gateway"), ("router", "cpe"))
    assert set(found.phrases) == {("router",), ("gateway",), ("cpe",)}


def test_a_compound_is_asked_for_in_either_writing() -> None:
    assert asked("SD-WAN")[0].phrases == (("sd", "wan"), ("sdwan",))


def test_a_number_in_a_unit_that_entries_are_not_in_is_asked_for_in_theirs_too() -> None:
    (power, rack) = asked("5kW rack")
    assert power.phrases == (("5", "kw"), ("5000", "watt"))
    assert rack.phrases == (("rack",),)
    assert asked("2.5 kW")[0].phrases[1] == ("2500", "watt")
    assert asked("500 ms")[0].phrases[1] == ("0", "5", "second")


def test_a_unit_with_synonyms_keeps_them() -> None:
    known = build((("kW", "kilowatt"),))
    (power,) = terms("5 kW", known)
    assert power.phrases == (("5", "kw"), ("5000", "watt"), ("5", "kilowatt"))


@pytest.mark.parametrize("text", ["10-20 kW", "1/2 weeks"])
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    assert len(asked(text)) == 2


def test_a_number_in_a_unit_that_entries_are_in_is_two_words() -> None:
    assert [term.typed for term in asked("10gbps 24 month 5 s")] == [
        ("10",), ("gbps",), ("24",), ("month",), ("5",), ("s",)
    ]  # fmt: skip


def test_a_question_without_words_asks_for_nothing() -> None:
    assert asked("!!! ?") == []


def test_a_very_long_question_is_cut() -> None:
    assert len(asked(" ".join(f"word{n}" for n in range(1000)))) == 16
