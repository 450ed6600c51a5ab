"""A price that a running publication holds is neither changed nor deleted."""

from __future__ import annotations

from apps.core.errors import Locked
from apps.core.messages import Message
from catalog_services.pricing.models import Price
from catalog_services.pricing.selectors.price import holders


def refuse_if_held(row: Price) -> None:
    """Raises ``Locked`` naming the publications (``extra`` member ``publications``). The caller holds the row's
    lock, which a new hold needs too."""
    if found := [str(publication_id) for publication_id in holders(row)]:
        raise Locked(
            Message(
                "The price is locked by {count} running {publications}.",
                count=len(found),
                publications=Message("publications") if len(found) > 1 else Message("publication"),
            ),
            publications=found,
        )
