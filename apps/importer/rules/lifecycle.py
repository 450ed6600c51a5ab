"""What a record's lifecycleStatus means for a suite in which only offerings have one."""

from __future__ import annotations

from apps.importer.rules.base import rule

_FOR_SALE = {"", "active", "launched"}


@rule("publish-active")
def published(status: str) -> tuple[bool, str]:
    """--publish publishes the offerings whose lifecycleStatus is Active or Launched, or that have none. Any
    other stays a draft; where the suite sells it already, that is a conflict.
    """
    if _for_sale(status):
        return True, ""
    return False, f"Its lifecycleStatus is {status!r}: it is not published."


@rule("lifecycle-status")
def not_kept(status: str) -> tuple[None, str]:
    """Only offerings have a lifecycle status in the suite: anything else is there to be used, also what the
    source has retired or not released yet.
    """
    return None, "" if _for_sale(status) else f"Its lifecycleStatus {status!r} is left out."


@rule("price-not-for-sale")
def charged(name: str, status: str, published: bool) -> tuple[bool, str]:
    """An offering that is for sale is not given a price whose own lifecycleStatus is neither Active nor
    Launched; the price is imported by itself.
    """
    if _for_sale(status) or not published:
        return True, ""
    return False, f"Its price {name!r} is left out, whose lifecycleStatus is {status!r}."


def _for_sale(status: str) -> bool:
    return status.casefold() in _FOR_SALE
