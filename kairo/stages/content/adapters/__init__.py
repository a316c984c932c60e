"""Writers, one module each."""
