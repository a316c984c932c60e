"""What revenue tells other stages."""
