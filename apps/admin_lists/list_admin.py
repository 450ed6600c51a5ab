"""The base of every list of the admin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, ClassVar, override
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ERROR_FLAG
from django.db.models import Model, QuerySet
from django.db.models.options import Options
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, checkbox

from apps.admin_kit.wording import said
from apps.admin_lists import saved
from apps.admin_lists.bulk_act import SEEN, pair
from apps.admin_lists.changelist import ListChangeList
from apps.admin_lists.counted import ListPaginator
from apps.core.errors import PreconditionFailed, SuiteError
from apps.core.pasted import pasted

_PLACE = "@pk@"
_SEEN = f'<input type="hidden" name="{SEEN}" value="@pair@">'


@cache
def _box(language: str | None) -> str:
    return str(checkbox.render(ACTION_CHECKBOX_NAME, _PLACE))


class ListAdmin(ModelAdmin):
    """A list that answers as quickly with 200,000 rows as with 200."""

    paginator = ListPaginator
    list_per_page = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    search_exact: ClassVar[Sequence[str]] = ("pk",)
    """Indexed fields that a search compares as a whole before it looks into the ``search_fields``."""
    more_columns: ClassVar[Sequence[str]] = ()
    """What a person may choose to see besides the ``list_display``."""

    @override
    def get_urls(self) -> list[URLPattern]:
        options = self.model._meta
        name = f"{options.app_label}_{options.model_name}"
        return [
            path("arrange/filters/", self._own(saved.save_view), name=f"{name}_save_filter"),
            path("arrange/filters/<int:id_>/", self._own(saved.forget_view), name=f"{name}_forget_filter"),
            path("arrange/columns/", self._own(saved.columns_view), name=f"{name}_columns"),
            *super().get_urls(),
        ]

    def _own(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """A view of this list, for who is signed in."""
        return self.admin_site.admin_view(partial(view, self))

    @override
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Django shows everything where it knows a filter not; here it says so."""
        if ERROR_FLAG in request.GET and request.method == "GET":
            messages.warning(request, _("What was asked for is not known here, so everything is shown."))
        return super().changelist_view(request, extra_context)

    @override
    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Options[Any], object_id: str
    ) -> HttpResponse:
        """To the list, which says it: Django's front page is another service's, which has no messages of this one."""
        super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        return HttpResponseRedirect(reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"))

    def available_columns(self, request: HttpRequest) -> list[str]:
        """What may be seen of a row; the first names it and is always there."""
        return list(dict.fromkeys([*super().get_list_display(request), *self.more_columns]))

    @override
    def get_list_display(self, request: HttpRequest) -> list[str]:
        chosen = saved.chosen_columns(request, self)
        if not chosen:
            return list(super().get_list_display(request))
        first, *others = self.available_columns(request)
        return [first, *(name for name in others if name in chosen)]

    @override
    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ListChangeList]:
        return ListChangeList

    @admin.display(description=ModelAdmin.action_checkbox.short_description)
    def action_checkbox(self, obj: Model) -> str:
        """Unfold's box to select a row, with the version that is shown of it.

        The box is made once, because a template takes as long for it as for the whole row.
        """
        box = _box(get_language())
        if hasattr(obj, "version"):
            box += _SEEN.replace("@pair@", escape(pair(obj)))
        return mark_safe(box.replace(_PLACE, escape(obj.pk)))  # noqa: S308 (escaped)

    def changed_since(self, id_: UUID, *, seen: int) -> str:
        """What others changed since version ``seen``; empty when that is not known."""
        return ""

    def worded(self, request: HttpRequest, refusal: SuiteError) -> str:
        """What an action's refusal tells the person; a screen that can find out more says more."""
        return said(refusal.detail)

    def why(self, request: HttpRequest, refusal: SuiteError, id_: UUID, *, seen: int) -> str:
        """Why an action refused the row of which version ``seen`` was shown, in the reader's language."""
        told = self.changed_since(id_, seen=seen) if isinstance(refusal, PreconditionFailed) else ""
        return told or self.worded(request, refusal)

    @override
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """What is pasted, an id, is found by its index; words are looked for."""
        if (exact := pasted(queryset, search_term.strip(), self.search_exact)) is not None:
            return exact, False
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        return found, has_duplicates
