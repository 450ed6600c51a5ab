from __future__ import annotations

import threading

import pytest

from apps.core.ids import uuid7
from apps.outbox.models import OutboxEvent, Tombstone
from tests.services.characteristic.factories import CharacteristicFactory
from tests.support.sent_back import comes_back_as_read

pytestmark = pytest.mark.django_db
URL = "/api/v1/characteristics"


@pytest.fixture
def manager(api):
    return api("manager")


def test_the_simple_form_is_a_whole_valid_create(manager):
    response = manager.post(URL, {"name": "Speed", "value": "100", "unit_of_measure": "Mbps"})
    assert response.status_code == 201, response.json()
    body = response.json()
    assert response["Location"] == f"{URL}/{body['id']}"
    assert response["ETag"] == '"1"'
    assert body["value_type"] == "number"
    assert body["values"] == [{"value": "100", "is_default": True}]
    assert body["value"] == "100"
    assert manager.get(response["Location"]).json() == body


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"value": "fast"}, "values"),
        ({"value": "NaN"}, "values"),
        ({"value": "1e999999999999999999999"}, "values"),
        ({"value": "1_000"}, "values"),
        ({"value": "٣"}, "values"),
        ({"unit_of_measure": "Parsec"}, "unit_of_measure"),
        ({"value_type": "string"}, "value_type"),
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": None}, "name"),
        ({"name": ["Speed"]}, "name"),
        ({"colour": "red"}, "colour"),
        ({"values": [{"value": "1"}, {"value": "1"}], "value": None}, "values"),
        (
            {
                "values": [{"value": "1", "is_default": True}, {"value": "2", "is_default": True}],
                "value": None,
            },
            "values",
        ),
        ({"values": "100"}, "values"),
        ({"values": [{"amount": "1"}]}, "values.0.amount"),
    ],
)
def test_bad_input_is_refused_at_its_field(manager, change, field):
    body = {"name": "Speed", "value": "100", "unit_of_measure": "Mbps", **change}
    response = manager.post(URL, body)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert field in response.json()["errors"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"name": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b'{"name": NaN}', "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"name": "\\ud800"}', "application/json", 400),
        (b"null", "application/json", 400),
        (b"name=Speed", "application/x-www-form-urlencoded", 415),
        (b'"' + b"x" * 1_100_000 + b'"', "application/json", 413),
    ],
)
def test_a_hostile_body_is_refused_and_the_service_stays_up(manager, body, content_type, status):
    response = manager.generic("POST", URL, body, content_type=content_type)
    assert response.status_code == status
    assert response.json()["status"] == status
    assert manager.get(URL).status_code == 200


def test_a_second_of_the_same_name_is_a_conflict_that_names_the_first(manager):
    first = CharacteristicFactory(name="Speed")
    response = manager.post(URL, {"name": "Speed"})
    assert response.status_code == 409
    assert response.json()["existing_id"] == str(first.pk)
    assert "name" in response.json()["errors"]


def test_the_second_of_two_editors_is_refused(manager):
    row = CharacteristicFactory()
    url = f"{URL}/{row.pk}"
    assert manager.patch(url, {"description": "first"}, HTTP_IF_MATCH='"1"').status_code == 200
    response = manager.patch(url, {"description": "second"}, HTTP_IF_MATCH='"1"')
    assert response.status_code == 412
    assert response.json()["current_version"] == 2
    assert manager.get(url).json()["description"] == "first"


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_writes_with_the_same_version_one_wins(api):
    from django.db import connections

    row = CharacteristicFactory()
    start, codes = threading.Barrier(2), []

    def edit(text: str) -> None:
        start.wait()
        codes.append(
            api("manager").patch(f"{URL}/{row.pk}", {"description": text}, HTTP_IF_MATCH='"1"').status_code
        )
        connections.close_all()

    editors = [threading.Thread(target=edit, args=(text,)) for text in "ab"]
    [e.start() for e in editors]
    [e.join() for e in editors]
    assert sorted(codes) == [200, 412]


