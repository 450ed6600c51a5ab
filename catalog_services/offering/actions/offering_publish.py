from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core import correlation
from apps.core.actor import Actor
from apps.core.errors import Conflict, NotFound, ValidationFailed
from apps.core.messages import Message
from apps.core.writes import lock, save
from apps.outbox.record import record_change
from catalog_services.offering.actions.offering_checks import check_local, check_references
from catalog_services.offering.actions.offering_update import to_domain
from catalog_services.offering.actions.publication_moves import REQUESTED_EVENT, review_at, tell
from catalog_services.offering.domain.lifecycle import PUBLISHED, PUBLISHING, check_move
from catalog_services.offering.domain.publication import REQUESTED
from catalog_services.offering.kinds import OFFERING
from catalog_services.offering.models import Offering, Publication


def offering_publish(*, actor: Actor, id: UUID, expected_version: int | None = None) -> Offering:
    """Ask for the publication of a draft; the saga does the rest. ``publication_id`` names the attempt.

    Raises ``NotFound``, ``PreconditionFailed``, ``Conflict`` (a publication runs, or not a draft),
    ``ValidationFailed`` naming what is missing, and ``Unavailable`` when an owner cannot be asked.
    """
    seen = Offering.objects.filter(pk=id).first()
    if seen is None:
        raise NotFound(Message("There is no {kind} with id {ids}.", kind=Message("offering"), ids=id))
    _check_publishable(seen)
    check_references(id, to_domain(seen))
    with (
        correlation.bound(correlation.accept(correlation.current())) as correlation_id,
        transaction.atomic(),
    ):
        row = lock(Offering, id, expected_version=expected_version)
        _check_publishable(row)
        _check_members(row)
        publication = Publication(
            offering=row,
            requested_by=actor.username,
            requested_by_id=actor.id,
            correlation_id=correlation_id,
            review_at=review_at(REQUESTED),
        )
        row.lifecycle_status = PUBLISHING
        row.status_reason = ""
        row.publication_id = publication.pk
        row.bump()
        save(row)
        publication.offering_version = row.version
        publication.save()
        record_change(OFFERING, "Updated", row, actor=actor)
        tell(REQUESTED_EVENT, publication, row, actor=actor)
    return row


def _check_publishable(row: Offering) -> None:
    if row.lifecycle_status == PUBLISHING:
        raise Conflict(
            Message("Publication {id} of this offering is running.", id=row.publication_id),
            publication_id=str(row.publication_id),
        )
    check_move(row.lifecycle_status, PUBLISHING)
    if missing := to_domain(row).missing_to_publish():
        needed = Message.joined(text for texts in missing.values() for text in texts)
        raise ValidationFailed(Message("Not complete yet: {needed}", needed=needed), errors=missing)


def _check_members(bundle: Offering) -> None:
    """Members are there and published; their rows being locked, none retires before this bundle is seen publishing."""
    ids = to_domain(bundle).member_ids
    # Without their keys: who makes this one and its members members of another bundle holds them, and waits for it.
    members = Offering.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    if unready := [f"{m.name} ({m.lifecycle_status})" for m in members if m.lifecycle_status != PUBLISHED]:
        message = Message("Members that are not published: {names}.", names=", ".join(unready))
        raise ValidationFailed(message, errors={"bundled_offerings": [message]})
    check_local(Offering, ids, "bundled_offerings")
