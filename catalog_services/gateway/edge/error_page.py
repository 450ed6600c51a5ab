"""What a person reads when something went wrong before a service could answer, in the language of the admin."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.core import problems
from apps.core.errors import SuiteError
from apps.core.requests import RequestOfAsgi
from catalog_services.gateway.edge.asgi_types import Scope

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

KEPT = _("Go back: what you typed is still there.")
LOOK_FIRST = _("What you sent may have been done all the same: look before you send it again.")


class Page(NamedTuple):
    """Its ``title``, and what to do now."""

    title: _StrOrPromise
    advice: _StrOrPromise


PAGES = {
    405: Page(_("This cannot be done here"), ""),
    408: Page(_("What you sent did not arrive in time, so nothing was saved"), KEPT),
    413: Page(_("What you sent is too large, so nothing was saved"), KEPT),
    429: Page(_("Too many sign-in attempts from your address"), _("Wait a moment before the next one.")),
    502: Page(_("The service broke off without a whole answer"), LOOK_FIRST),
    503: Page(_("The service does not answer just now"), _("Come back in a moment.")),
    504: Page(_("The service did not answer in time"), LOOK_FIRST),
}
BROKEN = Page(_("Something went wrong here"), KEPT)
RELOAD = _("Leave this page open and reload it in a moment: your browser sends what you typed again.")
SIGNED_OUT = _(
    "You are signed out in this browser. The session itself ends when it would have been renewed: identity, which "
    "could end it at once, does not answer."
)


def error_page(error: SuiteError, scope: Scope, *, signs_out: bool) -> str:
    """HTML; the ``detail``, which names the service, is as it is logged."""
    page = PAGES.get(error.status, BROKEN)
    advice = page.advice
    if signs_out:
        advice = SIGNED_OUT
    elif error.status == 503 and scope["method"] == "POST":
        advice = RELOAD
    shown = {**problems.document(error, instance=scope["path"]), "title": page.title, "advice": advice}
    with translation.override(translation.get_language_from_request(RequestOfAsgi(scope, BytesIO()))):
        return render_to_string("gateway/error.html", shown)
