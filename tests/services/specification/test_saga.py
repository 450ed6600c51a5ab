from __future__ import annotations

import pytest

from apps.core.errors import Unavailable, ValidationFailed
from apps.core.ids import uuid7
from apps.saga.registry import STEPS, SagaStep
from catalog_services.specification import saga
from tests.services.specification.factories import SpecificationFactory, characteristic, heard, tell

pytestmark = pytest.mark.django_db
CHARACTERISTICS = "/api/v1/characteristics"


def validate(*rows, pinned=()):
    step = SagaStep(
        topic="validate-specifications",
        publication_id=str(uuid7()),
        process_id="p",
        variables={
            "offering_id": str(uuid7()),
            "specification_ids": [str(getattr(row, "pk", row)) for row in rows],
            "characteristic_values": [{"characteristic_id": id_, "value": value} for id_, value in pinned],
        },
    )
    return STEPS[step.topic].handler(step)


def test_the_service_has_exactly_its_step():
    assert saga
    assert STEPS.topics == ["validate-specifications"]


def test_it_answers_the_versions_that_the_store_waits_for():
    speed = heard("100", version=4)
    row = SpecificationFactory(characteristic_ids=[speed["id"]])
    assert validate(row, row, pinned=[(speed["id"], "100")]) == {
        "specification_versions": {str(row.pk): 1},
        "characteristic_versions": {speed["id"]: 4},
    }


def test_an_offering_without_specifications_has_nothing_to_refuse():
    assert validate() == {"specification_versions": {}, "characteristic_versions": {}}


def test_a_specification_that_is_not_there_is_named():
    missing = uuid7()
    with pytest.raises(ValidationFailed, match=str(missing)):
        validate(SpecificationFactory(), missing)


def test_a_characteristic_deleted_meanwhile_is_named(neighbours):
    speed = heard("100")
    row = SpecificationFactory(characteristic_ids=[speed["id"]])
    tell({**speed, "version": 2}, "Deleted")
    with pytest.raises(ValidationFailed, match=speed["id"]):
        validate(row)


def test_a_value_removed_meanwhile_is_named(neighbours):
    speed = heard("100", "500")
    row = SpecificationFactory(characteristic_ids=[speed["id"]])
    less = characteristic("100", id=speed["id"], version=2)
    tell(less, "Updated")
    neighbours.answers("characteristic", f"{CHARACTERISTICS}/{speed['id']}", less)
    with pytest.raises(ValidationFailed, match="does not allow 500"):
        validate(row)


def test_a_replica_that_lags_refuses_nothing_its_owner_allows(neighbours):
    speed = heard("100", "500")
    row = SpecificationFactory(characteristic_ids=[speed["id"]])
    tell(characteristic("100", id=speed["id"], version=2), "Updated")
    back = characteristic("100", "500", id=speed["id"], version=3)
    neighbours.answers("characteristic", f"{CHARACTERISTICS}/{speed['id']}", back)
    assert validate(row)["characteristic_versions"] == {speed["id"]: 3}


def test_an_owner_that_does_not_answer_is_no_refusal(neighbours):
    speed = heard("100", "500")
    row = SpecificationFactory(characteristic_ids=[speed["id"]])
    tell(characteristic("100", id=speed["id"], version=2), "Updated")
    neighbours.down("characteristic")
    with pytest.raises(Unavailable):
        validate(row)


@pytest.mark.parametrize(("value", "allowed"), [("100", True), ("500", False), ("7", False)])
def test_a_pinned_value_is_one_that_the_specification_chose(value, allowed):
    speed = heard("100", "500")
    row = SpecificationFactory(characteristics=[{"id": speed["id"], "values": ["100"]}])
    if allowed:
        validate(row, pinned=[(speed["id"], value)])
    else:
        with pytest.raises(ValidationFailed, match=f"pinned value {value}"):
            validate(row, pinned=[(speed["id"], value)])


@pytest.mark.parametrize(("value", "allowed"), [("7", True), ("fast", False)])
def test_where_no_values_were_chosen_the_characteristic_decides(value, allowed, neighbours):
    speed = heard()
    neighbours.answers("characteristic", f"{CHARACTERISTICS}/{speed['id']}", speed)
    row = SpecificationFactory(characteristic_ids=[speed["id"]])
    if allowed:
        validate(row, pinned=[(speed["id"], value)])
    else:
        with pytest.raises(ValidationFailed, match="fast"):
            validate(row, pinned=[(speed["id"], value)])


def test_a_pin_is_free_when_one_of_the_specifications_chose_no_values():
    speed = heard()
    one, other = (
        SpecificationFactory(characteristics=[{"id": speed["id"], "values": values}])
        for values in (["100"], [])
    )
    validate(one, other, pinned=[(speed["id"], "500")])


def test_a_pinned_characteristic_is_in_some_specification():
    foreign = heard("1")
    with pytest.raises(ValidationFailed, match=foreign["id"]):
        validate(SpecificationFactory(), pinned=[(foreign["id"], "1")])
