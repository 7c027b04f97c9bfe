/** Paths in a sandbox on another machine. */
export const workspace = '/workspace';
export const home = '/home/agent';
