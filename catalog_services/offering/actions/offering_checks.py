"""What a draft's references must be, checked before the transaction (it may ask other services),
and what is our own once more in it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from apps.core.errors import ValidationFailed
from apps.core.messages import Message
from apps.core.models import Aggregate
from apps.core.writes import hold
from apps.references.replicas import resolve
from catalog_services.offering.domain import offering as domain
from catalog_services.offering.models import Catalog, Category, Offering
from catalog_services.offering.references import PRICE, SPECIFICATION
from catalog_services.offering.selectors.offering import bundle_graph


def check_references(id_: UUID, draft: domain.Offering) -> None:
    """Everything the draft names exists, its pinned values are allowed, and its bundle has no circle.

    Raises ``ValidationFailed`` at the field, or ``Unavailable`` when an owner cannot be asked.
    """
    specifications = resolve(SPECIFICATION, draft.specification_ids, field="specification_ids")
    resolve(PRICE, draft.pricing_ids, field="pricing_ids")
    _check_local(Category, draft.category_ids, "category_ids")
    _check_local(Catalog, draft.catalog_ids, "catalog_ids")
    members = [member.id for member in draft.bundled_offerings]
    _check_local(Offering, (UUID(member) for member in members), "bundled_offerings")
    domain.check_pins(draft.characteristic_values, (replica.data for replica in specifications.values()))
    domain.check_no_cycle(str(id_), {**bundle_graph(members), str(id_): members})


def hold_local(draft: domain.Offering) -> None:
    """The categories and catalogs of a draft stay until the transaction ends; one deleted since it was checked is
    refused. Raises ``ValidationFailed`` at the field."""
    for model, ids, field in (
        (Category, draft.category_ids, "category_ids"),
        (Catalog, draft.catalog_ids, "catalog_ids"),
    ):
        if ids:
            hold(model, ids)
            _check_local(model, ids, field)


def _check_local(model: type[Aggregate], ids: Iterable[UUID], field: str) -> None:
    wanted = list(ids)
    if not wanted:
        return
    known = set(model._default_manager.filter(pk__in=wanted).values_list("pk", flat=True))
    if unknown := [str(id_) for id_ in wanted if id_ not in known]:
        message = Message(
            "There is no {kind} with id {ids}.",
            kind=Message(model._meta.verbose_name_raw),
            ids=", ".join(unknown),
        )
        raise ValidationFailed(message, errors={field: [message]})
