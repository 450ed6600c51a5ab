"""A page that asks before what nobody can take back: what it is done to, where that is used, what stands in its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest
from django.template.response import TemplateResponse

from apps.admin_lists.bulk_act import SEEN

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    from apps.admin_kit.where_used import Use

TEMPLATE = "admin_kit/sure.html"


@dataclass(frozen=True, slots=True)
class Asked:
    """A row that it would be done to, who uses it, and why it cannot be done; empty when it can."""

    row: Any
    uses: Sequence[Use] = ()
    why_not: str = ""

    @property
    def users(self) -> Sequence[Use]:
        """The uses that are some, or may be."""
        return [use for use in self.uses if use.total != 0]


def context(
    asked: Iterable[Asked], shown: Mapping[UUID, int], *, goes: str, stays: str, action: str = ""
) -> dict[str, Any]:
    """For the page: ``goes`` and ``stays`` are said above the rows that it is done to and that it cannot be done to,
    ``action`` names the list's action. Of each row the page remembers the version that was ``shown``, or has now."""
    rows = list(asked)
    going = [one for one in rows if not one.why_not]
    return {
        "going": going,
        "staying": [one for one in rows if one.why_not],
        "goes": goes,
        "stays": stays,
        "bulk_action": action,
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
        SEEN: [f"{one.row.pk}:{shown.get(one.row.pk, one.row.version)}" for one in going],
    }


def page(
    model_admin: ModelAdmin[Any], request: HttpRequest, shown: Mapping[str, Any], *, title: str
) -> TemplateResponse:
    """The page by itself, where Django has none; ``shown`` is its ``context``."""
    around = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.model._meta,
        "media": model_admin.media,
    }
    return TemplateResponse(request, TEMPLATE, {**around, **shown})
