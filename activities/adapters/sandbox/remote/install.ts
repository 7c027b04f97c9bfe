import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { scripts as local } from '../local/processes.ts';

/** The platform's own folder in a sandbox. */
export const root = '/var/lib/omoios';

const own = ['driver.sh', 'calls.sh', 'jobs.sh', 'files.sh', 'port.sh'].map((name) =>
  path.join(import.meta.dirname, 'scripts', name),
);
const shared = [local.job, local.end, local.alone, local.workspace, local.sift, local.jobCommand];

export interface Scripts {
  /** A shell program that puts the scripts into the sandbox that it runs in. */
  installer: string;
  /** The script that answers calls. */
  driver: string;
  /** The script that leads to a port. */
  port: string;
}

/**
 * The scripts that work in a sandbox on another machine, in a folder named by their content: a sandbox that an older version
 * made gets those of the newer one beside its own.
 */
export function readScripts(): Scripts {
  const files = [...own, ...shared].map((file) => ({ name: path.basename(file), content: readFileSync(file) }));
  const hash = createHash('sha256');
  for (const { name, content } of files) hash.update(`${name}\0`).update(content);
  const folder = `${root}/scripts/${hash.digest('hex').slice(0, 16)}`;
  const fresh = `${folder}.$$`;
  const installer = [
    '#!/bin/bash',
    'set -e',
    'umask 022',
    'export LC_ALL=C',
    // The variables of the image, as the user of the sandbox has them.
    '[[ -e "$0.image" ]] || env -0 >"$0.image"',
    `if ((EUID)); then
      uploads=$(id -u)
      sudo -n true 2>/dev/null || { echo "The user of the image is neither root nor may use sudo."; exit 80; }
      exec sudo -n bash "$0" "$uploads"
    fi`,
    `mkdir -p ${root}/scripts ${root}/spool`,
    `chown "\${1:-0}" ${root}/spool`,
    `chmod 700 ${root}/spool`,
    `[[ -e ${root}/image ]] || cp "$0.image" ${root}/image`,
    `chmod 600 ${root}/image`,
    `if [[ ! -d ${folder} ]]; then`,
    `  mkdir -p ${fresh}`,
    ...files.map(({ name, content }) => `  base64 -d >${fresh}/${name} <<'END'\n${content.toString('base64')}\nEND`),
    `  mv -T ${fresh} ${folder} || [[ -d ${folder} ]]`,
    'fi',
    'rm -f "$0" "$0.image"',
    `if [[ -e ${root}/done ]]; then echo made; else echo installed; fi`,
  ].join('\n');
  return { installer, driver: `${folder}/driver.sh`, port: `${folder}/port.sh` };
}
