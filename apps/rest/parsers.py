"""Request bodies: strict JSON, bounded in size, text that PostgreSQL can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from apps.core.errors import PayloadTooLarge, ValidationFailed


class StrictJSONParser(JSONParser):
    """Refuses oversize bodies (413), bad UTF-8, NaN, absurd numbers and nesting, NUL and lone surrogates (400)."""

    strict = True

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        refuse_oversize(parser_context)
        try:
            data = super().parse(stream, media_type, parser_context)
            _refuse_unstorable(data, path="")
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
        return data


class MergePatchParser(StrictJSONParser):
    """A change as RFC 7396 has it, and TMF630 after it: null leaves nothing, and a list is replaced whole."""

    media_type = "application/merge-patch+json"


def refuse_oversize(parser_context: Mapping[str, Any] | None) -> None:
    """Raises ``PayloadTooLarge`` for a request whose declared length is over the limit: before it is read."""
    length = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0"
    limit = settings.MAX_BODY_BYTES
    if length.isdigit() and int(length) > limit:
        raise PayloadTooLarge(f"The body has {length} bytes; the limit is {limit}.")


def _refuse_unstorable(node: Any, *, path: str) -> None:
    """NUL cannot be stored in PostgreSQL text, a lone surrogate in no UTF-8."""
    if isinstance(node, str):
        if "\x00" in node or any("\ud800" <= char <= "\udfff" for char in node):
            message = "Holds a NUL or an unpaired surrogate."
            raise ValidationFailed(f"{path or 'body'}: {message}", errors={path or "body": [message]})
    elif isinstance(node, dict):
        for key, value in node.items():
            _refuse_unstorable(key, path=path)
            _refuse_unstorable(value, path=f"{path}.{key}" if path else key)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            _refuse_unstorable(value, path=f"{path}.{index}" if path else str(index))
