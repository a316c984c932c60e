"""What the stage tells others: trends, what the agents find, and answers whose every line cites."""
