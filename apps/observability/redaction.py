"""Secrets never reach a log: by the key they stand under, and by what they look like (so too in a trace)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

MASK = "[redacted]"
_SCALARS = frozenset({str, int, float, bool, type(None)})
_KEY = re.compile(
    r"authorization|passw|passphrase|secret|token|cookie|api[-_ ]?key|credential|private[-_]?key|session[-_]?id",
    re.IGNORECASE,
)


class Look(NamedTuple):
    """How some credentials look."""

    hints: tuple[str, ...]
    """In small letters; a text with none of them has none. Most have none, which is found out fifteen times faster."""
    pattern: str
    """The first group is what stays."""


_NAME = r"(?:pass(?:w|phr)|secret|token|api[-_ ]?key|private[-_]?key|session[-_]?id|cookie|authorization)(?>\w{0,30})"
_IS = r"(?:\\?['\x22])?\s{0,4}[=:]\s{0,4}"
# A tuple begins with a name: ('name', in any quotes.
_PAIR = "|".join(rf"\(b?{quote}[\w-]{{0,30}}?{_NAME}{quote},\s{{0,2}}" for quote in ("'", r"\\\x22", r"\x22"))
# What may stand around a value: brackets, a key, a class, the b of bytes.
_IN = (
    r"(?>(?:\{\\?['\x22]\w{1,30}\\?['\x22]:\s{0,2}|[({]|\[(?!redacted)|(?:\w{1,30}\(|b)(?=\\?['\x22])){0,4})"
)

LOOKS: Final = {
    "a PEM key, also one that is cut off": Look(
        ("private key",),
        r"(?i)()-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:(?!-----END )(?:\\.|[^\x22\\]))*+"
        r"(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?",
    ),
    "bearer and basic credentials": Look(
        ("bearer", "basic"),
        r"(?i)(\b(?:bearer|authorization\W{1,4}basic)\s{1,4})[\w.~+/=-]{8,}",
    ),
    "a JWT": Look(("eyj",), r"(?i)()\beyJ(?>[\w-]{5,1000})\.[\w-]++\.[\w-]*+"),
    "the password of a URL, not its port": Look(
        ("://",),
        r"(?i)(://(?>[^\s:/@\x22\[]{0,100}):)(?!\d{1,5}/)(?>(?:[^\s@\x22:]|:(?!//)){1,500})"
        r"(?:@(?>[^\s@\x22/]{1,200})(?=@))*+(?=@)",
    ),
    "all of a cookie header": Look(
        ("cookie",),
        rf"(?i)(cookie(?>\w{{0,30}}){_IS})(?!\[redacted|[\[({{b]{{0,3}}\\?['\x22])[^\s\\][^\r\n'\x22\\]*+",
    ),
    "an authorization header: a scheme and a word, or one word": Look(
        ("authoriz",),
        r"(?i)(authorization\s{0,4}[=:]\s{0,4})(?!\[redacted|[\[({b]{0,3}\\?['\x22])"
        r"[^\s'\x22\\]++(?:[ ]{1,4}[^\s,;'\x22\\]++)?",
    ),
    # In single quotes (two are one in SQL), in double ones within a JSON string, in double ones that are not those by
    # which a JSON string ends, each alone or as the first of a list; or without quotes, to where a form, a list or a
    # sentence goes on.
    "a name and its value": Look(
        ("passw", "passphr", "secret", "token", "key", "sessi", "cookie", "authoriz"),
        rf"(?i)((?:{_NAME}{_IS}(?!\[redacted){_IN}|passw(?>\w{{0,30}})\s{{1,4}}(?=\\?['\x22])"
        rf"|(?:{_PAIR}){_IN}(?=\\?['\x22]))(?:'|\\\x22|\x22(?![,:}}\]]))?)(?!\[redacted)"
        r"(?:(?:(?<=[\[({]')|(?<=[\[({]b'))(?:''|\\\\'|\\.|[^'\x22\\]|',\s?b?')++"
        r"|(?<=')(?:''|\\\\'|\\.|[^'\x22\\])++"
        r"|(?<=[\[({]\\\x22)(?:\\{4}|\\{3}\x22|\\[^\x22]|[^\x22\\]|\\\x22,\s?\\\x22)++"
        r"|(?<=\\\x22)(?:\\{4}|\\{3}\x22|\\[^\x22]|[^\x22\\])++"
        r"|(?<=[\[({]\x22)(?:\\.|[^\x22\\]|\x22,\s?\x22)++"
        r"|(?<=[^\\]\x22)(?:\\.|[^\x22\\])++"
        r"|(?<!['\x22])(?!(?:null|true|false)\b)[^\s&,;'\x22\\}\])]++)",
    ),
}
"""What looks like a credential; each is looked for in what the one before has left.

They are Logstash's too (``config/infra/logstash/catalog.conf``), so they are written as Python and Ruby both read
them, with ``\\x22`` for a double quote; ``{0,30}+`` is possessive in Python only. Every repetition is bounded, atomic
or possessive: a hostile text must not cost more than its length. The text may stand in a JSON string, where a
backslash is before each double quote: one without ends the string, and what follows it is of the line.
"""
REPLACEMENT: Final = rf"\1{MASK}"
_COMPILED = [(look.hints, re.compile(look.pattern)) for look in LOOKS.values()]
_HINTS = frozenset(hint for look in LOOKS.values() for hint in look.hints)


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
    if is_suspicious(text):
        lowered = text.lower()
        for hints, pattern in _COMPILED:
            if any(hint in lowered for hint in hints):
                text = pattern.sub(REPLACEMENT, text)
    return text


def is_suspicious(text: str) -> bool:
    """Whether there may be a credential in it; a quick look, a third quicker than with ``any``."""
    lowered = text.lower()
    for hint in _HINTS:  # noqa: SIM110
        if hint in lowered:
            return True
    return False
