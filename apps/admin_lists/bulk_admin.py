"""Lists whose rows can be edited several at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, override
from uuid import UUID

from django.contrib.admin.options import IS_POPUP_VAR
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext

from apps.admin_lists import bulk_edit
from apps.admin_lists.list_admin import ListAdmin

if TYPE_CHECKING:
    from apps.core.actor import Actor


class BulkAdmin(ListAdmin):
    """``bulk_fields`` of the form can be changed in many rows, after a look at what that would do to each."""

    bulk_fields: ClassVar[Sequence[str]] = ()

    def change_row(self, actor: Actor, id_: UUID, given: Mapping[str, Any], *, seen: int) -> Any:
        """Change fields, named as in the form, of the row that still has version ``seen``; the row as it is then."""
        raise NotImplementedError

    @override
    def get_urls(self) -> list[URLPattern]:
        options = self.model._meta
        name = f"{options.app_label}_{options.model_name}_bulk_edit"
        return [path("bulk-edit/", self._own(bulk_edit.bulk_view), name=name), *super().get_urls()]

    @override
    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        if self.bulk_fields and IS_POPUP_VAR not in request.GET and self.has_change_permission(request):
            actions["bulk_edit"] = (bulk_edit.action, "bulk_edit", gettext("Edit several at once"))
        return actions
