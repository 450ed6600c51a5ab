"""Stock Django admin whose writes are the service's actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.serializers import BaseSerializer

from apps.admin_kit.forms import ActionForm
from apps.core.errors import SuiteError, ValidationFailed
from apps.rest.problems import flatten

Action = Callable[..., Any]


def act_on_each(
    model_admin: admin.ModelAdmin[Any],
    request: HttpRequest,
    rows: Iterable[Any],
    act: Callable[[Any], object],
) -> None:
    """A bulk action in which one row that is refused stops no other and says why."""
    for row in rows:
        try:
            act(row)
        except SuiteError as error:
            model_admin.message_user(request, f"{row}: {error.detail}", messages.ERROR)


class ActionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """``create_action``, ``update_action``, ``delete_action`` and ``write_serializer_class`` as in
    ``AggregateViewSet``: what is typed here passes the same checks as what an integrator sends."""

    form = ActionForm
    write_serializer_class: ClassVar[type[BaseSerializer[Any]]]
    create_action: ClassVar[Action]
    update_action: ClassVar[Action]
    delete_action: ClassVar[Action]
    readonly_fields: ClassVar[Any] = ("id", "version", "created_at", "updated_at")
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is not there yet has no id, no version and no times to show."""
        hidden = () if obj is not None else self.get_readonly_fields(request, obj)
        return [name for name in super().get_fields(request, obj) if name not in hidden]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"request": request, "model_admin": self})

    def fields_of(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """REST fields from the form's data; a service overrides it where the two differ."""
        return cleaned

    def checked_fields(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """The action's fields. Raises ``ValidationFailed`` for wrong shapes (a JSON field takes any JSON)."""
        given = {name: value for name, value in self.fields_of(cleaned).items() if value is not None}
        serializer = self.write_serializer_class(data=given)
        try:
            serializer.is_valid(raise_exception=True)
        except serializers.ValidationError as error:
            found = flatten(error.detail)
            raise ValidationFailed(str(found), errors=found) from error
        return dict(serializer.validated_data)

    def act(self, request: HttpRequest, form: ActionForm) -> Any:
        """Create or update by the action, as the signed-in person."""
        actor = request.user.actor  # type: ignore[union-attr]
        cleaned = dict(form.cleaned_data)
        seen = cleaned.pop("version_seen", None)
        fields = self.checked_fields(cleaned)
        if form.instance._state.adding:
            return type(self).create_action(actor=actor, fields=fields)
        return type(self).update_action(
            actor=actor, id=form.instance.pk, fields=fields, expected_version=seen
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing is left to do: validating the form ran the action."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        type(self).delete_action(actor=request.user.actor, id=obj.pk)  # type: ignore[union-attr]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """A refused deletion goes back to the form and says why."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except SuiteError as error:
            self.message_user(request, error.detail, messages.ERROR)
            return self.response_post_save_change(
                request, self.get_object(request, object_id) or self.model()
            )

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Other services' rows are not visible here: the action asks them."""
        return [str(obj) for obj in objs], {self.model._meta.verbose_name: len(objs)}, set(), []

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> Any:
        """A refused bulk action says why; what was done before it stays done."""
        try:
            return super().response_action(request, queryset, *args, **kwargs)
        except SuiteError as error:
            self.message_user(request, error.detail, messages.ERROR)
            return None
