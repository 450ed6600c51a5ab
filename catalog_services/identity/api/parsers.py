"""HTML forms, as OAuth 2 asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.core.exceptions import SuspiciousOperation
from django.http import QueryDict
from rest_framework.exceptions import ParseError
from rest_framework.parsers import FormParser

from apps.rest.parsers import refuse_oversize


class StrictFormParser(FormParser):
    """Refuses oversize bodies (413) and forms with too many fields (400); serializers refuse NUL by field."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        refuse_oversize(parser_context)
        try:
            return QueryDict(stream.read(), encoding="utf-8")
        except SuspiciousOperation as error:
            raise ParseError("The form has too many fields.") from error
        except LookupError as error:
            raise ParseError("The form's encoding is not known.") from error
