"""What tracing costs: the store's details with one trace in ten kept however many there are, and as it is without a
setting, beside the same process that traces nothing.

Needs MongoDB and Elasticsearch only. The spans go to a service that takes them, not to Zipkin, which is not measured,
and which tells whether it was one in ten.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from statistics import median

from apps.runtime import services
from tests.benchmarks.load import get, load, serving
from tests.benchmarks.measure import Figure, ratio, until
from tests.benchmarks.reads import API, STORE, scratch_catalog, store_variables
from tests.benchmarks.span_sink import traces
from tests.support.ports import free_port

OFFERINGS, ROUNDS, CLIENTS, TOGETHER = 1_000, 9, 8, 500
PROBE = get("/")
SENT_SECONDS = 20.0
SETTINGS = {
    "untraced": {"OTEL_SDK_DISABLED": "true"},
    "traced": {
        "OTEL_SDK_DISABLED": "false",
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": "0.1",
        # More than ever begin: it is the sampler's tenth that is measured.
        "TRACES_PER_SECOND": "100000",
    },
    "as it comes": {"OTEL_SDK_DISABLED": "false"},
}


def figures() -> list[Figure]:
    """Answers per second, taking turns so that what else the machine does hits both alike."""
    with ExitStack() as stack:
        environment, catalog = stack.enter_context(scratch_catalog(OFFERINGS))
        requests = [get(f"{API}/offerings/{id}") for id in catalog["ids"]]
        sinks, ports = {}, {}
        for name, more in SETTINGS.items():
            sinks[name] = stack.enter_context(_sink())
            ports[name] = free_port()
            variables = {**store_variables(environment), "ZIPKIN_URL": f"http://127.0.0.1:{sinks[name]}"}
            server = services.gunicorn(STORE, ports[name])
            stack.enter_context(serving(server, ports[name], get("/health/ready"), **{**variables, **more}))
        rates: dict[str, list[float]] = {name: [] for name in ports}
        for _ in range(ROUNDS):
            for name, at in ports.items():
                rates[name].append(load(at, requests, clients=CLIENTS, count=TOGETHER)[0])
        asked = ROUNDS * TOGETHER
        until(lambda: traces(sinks["traced"]) >= 0.08 * asked, seconds=SENT_SECONDS, pause=1)
        assert traces(sinks["traced"]) <= 0.12 * asked, "more than one trace in ten"
    rate = {name: median(found) for name, found in rates.items()}
    name = "answers/s of untraced"
    return [
        ratio(f"store detail, one trace in ten: {name}", rate["traced"], rate["untraced"], 0.95),
        ratio(f"store detail, traced as it comes: {name}", rate["as it comes"], rate["untraced"], 0.95),
    ]


def _sink() -> AbstractContextManager[int]:
    server = ("uvicorn", "tests.benchmarks.span_sink:application", f"--port={(port := free_port())}")
    return serving(server, port, PROBE)
