"""The admin speaks the language of who reads it; the REST API speaks English to everybody."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.contrib import admin
from django.utils import translation

from apps.admin_kit.wording import said
from apps.core.errors import ValidationFailed, collect
from apps.core.messages import Message

pytestmark = pytest.mark.django_db
LIST = "/admin/characteristic/characteristic/characteristic/"
API = "/api/v1/characteristics"
GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de-AT,de;q=0.9,en;q=0.5"}


def language_of(page: bytes) -> str:
    return re.search(r'<html lang="(\w+)"', page.decode()).group(1)


def test_a_browser_gets_what_it_prefers(browser):
    client = browser("manager")
    page = client.get(LIST, **GERMAN)
    assert language_of(page.content) == "de"
    for words in ("Merkmale", "Maßeinheit", "Bausteine", "Katalogpflege", "Gespeicherte Filter"):
        assert words in page.content.decode()
    assert "Accept-Language" in page["Vary"]
    assert language_of(client.get(LIST, HTTP_ACCEPT_LANGUAGE="fr").content) == "en"
    assert language_of(client.get(LIST).content) == "en"


def test_what_is_chosen_counts_more_and_for_every_service(browser):
    client = browser("manager")
    answer = client.post("/admin/characteristic/language/", {"language": "de", "next": LIST})
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    cookie = answer.cookies[settings.LANGUAGE_COOKIE_NAME]
    # Its name and its path are the same in all five services, and for /ops/.
    assert (cookie.key, cookie["path"]) == (settings.LANGUAGE_COOKIE_NAME, "/")
    assert "characteristic" not in cookie.key
    page = client.get(LIST, HTTP_ACCEPT_LANGUAGE="en")
    assert language_of(page.content) == "de"
    assert 'action="/admin/characteristic/language/"' in page.content.decode()
    client.post("/admin/characteristic/language/", {"language": "en"})
    assert language_of(client.get(LIST, **GERMAN).content) == "en"


def test_who_is_not_signed_in_chooses_nothing(client):
    answer = client.post("/admin/characteristic/language/", {"language": "de"})
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies


def test_a_language_that_nobody_offers_changes_nothing(browser):
    client = browser("manager")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "xx"
    assert language_of(client.get(LIST).content) == "en"


def test_the_api_is_english_to_everybody_also_after_a_german_screen(browser, api):
    wrong = {"name": " ", "value_type": "colour", "unit_of_measure": "Mbps", "values": [{"value": ""}]}
    english = api("manager").post(API, wrong).json()
    assert language_of(browser("manager").get(LIST, **GERMAN).content) == "de"
    answer = api("manager").post(API, wrong, **GERMAN)
    german = answer.json()
    for problem in (english, german):
        del problem["correlation_id"]
    assert german == english
    assert "Content-Language" not in answer
    assert "Accept-Language" not in answer.get("Vary", "")


def test_what_an_action_refuses_is_said_in_german_at_its_field(browser, api):
    api("manager").post(API, {"name": "Speed", "value": "100", "unit_of_measure": "Mbps"})
    form = {
        "name": "Speed",
        "unit_of_measure": "Mbps",
        "values-TOTAL_FORMS": "0",
        "values-INITIAL_FORMS": "0",
    }
    page = browser("manager").post(f"{LIST}add/", form, **GERMAN).content.decode()
    assert "Schon vorhanden: Merkmal mit demselben Wert im Feld „Name“." in page


def test_names_of_values_are_read_in_german_and_kept_as_they_are(browser, api):
    api("manager").post(API, {"name": "Delay", "value": "5", "unit_of_measure": "Seconds"})
    page = browser("manager").get(LIST, **GERMAN).content.decode()
    assert ">Sekunden<" in re.sub(r">\s+|\s+<", lambda m: m.group().strip(), page)
    assert api("manager").get(API).json()[0]["unit_of_measure"] == "Seconds"


@pytest.fixture
def german():
    with translation.override("de"):
        yield


def test_every_sort_of_rows_has_a_name_for_one_and_for_many(german):
    assert admin.site._registry
    for model in admin.site._registry:
        for name in (model._meta.verbose_name, model._meta.verbose_name_plural):
            with translation.override("en"):
                english = str(name)
            assert str(name) != english, f"{model.__name__}: {english}"


def test_a_message_is_said_with_all_that_stands_in_it(german):
    inner = Message("it takes any {type}", type=Message("number"))
    message = Message("{name} does not allow {refused}: {allowed}.", name="Price", refused="x", allowed=inner)
    assert message == "Price does not allow x: it takes any number."
    assert said(message) == "Price erlaubt x nicht: erlaubt ist jeder Wert der Art „Zahl“."


def test_a_state_is_a_word_of_ours(german):
    message = Message(
        "A publication in {current} cannot become {target}.", current="UNDO_FAILED", target="DONE"
    )
    read = "Eine Veröffentlichung kann nicht von Rücknahme gescheitert zu Abgeschlossen werden."
    assert said(message) == said(str(message)) == read


def test_what_a_person_typed_is_no_template(german):
    message = Message("Given more than once: {repeated}.", repeated="{0} {most} %(x)s %s")
    assert said(message) == "Mehrfach angegeben: {0} {most} %(x)s %s."


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("May not be empty.", "Darf nicht leer sein."),
        ("Given more than once: Fibre, 500.", "Mehrfach angegeben: Fibre, 500."),
        (
            "At most 5 values. A value may not be empty.",
            "Höchstens 5 Werte. Ein Wert darf nicht leer sein.",
        ),
        (
            "Speed does not allow 7: its values are 1, 2.",
            "Speed erlaubt 7 nicht: seine Werte sind 1, 2.",
        ),
        (
            "Fibre line: Speed does not allow 7: it takes any number.",
            "Fibre line: Speed erlaubt 7 nicht: erlaubt ist jeder Wert der Art „Zahl“.",
        ),
        ("There is no price with id 42.", "Nicht vorhanden: Preis mit der ID 42."),
        (
            "Not complete yet: At least one price is needed.",
            "Noch nicht vollständig: Mindestens ein Preis wird benötigt.",
        ),
        (
            "2 deliveries are on their way, for store since 20 s, for offering since 3 s.",
            "2 Zustellungen sind unterwegs, an store seit 20 s, an offering seit 3 s.",
        ),
        (
            "Ensure this field has no more than 200 characters.",
            "Darf höchstens 200 Zeichen lang sein.",
        ),
        (
            "It took too long. The last failure: Unavailable: The store has not heard yet of version 2 of price 42.",
            "Es hat zu lange gedauert. Der letzte Fehler: Unavailable: Dem Store ist noch nicht bekannt: "
            "Version 2 von Preis 42.",
        ),
        (
            "The store has not heard yet of the publishing of offering 7, version 2 of price 42.",
            "Dem Store ist noch nicht bekannt: die Veröffentlichung des Angebots 7, Version 2 von Preis 42.",
        ),
        ("Given more than once: Price.", "Mehrfach angegeben: Price."),
        ("Nobody knows this sentence.", "Nobody knows this sentence."),
        ("", ""),
    ],
)  # fmt: skip
def test_what_was_stored_in_english_is_recognised(german, stored, read):
    assert said(stored) == read


def test_the_summary_of_what_is_wrong_is_recognised_too(german):
    late = Message("Must be after {field}.", field=Message.name("valid_from"))
    with pytest.raises(ValidationFailed) as told:
        collect({"valid_to": [late]}, {"name": [Message("May not be empty.")]})
    german_words = "gültig bis: Muss nach dem Wert im Feld „gültig ab“ liegen."
    assert said(told.value.detail) == f"{german_words}; Name: Darf nicht leer sein."
    assert said(str(told.value.detail)) == f"{german_words} Name: Darf nicht leer sein."


def test_english_is_left_alone():
    assert said("name: May not be empty.") == "name: May not be empty."
    assert (
        said(Message("Must be after {field}.", field=Message.name("valid_from")))
        == "Must be after valid_from."
    )