def test_what_changes_nothing_makes_no_version_and_no_event(manager):
    row = CharacteristicFactory(description="as it is")
    response = manager.patch(f"{URL}/{row.pk}", {"description": "as it is"})
    assert (response.status_code, response["ETag"]) == (200, '"1"')
    assert OutboxEvent.objects.count() == 1


@pytest.mark.parametrize("fields", [{}, {"values": []}, {"values": [{"value": "5", "is_default": False}]}])
def test_what_is_read_may_be_sent_back(manager, fields):
    row = CharacteristicFactory(external_id="c-1", **fields)
    comes_back_as_read(manager, f"{URL}/{row.pk}")


@pytest.mark.parametrize(
    ("change", "default"),
    [
        ({"values": [{"value": "100"}, {"value": "1000", "is_default": True}]}, "1000"),
        ({"value": "1000"}, "1000"),
        ({"value": None}, "100"),
        ({"value": None, "values": [{"value": "7", "is_default": True}]}, "7"),
    ],
)
def test_of_two_forms_of_a_default_the_one_that_is_changed_counts(manager, change, default):
    url = f"{URL}/{CharacteristicFactory().pk}"
    changed = manager.put(url, {**manager.get(url).json(), **change})
    assert (changed.status_code, changed.json().get("value")) == (200, default), changed.json()


@pytest.mark.parametrize(
    ("body", "default"),
    [
        ({"values": [{"value": "100", "is_default": True}, {"value": "5"}], "value": None}, "100"),
        ({"values": [{"value": "100"}, {"value": "5"}], "value": None}, None),
        ({"values": [{"value": "100"}, {"value": "5"}], "value": "100"}, "100"),
        ({"value": "5"}, "5"),
    ],
)
def test_a_put_that_is_repeated_says_the_same_every_time(manager, body, default):
    row = CharacteristicFactory()
    answers = [manager.put(f"{URL}/{row.pk}", {"name": row.name, **body}) for _ in range(3)]
    assert [(answer.status_code, answer["ETag"]) for answer in answers] == [(200, '"2"')] * 3
    assert answers[0].json() == answers[1].json() == answers[2].json()
    said = answers[0].json()
    assert said["value"] == default
    assert [v["value"] for v in said["values"]] == [v["value"] for v in body.get("values", [{"value": "5"}])]


@pytest.mark.parametrize("is_default", [True, False])
def test_a_value_that_is_none_of_the_values_is_refused(manager, is_default):
    """It is not put among them: who reads a characteristic and takes its default out of `values` has it in `value`."""
    row = CharacteristicFactory()
    body = {"name": row.name, "values": [{"value": "5", "is_default": is_default}], "value": "100"}
    for answer in (manager.put(f"{URL}/{row.pk}", body), manager.post(URL, {**body, "name": "New"})):
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["value"])


def test_a_value_of_null_takes_the_default_away_and_on_a_create_is_none(manager):
    url = f"{URL}/{CharacteristicFactory().pk}"
    assert manager.patch(url, {"value": None}).json()["values"] == [
        {"value": "100", "is_default": False},
        {"value": "1000", "is_default": False},
    ]
    made = manager.post(URL, {"name": "A", "value": None, "values": [{"value": "1", "is_default": True}]})
    assert (made.status_code, made.json().get("value")) == (201, "1"), made.json()


def test_put_replaces_and_patch_changes(manager):
    row = CharacteristicFactory(description="old")
    url = f"{URL}/{row.pk}"
    assert manager.patch(url, {"name": "Renamed"}).json()["description"] == "old"
    assert manager.put(url, {"name": "Renamed", "unit_of_measure": "Mbps"}).json()["description"] == ""


@pytest.mark.parametrize("typed", [{}, {"value_type": None}])
def test_without_a_type_a_put_as_a_post_has_the_one_that_fits_the_unit(manager, typed):
    row = CharacteristicFactory(unit_of_measure="None", value_type="string")
    body = {"name": "Speed", "unit_of_measure": "Mbps", "value": "100", **typed}
    replaced = manager.put(f"{URL}/{row.pk}", body)
    assert (replaced.status_code, replaced.json().get("value_type")) == (200, "number"), replaced.json()
    assert manager.post(URL, {**body, "name": "Other speed"}).json()["value_type"] == "number"


