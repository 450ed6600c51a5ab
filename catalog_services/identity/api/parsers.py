"""HTML forms, as OAuth 2 asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import QueryDict
from rest_framework.exceptions import ParseError
from rest_framework.parsers import FormParser

from apps.core.errors import PayloadTooLarge


class StrictFormParser(FormParser):
    """Refuses oversize bodies (413) and forms with too many fields (400); serializers refuse NUL by field."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        request = (parser_context or {})["request"]
        length = request.META.get("CONTENT_LENGTH") or "0"
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if length.isdigit() and int(length) > limit:
            raise PayloadTooLarge(f"The body has {length} bytes; the limit is {limit}.")
        try:
            return QueryDict(stream.read(), encoding="utf-8")
        except SuspiciousOperation as error:
            raise ParseError("The form has too many fields.") from error
        except LookupError as error:
            raise ParseError("The form's encoding is not known.") from error
