"""Unfold's admin whose writes are the service's actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import DateTimeField, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from rest_framework.serializers import BaseSerializer
from unfold.decorators import action

from apps.admin_kit import asking, deleted, deleting, history, kept, meanwhile, where_used
from apps.admin_kit.fields import MomentField
from apps.admin_kit.forms import ActionForm
from apps.admin_kit.rows import RowsField
from apps.admin_lists.bulk_act import SEEN, versions
from apps.admin_lists.bulk_admin import BulkAdmin
from apps.core.bidi import isolated
from apps.core.errors import SuiteError
from apps.core.ids import parsed
from apps.outbox.history import versions as versions_of
from apps.rest.serializers import shaped

if TYPE_CHECKING:
    from apps.admin_kit.meanwhile import Meanwhile
    from apps.core.actor import Actor
    from apps.references.usage import UsedBy

Action = Callable[..., Any]


def _display(name: str, field: Any) -> Callable[[Any], Any]:
    def display(row: Any) -> Any:
        return field.shown(getattr(row, name))

    display.__name__ = f"{name}_shown"
    return admin.display(description=field.label)(display)


class ActionAdmin(BulkAdmin):
    """``create_action``, ``update_action``, ``delete_action`` and ``write_serializer_class`` as in
    ``AggregateViewSet``: what is typed here passes the same checks as what an integrator sends."""

    form = ActionForm
    formfield_overrides: ClassVar[Any] = {
        DateTimeField: {"form_class": MomentField, "help_text": _("UTC; an empty time is 00:00.")}
    }
    write_serializer_class: ClassVar[type[BaseSerializer[Any]]]
    create_action: ClassVar[Action]
    update_action: ClassVar[Action]
    delete_action: ClassVar[Action]
    readonly_fields: ClassVar[Any] = ("id", "version", "created_at", "updated_at")
    record_fieldsets: ClassVar[Any] = (
        (
            _("Record"),
            {
                "fields": ("external_id", "id", "version", "created_at", "updated_at"),
                "classes": ("collapse",),
            },
        ),
    )
    actions_list: ClassVar[Any] = (*BulkAdmin.actions_list, "deleted")
    used_by: ClassVar[Sequence[UsedBy]] = ()
    """Who may use a row, as its delete action asks; its form and the question before its deletion show them."""
    delete_confirmation_template = asking.TEMPLATE
    change_form_before_template = "admin_kit/meanwhile.html"
    change_form_outer_after_template = where_used.TEMPLATE
    warn_unsaved_form = True
    search_exact: ClassVar[Sequence[str]] = ("pk", "external_id")
    more_columns: ClassVar[Sequence[str]] = ("external_id", "id", "created_at", "updated_at", "version")

    def get_urls(self) -> list[URLPattern]:
        options = self.model._meta
        own = path(
            "<uuid:object_id>/where-used/",
            self.admin_site.admin_view(self.where_used_view),
            name=f"{options.app_label}_{options.model_name}_where_used",
        )
        return [own, *super().get_urls()]

    @action(description=_("Deleted"), url_path="deleted", permissions=["view"])
    def deleted(self, request: HttpRequest) -> HttpResponse:
        return deleted.deleted_view(self, request)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """From its events; Django's own log knows the admin's changes only."""
        if (id_ := parsed(object_id)) is None:
            return super().history_view(request, object_id, extra_context)
        return history.history_view(self, request, id_)

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """To its history, where it can be made anew, when it was here."""
        to_the_list = super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        id_ = parsed(unquote(object_id))
        if id_ is None or not versions_of(id_, most=1):
            return to_the_list
        name = f"admin:{opts.app_label}_{opts.model_name}_history"
        return HttpResponseRedirect(reverse(name, args=[id_]))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        if "from" in request.GET:
            return history.initial(self, request)
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        return initial

    def meanwhile(self, form: ActionForm) -> Meanwhile | None:
        """What others saved while somebody typed; None when nobody did or nobody knows."""
        return meanwhile.found(form)

    def changed_since(self, id_: UUID, *, seen: int) -> str:
        return history.told_since(self, id_, seen=seen)

    def where_used_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, str(object_id))
        if row is None:
            raise Http404
        return where_used.where_used_view(self, request, row)

    def form_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the form of a row that is there shows around its fields; a service adds its own."""
        return {"where_used_url": "../where-used/"} if self.used_by else {}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Who saves a row that others deleted or published meanwhile is shown what he typed."""
        if request.method == "POST" and self.has_change_permission(request):
            row = self.get_object(request, unquote(object_id))
            if row is None or not self.has_change_permission(request, row):
                return kept.page(self, request, row)
        return super().change_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **kwargs: Any
    ) -> Any:
        around = self.form_context(request, obj) if obj is not None else {}
        return super().render_change_form(request, {**context, **around}, *args, obj=obj, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is not there yet has no id, no version and no times to show."""
        hidden = () if obj is not None else super().get_readonly_fields(request, obj)
        may_write = obj is None or self.has_change_permission(request, obj)
        found = []
        for title, options in super().get_fieldsets(request, obj):
            fields = [name for name in options["fields"] if name not in hidden]
            if fields:
                named = fields if may_write else [self._looked_at.get(name, name) for name in fields]
                found.append((title, {**options, "fields": named}))
        if obj is not None and may_write:
            found[-1][1]["fields"].append("version_seen")
        return found

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), *self._looked_at.values()]

    @cached_property
    def _looked_at(self) -> dict[str, Callable[[Any], Any]]:
        """For who may only look: the form's own fields by name, as callables that show their value of a row."""
        return {
            name: _display(name, field)
            for name, field in self.form.declared_fields.items()
            if hasattr(field, "shown")
        }

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"request": request, "model_admin": self})

    def fields_of(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """REST fields from the form's data; a service overrides it where the two differ."""
        return cleaned

    def checked_fields(self, cleaned: dict[str, Any], *, partial: bool = False) -> dict[str, Any]:
        """The action's fields; ``partial`` are those that are given, and empty is a value of theirs.

        Raises ``ValidationFailed`` for wrong shapes (a JSON field takes any JSON).
        """
        given = self.fields_of(cleaned)
        if not partial:
            given = {name: value for name, value in given.items() if value is not None}
        return shaped(self.write_serializer_class, given, partial=partial)

    def changed_fields(self, form: ActionForm) -> dict[str, Any]:
        """The action's fields of a row that is there: what differs from what its form showed, and nothing else, so that
        a value that the form cannot show as it is stays as it is. Raises ``ValidationFailed``."""
        typed = form.touched()
        given = self.fields_of(typed)
        for name, field in form.fields.items():
            if isinstance(field, RowsField) and name in given:
                came = field.as_they_came(typed[name], form[name].initial)
                given[name] = [{**row, **cells} for row, cells in zip(given[name], came, strict=True)]
        return shaped(self.write_serializer_class, given, partial=True)

    def act(self, request: HttpRequest, form: ActionForm) -> Any:
        """Create or update by the action, as the signed-in person."""
        actor = request.user.actor  # type: ignore[union-attr]
        if form.instance._state.adding:
            fields = self.checked_fields(form.typed())
            return type(self).create_action(actor=actor, fields=fields)
        return type(self).update_action(
            actor=actor,
            id=form.instance.pk,
            fields=self.changed_fields(form),
            expected_version=form.cleaned_data.get("version_seen"),
        )

    def change_row(self, actor: Actor, id_: UUID, given: Mapping[str, Any], *, seen: int) -> Any:
        fields = self.checked_fields(dict(given), partial=True)
        return type(self).update_action(actor=actor, id=id_, fields=fields, expected_version=seen)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing is left to do: validating the form ran the action."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """As the page that asked showed it."""
        self.delete_row(request, obj, self._seen(request, obj))

    def delete_row(self, request: HttpRequest, row: Any, seen: int) -> None:
        actor = request.user.actor  # type: ignore[union-attr]
        type(self).delete_action(actor=actor, id=row.pk, expected_version=seen)

    def deletable(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Of all that match those that can be deleted at all, as far as their row says."""
        return rows

    def check_deletable(self, row: Any) -> None:
        """Raises ``SuiteError`` when a row cannot be deleted as it is, whoever uses it, as its delete action would."""

    def _seen(self, request: HttpRequest, row: Any) -> int:
        shown: int = versions(request.POST.getlist(SEEN)).get(row.pk, row.version)
        return shown

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        if "delete_selected" in actions:
            actions["delete_selected"] = (deleting.delete_selected, *actions["delete_selected"][1:])
        return actions

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """It is asked first, with where the row is used; a refused deletion goes back to the list and says why."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return super().delete_view(request, object_id, extra_context)
        if request.method != "POST" and self.has_delete_permission(request, row):
            shown = deleting.before(self, request, [row])
            return super().delete_view(request, object_id, {**shown, **(extra_context or {})})
        try:
            return super().delete_view(request, object_id, extra_context)
        except SuiteError as error:
            told = self.why(request, error, row.pk, seen=self._seen(request, row))
            self.message_user(request, told, messages.ERROR)
            return self.response_post_save_change(request, row)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        return super().response_delete(request, isolated(obj_display), obj_id)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Other services' rows are not visible here: the action asks them."""
        return [str(obj) for obj in objs], {self.model._meta.verbose_name: len(objs)}, set(), []
