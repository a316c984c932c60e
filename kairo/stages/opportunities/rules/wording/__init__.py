"""The words of an opportunity in the language of its evidence: English, Russian, Chinese."""
