import { createApp } from './app.js';
import { today } from './calendar.js';
import { createLog } from './log.js';
import { createShed, inventory } from './shed.js';

const port = Number(process.env.PORT ?? 8080);

createApp({ shed: createShed(inventory), today, log: createLog() }).listen(port, () => {
  console.log(`The shed is open at http://localhost:${port}`);
});
