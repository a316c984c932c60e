"""The product, in the order in which data flows."""
