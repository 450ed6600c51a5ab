"""Background work of the store: events come as ``outbox.deliver``, saga steps as the saga's own task.

Periodic work is a thread of the worker (``maintenance.py``), not a task.
"""
