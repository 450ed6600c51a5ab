"""The pages that say why there is no other."""

from __future__ import annotations

import pytest

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
