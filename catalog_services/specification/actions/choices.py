"""What creating and updating do alike: turn the chosen characteristics into complete, allowed choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog_services.specification.domain.choice import FULL, SIMPLE, choose, chosen_ids, refused_values
from catalog_services.specification.selectors.characteristic import known, replicas


def with_choices(fields: Mapping[str, Any]) -> dict[str, Any]:
    """``fields`` with the characteristics, in whichever form they came, as ``Choice`` objects.

    A replica can lag behind its owner, so that before a value is refused the owner is asked once.
    Talks to the characteristic service: call it before the transaction.
    Raises ``ValidationFailed`` naming ids or values, and ``Unavailable``.
    """
    rest = {name: value for name, value in fields.items() if name not in {SIMPLE, FULL}}
    ids = chosen_ids(fields)
    if ids is None:
        return rest
    field = SIMPLE if SIMPLE in fields else FULL
    characteristics = {id_: known(row) for id_, row in replicas(ids, field=field).items()}
    if refused_values(fields, characteristics):
        characteristics = {id_: known(row) for id_, row in replicas(ids, field=field, fresh=True).items()}
    return {**rest, FULL: choose(fields, characteristics)}
