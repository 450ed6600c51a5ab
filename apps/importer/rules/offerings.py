"""Offerings: channels, segments, pinned values and bundles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.importer.model import BadItem
from apps.importer.rules import fields
from apps.importer.rules.base import rule
from apps.importer.rules.values import Use, Value

DEFAULT_CHANNELS = ("web",)


@rule("channel-default")
def channels(data: dict[str, Any], default: Sequence[str]) -> tuple[list[str], str]:
    """A new offering that names no sales channel is sold through those of --channel (web, if that is not
    given); one that the suite has already keeps its channels.
    """
    named = _names(data, "channel")
    if named:
        return named, ""
    return list(default), f"It names no channel: {', '.join(default)}."


def market_segments(data: dict[str, Any]) -> list[str]:
    return _names(data, "marketSegment")


def _names(data: dict[str, Any], key: str) -> list[str]:
    """The names of references to things that the suite knows only by name; an id where there is no name."""
    found = []
    for reference in fields.objects(data, key):
        name = fields.text(reference, "name") or fields.text(reference, "id")
        if not name:
            raise BadItem(f"{key}: a reference has neither name nor id.")
        found.append(name)
    return list(dict.fromkeys(found))


@rule("partial-import")
def unmentioned(prices: bool, catalogs: bool) -> tuple[list[str], str]:
    """An offering imported without its prices, or without any catalog, keeps those that the suite has: that
    they are not among the files does not say that it has none.
    """
    left = [] if prices else ["pricing_ids"]
    left += [] if catalogs else ["catalog_ids"]
    return left, f"The import does not say its {' and '.join(left)}; they stay as they are." if left else ""


@rule("several-values-not-pinned")
def pinned(use: Use) -> tuple[Value | None, str]:
    """An offering that gives one value for a characteristic pins it; one that lists several leaves the
    choice open, so none is pinned.
    """
    if len(use.values) <= 1:
        return (use.values[0] if use.values else None), ""
    return None, f"{use.name}: {len(use.values)} values are listed, none is pinned."


@rule("bundle-one-of-each")
def bundle_limits(member: dict[str, Any]) -> tuple[tuple[int, int, int], str]:
    """A bundle has each member once unless its bundledProductOfferingOption says otherwise (as lower
    limit, upper limit and default).
    """
    option = fields.nested(member, "bundledProductOfferingOption")
    lower = fields.whole(option, "numberRelOfferLowerLimit", 1)
    upper = fields.whole(option, "numberRelOfferUpperLimit", max(lower, 1))
    default = fields.whole(option, "numberRelOfferDefault", max(lower, 1))
    if not lower <= default <= upper:
        raise BadItem(f"bundledProductOfferingOption: {lower} <= {default} <= {upper} does not hold.")
    text = "" if option else f"{fields.text(member, 'name') or fields.text(member, 'id')}: once."
    return (lower, upper, default), text


@rule("sold-alone")
def sold_alone(data: dict[str, Any]) -> tuple[None, str]:
    """The suite sells every published offering by itself, also one whose isSellable is false."""
    alone = fields.flag(data, "isSellable", True)
    return None, "" if alone else "Its isSellable is false; once published it is sold by itself, too."


@rule("bundle-by-members")
def is_bundle(data: dict[str, Any], members: Sequence[object]) -> tuple[bool, str]:
    """An offering with members is a bundle, also when isBundle does not say so."""
    said = fields.flag(data, "isBundle")
    if members and not said:
        return True, "It has members, so it is a bundle."
    return said, ""
