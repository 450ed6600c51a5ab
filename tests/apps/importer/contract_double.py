"""A stand-in for the suite's public API: a real HTTP server that keeps the contract of REST v1.

It is a double, not the suite: it lets the importer's tests decide what the other side answers (an
expired token, a lost answer, a publication that fails). The end-to-end tests run against the real suite.
"""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

FIELDS = {
    "characteristics": "description value_type unit_of_measure values",
    "specifications": "description brand product_number characteristics",
    "prices": "value currency unit price_type recurring_period recurring_period_length unit_of_measure "
    "tax_rate tax_included valid_from valid_to",
    "categories": "description parent_id",
    "catalogs": "description valid_from valid_to",
    "offerings": "description specification_ids pricing_ids sales_channels category_ids catalog_ids is_bundle "
    "bundled_offerings characteristic_values market_segments valid_from valid_to",
}
UNIQUE_NAMES = {"characteristics", "specifications", "prices"}
MINOR_UNITS = {"EUR": 2, "USD": 2, "JPY": 0}
USERNAME, PASSWORD = "importer", "correct horse"


class Refused(Exception):
    """Becomes a problem document."""

    def __init__(self, status: int, detail: str, **errors: str) -> None:
        super().__init__(detail)
        self.status = status
        self.document = {"title": "Refused", "status": status, "detail": detail,
                         "errors": {name: [message] for name, message in errors.items()}}  # fmt: skip


