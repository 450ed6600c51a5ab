"""Words and stems: the one way text is read, for what is indexed and for what is asked."""

from __future__ import annotations

import hashlib
import re
import threading
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache

import snowballstemmer
from django.conf import settings

from catalog_services.store.language.units import NUMBER_WITH_UNIT

_UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe"})
_COMPOUND = re.compile(r"[^\W_]+(?:[-'\u2019/.&+][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,12})?", re.ASCII)
_STOP = frozenset(
    "a an and are as at by de for from in is it of on or per the to with".split()  # noqa: SIM905
)
_MAX_WORD = 64
_SLUG_LENGTH = 60
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Word:
    """A written word; a compound such as ``SD-WAN`` has ``parts`` (sd, wan) and is also known as ``joined`` (sdwan)."""

    parts: tuple[str, ...]
    number: str = field(default="", compare=False)
    """As it was written, when it is a number: ``2.5``, whose parts are those of ``2-5``, too."""

    @property
    def joined(self) -> str:
        return "".join(self.parts)[:_MAX_WORD]

    @property
    def is_compound(self) -> bool:
        return len(self.parts) > 1


def fold(text: str) -> str:
    """Case and accents taken away: ``Élevé`` and ``eleve`` are the same."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return bare.casefold().translate(_UNDECOMPOSED)


def slug(name: str) -> str:
    """A characteristic's name as its field in both stores; ``Down Speed`` and ``down-speed`` are the same."""
    joined = "_".join(_PART.findall(fold(name)))
    if joined and len(joined) <= _SLUG_LENGTH:
        return joined
    digest = hashlib.sha256(fold(name).encode()).hexdigest()[:16]
    return f"{joined[:40]}_{digest}" if joined else f"x_{digest}"


def words(text: str) -> list[Word]:
    """The words of a text in their order, folded, without the ones that say nothing (the, of ...)."""
    spaced = NUMBER_WITH_UNIT.sub(r"\1 \2", fold(text))
    found = [
        Word(
            (w[:_MAX_WORD],) if w.isalnum() else tuple(part[:_MAX_WORD] for part in _PART.findall(w)),
            w if _NUMBER.fullmatch(w) else "",
        )
        for w in _COMPOUND.findall(spaced)
    ]
    return [word for word in found if word.is_compound or word.parts[0] not in _STOP]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The Snowball stem of a folded word in the store's language."""
    if word.isdigit():
        return word
    with _lock:  # a stemmer keeps the word it works on
        return str(_stemmer(settings.STORE_LANGUAGE).stemWord(word))


@cache
def _stemmer(language: str) -> snowballstemmer.basestemmer.BaseStemmer:
    return snowballstemmer.stemmer(language)


def indexed(texts: list[str]) -> tuple[list[str], list[str]]:
    """``(words, stems)`` of texts for the index: every part in its order, then the joined form of each compound.

    Joined forms come last so that the parts stay neighbours for phrases.
    """
    found = [_read(text) for text in texts]
    plain = [word for side in (0, 1) for both in found for word in both[side]]
    return plain, [stem(word) for word in plain]


@lru_cache(maxsize=20_000)
def _read(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts of a text's words, and its compounds joined; most texts are in many entries."""
    found = words(text)
    parts = tuple(part for word in found for part in word.parts)
    return parts, tuple(word.joined for word in found if word.is_compound)
