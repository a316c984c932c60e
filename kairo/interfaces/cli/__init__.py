"""The command line: one module a stage, and the supervisor that `kairo run` is."""
