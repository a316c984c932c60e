"""Live events: following a run from any seq. The rows are the truth; the doorbell only says "look again"."""
