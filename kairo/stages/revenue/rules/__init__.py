"""Pure decisions of revenue."""
