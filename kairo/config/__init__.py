"""The composition root: settings from the environment, URLs, the ASGI application."""
