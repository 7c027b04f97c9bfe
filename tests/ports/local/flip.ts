/**
 * A command that makes `dir` a folder and a link to a folder outside, and `target` a file and a link to a file
 * outside, by turns, as fast as the kernel renames.
 */
export function flipping(outside: string, filesInside = 1): string {
  const script = `
    const fs = require('fs');
    fs.mkdirSync('real'); fs.writeFileSync('real/file', 'mine\\n'); fs.writeFileSync('plain', 'mine\\n');
    for (let i = 0; i < ${filesInside}; i++) fs.writeFileSync('real/f' + i, 'mine\\n');
    fs.symlinkSync('${outside}', 'fake'); fs.symlinkSync('${outside}/file', 'away');
    for (;;) try {
      fs.renameSync('real', 'dir'); fs.renameSync('dir', 'real'); fs.renameSync('fake', 'dir'); fs.renameSync('dir', 'fake');
      fs.renameSync('plain', 'target'); fs.renameSync('target', 'plain'); fs.renameSync('away', 'target'); fs.renameSync('target', 'away');
    } catch {
      // The platform wrote where something is to be renamed to.
      for (const [from, to] of [['dir', 'real'], ['target', 'plain']]) try { if (!fs.existsSync(to)) fs.renameSync(from, to); else fs.rmSync(from, { recursive: true, force: true }); } catch {}
      if (!fs.existsSync('real')) fs.mkdirSync('real');
      if (!fs.existsSync('real/file')) fs.writeFileSync('real/file', 'mine\\n');
      if (!fs.existsSync('plain')) fs.writeFileSync('plain', 'mine\\n');
      try { fs.symlinkSync('${outside}', 'fake'); } catch {}
      try { fs.symlinkSync('${outside}/file', 'away'); } catch {}
    }`;
  return `exec node -e "${script}"`;
}
