"""Pure decisions of learning: verdicts, outcomes, effects, replays, predictions and how well they were calibrated."""
