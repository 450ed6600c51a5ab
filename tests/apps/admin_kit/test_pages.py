"""The pages that say why there is no other."""

from __future__ import annotations

import pytest
from django.contrib import admin

from tests.services.characteristic.test_admin import FORM, URL

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("setting", "most"), [("DATA_UPLOAD_MAX_NUMBER_FIELDS", 3), ("DATA_UPLOAD_MAX_MEMORY_SIZE", 10)]
)
def test_a_form_that_is_too_large_is_told_so_on_a_page_that_says_what_to_do(browser, settings, setting, most):
    setattr(settings, setting, most)
    client = browser("manager")
    for language, said in (("en", "nothing was saved"), ("de", "nichts wurde gespeichert")):
        answer = client.post(f"{URL}/add/", FORM, headers={"Accept-Language": language})
        page = answer.content.decode()
        assert answer.status_code == 400
        assert said in page
        assert f'<html lang="{language}">' in page
        assert 'href="/admin/"' in page


def test_who_is_not_allowed_is_told_who_he_is_in_his_language(browser):
    client = browser("viewer")
    for language, said in (("en", "viewer"), ("de", "Lesezugriff")):
        answer = client.get(f"{URL}/add/", headers={"Accept-Language": language})
        assert answer.status_code == 403
        assert f"({said})" in answer.content.decode()


@pytest.mark.parametrize(
    "page", ["password_change/", "password_change/done/", "auth/group/", "auth/group/add/"]
)
def test_what_the_stock_admin_writes_past_the_actions_has_no_page(browser, page):
    client = browser("admin")
    url = f"/admin/characteristic/{page}"
    assert client.get(url).status_code == 404
    assert client.post(url, {"name": "x", "old_password": "x"}).status_code == 404


def test_every_form_is_one_of_ours():
    forms = {type(form).__module__ for form in admin.site._registry.values()}
    assert {name.partition(".")[0] for name in forms} == {"apps", "catalog_services"}
