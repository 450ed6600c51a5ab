"""The rules of synonyms: words and phrases that find each other in the store's search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from apps.core.errors import collect
from apps.core.messages import Message

MAX_TERMS = 100
MAX_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SynonymSet:
    """``terms`` mean the same: who searches for one finds the others."""

    terms: tuple[str, ...] = ()
    external_id: str | None = None

    def changed(self, fields: Mapping[str, Any]) -> Self:
        given = dict(fields)
        if "terms" in given:
            given["terms"] = tuple(given["terms"])
        return replace(self, **given)

    def checked(self) -> Self:
        """Normalised (one blank between words) and valid. Raises ``ValidationFailed`` on ``terms``."""
        tidy = replace(self, terms=tuple(" ".join(term.split()) for term in self.terms))
        problems = []
        folded = Counter(term.casefold() for term in tidy.terms)
        if len(tidy.terms) < 2:
            problems.append(Message("At least two terms are needed."))
        if len(tidy.terms) > MAX_TERMS:
            problems.append(Message("At most {most} terms.", most=MAX_TERMS))
        if "" in tidy.terms:
            problems.append(Message("A term may not be empty."))
        if any(len(term) > MAX_LENGTH for term in tidy.terms):
            problems.append(Message("A term has at most {most} characters.", most=MAX_LENGTH))
        if repeated := sorted({term for term in tidy.terms if folded[term.casefold()] > 1}):
            problems.append(Message("Given more than once: {repeated}.", repeated=", ".join(repeated)))
        collect({"terms": problems} if problems else {})
        return tidy
