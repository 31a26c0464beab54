// Makes what follows from the commands' declarations: the oclif manifest, the man pages and the shell completions.
// With --check it changes nothing and fails when one of them is not what would be made. Needs a build.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Plugin } from '@oclif/core';
import { bashCompletion, fishCompletion, zshCompletion } from './generate/completion.mjs';
import { commandPage, mainPage } from './generate/man.mjs';
import { shellPage } from './generate/shell-page.mjs';
import { inPackage, root } from './paths.mjs';

const packageJson = JSON.parse(readFileSync(inPackage('package.json'), 'utf8'));
const manifest = await readCommands();
const commands = Object.values(manifest.commands).filter((command) => !command.hidden);

// npm links the pages that package.json lists into the prefix's man folder; a folder's name is not enough for it.
const pages = [
  'git-annex-ts',
  'git-annex-ts-shell',
  ...commands.map((command) => `git-annex-ts-${command.id}`),
];
const packageWithPages = { ...packageJson, man: pages.map((page) => `./man/${page}.1`) };

const files = new Map([
  ['package.json', `${JSON.stringify(packageWithPages, null, 2)}\n`],
  ['oclif.manifest.json', `${JSON.stringify(manifest, null, 2)}\n`],
  ['man/git-annex-ts.1', mainPage(commands, packageJson)],
  ['man/git-annex-ts-shell.1', shellPage(packageJson)],
  ...commands.map((command) => [`man/git-annex-ts-${command.id}.1`, commandPage(command, packageJson)]),
  ['completion/git-annex-ts.bash', bashCompletion(commands)],
  ['completion/_git-annex-ts', zshCompletion(commands)],
  ['completion/git-annex-ts.fish', fishCompletion(commands)],
]);
const surplus = readdirIfThere('man')
  .map((name) => `man/${name}`)
  .filter((path) => path.endsWith('.1') && !files.has(path));

if (process.argv.includes('--check')) {
  const stale = [...files].filter(([path, text]) => readIfThere(path) !== text).map(([path]) => path);
  for (const path of [...stale, ...surplus]) console.error(`${path} is not fresh: run \`npm run manifest\``);
  process.exitCode = stale.length + surplus.length > 0 ? 1 : 0;
} else {
  for (const [path, text] of files) {
    mkdirSync(dirname(inPackage(path)), { recursive: true });
    writeFileSync(inPackage(path), text);
  }
  for (const path of surplus) rmSync(inPackage(path));
}

/** oclif's own manifest, with nothing in it that depends on where the package lies, in a stable order. */
async function readCommands() {
  const plugin = new Plugin({ errorOnManifestCreate: true, ignoreManifest: true, root, type: 'core' });
  await plugin.load();
  const { commands: unsorted, ...rest } = plugin.manifest;
  const ids = Object.keys(unsorted).sort();
  return { ...rest, commands: Object.fromEntries(ids.map((id) => [id, unsorted[id]])) };
}

function readIfThere(path) {
  return existsSync(inPackage(path)) ? readFileSync(inPackage(path), 'utf8') : undefined;
}

function readdirIfThere(path) {
  return existsSync(inPackage(path)) ? readdirSync(inPackage(path)) : [];
}
