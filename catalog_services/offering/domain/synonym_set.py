"""The rules of synonyms: words and phrases that find each other in the store's search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from apps.core.errors import collect

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
        folded = [term.casefold() for term in tidy.terms]
        if len(tidy.terms) < 2:
            problems.append("At least two terms are needed.")
        if len(tidy.terms) > MAX_TERMS:
            problems.append(f"At most {MAX_TERMS} terms.")
        if "" in tidy.terms:
            problems.append("A term may not be empty.")
        if any(len(term) > MAX_LENGTH for term in tidy.terms):
            problems.append(f"A term has at most {MAX_LENGTH} characters.")
        if repeated := sorted({term for term in tidy.terms if folded.count(term.casefold()) > 1}):
            problems.append(f"Given more than once: {', '.join(repeated)}.")
        collect({"terms": problems} if problems else {})
        return tidy
