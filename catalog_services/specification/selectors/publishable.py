"""Whether specifications can be published as they are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.core.errors import ValidationFailed
from apps.core.messages import Message
from apps.core.values import pinnable
from apps.references.models import Reference
from catalog_services.specification.models import Specification
from catalog_services.specification.selectors.characteristic import known, replicas

type Pin = Mapping[str, str]
"""``{"characteristic_id", "value"}``"""


@dataclass(frozen=True, slots=True)
class Versions:
    """What was looked at: id -> version, for the store to wait for."""

    specifications: dict[str, int]
    characteristics: dict[str, int]


def publishable(specification_ids: Sequence[str], pinned: Sequence[Pin]) -> Versions:
    """Check that every specification exists, that its characteristics still allow what it chose, and that what
    the offering pins is among that.

    A replica may lag behind its owner, so that before it refuses a value the owner is asked once.
    Raises ``ValidationFailed`` with every reason, and ``Unavailable`` when the owner has to be asked in vain.
    """
    rows = _rows(specification_ids)
    _refuse(_wrongly_pinned(rows, pinned))
    ids = {choice["id"]: None for row in rows for choice in row.characteristics}
    found = replicas(ids, field="specification_ids")
    if _not_allowed(rows, found, pinned):
        found = replicas(ids, field="specification_ids", fresh=True)
        _refuse(_not_allowed(rows, found, pinned))
    return Versions(
        {str(row.pk): row.version for row in rows}, {id_: row.version for id_, row in found.items()}
    )


def _rows(ids: Sequence[str]) -> list[Specification]:
    rows = list(Specification.objects.filter(pk__in=[UUID(id_) for id_ in ids]).order_by("pk"))
    if missing := sorted(set(ids) - {str(row.pk) for row in rows}):
        message = Message(
            "There is no {kind} with id {ids}.", kind=Message("specification"), ids=", ".join(missing)
        )
        raise ValidationFailed(message, errors={"specification_ids": [message]})
    return rows


def _refuse(problems: list[str]) -> None:
    if problems:
        raise ValidationFailed(Message.joined(problems), errors={"specification_ids": problems})


def _wrongly_pinned(rows: Sequence[Specification], pinned: Sequence[Pin]) -> list[str]:
    """A pinned characteristic is one of the offering's specifications, its value one that they chose."""
    chosen = pinnable(choice for row in rows for choice in row.characteristics)
    problems: list[str] = []
    for pin in pinned:
        id_, value = pin["characteristic_id"], pin["value"]
        if id_ not in chosen:
            problems.append(
                Message("The pinned characteristic {id} is in none of the offering's specifications.", id=id_)
            )
        elif chosen[id_] and value not in chosen[id_]:
            problems.append(
                Message(
                    "The pinned value {value} of characteristic {id} is in none of its specifications.",
                    value=value,
                    id=id_,
                )
            )
    return problems


def _not_allowed(
    rows: Sequence[Specification], found: Mapping[str, Reference], pinned: Sequence[Pin]
) -> list[str]:
    """What the characteristics, as they are now, do not allow of what was chosen or pinned."""
    problems: list[str] = []
    for row in rows:
        for choice in row.characteristics:
            values = choice["values"] or [
                p["value"] for p in pinned if p["characteristic_id"] == choice["id"]
            ]
            default = [] if choice["default"] is None else [choice["default"]]
            if wrong := known(found[choice["id"]]).wrong(tuple(dict.fromkeys([*values, *default]))):
                problems.append(Message("{name}: {wrong}", name=row.name, wrong=wrong))
    return problems
