"""The pages of a user's history, and the form when two admins use it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from apps.core import correlation
from apps.core.ids import uuid7
from apps.outbox import history
from catalog_services.identity.actions.user_delete import user_delete
from catalog_services.identity.models import User
from tests.services.identity.history.users import MONA, URL, Screens, by_form, changed, history_page, made
from tests.support.admin import as_shown, meanwhile

pytestmark = pytest.mark.django_db


def test_the_page_has_every_version_and_puts_two_side_by_side(admin: Client) -> None:
    anna = made()
    changed(anna, email="b@example.com")
    changed(anna, roles=["viewer", "manager"], email="c@example.com", is_active=False)
    page = history_page(admin, anna, a="1", b="3")
    assert re.search(r"Email:</span> <del[^>]*>b@example.com</del> → <span>c@example.com<", page)
    assert re.search(r"Roles:</span> <del[^>]*>viewer</del> → <span>manager, viewer<", page)
    assert re.search(r"Is active:</span> <del[^>]*>yes</del> → <span>no<", page)
    compared = page.split('id="comparison"')[1].split("</table>")[0]
    assert "anna@example.com" in compared
    assert "c@example.com" in compared
    assert "b@example.com" not in compared
    assert page.count(">mona<") == 3


def test_a_deleted_users_history_is_still_seen(admin: Client) -> None:
    anna = made()
    user_delete(actor=MONA, id=anna.pk)
    page = history_page(admin, anna)
    assert "Deleted" in page
    assert not User.objects.filter(pk=anna.pk).exists()
    assert f"<bdi>{anna.username}</bdi>" in admin.get(f"{URL}deleted/").content.decode()


def test_a_new_user_begins_as_any_version_was_and_without_a_password(admin: Client) -> None:
    anna = made(external_id="hr-7")
    changed(anna, email="b@example.com", roles=["manager"])
    page = admin.get(f"{URL}add/", {"from": str(anna.pk), "version": "1"})
    begun = as_shown(page)
    assert (begun["email"], begun["roles"]) == (["anna@example.com"], ["viewer"])
    assert (begun["password"], begun["external_id"]) == ([""], [""])


@pytest.mark.parametrize("role", ["viewer", "manager"])
def test_only_admins_see_any_of_it(screens: Screens, role: str) -> None:
    anna, gone = made(), made(username="gone")
    user_delete(actor=MONA, id=gone.pk)
    browser = screens(role)
    asked = [
        f"{URL}{anna.pk}/history/",
        f"{URL}{anna.pk}/history/?a=1&b=1",
        f"{URL}{gone.pk}/history/",
        f"{URL}{uuid7()}/history/",
        f"{URL}add/?from={anna.pk}&version=1",
        f"{URL}{anna.pk}/change/",
        f"{URL}deleted/",
    ]
    assert [browser.get(path).status_code for path in asked] == [403] * len(asked)


def test_an_id_that_looks_like_an_imports_leads_to_the_glass_box(admin: Client) -> None:
    with correlation.bound(f"import-{uuid7()}") as click:
        anna = made()
    assert f'href="/ops/c/{click}"' in history_page(admin, anna)


def test_the_second_of_two_admins_is_shown_what_the_first_changed_and_both_are_kept(admin: Client) -> None:
    anna = made()
    url = f"{URL}{anna.pk}/change/"
    opened = as_shown(admin.get(url))
    changed(anna, email="b@example.com", password="another long phrase")
    typed = {**opened, "roles": ["viewer", "manager"], "password": "the second's long phrase"}
    told = admin.post(url, typed)
    page = told.content.decode()
    assert "mona changed this since you opened it." in page
    assert meanwhile(told) == ["email", "roles", "password_changed_at"]
    assert "the second&#x27;s" not in page
    assert "the second's" not in page
    assert "Type it once more" in page
    anna.refresh_from_db()
    assert (anna.version, anna.check_password("another long phrase")) == (2, True)
    assert admin.post(url, {**typed, "version_shown": "2"}).status_code == 302
    anna.refresh_from_db()
    assert (anna.email, anna.roles) == ("b@example.com", ["manager", "viewer"])
    assert anna.check_password("the second's long phrase")
    assert history.versions(anna.pk)[0].actor == "boss"


def test_who_types_no_password_keeps_the_one_that_somebody_else_set_meanwhile(admin: Client) -> None:
    anna = made()
    url = f"{URL}{anna.pk}/change/"
    opened = as_shown(admin.get(url))
    changed(anna, password="another long phrase")
    told = admin.post(url, {**opened, "email": "b@example.com"})
    assert meanwhile(told) == ["email", "password_changed_at"]
    assert "Type it once more" not in told.content.decode()
    assert admin.post(url, {**opened, "email": "b@example.com", "version_shown": "2"}).status_code == 302
    anna.refresh_from_db()
    assert (anna.email, anna.check_password("another long phrase")) == ("b@example.com", True)


def test_who_is_refused_for_something_else_is_told_to_type_the_password_again(admin: Client) -> None:
    anna = made()
    told = by_form(admin, anna, email="nowhere", password="another long phrase").content.decode()
    assert "Type it once more" in told
    assert "another long phrase" not in told
