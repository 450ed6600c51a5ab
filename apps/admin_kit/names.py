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


def named(values: Iterable[str]) -> list[tuple[str, _StrOrPromise]]:
    """Values that a model's field has as its ``choices``, each with its name in the reader's language."""
    return [(value, _(name)) for value, name in choices_of(values)]
