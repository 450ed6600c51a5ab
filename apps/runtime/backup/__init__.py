"""Backup and restore of what cannot be made anew: the databases of the write services, of identity and of the engine,
all as they were at one moment. The read side is made from them; what waits in the broker is sent again.
"""
