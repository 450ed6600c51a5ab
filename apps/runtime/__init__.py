"""Starts, watches and stops everything the suite consists of: the embedded parts and every service process.

Knows services only by ``config.services``, and no service imports it; the servers that a container starts
(``asgi_server``, ``gunicorn_config``, ``worker``) are here, too.
"""
