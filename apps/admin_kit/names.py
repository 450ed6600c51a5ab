"""What a person calls the words that the data has: roles, units, types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from apps.core.actor import ADMIN, MANAGER, VIEWER
from apps.core.values import BOOLEAN, NUMBER, STRING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrOrPromise

ROLE_NAMES: Mapping[str, _StrOrPromise] = {ADMIN: _("admin"), MANAGER: _("manager"), VIEWER: _("viewer")}
VALUE_TYPE_NAMES: Mapping[str, _StrOrPromise] = {
    STRING: _("string"),
    NUMBER: _("number"),
    BOOLEAN: _("boolean"),
}
UNIT_NAMES: Mapping[str, _StrOrPromise] = {
    "Mbps": _("Mbps"),
    "Gbps": _("Gbps"),
    "MB": _("MB"),
    "GB": _("GB"),
    "TB": _("TB"),
    "GHz": _("GHz"),
    "Volt": _("Volt"),
    "Watt": _("Watt"),
    "Meter": _("Meter"),
    "Percent": _("Percent"),
    "Seconds": _("Seconds"),
    "Minutes": _("Minutes"),
    "Hours": _("Hours"),
    "Days": _("Days"),
    "Months": _("Months"),
    "Years": _("Years"),
    "Unit": _("Unit"),
    "None": _("None"),
}
