"""Django settings: ``base`` for every service, one small file per concern, composed in ``service``."""
