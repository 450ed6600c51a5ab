from __future__ import annotations

import threading

import pytest
from django.db import connection, connections

from apps.core.ids import uuid7
from apps.outbox.models import OutboxEvent
from apps.references.models import Reference
from catalog_services.specification.models import Specification
from catalog_services.specification.selectors.specification import specifications, using
from tests.services.specification.factories import SpecificationFactory, characteristic, heard, tell
from tests.support.hostile_tokens import HostileTokens
from tests.support.sent_back import comes_back_as_read

pytestmark = pytest.mark.django_db
URL, CHARACTERISTICS = "/api/v1/specifications", "/api/v1/characteristics"


class TestHostileTokens(HostileTokens):
    path = URL


@pytest.fixture
def manager(api):
    return api("manager")


@pytest.mark.parametrize(
    ("method", "query", "name"),
    [
        ("post", "x=1", "x"),
        ("post", "force=true", "force"),
        ("patch", "x=1", "x"),
        ("delete", "x=1&force=false", "x"),
    ],
)
def test_who_writes_and_says_something_unknown_in_the_query_changes_nothing(manager, method, query, name):
    row = SpecificationFactory()
    url = URL if method == "post" else f"{URL}/{row.pk}"
    response = getattr(manager, method)(f"{url}?{query}", {"name": "Other", "characteristics": []})
    assert response.status_code == 400
    assert response.json()["errors"] == {name: ["Unknown query parameter."]}
    assert [found.name for found in Specification.objects.all()] == [row.name]


def test_the_simple_form_takes_every_value_and_the_default(manager):
    speed, colour = heard("100", "500", default="500"), heard("red", value_type="string")
    response = manager.post(URL, {"name": "Fibre", "characteristic_ids": [speed["id"], colour["id"]]})
    assert response.status_code == 201, response.json()
    body = response.json()
    assert (response["Location"], response["ETag"]) == (f"{URL}/{body['id']}", '"1"')
    assert body["characteristic_ids"] == [speed["id"], colour["id"]]
    assert body["characteristics"][0] == {
        "id": speed["id"],
        "values": ["100", "500"],
        "default": "500",
        "configurable": True,
        "min_cardinality": 0,
        "max_cardinality": 1,
    }
    assert manager.get(response["Location"]).json() == body


def test_the_full_form_says_it_all_and_comes_back_as_sent(manager):
    choice = {
        "id": heard("100", "500", "1000")["id"],
        "values": ["1000", "100"],
        "default": "100",
        "configurable": False,
        "min_cardinality": 1,
        "max_cardinality": 2,
    }
    body = {
        "name": "Fibre",
        "description": "A line",
        "brand": "Acme",
        "product_number": "F-1",
        "external_id": "s-1",
        "characteristics": [choice],
    }
    response = manager.post(URL, body)
    assert response.status_code == 201, response.json()
    assert {name: response.json()[name] for name in body} == body


def test_a_number_is_taken_as_the_value_it_writes(manager):
    response = manager.post(
        URL, {"name": "Fibre", "characteristics": [{"id": heard("100", "500")["id"], "values": [500]}]}
    )
    assert response.json()["characteristics"][0]["values"] == ["500"]
    assert response.json()["characteristics"][0]["default"] is None


@pytest.mark.parametrize(
    ("choice", "part"),
    [
        ({"values": ["100", "7", "8"]}, "does not allow 7, 8"),
        ({"values": ["100"], "default": "500"}, "default 500 is not among"),
        ({"default": "7"}, "7"),
        ({"values": ["100", "100"]}, "more than once: 100"),
        ({"min_cardinality": 2, "max_cardinality": 1}, "min_cardinality 2 is above"),
        ({"min_cardinality": 3, "max_cardinality": 3}, "more than the 2 values"),
    ],
)
def test_what_the_characteristic_does_not_allow_is_named(manager, neighbours, choice, part):
    known = heard("100", "500")
    neighbours.answers("characteristic", f"{CHARACTERISTICS}/{known['id']}", known)
    response = manager.post(URL, {"name": "Fibre", "characteristics": [{"id": known["id"], **choice}]})
    assert response.status_code == 400
    assert part in " ".join(response.json()["errors"]["characteristics.0"])


