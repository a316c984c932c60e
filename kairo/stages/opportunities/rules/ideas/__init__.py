"""What a post asks, tells, advises or compares, cut down to the words an editorial idea can be built on."""
