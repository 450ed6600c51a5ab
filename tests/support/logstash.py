"""Logstash's pipeline language, as much of it as the suite's pipeline uses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"""\s+|\#[^\n]* | (?P<text>"(?:\\"|[^"])*") | (?P<pattern>/(?:\\/|[^/\n])+/)
    | (?P<mark>=>|=~|!~|==|!=|[{}\[\](),!]) | (?P<word>[\w.@-]+)""",
    re.VERBOSE,
)


@dataclass
class Plugin:
    """``options`` by name: texts, lists, dictionaries, another plugin (a codec). ``when``: the conditions around it."""

    section: str
    name: str
    options: dict[str, Any] = field(default_factory=dict)
    when: tuple[str, ...] = ()


def parse(text: str) -> list[Plugin]:
    """The plugins of a pipeline, in their order. Raises ValueError, with the place, for what is no pipeline."""
    return _Parser(text).pipeline()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise ValueError(f"line {text.count(chr(10), 0, at) + 1}: {text[at : at + 20]!r}")
            if found.lastgroup:
                self._tokens.append(found.group())
            at = found.end()
        self._tokens.reverse()
        self._found: list[Plugin] = []

    def pipeline(self) -> list[Plugin]:
        while self._tokens:
            section = self._next()
            if section not in {"input", "filter", "output"}:
                raise ValueError(f"no section: {section}")
            self._block(section, ())
        return self._found

    def _next(self, expected: str = "") -> str:
        token = self._tokens.pop() if self._tokens else "the end"
        if expected and token != expected:
            raise ValueError(f"{expected} expected, {token} found")
        return token

    def _block(self, section: str, when: tuple[str, ...]) -> None:
        self._next("{")
        while self._tokens and self._tokens[-1] != "}":
            word = self._next()
            if word == "if":
                condition = []
                while self._tokens and self._tokens[-1] != "{":
                    condition.append(self._next())
                self._block(section, (*when, " ".join(condition)))
            else:
                self._found.append(Plugin(section, word, self._options(), when))
        self._next("}")

    def _options(self) -> dict[str, Any]:
        self._next("{")
        options: dict[str, Any] = {}
        while self._tokens and self._tokens[-1] != "}":
            name = self._next().strip('"')
            self._next("=>")
            if name in options:
                raise ValueError(f"{name} is said twice")
            options[name] = self._value()
        self._next("}")
        return options

    def _value(self) -> Any:
        match self._next():
            case "[":
                return self._list()
            case "{":
                self._tokens.append("{")
                return self._options()
            case word if self._tokens and self._tokens[-1] == "{":
                return Plugin("codec", word, self._options())
            case word:
                return word[1:-1] if word.startswith('"') else word

    def _list(self) -> list[Any]:
        values = []
        while self._tokens and self._tokens[-1] != "]":
            values.append(self._value())
            if self._tokens[-1] != "]":
                self._next(",")
        self._next("]")
        return values
