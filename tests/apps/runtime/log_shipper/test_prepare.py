"""Where another one sends the lines (Logstash), their template is there before the first of them."""

from __future__ import annotations

import pytest
import requests

from apps.runtime.log_shipper import data_stream, prepare, template
from tests.apps.runtime.log_shipper.conftest import ELASTICSEARCH


def test_whoever_adds_a_line_finds_the_template_there(marker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, pattern = f"logs-catalog{marker}-default", f"logs-catalog{marker}-*"
    monkeypatch.setattr(data_stream, "NAME", name)
    monkeypatch.setattr(data_stream, "PATTERN", pattern)
    monkeypatch.setattr(template, "PATTERN", pattern)
    prepare.main()
    line = {
        "@timestamp": "2024-01-02T03:04:05.678Z",
        "message": "request",
        "service.name": "pricing",
        "duration_ms": 3,
    }
    # As Logstash does: an id of its own, and nothing that makes an index.
    added = requests.put(f"{ELASTICSEARCH}/{name}/_create/one", json=line, timeout=30)
    assert added.status_code == 201, added.text
    (index,) = requests.get(f"{ELASTICSEARCH}/{name}/_mapping", timeout=30).json().values()
    assert index["mappings"]["properties"]["duration_ms"] == {"type": "float"}
