from django.urls import path, re_path

from catalog_services.identity.ops.views import flow_page, story_page

urlpatterns = [
    path("ops/", flow_page, name="ops-flow"),
    re_path(r"^ops/c/(?P<correlation_id>[A-Za-z0-9._:-]{1,64})$", story_page, name="ops-story"),
]