def test_a_characteristic_without_values_takes_any_of_its_type(manager, neighbours):
    known = heard()
    neighbours.answers("characteristic", f"{CHARACTERISTICS}/{known['id']}", known)

    def send(*values: str) -> int:
        choice = {"id": known["id"], "values": list(values)}
        return manager.post(URL, {"name": str(values), "characteristics": [choice]}).status_code

    assert (send(), send("7", "8"), send("fast")) == (201, 201, 400)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": 7}, "name"),
        ({"brand": "a\x00"}, "brand"),
        ({"description": None}, "description"),
        ({"colour": "red"}, "colour"),
        ({"version": 3}, "version"),
        ({"characteristic_ids": []}, "characteristics"),
        ({"characteristic_ids": "all"}, "characteristic_ids"),
        ({"characteristic_ids": [7]}, "characteristic_ids"),
        ({"characteristic_ids": ["x"]}, "characteristic_ids.0"),
        ({"characteristic_ids": None}, "characteristic_ids"),
        ({"characteristic_ids": [str(uuid7())] * 2}, "characteristic_ids"),
        ({"characteristic_ids": [str(uuid7())] * 201}, "characteristic_ids"),
        ({"characteristic_ids": [str(uuid7())], "characteristics": []}, "characteristic_ids"),
        ({"characteristics": [{}]}, "characteristics.0.id"),
        ({"characteristics": [{"id": str(uuid7()), "values": "100"}]}, "characteristics.0.values"),
        ({"characteristics": [{"id": str(uuid7()), "values": [""]}]}, "characteristics.0.values.0"),
        ({"characteristics": [{"id": str(uuid7()), "size": 1}]}, "characteristics.0.size"),
        (
            {"characteristics": [{"id": str(uuid7()), "max_cardinality": 0}]},
            "characteristics.0.max_cardinality",
        ),
        ({"characteristics": [{"id": str(uuid7()), "configurable": "no"}]}, "characteristics.0.configurable"),
        ({"characteristics": [7]}, "characteristics.0"),
    ],
)
def test_bad_input_is_refused_at_its_field(manager, change, field):
    response = manager.post(URL, {"name": "Fibre", **change})
    assert response.status_code == 400, response.json()
    assert field in response.json()["errors"]


def test_a_body_without_characteristics_is_refused_and_a_partial_one_is_not(manager):
    url = f"{URL}/{SpecificationFactory().pk}"
    assert "characteristics" in manager.post(URL, {"name": "Fibre"}).json()["errors"]
    assert "characteristics" in manager.put(url, {"name": "Fibre"}).json()["errors"]
    assert manager.patch(url, {"name": "Fibre"}).status_code == 200


def test_an_id_not_heard_of_yet_is_fetched_once_from_its_owner(manager, neighbours):
    new = characteristic("100")
    neighbours.answers("characteristic", f"{CHARACTERISTICS}/{new['id']}", new)
    assert manager.post(URL, {"name": "A", "characteristic_ids": [new["id"]]}).status_code == 201
    assert manager.post(URL, {"name": "B", "characteristic_ids": [new["id"]]}).status_code == 201
    assert [asked.path for asked in neighbours.asked] == [f"{CHARACTERISTICS}/{new['id']}"]
    assert Reference.objects.get().name == new["name"]


def test_ids_that_nobody_has_are_named(manager, neighbours):
    known, unknown = heard("1"), [str(uuid7()), str(uuid7())]
    neighbours.answers("characteristic", CHARACTERISTICS, [])
    response = manager.post(URL, {"name": "A", "characteristic_ids": [known["id"], *unknown]})
    assert response.status_code == 400
    message = response.json()["errors"]["characteristic_ids"][0]
    assert all(id_ in message for id_ in unknown)
    assert known["id"] not in message


def test_an_owner_that_does_not_answer_is_503_and_nothing_is_made(manager, neighbours):
    neighbours.down("characteristic")
    response = manager.post(URL, {"name": "A", "characteristic_ids": [str(uuid7())]})
    assert (response.status_code, response["Content-Type"]) == (503, "application/problem+json")
    assert not Specification.objects.exists()


def test_a_deleted_characteristic_cannot_be_chosen(manager, neighbours):
    gone = heard("1")
    tell({**gone, "version": 2}, "Deleted")
    response = manager.post(URL, {"name": "A", "characteristic_ids": [gone["id"]]})
    assert response.status_code == 400
    assert gone["id"] in response.json()["errors"]["characteristic_ids"][0]


def test_a_value_just_added_is_accepted_although_its_event_has_not_come(manager, neighbours):
    old = heard("100")
    new = characteristic("100", "500", id=old["id"], version=2)
    neighbours.answers("characteristic", f"{CHARACTERISTICS}/{old['id']}", new)
    choice = {"id": old["id"], "values": ["500"]}
    assert manager.post(URL, {"name": "A", "characteristics": [choice]}).status_code == 201
    assert Reference.objects.get().version == 2


def test_a_value_removed_later_leaves_the_specification_as_it_is(manager, neighbours):
    speed = heard("100", "500")
    row = SpecificationFactory(characteristic_ids=[speed["id"]])
    less = characteristic("100", id=speed["id"], version=2)
    tell(less, "Updated")
    neighbours.answers("characteristic", f"{CHARACTERISTICS}/{speed['id']}", less)
    url = f"{URL}/{row.pk}"
    assert manager.get(url).json()["characteristics"][0]["values"] == ["100", "500"]
    assert manager.patch(url, {"description": "still editable"}).status_code == 200
    again = {"characteristics": [{"id": speed["id"], "values": ["100", "500"]}]}
    assert manager.patch(url, again).status_code == 400


