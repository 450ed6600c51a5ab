"""The admin is whole in every language: nothing that it says is unmarked, untranslated or translated by halves."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest
from babel.messages.catalog import Catalog

from apps.core.errors import SuiteError
from apps.runtime import languages
from config.env import BASE_DIR

NO_WORDS = re.compile(r"Catalog Suite|Ctrl|MongoDB|Elasticsearch|\bms\b|[A-Z]{2,4}")
"""Names, units and abbreviations that are the same in every language."""
SHOWN = {"label", "description", "help_text", "add_text", "empty", "verbose_name", "title", "placeholder"}
MARKS = {"Message", "_", "gettext", "gettext_lazy", "ngettext"}
OF_EVENTS = {
    "apps.outbox.digest",
    "apps.outbox.envelope",
    "catalog_services.store.projection.components",
    "catalog_services.store.projection.consumer",
}
"""They refuse events and questions, which no step of a saga is."""
SENTENCE = re.compile(r"[A-Z][\w'-]* .*[.:]$", re.DOTALL)


def test_every_language_says_all_that_the_code_says():
    command = [sys.executable, "manage.py", "messages", "--check"]
    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("text", "said", "flags", "trouble"),
    [
        ("Publish", "Veröffentlichen", (), ""),
        ("Publish", "", (), "not translated"),
        ("Publish", "Veröffentlichen", ("fuzzy",), "fuzzy"),
        ("At most {most}.", "Höchstens {mehr}.", (), "other placeholders"),
        ("%(count)s in all", "insgesamt", (), "other placeholders"),
        (("one", "%(n)s many"), ("eins", "viele"), (), "other placeholders"),
        (("one", "many"), ("eins", ""), (), "not translated"),
        (("one", "%(n)s many"), ("eins", "%(n)s viele"), (), ""),
    ],
)
def test_what_is_wrong_with_a_translation_is_found(text, said, flags, trouble):
    catalog, collected = Catalog(locale="de"), Catalog()
    catalog.add(text, said, flags=flags)
    collected.add(text)
    assert [one.split(":")[0] for one in languages.troubles(catalog, collected)] == [trouble] * bool(trouble)


def test_what_nobody_says_any_more_is_found():
    catalog = Catalog(locale="de")
    catalog.add("Publish", "Veröffentlichen")
    assert languages.troubles(catalog, Catalog()) == ["not said anywhere any more: 'Publish'"]


def test_no_template_has_words_of_its_own():
    """They would be English for everybody."""
    pages = list(_ours("html"))
    assert pages
    assert {str(p.relative_to(BASE_DIR)): found for p in pages if (found := _words(p.read_text()))} == {}


def test_what_a_screen_calls_something_is_marked():
    screens = [
        p for p in _ours("py") if "admin" in str(p.relative_to(BASE_DIR)) or p.parent.name == "exchange"
    ]
    unmarked = [
        f"{path.relative_to(BASE_DIR)}: {keyword.arg}={keyword.value.value!r}"
        for path in screens
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in SHOWN and isinstance(keyword.value, ast.Constant) and keyword.value.value
    ]
    assert unmarked == []


def test_what_a_rule_or_a_screen_says_is_marked():
    """A plain sentence, and an f-string above all, could not be said in another language."""
    rooms = ("domain", "actions", "selectors", "exchange", "admin", "admin_kit", "admin_lists")
    unmarked = [
        f"{path.relative_to(BASE_DIR)}:{line}: {text}"
        for path in _ours("py")
        if path.parent.name in rooms
        for line, text in _sentences(ast.parse(path.read_text()))
    ]
    assert unmarked == []


def test_why_a_step_of_a_saga_fails_is_marked():
    """It comes back from the engine as text, and is found again by its template."""
    graph = grimp.build_graph("apps", "catalog_services", cache_dir=None)
    sagas = {name for name in graph.modules if re.fullmatch(r"catalog_services\.\w+\.saga", name)}
    modules = sagas.union(*map(graph.find_upstream_modules, sagas)) - OF_EVENTS
    assert {"catalog_services.store.projection.publishing", "apps.references.client"} <= modules
    files = {BASE_DIR.joinpath(*name.split(".")).with_suffix(".py") for name in modules}
    unmarked = [
        f"{path.relative_to(BASE_DIR)}:{node.lineno}: {text}"
        for path in sorted(path for path in files if path.is_file())
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Failure", *_errors(SuiteError)}
        for text in map(_text, node.args)
        if " " in text
    ]
    assert unmarked == []


def test_a_screen_shows_no_refusal_as_it_came():
    """It came in English."""
    screens = [
        path
        for path in _ours("py")
        if path.parent.name in {"admin", "admin_kit", "admin_lists"} or path.stem.endswith("pages")
    ]
    unsaid = re.compile(r"(?<!said\()(?<!flatten\()error\.detail")
    found = [str(path.relative_to(BASE_DIR)) for path in screens if unsaid.search(path.read_text())]
    assert found == []


def _errors(base: type[SuiteError]) -> Iterator[str]:
    yield base.__name__
    for one in base.__subclasses__():
        yield from _errors(one)


def _ours(suffix: str) -> Iterator[Path]:
    for folder in ("apps", "catalog_services"):
        yield from (p for p in (BASE_DIR / folder).rglob(f"*.{suffix}") if "migrations" not in p.parts)


def _words(template: str) -> list[str]:
    """What is left of a template without its tags, its variables and its markup, and the labels written out in it."""
    text = re.sub(
        r"{#.*?#}|{%\s*(comment|blocktranslate).*?%}.*?{%\s*end\1\s*%}", " ", template, flags=re.DOTALL
    )
    text = re.sub(r"{%.*?%}|{{.*?}}", " ", text, flags=re.DOTALL)
    labels = re.findall(r'\s(?:title|aria-label|placeholder|alt)="([^"]*)"', text)
    text = re.sub(r"<(script|style).*?</\1>|<!--.*?-->|<[^>]*>", " ", text, flags=re.DOTALL)
    without = NO_WORDS.sub(" ", re.sub(r"&\w+;", " ", " ".join([text, *labels])))
    icons = {word for word in without.split() if re.fullmatch(r"[a-z]+(_[a-z]+)*", word)} & _icons(template)
    return [word for word in re.findall(r"[A-Za-z_]{2,}", without) if word not in icons]


def _icons(template: str) -> set[str]:
    """Names of Material Symbols, which are text that is shown as a picture."""
    found = re.findall(r"material-symbols-outlined[^>]*>(.*?)</span>", template, flags=re.DOTALL)
    return {word for icon in found for word in re.sub(r"{%.*?%}", " ", icon).split()}


def _sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Sentences that are not marked and are no docstring."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        text = _text(node)
        if not text or not SENTENCE.match(text) or isinstance(parents[node], ast.Expr | ast.JoinedStr):
            continue
        call = parents[node]
        if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") in MARKS):
            yield node.lineno, text


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
    return ""
