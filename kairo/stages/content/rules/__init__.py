"""Pure decisions of the stage: channels and their limits, statuses, scores, wording. Neither Django nor platform."""
