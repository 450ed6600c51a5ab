"""Imports and exports of prices as a browser goes through them."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.core.errors import ValidationFailed
from apps.exchange import jobs
from apps.exchange.models import Job, State
from catalog_services.pricing.actions.price_update import price_update
from catalog_services.pricing.domain.price import PERIODS, PRICE_TYPES
from catalog_services.pricing.models import Price
from tests.services.pricing.factories import PriceFactory
from tests.support.exchange import (
    ANNA,
    imported,
    outcomes,
    previewed,
    undone,
    worked,
)

pytestmark = pytest.mark.django_db
PRICE = "pricing.price"
URL = "/admin/pricing/pricing/price"
JOB = "/admin/pricing/exchange/job"
FEE = {"name": "Fee", "value": "39.90", "currency": "EUR", "unit": "per month"}


def test_the_history_links_to_the_import(browser):
    job = imported(previewed(PRICE, [FEE]))
    page = browser("viewer").get(f"{URL}/{Price.objects.get().pk}/history/").content.decode()
    assert f"{JOB}/{job.pk}/change/" in page


def test_each_list_leads_to_its_imports_and_exports(browser):
    page = browser("viewer")
    previewed(PRICE, [FEE])
    assert page.get(f"{URL}/jobs/").url == f"{JOB}/?model={PRICE}"
    assert "rows.json" in page.get(f"{JOB}/?model={PRICE}").content.decode()


def test_an_empty_list_says_where_the_other_imports_are_and_whether_it_was_searched(browser):
    page = browser("viewer")
    elsewhere, searched = "lead to the others", "No row matches"
    for query, said, unsaid in (
        ("", elsewhere, searched),
        ("?q=x", searched, elsewhere),
        ("?kind__exact=import", searched, elsewhere),
    ):
        shown = page.get(f"{JOB}/{query}").content.decode()
        assert said in shown
        assert unsaid not in shown
        assert ("Reset filters" in shown) is (said == searched)
    german = page.get(f"{JOB}/", headers={"Accept-Language": "de"}).content.decode()
    assert "führen zu den anderen" in german


def test_a_file_over_the_limit_or_of_another_kind_is_refused_at_once(browser, settings):
    page = browser("manager")
    settings.EXCHANGE_MAX_BYTES = 10
    large = page.post(f"{URL}/import/", {"file": SimpleUploadedFile("a.csv", b"x" * 11)})
    assert "MiB at most: split it." in large.content.decode()
    other = page.post(f"{URL}/import/", {"file": SimpleUploadedFile("a.pdf", b"x")})
    assert (large.status_code, other.status_code) == (200, 200)  # the form again
    assert "The name must end in .csv, .xlsx or .json." in other.content.decode()
    assert not Job.objects.exists()
    with pytest.raises(ValidationFailed, match="The file is empty"):
        jobs.start_import(actor=ANNA, model=PRICE, file_name="a.csv", pieces=[])


def test_from_the_form_to_the_undo_as_a_browser_goes(browser, unused):
    page = browser("manager")
    content = b"name,value,currency,unit\nFee,39.90,EUR,per month\nDear,-1,EUR,\n"
    assert "One row" not in page.get(f"{URL}/import/").content.decode()
    sent = page.post(f"{URL}/import/", {"file": SimpleUploadedFile("prices.csv", content)})
    job = Job.objects.get()
    assert sent.url == f"{JOB}/{job.pk}/change/"
    panel = f"{JOB}/{job.pk}/panel/?state=reading"
    assert page.get(panel).status_code == 200
    worked(job)
    assert page.get(panel)["HX-Refresh"] == "true"
    shown = page.get(sent.url).content.decode()
    assert "Must be greater than 0." in shown
    refused = page.post(f"{JOB}/{job.pk}/do/", {"do": "import"})
    assert refused.status_code == 302
    assert "1 rows are refused" in page.get(refused.url).content.decode()
    page.post(f"{JOB}/{job.pk}/do/", {"do": "import", "only_fine": "on"})
    worked(job)
    assert "Undo the import" in page.get(sent.url).content.decode()
    page.post(f"{JOB}/{job.pk}/do/", {"do": "undo"})
    assert worked(job).state == State.UNDONE
    assert page.get(f"{JOB}/{job.pk}/panel/?state=undone").status_code == 286
    assert page.get(f"{JOB}/").status_code == 200
    assert page.get(f"{JOB}/7/change/").status_code == 404
    assert not Price.objects.exists()


def test_what_is_in_a_file_is_shown_as_text_and_never_as_a_page(browser):
    hostile = '<img src=x onerror="alert(1)">'
    PriceFactory(name=f"Old {hostile}")
    rows = [
        {**FEE, "name": f"New {hostile}"},
        {"name": f"Old {hostile}", "unit": hostile},
        {**FEE, "name": hostile, "value": hostile, "currency": hostile},
    ]
    job = previewed(PRICE, rows, f"{hostile}.json")
    assert outcomes(job) == ["create", "update", "refused"]
    page = browser("manager")
    for url in (
        f"{JOB}/{job.pk}/change/",
        f"{JOB}/{job.pk}/panel/",
        f"{JOB}/",
        f"{URL}/",
        f"{URL}/?q=%3Cimg",
    ):
        shown = page.get(url).content.decode()
        assert "<img src=x" not in shown, url
    assert "&lt;img src=x onerror=" in page.get(f"{JOB}/{job.pk}/change/").content.decode()
    assert "&lt;img src=x onerror=" in page.get(f"{URL}/").content.decode()


def test_a_viewer_exports_and_imports_nothing(browser):
    PriceFactory()
    job = previewed(PRICE, [FEE])
    page = browser("viewer")
    listed = page.get(f"{URL}/?currency__exact=EUR").content.decode()
    assert f"{URL}/export/?currency__exact=EUR" in listed
    assert f"{URL}/import/" not in listed
    assert page.get(f"{URL}/import/").status_code == 403
    assert page.post(f"{URL}/import/", {"file": SimpleUploadedFile("a.csv", b"x")}).status_code == 403
    for verb in ("import", "undo", "stop", "delete"):
        assert page.post(f"{JOB}/{job.pk}/do/", {"do": verb}).status_code == 403
    assert "Import</button>" not in page.get(f"{JOB}/{job.pk}/change/").content.decode()
    sent = page.post(f"{URL}/export/?currency__exact=EUR", {"format": "csv"})
    export = Job.objects.get(kind="export")
    assert sent.url == f"{JOB}/{export.pk}/change/"
    assert page.get(f"{JOB}/{export.pk}/file/").status_code == 404
    worked(export)
    answer = page.get(f"{JOB}/{export.pk}/file/")
    assert b"".join(answer).startswith(b"\xef\xbb\xbfid,version,external_id,name")
    assert answer["Content-Disposition"].startswith('attachment; filename="prices-')


def test_the_chosen_rows_of_a_list_are_exported(browser):
    row, page = PriceFactory(), browser("viewer")
    chosen = {"action": "export_chosen", "_selected_action": [str(row.pk)]}
    assert page.post(f"{URL}/", chosen).url == f"export/?chosen={row.pk}"
    across = page.post(f"{URL}/?q=fibre", {**chosen, "select_across": "1"})
    assert across.url == "export/?q=fibre"
    assert "1 row will be exported" in page.get(f"{URL}/export/?chosen={row.pk}").content.decode()


def test_an_empty_file_with_all_columns_can_be_had(browser):
    answer = b"".join(browser("manager").get(f"{URL}/import/?template"))
    assert answer.decode("utf-8-sig").startswith("id,version,external_id,name,value,currency")


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("column", "allowed"), [("recurring_period", PERIODS), ("price_type", PRICE_TYPES)])
def test_a_column_is_told_with_all_that_may_stand_in_it(browser, language, column, allowed):
    page = browser("manager").get(f"{URL}/import/", HTTP_ACCEPT_LANGUAGE=language).content.decode()
    told = page.partition(f">{column}</code>")[2].partition("</dd>")[0]
    assert set(re.findall(r"\w+", told)) >= set(allowed)


def test_the_refused_rows_are_downloaded_corrected_and_imported(browser):
    job = previewed(PRICE, b"name,value,currency\nFee,-1,EUR\nFine,1,EUR\n", "a.csv")
    content = b"".join(browser("manager").get(f"{JOB}/{job.pk}/errors/")).decode("utf-8-sig")
    assert content == "row,errors,name,value,currency\r\n2,value: Must be greater than 0.,Fee,'-1,EUR\r\n"
    again = previewed(PRICE, content.replace("'-1", "1").encode(), "errors.csv")
    assert outcomes(again) == ["create"]


def test_the_refused_rows_of_a_json_file_come_back_with_the_names_that_each_had(browser):
    PriceFactory(name="Fibre", tax_rate=Decimal(19), external_id="crm-1")
    rows = [
        {**FEE, "value": -0.00001, "tax_rate": 10**30},
        {"name": "Fibre", "value": {"amount": "41"}},
        {**FEE, "name": "Fine"},
    ]
    job = previewed(PRICE, rows)
    answer = browser("manager").get(f"{JOB}/{job.pk}/errors/")
    content = json.loads(b"".join(answer))
    assert f'filename="errors-{job.pk}.json"' in answer["Content-Disposition"]
    assert [
        {name: said for name, said in one.items() if name not in {"row", "errors"}} for one in content
    ] == rows[:2]
    assert content[1]["errors"] == "value: Must be one value, not a list or an object."
    content[0] |= {"value": 1, "tax_rate": None}
    again = imported(previewed(PRICE, [content[0], {**content[1], "value": "41"}]))
    assert outcomes(again) == ["create", "update"]
    kept = Price.objects.get(name="Fibre")
    assert (kept.value, kept.tax_rate, kept.external_id) == (41, 19, "crm-1")


def test_a_page_shows_all_rows_or_those_of_one_outcome(browser):
    job = previewed(PRICE, [FEE, {**FEE, "name": "Dear", "value": "-1"}, {**FEE, "name": "Fine"}])
    page = browser("manager")

    def named(query: str) -> set[str]:
        shown = page.get(f"{JOB}/{job.pk}/change/{query}").content.decode()
        return {name for name in ("Fee", "Dear", "Fine") if f">{name}<" in shown}

    assert named("") == {"Fee", "Dear", "Fine"}
    assert named("?outcome=refused") == {"Dear"}
    assert named("?outcome=none-of-these") == {"Fee", "Dear", "Fine"}
    assert page.get(f"{JOB}/{job.pk}/do/").status_code == 405
    assert page.post(f"{JOB}/{job.pk}/do/", {"do": "burn"}).status_code == 403


def test_what_an_undo_left_is_shown_and_downloaded_with_why(browser, unused):
    touched = PriceFactory(name="Touched")
    job = imported(previewed(PRICE, [FEE, {"name": "Touched", "value": "41"}]))
    price_update(actor=ANNA, id=touched.pk, fields={"unit": "each month"})
    undone(job)
    page = browser("manager")
    shown = page.get(f"{JOB}/{job.pk}/change/?outcome=left").content.decode()
    assert ">Touched<" in shown
    assert ">Fee<" not in shown
    assert json.loads(b"".join(page.get(f"{JOB}/{job.pk}/errors/"))) == [
        {"row": 2, "errors": "Somebody changed it after the import.", "name": "Touched", "value": "41"}
    ]


def test_an_export_is_stopped_by_who_began_it_and_nobody_else(browser):
    PriceFactory()
    job = jobs.start_export(actor=ANNA, model=PRICE, name="rows", format="csv")
    assert browser("manager", username="ben").post(f"{JOB}/{job.pk}/do/", {"do": "stop"}).status_code == 403
    assert browser("viewer").post(f"{JOB}/{job.pk}/do/", {"do": "undo"}).status_code == 403
    browser("viewer").post(f"{JOB}/{job.pk}/do/", {"do": "stop"})
    job.refresh_from_db()
    assert job.state == State.DISCARDED


def test_a_file_that_could_not_be_read_can_be_had_back(browser):
    job = previewed(PRICE, b"nonsense\n", "a.csv")
    assert job.state == State.FAILED
    answer = browser("manager").get(f"{JOB}/{job.pk}/file/")
    assert b"".join(answer) == b"nonsense\n"
