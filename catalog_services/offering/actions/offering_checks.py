"""What a draft's references must be, checked before the transaction (it may ask other services),
and what is our own once more in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from apps.core.errors import ValidationFailed
from apps.core.messages import Message
from apps.core.models import Aggregate
from apps.core.writes import hold
from apps.references.models import Reference
from apps.references.replicas import refresh, resolve
from catalog_services.offering.domain import offering as domain
from catalog_services.offering.models import Catalog, Category, Offering
from catalog_services.offering.references import PRICE, SPECIFICATION
from catalog_services.offering.selectors.offering import bundle_graph

BUNDLES_LOCK = 620_002
"""Two bundles that get members side by side could close a circle that neither sees."""


def check_references(id_: UUID, draft: domain.Offering) -> None:
    """Everything the draft names exists, its pinned values are allowed, and its bundle has no circle.

    Raises ``ValidationFailed`` at the field, or ``Unavailable`` when an owner cannot be asked.
    """
    specifications = resolve(SPECIFICATION, draft.specification_ids, field="specification_ids")
    resolve(PRICE, draft.pricing_ids, field="pricing_ids")
    check_local(Category, draft.category_ids, "category_ids")
    check_local(Catalog, draft.catalog_ids, "catalog_ids")
    check_local(Offering, draft.member_ids, "bundled_offerings")
    try:
        _check_pins(draft, specifications)
    except ValidationFailed:  # by what is known here, which may be late
        refresh(SPECIFICATION, draft.specification_ids)
        _check_pins(draft, resolve(SPECIFICATION, draft.specification_ids, field="specification_ids"))
    _check_no_cycle(id_, draft)


def hold_local(draft: domain.Offering) -> None:
    """The categories and catalogs of a draft stay until the transaction ends; one deleted since it was checked is
    refused. Raises ``ValidationFailed`` at the field."""
    for model, ids, field in (
        (Category, draft.category_ids, "category_ids"),
        (Catalog, draft.catalog_ids, "catalog_ids"),
    ):
        if ids:
            hold(model, ids)
            check_local(model, ids, field)


def hold_new_members(id_: UUID, draft: domain.Offering, new: Collection[UUID]) -> None:
    """The members that a bundle gets are there, stay until the transaction ends, and close no circle: this is seen
    first, as along a circle two would wait for each other. The members it has already are protected by it.

    The caller has ``BUNDLES_LOCK``, unless the bundle is new: nobody has that as a member yet. Raises
    ``ValidationFailed`` at the field.
    """
    if new:
        _check_no_cycle(id_, draft)
        hold(Offering, new)
        check_local(Offering, new, "bundled_offerings")


def _check_pins(draft: domain.Offering, specifications: Mapping[UUID, Reference]) -> None:
    domain.check_pins(draft.characteristic_values, (replica.data for replica in specifications.values()))


def _check_no_cycle(id_: UUID, draft: domain.Offering) -> None:
    members = [str(member) for member in draft.member_ids]
    domain.check_no_cycle(str(id_), {**bundle_graph(members), str(id_): members})


def check_local(model: type[Aggregate], ids: Iterable[UUID], field: str) -> None:
    """Raises ``ValidationFailed`` at the field when one of ours is not there."""
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
