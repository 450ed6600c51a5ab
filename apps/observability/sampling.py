"""Which spans may start a trace: requests and what we name; nothing that merely polls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import override

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes

_ROOT = otel_context.create_key("catalog-root")


def as_root(context: Context) -> Context:
    """``context`` for a span that may start a trace though it is no request."""
    return otel_context.set_value(_ROOT, True, context)


class OnlyWorkStartsATrace(Sampler):
    """Lets the configured sampler decide, but drops a database, broker or HTTP call that belongs to no trace.

    So the relay's polls, LISTEN, the engine's long polls, heartbeats and health probes leave no
    spans, without a list of them anywhere.
    """

    def __init__(self, inner: Sampler) -> None:
        self._inner = inner

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
        has_parent = trace.get_current_span(parent_context).get_span_context().is_valid
        if has_parent or kind is SpanKind.SERVER or otel_context.get_value(_ROOT, parent_context):
            return self._inner.should_sample(
                parent_context, trace_id, name, kind, attributes, links, trace_state
            )
        return SamplingResult(Decision.DROP)

    def get_description(self) -> str:
        return f"OnlyWorkStartsATrace({self._inner.get_description()})"
