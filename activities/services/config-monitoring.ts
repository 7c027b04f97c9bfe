import { z } from 'zod';
import { count, flag, positive, seconds, share } from './config-values.ts';

/** The loops that watch: guardian, conductor, health, and the heartbeats of registered agents. */
export const monitoringSettings = z.strictObject({
  enabled: flag.default(true),
  guardian_interval: seconds.default(60),
  conductor_interval: seconds.default(300),
  health_interval: seconds.default(30),
  /** WATCH-11: the time between two looks of the watchdog; that after which a loop's cycle is late; and that between two
   * looks whether the watchdog itself is there. */
  watchdog_interval: seconds.default(5),
  watchdog_ttl: seconds.default(15),
  watchdog_check: seconds.default(30),
  /** Registered agents beat so often; each missing heartbeat counts, and the third one fails the agent. */
  heartbeat_interval: seconds.default(30),
  /** EXEC-32: the least time between two restarts of an agent, and the restarts after which a person is asked. */
  restart_cooldown: seconds.default(60),
  restarts_per_hour: positive.default(3),
  max_concurrent_analyses: positive.default(5),
  auto_steering: flag.default(true),
  steering_threshold: share.default(0.7),
  steering_cooldown_turns: count.default(3),
  minimum_age: seconds.default(60),
  analysis_cache: seconds.default(300),
  analysis_window: seconds.default(600),
  idle_stop: seconds.default(120),
});
