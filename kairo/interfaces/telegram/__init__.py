"""The Telegram bot: what a chat sends in, what it is told; nothing is decided here."""
