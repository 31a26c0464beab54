// Installs what the interop tests compare with: git-annex (from Debian's backports), an ssh server, rsync, and the shells
// whose completion is tested.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Package by the program that shows it is there. */
const TOOLS = {
  'git-annex': 'git-annex',
  sshd: 'openssh-server',
  openssl: 'openssl',
  rsync: 'rsync',
  zsh: 'zsh',
  fish: 'fish',
  man: 'man-db',
};
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

/** Installs the missing tools; undefined when all are there, else the sentence that says what to do. */
export function setUpTestTools() {
  const missing = Object.keys(TOOLS).filter((program) => !isInstalled(program));
  if (missing.length === 0) return undefined;
  const packages = missing.map((program) => TOOLS[program]).join(', ');
  const sources = debianSources();
  if (process.getuid?.() !== 0 || sources === undefined) {
    return `The interop tests need ${packages}: install them with your system's package manager (git-annex 10.20250416 or newer), or run this as root on Debian.`;
  }
  install(
    missing.filter((program) => program !== 'git-annex').map((program) => TOOLS[program]),
    [],
  );
  if (missing.includes('git-annex')) {
    const backports = `${sources.codename}-backports`;
    const list = `deb ${sources.options}${sources.uri} ${backports} main\n`;
    writeFileSync(`/etc/apt/sources.list.d/${backports}-for-tests.list`, list);
    install(['git-annex'], ['-t', backports]);
  }
  const left = missing.filter((program) => !isInstalled(program));
  return left.length === 0 ? undefined : `apt-get could not install ${left.map((p) => TOOLS[p]).join(', ')}.`;
}

function install(packages, options) {
  if (packages.length === 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-q'],
    ['install', '-y', '-q', '--no-install-recommends', ...options, ...packages],
  ]) {
    spawnSync('apt-get', args, { stdio: ['ignore', 'inherit', 'inherit'], env });
  }
}

function isInstalled(program) {
  return PATH.split(':').some((folder) => existsSync(join(folder, program)));
}

/** The mirror this machine gets Debian from, as its own apt sources name it. */
function debianSources() {
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(readIfThere('/etc/os-release'))?.[1];
  if (codename === undefined || !existsSync('/usr/bin/apt-get')) return undefined;
  const folder = '/etc/apt/sources.list.d';
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const texts = ['/etc/apt/sources.list', ...names.map((name) => join(folder, name))]
    .filter((path) => /\.(list|sources)$/.test(path))
    .map(readIfThere);
  for (const text of texts) {
    const line = new RegExp(`^deb\\s+(\\[[^\\]]*\\]\\s+)?(\\S+)\\s+${codename}\\s`, 'm').exec(text);
    if (line) return { codename, options: line[1] ?? '', uri: line[2] };
    for (const stanza of text.split(/\n\s*\n/)) {
      const field = (name) => new RegExp(`^${name}:\\s*(.+)$`, 'm').exec(stanza)?.[1];
      if (!field('Suites')?.split(/\s+/).includes(codename)) continue;
      const key = field('Signed-By');
      return { codename, options: key ? `[signed-by=${key}] ` : '', uri: field('URIs')?.split(/\s+/)[0] };
    }
  }
  return undefined;
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const problem = setUpTestTools();
  if (problem !== undefined) {
    console.error(problem);
    process.exitCode = 1;
  }
}
