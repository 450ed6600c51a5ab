from django.urls import include, path

from catalog_services.identity.admin.sign_in import sign_in_page, sign_out_page
from catalog_services.identity.api.keys import JwksView
from catalog_services.identity.api.urls import urlpatterns as api

urlpatterns = [
    path("api/v1/", include(api)),
    path(".well-known/jwks.json", JwksView.as_view()),
    path("", include("apps.rest.urls")),
    path("", include("apps.core.health")),
    path("admin/login/", sign_in_page, name="sign-in"),
    path("admin/logout/", sign_out_page, name="sign-out"),
    path("", include("catalog_services.identity.ops.urls")),
    path("", include("apps.admin_kit.urls")),
]
