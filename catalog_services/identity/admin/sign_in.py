"""The one sign-in page of the suite. Its cookies count under /admin and /ops only, at every service."""

from __future__ import annotations

from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from apps.access import admin as access
from apps.access import cookies
from apps.access.roles import is_person
from apps.access.verify import verify
from apps.admin_kit.wording import said
from apps.core.errors import SuiteError, Unauthenticated
from apps.core.messages import Message
from catalog_services.identity.actions import refresh as sessions
from catalog_services.identity.actions.sign_in import sign_in
from catalog_services.identity.api.address import client_address
from catalog_services.identity.tokens import TokenPair

HOME = "/admin/"


class SignInForm(forms.Form):
    username = forms.CharField(
        label=gettext_lazy("Username"),
        max_length=150,
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True, "autocomplete": "username"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=1024,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password"}),
    )


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; who still has a good refresh cookie is signed in without being asked."""
    after = destination(request)
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            made = sign_in(**form.cleaned_data, address=client_address(request))
            if not is_person(verify(made.access_token).roles):
                raise Unauthenticated(Message("This user has no role yet: ask an admin."))
            return signed_in(request, made, after)
        except SuiteError as error:
            form.add_error(None, said(error.detail))
            status = error.status
    elif request.method != "POST" and not request.user.is_authenticated and (again := renewed(request)):
        return signed_in(request, again, after)
    context = {
        **admin.site.each_context(request),
        "form": form,
        "next": after,
        "app_path": request.path,
        "redirect_to": f"{request.path}?{urlencode({'next': after})}",  # once another language is chosen
        "title": _("Sign in"),
        "signed_in_as": request.user.get_username() if request.user.is_authenticated else "",
        "user": None,
    }
    return render(request, "identity/sign_in.html", context, status=status)


@never_cache
@require_POST
def sign_out_page(request: HttpRequest) -> HttpResponse:
    return access.sign_out(request, revoke=lambda token: sessions.sign_out(token=token))


def destination(request: HttpRequest) -> str:
    """Where to go afterwards: a page of the admin on this host, whatever ``next`` says."""
    wanted = request.POST.get("next") or request.GET.get("next") or HOME
    is_ours = wanted.startswith((HOME, "/ops/")) and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None
    )
    return wanted if is_ours and not wanted.startswith(access.SIGN_IN) else HOME


def renewed(request: HttpRequest) -> TokenPair | None:
    """The next pair for a good refresh cookie, for who comes here without passing the gateway."""
    token = request.COOKIES.get(settings.ACCESS_REFRESH_COOKIE)
    try:
        made = sessions.refresh(token=token) if token else None
        return made if made and is_person(verify(made.access_token).roles) else None
    except Unauthenticated:
        return None


def signed_in(request: HttpRequest, made: TokenPair, after: str) -> HttpResponse:
    rotate_token(request)
    response = HttpResponseRedirect(after)
    response.cookies.update(cookies.pair(made.access_token, made.refresh_token))
    return response
