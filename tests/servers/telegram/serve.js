// Starts the Bot API server of telegram-test-api on the port given, and says so once it listens.
const { TelegramServer } = require("telegram-test-api/lib/telegramServer");

const port = Number(process.argv[2]);
new TelegramServer({ port, host: "127.0.0.1" }).start().then(() => console.log("listening"));
