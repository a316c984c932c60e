"""The sentences of answers, a module a language: figures go in, a sentence comes out, and nothing is decided here."""
