"""How the world talks to Kairo: translation only, no decisions."""