def test_given_characteristics_replace_all_there_were(manager):
    row = SpecificationFactory()
    other = heard("1")
    response = manager.patch(f"{URL}/{row.pk}", {"characteristic_ids": [other["id"]]})
    assert response.json()["characteristic_ids"] == [other["id"]]
    assert response["ETag"] == '"2"'


def test_what_changes_nothing_makes_no_version_and_no_event(manager):
    row = SpecificationFactory(brand="Acme")
    url = f"{URL}/{row.pk}"
    whole = manager.get(url).json()
    for same in (
        {},
        {"brand": " Acme "},
        {"characteristic_ids": whole["characteristic_ids"]},
        {"characteristics": whole["characteristics"]},
    ):
        response = manager.patch(url, same)
        assert (response.status_code, response["ETag"]) == (200, '"1"'), response.json()
    assert OutboxEvent.objects.count() == 1


def test_what_is_read_may_be_sent_back(manager):
    row = SpecificationFactory(brand="Acme", external_id="s-1")
    comes_back_as_read(manager, f"{URL}/{row.pk}")


def test_both_forms_of_the_characteristics_are_fine_while_they_choose_the_same(manager):
    url = f"{URL}/{SpecificationFactory().pk}"
    whole, other = manager.get(url).json(), heard("1")
    whole["characteristics"][0]["configurable"] = False
    assert manager.put(url, whole).json()["characteristics"] == whole["characteristics"]
    whole["characteristics"].append({"id": other["id"]})
    refused = manager.put(url, manager.get(url).json() | {"characteristics": whole["characteristics"]})
    assert refused.json()["errors"] == {
        "characteristic_ids": ["Give either characteristic_ids or characteristics."]
    }


def test_the_second_of_two_editors_is_refused(manager):
    url = f"{URL}/{SpecificationFactory().pk}"
    assert manager.patch(url, {"brand": "first"}, HTTP_IF_MATCH='"1"').status_code == 200
    response = manager.patch(url, {"brand": "second"}, HTTP_IF_MATCH='"1"')
    assert (response.status_code, response.json()["current_version"]) == (412, 2)
    assert manager.get(url).json()["brand"] == "first"


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_writes_with_the_same_version_one_wins(api):
    url = f"{URL}/{SpecificationFactory().pk}"
    start, codes = threading.Barrier(2), []

    def edit(brand: str) -> None:
        start.wait()
        codes.append(api("manager").patch(url, {"brand": brand}, HTTP_IF_MATCH='"1"').status_code)
        connections.close_all()

    editors = [threading.Thread(target=edit, args=(brand,)) for brand in "ab"]
    [editor.start() for editor in editors]
    [editor.join(20) for editor in editors]
    assert sorted(codes) == [200, 412]


def test_a_name_or_external_id_already_taken_is_a_conflict_that_names_the_holder(manager):
    first = SpecificationFactory(name="Fibre", external_id="s-1")
    ids = [choice["id"] for choice in first.characteristics]
    for change in ({"name": "Fibre"}, {"name": "Other", "external_id": "s-1"}):
        response = manager.post(URL, {"characteristic_ids": ids, **change})
        assert (response.status_code, response.json()["existing_id"]) == (409, str(first.pk))


def test_lists_filter_by_what_they_declare(manager):
    row = SpecificationFactory(brand="Acme", product_number="F-1", external_id="s-1")
    SpecificationFactory()
    for query in (
        {"name": row.name},
        {"brand": "Acme"},
        {"product_number": "F-1"},
        {"external_id": "s-1"},
        {"id": f"{row.pk},{uuid7()}"},
        {"characteristic_id": row.characteristics[0]["id"]},
        {"search": "acme"},
    ):
        response = manager.get(URL, query)
        assert [item["id"] for item in response.json()] == [str(row.pk)], query
        assert response["X-Total-Count"] == "1"
    assert manager.get(URL, {"characteristic_id": str(uuid7())}).json() == []
    for wrong in ({"characteristic_id": "x"}, {"colour": "red"}):
        assert set(manager.get(URL, wrong).json()["errors"]) == set(wrong)


def test_where_used_is_an_indexed_lookup():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = using(specifications(), uuid7()).order_by().explain()
    assert "specification_where_used" in plan, plan


def test_roles_a_viewer_reads_and_a_service_does_not_write(api):
    row = SpecificationFactory()
    assert api("viewer").get(f"{URL}/{row.pk}").status_code == 200
    for role in ("viewer", "service"):
        assert api(role).post(URL, {}).status_code == 403
        assert api(role).patch(f"{URL}/{row.pk}", {"brand": "x"}).status_code == 403
        assert api(role).delete(f"{URL}/{row.pk}").status_code == 403
    assert api(None).get(URL).status_code == 401
