"""A simulated world to try the product in; nothing of the product imports it but the command line."""
