"""What every write service has below ``/api/v1/<service>/ops/``."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from apps.ops.views import CorrelationView, FlowView, InboxView


class AnythingConverter(StringConverter):
    """Slashes and line breaks, too: that it is no id is for the view to say."""

    regex = r"[\s\S]+"


register_converter(AnythingConverter, "anything")

urlpatterns = [
    path("correlation/<anything:correlation_id>", CorrelationView.as_view()),
    path("inbox", InboxView.as_view()),
    path("flow", FlowView.as_view()),
]
