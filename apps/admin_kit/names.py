"""What a person calls the words that the data has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from apps.core.actor import ADMIN, MANAGER, VIEWER
from apps.core.models import choices_of

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

ROLE_NAMES: Mapping[str, _StrOrPromise] = {ADMIN: _("admin"), MANAGER: _("manager"), VIEWER: _("viewer")}

STEP_NAMES: Mapping[str, _StrOrPromise] = {
    "claim-publication": _("Claim the publication"),
    "lock-prices": _("Lock the prices"),
    "validate-specifications": _("Check the specifications"),
    "create-store-entry": _("Prepare the store entry"),
    "confirm-publication": _("Confirm: customers see it"),
    "release-prices": _("Release the prices"),
    "finish-publication": _("Finish"),
    "fail-publication": _("Stop"),
    "unlock-prices": _("Release the prices again"),
    "delete-store-entry": _("Take the store entry back"),
    "revert-to-draft": _("Back to a draft"),
}
"""Of a publication (bpmn/offering-publication.bpmn)."""


def roles_in_words(roles: Iterable[str]) -> str:
    """What somebody is here: his roles, one after the other."""
    return ", ".join(str(ROLE_NAMES.get(role, role)) for role in sorted(roles))


def named(values: Iterable[str]) -> list[tuple[str, _StrOrPromise]]:
    """Values that a model's field has as its ``choices``, each with its name in the reader's language."""
    return [(value, _(name)) for value, name in choices_of(values)]
