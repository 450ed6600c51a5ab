"""Secrets never reach a log: by the key they stand under, and by what they look like (so too in a trace)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

MASK = "[redacted]"
_SCALARS = frozenset({str, int, float, bool, type(None)})
_KEY = re.compile(
    r"authorization|passw|secret|token|cookie|api[-_ ]?key|credential|private[-_]?key|session[-_]?id",
    re.IGNORECASE,
)
# Every repetition is bounded or possessive: a hostile text must not cost more than its length.
# In free text: bearer and basic credentials, JWTs, PEM keys, the password of a URL (not its port), all of a cookie
# header, and name=value pairs, to the quote that ends what a quote begins. The text may stand in a JSON string, where
# a backslash is before each double quote: one without ends the string, and what follows it is of the line.
_TEXT = re.compile(
    r"(?P<scheme>\b(?:bearer|authorization\W{1,4}basic)\s{1,4})[\w.~+/=-]{8,}+"
    r"|\beyJ[\w-]{5,1000}+\.[\w-]++\.[\w-]*+"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:(?!-----END )(?:\\.|[^\"\\]))*+"
    r"(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
    r"|(?P<url>://[^\s:/@\"\[]{0,100}+:)(?!\d{1,5}/)(?:[^\s@\":]|:(?!//)){1,500}+(?:@[^\s@\"/]{1,200}+(?=@))*+(?=@)"
    r"|(?P<cookie>cookie\w{0,30}+(?:\\?[\"'])?\s{0,4}[=:]\s{0,4})(?!\[redacted)[^\s\"'\\][^\r\n\"'\\]*+"
    r"|(?P<pair>(?:(?:passw|secret|token|api[-_ ]?key|private[-_]?key|session[-_]?id|cookie)\w{0,30}+"
    r"(?:\\?[\"'])?\s{0,4}[=:]\s{0,4}|passw\w{0,30}+\s{1,4}(?=\\?[\"']))"
    r"(?:(?P<single>')|(?P<double>\\\")|(?P<bare>\"(?![,:}\]])))?)(?!\[redacted)"
    r"(?(single)(?:''|\\\\'|\\.|[^'\"\\])++"
    r"|(?(double)(?:\\{4}|\\{3}\"|\\[^\"]|[^\"\\])++"
    r"|(?(bare)(?:\\.|[^\"\\])++"
    r"|(?!-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)[^\s&,;\"'\\}\])]++)))",
    re.IGNORECASE,
)
# Most lines hold none of these, and finding that out is fifteen times faster than the pattern.
_HINTS = ("bearer", "basic ", "eyj", "key", "://", "passw", "secret", "token", "cookie", "sessi")


def masked(key: str, value: Any) -> Any:
    """``value``, or a mask when ``key`` names a secret; looks into mappings and lists at any depth."""
    if _is_secret(key):
        return MASK
    if type(value) in _SCALARS:
        return value
    if isinstance(value, Mapping):
        return {str(k): masked(str(k), v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked("", item) for item in value]
    return value


@lru_cache(maxsize=2048)
def _is_secret(key: str) -> bool:
    return _KEY.search(key) is not None


def scrubbed(text: str) -> str:
    """``text`` without what looks like a credential."""
    return _TEXT.sub(_replace, text) if is_suspicious(text) else text


def is_suspicious(text: str) -> bool:
    """Whether there may be a credential in it; a quick look, a third quicker than with ``any``."""
    lowered = text.lower()
    for hint in _HINTS:  # noqa: SIM110
        if hint in lowered:
            return True
    return False


def _replace(match: re.Match[str]) -> str:
    kept = match["scheme"] or match["url"] or match["cookie"] or match["pair"] or ""
    return f"{kept}{MASK}"
