"""OpenAPI as the code behaves: problem documents, ETags, counts in headers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details",
    "required": ["type", "title", "status", "detail", "instance", "errors", "correlation_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "correlation_id": {"type": "string"},
    },
}
_REFUSALS = {"4XX": "Refused: the problem document says why.", "503": "A part this needs is not available."}
_OF_A_LIST = {
    "X-Total-Count": {"description": "How many there are in all.", "schema": {"type": "integer"}},
    "X-Result-Count": {"description": "How many are on this page.", "schema": {"type": "integer"}},
    "Link": {
        "description": "The neighbouring pages: `next`, `prev` (RFC 8288).",
        "schema": {"type": "string"},
    },
}
_OF_A_ROW = {
    "ETag": {"description": "Its version, for `If-Match` (RFC 9110).", "schema": {"type": "string"}},
}
_PREFER = {
    "in": "header",
    "name": "Prefer",
    "schema": {"type": "string"},
    "description": "`count=estimated`: a total of more than 10,000 need not be exact (RFC 7240).",
}
_IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "schema": {"type": "string"},
    "description": "The ETag read before; 412 when it was changed meanwhile.",
}
_CONDITIONAL = frozenset({"PUT", "PATCH", "DELETE"})


class ProblemAutoSchema(AutoSchema):
    """Adds to every operation the error responses and the headers it really uses."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        make: Any = ResolvedComponent
        problem = make(name="Problem", type=ResolvedComponent.SCHEMA, schema=PROBLEM, object=PROBLEM)
        self.registry.register_on_missing(problem)
        for status, description in _REFUSALS.items():
            operation["responses"].setdefault(
                status,
                {
                    "description": description,
                    "content": {"application/problem+json": {"schema": problem.ref}},
                },
            )
        parameters = operation.setdefault("parameters", [])
        if self._is_list_view():
            parameters.append(_PREFER)
            _tell(operation, _OF_A_LIST)
        elif hasattr(self.view, "represent"):
            _tell(operation, _OF_A_ROW)
        if self.method in _CONDITIONAL and getattr(self.view, "takes_if_match", False):
            parameters.append(_IF_MATCH)
        return operation


def _tell(operation: dict[str, Any], headers: dict[str, Any]) -> None:
    """Name the headers of the answers that have a body."""
    for response in operation["responses"].values():
        if "application/json" in response.get("content", {}):
            response["headers"] = headers
