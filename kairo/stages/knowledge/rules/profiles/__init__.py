"""Pure decisions of compiling a brand's profile: words and weights, taboos with their neighbours, and voice."""
