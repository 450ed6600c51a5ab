"""The admin screens whose rows can be imported and exported, as a worker finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from apps.core.actor import Actor
from apps.core.errors import ValidationFailed
from apps.core.messages import Message

if TYPE_CHECKING:
    from apps.exchange.admin import ExchangeAdmin
    from apps.exchange.models import Job
    from apps.exchange.resource import ActionResource


def screen_of(label: str) -> ExchangeAdmin:
    """The screen of ``pricing.price``."""
    model = apps.get_model(label)
    if not admin.site.is_registered(model):  # in a worker, which has needed no screen until now
        admin.autodiscover()
    return cast("ExchangeAdmin", admin.site.get_model_admin(model))


def resource_of(job: Job) -> ActionResource:
    screen = screen_of(job.model)
    return screen.resource_class(screen)


def listed(screen: ExchangeAdmin, query: str, actor: Actor) -> QuerySet[Any]:
    """The rows that the screen's list shows to a person with this query string.

    Raises ``ValidationFailed`` for a filter that the list does not have.
    """
    options = screen.model._meta
    request = HttpRequest()
    request.method = "GET"
    request.path = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    request.GET = QueryDict(query)
    request.user = get_user_model()(id=actor.id, username=actor.username, roles=sorted(actor.roles))
    try:
        return screen.get_changelist_instance(request).queryset
    except IncorrectLookupParameters as error:
        raise ValidationFailed(Message("The list has no such filter.")) from error
