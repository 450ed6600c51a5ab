from django.urls import path, re_path

from apps.core.correlation import PATTERN
from catalog_services.identity.ops.views import flow_page, story_page

urlpatterns = [
    path("ops/", flow_page, name="ops-flow"),
    re_path(rf"^ops/c/(?P<correlation_id>{PATTERN})$", story_page, name="ops-story"),
]
