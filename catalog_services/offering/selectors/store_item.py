"""What customers would see of an offering: its own state, and what this service knows of all that it refers to.

Composed as the store composes it; what is not known yet is left out, as there.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from pydantic import BaseModel, ValidationError

from apps.core import clock
from apps.references.models import Reference
from apps.references.replicas import ReferenceKind
from apps.store_item import payloads
from apps.store_item.compose import Components, Data, compose
from apps.store_item.validity import millis, shown_at
from catalog_services.offering.models import Catalog, Category, Offering
from catalog_services.offering.references import CHARACTERISTIC, PRICE, SPECIFICATION
from catalog_services.offering.selectors.catalog import catalog_state
from catalog_services.offering.selectors.category import category_state
from catalog_services.offering.selectors.offering import offering_state

type Known = dict[str, Data]


def store_item(row: Offering) -> Data:
    """The item of an offering, saved or not, with the prices and catalogs that are valid now."""
    offering = payloads.Offering.model_validate(offering_state(row)).model_dump()
    specifications = _replicas(SPECIFICATION, payloads.Specification, offering["specification_ids"])
    used = [use["id"] for one in specifications.values() for use in one["characteristics"]]
    catalogs = Catalog.objects.filter(pk__in=offering["catalog_ids"])
    components = Components(
        characteristics=_replicas(CHARACTERISTIC, payloads.Characteristic, used),
        specifications=specifications,
        prices=_replicas(PRICE, payloads.Price, offering["pricing_ids"]),
        categories=_with_ancestors(offering["category_ids"]),
        catalogs=_as_taken(payloads.Catalog, {str(one.pk): catalog_state(one) for one in catalogs}),
        members=_named([member["id"] for member in offering["bundled_offerings"]]),
    )
    return shown_at(compose(str(row.pk), offering, components), millis(clock.now()))


def _as_taken(payload: type[BaseModel], states: Known) -> Known:
    """As the store takes them, by id; what it refuses is left out."""
    taken = {}
    for id_, state in states.items():
        with suppress(ValidationError):
            taken[id_] = payload.model_validate(state).model_dump()
    return taken


def _replicas(kind: ReferenceKind, payload: type[BaseModel], ids: Iterable[str]) -> Known:
    rows = Reference.objects.filter(kind=kind.name, aggregate_id__in=set(ids), deleted=False)
    return _as_taken(payload, {str(row.aggregate_id): row.data for row in rows})


def _with_ancestors(ids: Iterable[str]) -> Known:
    """The categories up to their roots; one query per level."""
    known: Known = {}
    level = set(ids)
    while level:
        rows = Category.objects.filter(pk__in=level)
        found = _as_taken(payloads.Category, {str(row.pk): category_state(row) for row in rows})
        known.update(found)
        level = {one["parent_id"] for one in found.values() if one["parent_id"]} - set(known)
    return known


def _named(ids: Iterable[str]) -> Known:
    names = Offering.objects.filter(pk__in=set(ids)).values_list("pk", "name")
    return {str(pk): {"name": name} for pk, name in names}
