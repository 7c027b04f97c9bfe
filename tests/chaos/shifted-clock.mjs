// Loaded before the application alone: its wall clock differs from the machine's by as many milliseconds as the file
// named by TEST_CLOCK_FILE says at the moment. Timers and performance.now() go on as they do when a clock is set.
import { readFileSync } from 'node:fs';
import { setInterval } from 'node:timers';

if (/server\/main\.[jt]s$/.test(process.argv[1])) {
  const RealDate = Date;
  let shift = 0;
  const look = () => {
    try {
      shift = Number(readFileSync(process.env.TEST_CLOCK_FILE, 'utf8')) || 0;
    } catch {
      shift = 0;
    }
  };
  look();
  setInterval(look, 50).unref();
  globalThis.Date = class Date extends RealDate {
    constructor(...args) {
      if (args.length === 0) super(RealDate.now() + shift);
      else super(...args);
    }

    static now() {
      return RealDate.now() + shift;
    }
  };
}
