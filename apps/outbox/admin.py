"""Dead letters as an admin meets them: looked at, sent again, given up."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from apps.outbox.dead_letters import dead_letters, give_up, replay
from apps.outbox.models import DeadLetter
from config.services import SERVICES


class DeadLetterAdmin(ModelAdmin):
    """What ``manage.py <service> dead_letters`` does, with a list to choose from."""

    list_display = ("type", "subject", "subscriber", "attempts", "told_at", "reason")
    list_filter = ("subscriber",)
    search_fields = ("subject", "reason", "event__correlation_id", "event__type")
    actions = ("send_again", "give_up")
    fields = readonly_fields = (
        "type",
        "subject",
        "subscriber",
        "attempts",
        "told_at",
        "reason",
        "correlation_id",
        "envelope",
    )
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return DeadLetter.objects.filter(pk__in=dead_letters()).select_related("event")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its actions change it; there is nothing in it to edit."""
        return obj is None and super().has_change_permission(request)

    @admin.display(description=_("Event"), ordering="event__type")
    def type(self, row: DeadLetter) -> str:
        return row.event.type

    @admin.display(description=_("Told at"), ordering="event__created_at")
    def told_at(self, row: DeadLetter) -> Any:
        return row.event.created_at

    @admin.display(description=_("Correlation id"))
    def correlation_id(self, row: DeadLetter) -> str:
        return row.event.correlation_id

    @admin.display(description=_("What was sent"))
    def envelope(self, row: DeadLetter) -> str:
        text = json.dumps(row.event.envelope, indent=2, ensure_ascii=False)
        return format_html('<pre class="suite-json">{}</pre>', text)

    @admin.action(description=_("Send again"), permissions=["change"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        count = replay(_chosen(queryset))
        told = ngettext(
            "%(count)d dead letter is sent again.", "%(count)d dead letters are sent again.", count
        )
        self.message_user(request, told % {"count": count}, messages.SUCCESS)

    @admin.action(description=_("Give up: the subscriber never gets it"), permissions=["change"])
    def give_up(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        count = give_up(_chosen(queryset))
        told = ngettext("%(count)d dead letter is given up.", "%(count)d dead letters are given up.", count)
        self.message_user(request, told % {"count": count}, messages.SUCCESS)


if SERVICES[settings.SERVICE_NAME].relay:  # where nothing is sent, nothing is refused
    admin.site.register(DeadLetter, DeadLetterAdmin)


def _chosen(queryset: QuerySet[Any]) -> QuerySet[Any]:
    return dead_letters().filter(pk__in=queryset.values("pk"))
