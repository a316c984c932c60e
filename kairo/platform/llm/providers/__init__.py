"""The wire formats of the providers, one module each, over the guarded HTTP client."""
