"""Pure decisions of ads."""
