"""What may be shown or sent: one pipeline of checks, each with a code. Policy knows no stage."""
