import type { Config } from './config.ts';
import { embeddedDatabaseUrl } from './embedded.ts';

// A module of its own: the supervisor needs the addresses before any service exists.
export const databaseUrl = (config: Config) => config.database.url ?? embeddedDatabaseUrl(config.data_dir);
export const temporalAddress = (config: Config) => config.temporal.address ?? `127.0.0.1:${config.temporal.port}`;
export const publicUrl = (config: Config) => config.server.public_url ?? `http://localhost:${config.server.port}`;
