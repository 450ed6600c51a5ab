"""Where every request enters: correlation, trace and access line around it, then its service or our own pages."""

from __future__ import annotations

from contextlib import suppress
from time import perf_counter

import aiohttp
import structlog
from django.conf import settings

from apps.core import correlation
from apps.core.errors import SuiteError
from apps.observability import exposition, metrics
from apps.observability.access import Lines, by_the_event_loop
from apps.observability.tracing import HttpSpan
from catalog_services.gateway.edge import headers
from catalog_services.gateway.edge.asgi_types import App, Headers, Message, Receive, Scope, Send
from catalog_services.gateway.edge.client_address import Addresses
from catalog_services.gateway.edge.cors import Cors
from catalog_services.gateway.edge.departures import Departures
from catalog_services.gateway.edge.error_answer import send_error
from catalog_services.gateway.edge.errors import ClientGone, MethodNotAllowed, retry_after
from catalog_services.gateway.edge.login_limit import LoginLimit
from catalog_services.gateway.edge.proxy import Broken, Exchange
from catalog_services.gateway.edge.sign_in import SignIn
from catalog_services.gateway.edge.upstream import Upstream, client, upstreams
from config.services import is_page, owner_of

log = structlog.get_logger(__name__)
CLIENT_CLOSED_REQUEST = 499
_REFUSED_METHODS = frozenset({"CONNECT", "TRACE"})


class Edge:
    """The ASGI application: ``pages`` is Django, for the few paths that no service owns."""

    def __init__(self, pages: App) -> None:
        self._pages = pages
        self._upstreams = upstreams()
        self._addresses = Addresses(settings.GATEWAY_TRUSTED_PROXIES)
        self._cors = Cors(settings.GATEWAY_CORS_ORIGINS)
        self._login_limit = LoginLimit(settings.GATEWAY_LOGIN_RATE, self._addresses)
        self._sign_in = SignIn(self._upstreams["identity"])
        self._departures = Departures()
        self._lines = Lines(by_the_event_loop)
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._http(scope, receive, send)
            case "lifespan":
                await self._lifespan(receive, send)
            case "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1000})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                exposition.serve()
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._session is not None:
                    await self._session.close()
                self._lines.flush()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        path: str = scope["path"]
        owner = owner_of(path)
        given = headers.first(scope["headers"], b"x-correlation-id").decode("latin-1")
        correlation_id = correlation.accept(given)
        correlation.adopt(correlation_id)
        told = not path.startswith("/health")
        traceparent = headers.first(scope["headers"], b"traceparent").decode("latin-1")
        with HttpSpan.begin(
            f"{scope['method']} {owner.name if owner else 'gateway'}",
            traceparent=traceparent,
            wanted=told,
            believed=bool(traceparent) and self._addresses.is_proxy(scope),
        ) as span:
            status = await self._answer(
                scope,
                receive,
                send,
                upstream=self._upstreams[owner.name] if owner else None,
                added=[(b"x-correlation-id", correlation_id.encode()), *self._cors.headers_for(scope)],
            )
            span.finish(scope["method"], path, status)
        if told:
            metrics.PROXIED.labels(owner.name if owner else "gateway", status).observe(
                perf_counter() - started
            )
            self._lines.add(
                scope["method"], path, status, started, correlation_id=correlation_id, **span.fields
            )

    async def _answer(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        upstream: Upstream | None,
        added: Headers,
    ) -> int:
        """Answer the request whatever happens; returns the status, 499 when the client left first."""
        renewed: Headers = []
        if is_page(scope["path"]):
            send = self._with_cookies(send, renewed)
        try:
            if scope["method"] in _REFUSED_METHODS:
                raise MethodNotAllowed(f"{scope['method']} is not allowed.")
            if self._cors.is_preflight(scope):
                return await self._cors.answer_preflight(send, added)
            self._login_limit.check(scope)
            if upstream is None:
                return await self._page(scope, receive, send, added)
            return await self._proxied(scope, receive, send, upstream=upstream, added=added, renewed=renewed)
        except SuiteError as error:
            wait = retry_after(error, scope["method"])
            await send_error(error, scope, _adding(send, added), retry_after=wait)
            return error.status
        except ClientGone:
            return CLIENT_CLOSED_REQUEST
        except Broken as error:
            # Returning before the answer is whole makes the server close the connection.
            log.warning("answer broken off", reason=str(error))
            return 502
        except Exception:
            log.exception("the edge failed")
            with suppress(RuntimeError):  # the answer has begun: nothing more can be said
                await send_error(SuiteError(), scope, _adding(send, added))
            return 500

    async def _proxied(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        upstream: Upstream,
        added: Headers,
        renewed: Headers,
    ) -> int:
        """Pass a page's request on with a fresh sign-in, whose cookies are put into ``renewed``."""
        client = self._client()
        if is_page(scope["path"]):
            scope["headers"], renewed[:] = await self._sign_in.renewed(client, scope)
        else:
            scope["headers"] = self._sign_in.without_cookies(scope)
        own = self._addresses.forwarded(scope)
        own.append(("x-correlation-id", correlation.current()))
        exchange = Exchange(upstream, scope, receive, self._departures)
        return await exchange.run(client, send, own_headers=own, added=added)

    def _with_cookies(self, send: Send, renewed: Headers) -> Send:
        """Adds what is in ``renewed`` once an answer begins, whoever gives it, unless that sets its own."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and renewed:
                given = message["headers"]
                message["headers"] = given if self._sign_in.sets_own(given) else [*given, *renewed]
            await send(message)

        return sending

    async def _page(self, scope: Scope, receive: Receive, send: Send, added: Headers) -> int:
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        await self._pages(scope, receive, _adding(sending, added))
        return status

    def _client(self) -> aiohttp.ClientSession:
        # Made by the first request: it belongs to the running loop.
        if self._session is None:
            self._session = client()
        return self._session


def _adding(send: Send, added: Headers) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *added]
        await send(message)

    return sending
