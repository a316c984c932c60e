"""General language data: function words, verb forms, everyday nouns, number words. No subject's vocabulary."""
