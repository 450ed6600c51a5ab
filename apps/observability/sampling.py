"""Which spans may start a trace: requests and what we name, nothing that merely polls, and not without end."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import override

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes

_ROOT = otel_context.create_key("catalog-root")
_CLAIMED = otel_context.create_key("catalog-claimed")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
"""The HTTP methods of requests that change nothing."""
_DROP = SamplingResult(Decision.DROP)


def as_root(context: Context) -> Context:
    """``context`` for a span that may start a trace though it is no request."""
    return otel_context.set_value(_ROOT, True, context)


def as_claimed(context: Context) -> Context:
    """``context`` for a span whose parent is what a stranger says: that counts like a trace of our own."""
    return otel_context.set_value(_CLAIMED, True, context)


class OnlyWorkStartsATrace(Sampler):
    """Lets the configured sampler decide, but drops a database, broker or HTTP call that belongs to no trace.

    So the relay's polls, LISTEN, the engine's long polls, heartbeats and health probes leave no
    spans, without a list of them anywhere. Of the traces that it chooses at most ``per_second`` begin in a process,
    and a fifth as many that only read: a flood of requests costs no more for being traced, does not drown the
    collector, and leaves room for what changes something. A trace that began elsewhere always goes on, unless it
    is only claimed: then it is one of those that begin.
    """

    def __init__(self, inner: Sampler, *, per_second: int) -> None:
        self._inner = inner
        self._per_second = per_second
        self._second = 0
        self._begun = 0

    @override
    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        root = not trace.get_current_span(parent_context).get_span_context().is_valid
        if root and kind is not SpanKind.SERVER and not otel_context.get_value(_ROOT, parent_context):
            return _DROP
        wanted = self._inner.should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )
        begins = root or otel_context.get_value(_CLAIMED, parent_context)
        if begins and wanted.decision is Decision.RECORD_AND_SAMPLE:
            return wanted if self._may_begin(name.partition(" ")[0] in _READS) else _DROP
        return wanted

    def get_description(self) -> str:
        return f"OnlyWorkStartsATrace({self._inner.get_description()}, {self._per_second}/s)"

    def _may_begin(self, reading: bool) -> bool:
        # Threads may let one or two more through: the figure is a brake, not a law.
        second = int(monotonic())
        if second != self._second:
            self._second, self._begun = second, 0
        if self._begun >= self._most(reading):
            return False
        self._begun += 1
        return True

    def _most(self, reading: bool) -> int:
        return -(-self._per_second // 5) if reading else self._per_second
