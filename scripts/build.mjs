// Bundles src/ into dist/: one entry for the start path, one per command, shared chunks beside them.
// A dynamic import becomes a chunk of its own, so a heavy package is read only by the command that needs it.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './paths.mjs';

const out = join(root, 'dist');

const entries = { main: 'src/main.ts' };
for (const file of readdirSync(join(root, 'src/commands'))) {
  if (file.endsWith('.ts')) entries[`commands/${file.slice(0, -3)}`] = `src/commands/${file}`;
}

rmSync(out, { recursive: true, force: true });
const metafile = await bundle(entries, 'chunks');
// Every ssh connection starts the shell, and each chunk costs it half a millisecond: it shares none with the commands.
const shell = await bundle({ 'shell/main': 'src/shell/main.ts' }, 'shell/chunks');
const peer = await bundle({ 'peer/git-remote-p2p': 'src/shell/git-remote-p2p.ts' }, 'peer/chunks');

writeFileSync(
  join(out, 'THIRD-PARTY-LICENSES.txt'),
  licenses(Object.keys({ ...metafile.inputs, ...shell.inputs, ...peer.inputs })),
);
if (process.argv.includes('--meta')) {
  writeFileSync(join(out, 'meta.json'), JSON.stringify(metafile));
}

async function bundle(entryPoints, chunks) {
  const { metafile } = await build({ ...settings(), entryPoints, chunkNames: `${chunks}/[name]-[hash]` });
  giveNames(Object.keys(metafile.outputs));
  return metafile;
}

function settings() {
  return {
    absWorkingDir: root,
    outdir: out,
    bundle: true,
    splitting: true,
    minifySyntax: true,
    minifyWhitespace: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    // Native code is loaded from node_modules, when it is there. oclif asks for typescript during its own development.
    external: ['fs-native-extensions', 'cpu-features', '*.node', 'typescript'],
  };
}

/**
 * CommonJS packages inside the bundle call require() for Node's own modules, all through one function of esbuild's. Only
 * the chunk with that function gets a `require`: making one takes a third of a millisecond, and a command loads 70 chunks.
 * `__dirname` is what ssh2's WebAssembly asks for.
 */
function giveNames(outputs) {
  for (const file of outputs.map((name) => join(root, name))) {
    const code = readFileSync(file, 'utf8');
    const given = [
      /\b__require=\(/.test(code) &&
        "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
      /\b__dirname\b/.test(code) && 'const __dirname=import.meta.dirname;',
    ].filter(Boolean);
    if (given.length > 0) writeFileSync(file, `${given.join('')}\n${code}`);
  }
}

/** The license texts of the packages in the bundle, which their licenses ask to go with it. */
function licenses(inputs) {
  const folders = new Set(inputs.map((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]));
  folders.delete(undefined);
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? '' : `\n${readFileSync(join(root, folder, file), 'utf8').trim()}\n`;
    return `${name} ${version} (${license})\n${text}`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}