def test_a_patch_leaves_the_type_or_asks_for_the_one_that_fits(manager):
    row = CharacteristicFactory(unit_of_measure="None", value_type="boolean", values=[])
    url = f"{URL}/{row.pk}"
    assert manager.patch(url, {"description": "new"}).json()["value_type"] == "boolean"
    assert manager.patch(url, {"unit_of_measure": "Mbps"}).status_code == 400
    asked = manager.patch(url, {"unit_of_measure": "Mbps", "value_type": None})
    assert asked.json()["value_type"] == "number"


def test_lists_filter_search_page_and_count(manager):
    CharacteristicFactory.create_batch(3)
    CharacteristicFactory(name="Colour", unit_of_measure="None", values=[])
    response = manager.get(URL, {"limit": 2, "ordering": "-name"})
    assert [r["name"] for r in response.json()][0].startswith("Download")
    assert (response["X-Total-Count"], response["X-Result-Count"]) == ("4", "2")
    assert 'rel="next"' in response["Link"]
    assert [r["name"] for r in manager.get(URL, {"search": "colou"}).json()] == ["Colour"]
    assert [r["name"] for r in manager.get(URL, {"unit_of_measure": "None"}).json()] == ["Colour"]


def test_a_list_of_several_ids_has_those_that_there_are(manager):
    rows = CharacteristicFactory.create_batch(3)
    wanted = {str(row.pk) for row in rows[:2]}
    response = manager.get(URL, {"id": ",".join([*wanted, str(uuid7())])})
    assert {item["id"] for item in response.json()} == wanted


@pytest.mark.parametrize(
    "query",
    [
        {"id": "speed"},
        {"id": f"{uuid7()},speed"},
        {"id": ""},
        {"colour": "red"},
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "1e3"},
        {"offset": "-1"},
        {"ordering": "secret"},
    ],
)
def test_an_unknown_or_wrong_query_parameter_is_named(manager, query):
    response = manager.get(URL, query)
    assert response.status_code == 400
    assert set(response.json()["errors"]) == set(query)


@pytest.mark.parametrize(
    "text", ["\x00", "%", "'; DROP TABLE characteristic_characteristic; --", "\ud7ff" * 1000]
)
def test_hostile_search_text_is_harmless(manager, text):
    assert manager.get(URL, {"search": text}).status_code in {200, 400}
    assert manager.get(URL, {"name": text}).status_code in {200, 400}


def test_roles_a_viewer_reads_and_does_not_write(api):
    row = CharacteristicFactory()
    assert api("viewer").get(URL).status_code == 200
    assert api("viewer").post(URL, {"name": "X"}).status_code == 403
    assert api("viewer").delete(f"{URL}/{row.pk}").status_code == 403
    assert api(None).get(URL).status_code == 401
    assert api("service").post(URL, {"name": "X"}).status_code == 403


def test_what_is_not_there_is_a_404_problem(manager):
    response = manager.get(f"{URL}/00000000-0000-7000-8000-000000000000")
    assert response.status_code == 404
    assert response.json()["title"] == "Not found"


def test_the_correlation_id_is_taken_when_well_formed_and_replaced_when_not(manager):
    assert manager.get(URL, HTTP_X_CORRELATION_ID="click-7")["X-Correlation-ID"] == "click-7"
    for forged in ("x" * 65, "a b", "<script>", "a\tb"):
        assert manager.get(URL, HTTP_X_CORRELATION_ID=forged)["X-Correlation-ID"] != forged
    assert not Tombstone.objects.exists()


def test_a_partial_change_is_partial_at_its_top_only(manager):
    row = CharacteristicFactory()
    response = manager.patch(f"{URL}/{row.pk}", {"values": [{"is_default": True}]})
    assert response.status_code == 400
    assert "values.0.value" in response.json()["errors"]
