"""Other people's CRMs, one module each."""
