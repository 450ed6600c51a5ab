"""Logstash makes of the containers' lines what the log shipper makes of the files', in the same place."""

from __future__ import annotations

import re
from itertools import batched

import pytest

from apps.observability import redaction
from apps.runtime.log_shipper import template
from catalog_services.identity.ops import logs
from tests.apps.runtime.compose.conftest import INFRA, environment, is_ours
from tests.support.logstash import Plugin, parse

PIPELINE = parse((INFRA / "logstash" / "catalog.conf").read_text())


def plugins(section: str, name: str) -> list[Plugin]:
    return [one for one in PIPELINE if (one.section, one.name) == (section, name)]


def test_a_text_that_is_no_pipeline_is_not_taken_for_one() -> None:
    for wrong in (
        "filter { mutate { a => } }",
        "filter { mutate { a => 1 }",
        "filters { }",
        'input { x { a "b" } }',
    ):
        with pytest.raises(ValueError, match=r"line|expected|section"):
            parse(wrong)


def test_docker_sends_every_line_of_ours_to_where_logstash_listens_and_waits_for_nobody(compose) -> None:
    (listening,) = plugins("input", "tcp")
    assert listening.options["codec"] == Plugin("codec", "fluent")
    assert compose["logstash"]["ports"] == [
        f"127.0.0.1:{listening.options['port']}:{listening.options['port']}"
    ]
    for name, one in compose.items():
        if is_ours(one):
            options = one["logging"]["options"]
            assert options["fluentd-address"] == f"127.0.0.1:{listening.options['port']}", name
            assert options["fluentd-async"] == "true", name


def test_a_line_that_names_no_service_has_that_of_its_container(compose) -> None:
    label = compose["gateway"]["logging"]["options"]["labels"]
    renamed = {
        old: new for one in plugins("filter", "mutate") for old, new in one.options.get("rename", {}).items()
    }
    assert renamed[f"[{label}]"] == "[@metadata][service]"
    assert renamed["[@metadata][service]"] == "[service.name]"


def test_it_writes_where_the_template_is_and_the_glass_box_looks(compose) -> None:
    (written,) = plugins("output", "elasticsearch")
    assert written.options["index"] == template.NAME
    assert template.PATTERN == logs.INDEX
    # What a data stream takes, and nothing by which Logstash would put a template of its own over the suite's.
    assert (written.options["action"], written.options["data_stream"]) == ("create", "false")
    assert written.options["manage_template"] == written.options["ilm_enabled"] == "false"
    variables = set(re.findall(r"\$\{(\w+)\}", str(written.options)))
    assert variables <= environment(compose["logstash"]).keys()
    assert "log_shipper.prepare" in compose["setup"]["entrypoint"][-1]


def test_what_is_sent_twice_is_one_document() -> None:
    (made,) = plugins("filter", "fingerprint")
    (written,) = plugins("output", "elasticsearch")
    assert written.options["document_id"] == f"%{{{made.options['target']}}}"


def test_only_the_line_is_kept() -> None:
    """All that Docker adds goes, so that a document has the fields of a log line and no others."""
    first = plugins("filter", "mutate")[0]
    gone = {*first.options["remove_field"], *(name.strip("[]") for name in first.options["rename"])}
    assert gone >= {"container_id", "container_name", "source", "log", "tags", "@version"}
    (read,) = plugins("filter", "json")
    assert read.options["source"] == first.options["rename"]["[log]"]
    assert "target" not in read.options


def test_what_is_no_json_loses_what_looks_like_a_credential_as_in_the_log_shipper() -> None:
    (masking,) = [one for one in plugins("filter", "mutate") if "gsub" in one.options]
    assert masking.when == ("! [ @metadata ] [ parsed ]",)
    steps = [("message", pattern, redaction.REPLACEMENT) for _, pattern in redaction.LOOKS.values()]
    assert list(batched(masking.options["gsub"], 3)) == steps


@pytest.mark.parametrize("look", redaction.LOOKS)
def test_a_look_means_the_same_in_ruby(look: str) -> None:
    """There a plus behind a bounded repetition repeats that, and where a group has a name the others are not kept."""
    pattern = redaction.LOOKS[look].pattern
    assert not re.search(r"[}]\+|\(\?P|\(\?\(|\"", pattern)
    assert re.compile(pattern).groups == 1
