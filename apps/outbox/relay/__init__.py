"""The relay: moves committed events from the outbox into the subscribers' queues, and does the service's
periodic work."""