class ContractDouble:
    """The state of the double, and what it was asked."""

    PAGE, GARBLED = -1, -2
    INSTEAD: ClassVar = {
        PAGE: (b"<html>Back soon</html>", {"Content-Type": "text/html"}),
        GARBLED: (b"{}", {"Content-Encoding": "gzip"}),
    }
    """Faults in the place of a status: what a proxy answers with 200; nothing is carried out."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in FIELDS}
        self.publications: dict[str, dict[str, Any]] = {}
        self.requests: Counter[str] = Counter()
        self.writes: list[str] = []
        self.refresh_works = True
        self.login_works = True
        self.failing_publications: set[str] = set()
        self.faults: list[tuple[str, str, Callable[[], None] | int]] = []
        """(method, path pattern, status): the next such request is answered with it; status 0 carries the
        request out and loses the answer."""
        self._tokens: set[str] = set()
        self._refresh = ""
        self._lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if not self._thread.is_alive():
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def named(self, kind: str, name: str) -> dict[str, Any]:
        (row,) = [row for row in self.rows[kind].values() if row["name"] == name]
        return row

    def expire(self) -> None:
        """End all access tokens; their refresh token still works if ``refresh_works``."""
        with self._lock:
            self._tokens.clear()

    def shut_out(self) -> None:
        """End all tokens, and accept the user no longer."""
        self.refresh_works = self.login_works = False
        self.expire()

    # -- requests

    def answer(self, method: str, path: str, query: dict[str, list[str]], headers: Any, body: bytes) -> Any:
        """(status, document, headers) of one request."""
        with self._lock:
            self.requests[f"{method} {path.split('/')[3]}"] += 1
            if path.startswith("/api/v1/auth/"):
                return self._auth(path, body)
            self._check_token(headers.get("Authorization", ""))
            parts = path.removeprefix("/api/v1/").split("/")
            if parts[0] == "publications" and method == "GET":
                return 200, self._step(parts[1]), {}
            if parts[0] not in FIELDS:
                raise Refused(404, "There is nothing here.")
            if parts[2:] == ["publish"]:
                return self._publish(self._row("offerings", parts[1]))
            if parts[2:] == ["publications"]:
                return 200, [p for p in self.publications.values() if p["offering_id"] == parts[1]], {}
            if method == "GET":
                return (200, self._row(*parts), {}) if len(parts) == 2 else self._list(parts[0], query)
            self.writes.append(f"{method} {parts[0]}")
            if method == "POST":
                return self._create(parts[0], json.loads(body))
            return self._change(parts[0], parts[1], headers.get("If-Match"), json.loads(body))

    def _auth(self, path: str, body: bytes) -> Any:
        if path.endswith("/login"):
            form = {key: values[0] for key, values in parse_qs(body.decode()).items()}
            if not self.login_works or form != {"username": USERNAME, "password": PASSWORD}:
                raise Refused(401, "The user name or the password is wrong.")
        elif not self.refresh_works or json.loads(body)["refresh_token"] != self._refresh:
            raise Refused(401, "The refresh token is not valid.")
        token, self._refresh = uuid.uuid4().hex, uuid.uuid4().hex
        self._tokens.add(token)
        tokens = {"access_token": token, "refresh_token": self._refresh}
        return 200, tokens | {"token_type": "bearer", "expires_in": 300}, {}

    def _check_token(self, header: str) -> None:
        if header.removeprefix("Bearer ") not in self._tokens:
            raise Refused(401, "The token is not valid.")

    def _row(self, kind: str, identifier: str) -> dict[str, Any]:
        if identifier not in self.rows[kind]:
            raise Refused(404, "There is no such thing.")
        return self.rows[kind][identifier]

    def _list(self, kind: str, query: dict[str, list[str]]) -> Any:
        unknown = query.keys() - {"external_id", "name", "lifecycle_status", "limit", "offset", "ordering"}
        if unknown:
            raise Refused(400, f"Unknown parameter {unknown}.")
        rows = [
            row
            for row in self.rows[kind].values()
            if all(
                row[field] in query[field]
                for field in ("external_id", "name", "lifecycle_status")
                if field in query
            )
        ]
        start, size = (
            int(query.get(name, [default])[0]) for name, default in (("offset", "0"), ("limit", "50"))
        )
        return 200, rows[start : start + min(size, 200)], {"X-Total-Count": str(len(rows))}

    def _create(self, kind: str, body: dict[str, Any]) -> Any:
        row = {"id": str(uuid.uuid4()), "version": 1, "external_id": None, "name": ""}
        row |= dict.fromkeys(FIELDS[kind].split())
        row |= {"lifecycle_status": "DRAFT"} if kind == "offerings" else {}
        self._check(kind, row | body, body)
        self.rows[kind][row["id"]] = row | body
        return 201, row | body, {"Location": f"/api/v1/{kind}/{row['id']}"}

    def _change(self, kind: str, identifier: str, version: str | None, body: dict[str, Any]) -> Any:
        row = self._row(kind, identifier)
        if version is not None and version != f'"{row["version"]}"':
            raise Refused(412, "It was changed by somebody else meanwhile.")
        if row.get("lifecycle_status", "DRAFT") != "DRAFT":
            raise Refused(409, "Only a draft can be changed.")
        self._check(kind, row | body, body)
        row |= body | {"version": row["version"] + 1}
        return 200, row, {}

    # -- rules

    def _check(self, kind: str, row: dict[str, Any], given: dict[str, Any]) -> None:
        for field in given.keys() - {"name", "external_id", *FIELDS[kind].split()}:
            raise Refused(400, "The data is not valid.", **{field: "Unknown field."})
        for other in self.rows[kind].values():
            if other["id"] == row["id"]:
                continue
            is_retired = other.get("lifecycle_status") == "RETIRED"
            if (
                row["external_id"] is not None
                and other["external_id"] == row["external_id"]
                and not is_retired
            ):
                raise Refused(409, "The external id is taken.")
            if kind in UNIQUE_NAMES and other["name"] == row["name"]:
                raise Refused(409, "The name is taken.", name="It is taken.")
        check: Callable[[dict[str, Any]], None] | None = getattr(self, f"_check_{kind}", None)
        if check is not None:
            check(row)

    def _check_prices(self, row: dict[str, Any]) -> None:
        places = MINOR_UNITS.get(row["currency"])
        if places is None:
            raise Refused(400, "The data is not valid.", currency=f"{row['currency']} is no currency.")
        value = Decimal(row["value"])
        if row["price_type"] != "usage" and value != round(value, places):
            raise Refused(400, "The data is not valid.", value=f"At most {places} decimal places.")

    def _check_specifications(self, row: dict[str, Any]) -> None:
        for link in row["characteristics"]:
            allowed = {v["value"] for v in self._known("characteristics", link["id"])["values"]}
            if allowed and not {*link["values"], link["default"]} - {None} <= allowed:
                raise Refused(400, "The data is not valid.", characteristics="A value is not allowed.")

    def _check_offerings(self, row: dict[str, Any]) -> None:
        for field, kind in (("specification_ids", "specifications"), ("pricing_ids", "prices"),
                            ("category_ids", "categories"), ("catalog_ids", "catalogs")):  # fmt: skip
            for identifier in row[field] or []:
                self._known(kind, identifier)
        for member in row["bundled_offerings"] or []:
            self._known("offerings", member["id"])
        for pinned in row["characteristic_values"] or []:
            self._known("characteristics", pinned["characteristic_id"])

    def _check_categories(self, row: dict[str, Any]) -> None:
        if row["parent_id"]:
            self._known("categories", row["parent_id"])

    def _known(self, kind: str, identifier: str) -> dict[str, Any]:
        if identifier not in self.rows[kind]:
            raise Refused(400, f"There are no {kind} of the id {identifier}.")
        return self.rows[kind][identifier]

    def _publish(self, row: dict[str, Any]) -> Any:
        if row["lifecycle_status"] != "DRAFT":
            raise Refused(409, f"It is {row['lifecycle_status']}.")
        members = [self.rows["offerings"][m["id"]] for m in row["bundled_offerings"] or []]
        if any(member["lifecycle_status"] != "PUBLISHED" for member in members):
            raise Refused(400, "Not all members are published.")
        missing = [f for f in ("pricing_ids", "sales_channels") if not row[f]]
        missing += ["specification_ids"] if not (row["specification_ids"] or members) else []
        if missing:
            raise Refused(400, f"Missing: {', '.join(missing)}.")
        row["lifecycle_status"] = "PUBLISHING"
        publication = {
            "id": str(uuid.uuid4()),
            "offering_id": row["id"],
            "state": "REQUESTED",
            "failure": None,
        }
        self.publications[publication["id"]] = publication
        return 202, row, {"Location": f"/api/v1/publications/{publication['id']}"}

    def _step(self, identifier: str) -> dict[str, Any]:
        """The publication as it is now; each look moves it one state on."""
        publication = self.publications[identifier]
        row = self.rows["offerings"][publication["offering_id"]]
        fails = row["name"] in self.failing_publications
        path = ["REQUESTED", "RUNNING", *(["FAILING", "FAILED"] if fails else ["CONFIRMED", "DONE"])]
        publication["state"] = path[min(path.index(publication["state"]) + 1, len(path) - 1)]
        if publication["state"] == "FAILED":
            publication["failure"] = "validate-specifications: the specification is gone"
            row["lifecycle_status"] = "DRAFT"
        if publication["state"] == "CONFIRMED":
            row["lifecycle_status"] = "PUBLISHED"
        return publication

    def fault(self, method: str, path: str) -> Callable[[], None] | int | None:
        with self._lock:
            for entry in self.faults:
                if entry[0] == method and re.search(entry[1], path):
                    self.faults.remove(entry)
                    return entry[2]
        return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                url = urlsplit(self.path)
                fault = double.fault(self.command, url.path)
                try:
                    if callable(fault):
                        fault()
                    elif fault in double.INSTEAD:
                        self._say(200, *double.INSTEAD[fault])
                        return
                    elif fault:
                        raise Refused(fault, "Come again later.")
                    status, document, headers = double.answer(
                        self.command, url.path, parse_qs(url.query), self.headers, body
                    )
                except Refused as refused:
                    status, document, headers = refused.status, refused.document, {}
                if fault == 0:
                    self.close_connection = True
                    return
                self._say(status, json.dumps(document).encode(), headers)

            def _say(self, status: int, payload: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in (headers | {"Content-Length": str(len(payload))}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(payload)

            do_GET = do_POST = do_PATCH = _serve  # noqa: N815

        return Handler
