from django.urls import path
from rest_framework.routers import SimpleRouter

from catalog_services.identity.api import auth, keys
from catalog_services.identity.api.users import UserViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("users", UserViewSet, basename="user")
urlpatterns = [
    path("auth/login", auth.LoginView.as_view()),
    path("auth/refresh", auth.RefreshView.as_view()),
    path("auth/logout", auth.LogoutView.as_view()),
    path("auth/token", auth.TokenView.as_view()),
    path("auth/me", auth.MeView.as_view()),
    path("auth/public-key", keys.PublicKeyView.as_view()),
    *router.urls,
]
