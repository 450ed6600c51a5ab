"""What the API answers when it does not do what was asked."""

from __future__ import annotations

from typing import Self

import httpx


class Problem(Exception):
    """A refusal, as its RFC 9457 document says it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    @classmethod
    def of(cls, response: httpx.Response) -> Self:
        """The problem in a response: its detail, then each field with its messages; what both say, once."""
        try:
            document = response.json()
        except ValueError:
            document = None
        if not isinstance(document, dict):
            return cls(response.status_code, f"HTTP {response.status_code} {response.reason_phrase}".strip())
        said = str(document.get("detail") or document.get("title") or f"HTTP {response.status_code}")
        errors = document.get("errors")
        texts = {
            name: " ".join(map(str, messages)) if isinstance(messages, list) else str(messages)
            for name, messages in (errors.items() if isinstance(errors, dict) else ())
        }
        fields = [f"{name}: {text}" for name, text in texts.items()]
        if said == " ".join(texts.values()):
            return cls(response.status_code, "; ".join(fields))
        missing = [field for field in fields if field not in said]
        return cls(response.status_code, " ".join([said, *([f"({'; '.join(missing)})"] if missing else [])]))


class Unreachable(Exception):
    """No answer, or one that asks to come again later; whether a write happened is not known."""
