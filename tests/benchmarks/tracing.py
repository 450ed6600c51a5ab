"""What tracing costs: the store's answers with one trace in ten kept however many there are, and as it is without a
setting, beside the same process that traces nothing.

A detail is the shortest request of the suite, a search and a page of a list are others. Each turn is short and the
ratio is the median of the turns': what else the machine does changes within seconds, and by more than is measured.
Needs MongoDB and Elasticsearch only. The spans go to a service that takes them, not to Zipkin, which is not measured,
and which tells whether it was one in ten.
"""

from __future__ import annotations

import random
from contextlib import AbstractContextManager, ExitStack
from statistics import median

from apps.runtime import services
from tests.benchmarks.load import get, load, serving
from tests.benchmarks.measure import Figure, until
from tests.benchmarks.reads import STORE, asked, scratch_catalog, store_variables
from tests.benchmarks.span_sink import traces
from tests.support.ports import free_port

OFFERINGS, ROUNDS, CLIENTS, TOGETHER = 1_000, 40, 8, 60
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
    with ExitStack() as stack:
        environment, catalog = stack.enter_context(scratch_catalog(OFFERINGS))
        sinks, ports = {}, {}
        for name, more in SETTINGS.items():
            sinks[name] = stack.enter_context(_sink())
            ports[name] = free_port()
            variables = {**store_variables(environment), "ZIPKIN_URL": f"http://127.0.0.1:{sinks[name]}"}
            server = services.gunicorn(STORE, ports[name])
            stack.enter_context(serving(server, ports[name], get("/health/ready"), **{**variables, **more}))
        kinds = asked(catalog)
        found = [figure for name, requests in kinds.items() for figure in _figures(name, requests, ports)]
        whole = len(kinds) * ROUNDS * TOGETHER
        until(lambda: traces(sinks["traced"]) >= 0.08 * whole, seconds=SENT_SECONDS, pause=1)
        assert traces(sinks["traced"]) <= 0.12 * whole, "more than one trace in ten"
    return found


def _figures(name: str, requests: list[bytes], ports: dict[str, int]) -> list[Figure]:
    """Answers per second, taking turns so that what else the machine does hits all alike."""
    rates: dict[str, list[float]] = {setting: [] for setting in ports}
    for _ in range(ROUNDS):
        for setting in random.sample(list(ports), len(ports)):
            rates[setting].append(load(ports[setting], requests, clients=CLIENTS, count=TOGETHER)[0])
    print(f"  {name}, answers/s:", {setting: round(median(found)) for setting, found in rates.items()})

    def of_untraced(setting: str) -> float:
        return median(a / b for a, b in zip(rates[setting], rates["untraced"], strict=True))

    measured = {"traced": "one trace in ten", "as it comes": "traced as it comes"}
    return [
        Figure(
            f"store {name}, {said}: answers/s of untraced",
            of_untraced(setting),
            0.95,
            "of raw",
            at_least=True,
        )
        for setting, said in measured.items()
    ]


def _sink() -> AbstractContextManager[int]:
    server = ("uvicorn", "tests.benchmarks.span_sink:application", f"--port={(port := free_port())}")
    return serving(server, port, PROBE)
