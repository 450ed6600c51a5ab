"""Starts, watches and stops everything the suite consists of: the embedded parts and every service process.

Knows services only by ``config.services``; nothing of the suite depends on this package at run time.
"""
