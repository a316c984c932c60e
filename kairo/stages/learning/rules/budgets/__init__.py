"""Budgets of ads from late, staged and noisy results: pure numpy, the same answer for the same question and seed."""
