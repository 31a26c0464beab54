import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** A gateway with a repository, a cluster and another gateway behind it, and names that nobody should complete to. */
function addGateway(folder: string): void {
  const git = (args: string[], input = '') =>
    execFileSync('git', ['-C', folder, ...args], { input, encoding: 'utf8' }).trim();
  git(['config', 'annex.uuid', 'here']);
  for (const [name, url, uuid] of [
    ['server', 'ssh://host/annex', 'S'],
    ['usbdrive', '/nowhere', 'U'],
  ] as const) {
    git(['config', `remote.${name}.url`, url]);
    git(['config', `remote.${name}.annex-uuid`, uuid]);
  }
  const log = '1s S D:disk C:home O:other here:me X:$(id) Y:a;b\n1s O A:attic S:back\n1s U D:disk\n';
  const blob = git(['hash-object', '-w', '--stdin'], log);
  const tree = git(['mktree'], `100644 blob ${blob}\tproxy.log\n`);
  const commit = git(['-c', 'user.name=t', '-c', 'user.email=t@t', 'commit-tree', tree, '-m', 'log']);
  git(['update-ref', 'refs/heads/git-annex', commit]);
}

describe('the npm package', () => {
  let folder: string;
  let packed: Packed;

  const npm = (...args: string[]) =>
    execFileSync('npm', [...args, '--loglevel=error', '--no-audit', '--no-fund', '--prefer-offline'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 110_000,
    });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'package-'));
    const answer: unknown = JSON.parse(
      npm('pack', '--json', '--ignore-scripts', '--pack-destination', folder),
    );
    packed = (Array.isArray(answer) ? answer[0] : Object.values(answer as object)[0]) as Packed;
    npm(
      'install',
      '-g',
      '--prefix',
      join(folder, 'prefix'),
      '--ignore-scripts',
      join(folder, packed.filename),
    );
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const env = () => ({
    ...process.env,
    PATH: `${join(folder, 'prefix/bin')}:${process.env['PATH']}`,
    MANPATH: join(folder, 'prefix/share/man'),
    MANPAGER: 'cat',
  });

  test('holds the program and nothing of its development', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toContain('dist/main.js');
    expect(paths).toContain('dist/THIRD-PARTY-LICENSES.txt');
    expect(paths).toContain('oclif.manifest.json');
    expect(paths.filter((path) => /^(src|test|scripts|[.])|[.]map$|meta[.]json$/.test(path))).toEqual([]);
  });

  test('has no piece that asks for what modules do not have, as packages inside it might', () => {
    const chunks = packed.files.map(({ path }) => path).filter((path) => path.startsWith('dist/chunks/'));
    const load = chunks.map((path) => `await import(${JSON.stringify(`${root}/${path}`)});`).join('');
    const ended = spawnSync(process.execPath, ['--input-type=module', '-e', load], { encoding: 'utf8' });
    // ssh2 among them compiles its WebAssembly when it is loaded.
    expect(chunks.length).toBeGreaterThan(50);
    expect(ended.stderr.slice(-300)).toBe('');
    expect(ended.status).toBe(0);
  });

  test('has the shell for servers, under the name that clients look for too', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['dist/shell/main.js', 'man/git-annex-ts-shell.1']));
    symlinkSync('git-annex-ts-shell', join(folder, 'prefix/bin/git-annex-shell'));
    const { status, stdout } = spawnSync('git-annex-shell', ['--help'], { env: env(), encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toContain('Usage: git-annex-ts-shell');
  });

  test('is small', () => {
    expect(packed.size).toBeLessThan(1_500_000);
  });

  test('runs as a git subcommand after an install without scripts', () => {
    const { status, stdout } = spawnSync('git', ['annex-ts', 'version', '--raw'], {
      env: env(),
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '10.20250416' });
  });

  test('has a manual that git finds', () => {
    const { status, stdout } = spawnSync('git', ['annex-ts', '--help'], { env: env(), encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toContain('GIT-ANNEX-TS(1)');
  });

  test('completes commands, options and remotes in bash', () => {
    const file = join(folder, 'prefix/lib/node_modules/git-annex-ts/completion/git-annex-ts.bash');
    const complete = (...words: string[]) => {
      const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _git_annex_ts; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const result = spawnSync('bash', ['-c', script, 'bash', file, ...words], {
        cwd: folder,
        encoding: 'utf8',
      });
      return result.stdout.trim().split('\n');
    };
    execFileSync('git', ['init', '--quiet', folder]);
    execFileSync('git', ['-C', folder, 'remote', 'add', 'usbdrive', '/nowhere']);
    expect(complete('git', 'annex-ts', 'vers')).toEqual(['version']);
    expect(complete('git', 'annex-ts', 'version', '--ra')).toEqual(['--raw']);
    expect(complete('git', 'annex-ts', 'version', '--untrust', 'usb')).toEqual(['usbdrive']);
    addGateway(folder);
    const behind = ['server-disk', 'server-home', 'server-other', 'server-other-attic'];
    expect(complete('git', 'annex-ts', 'get', '--from', 'server-').sort()).toEqual(behind);
    expect(complete('git', 'annex-ts', 'get', '--from', '=', 'server-').sort()).toEqual(behind);
    expect(complete('git', 'annex-ts', 'copy', '--to', '=')).toContain('server-home');
    expect(complete('git', 'annex-ts', 'get', '--from', 'usbdrive-')).toEqual(['']);
  });

  test('completes the same in fish, for both names of the command', () => {
    const file = join(folder, 'prefix/lib/node_modules/git-annex-ts/completion/git-annex-ts.fish');
    const complete = (line: string) => {
      const result = spawnSync('fish', ['-c', 'source $argv[1]; complete -C $argv[2]', file, line], {
        cwd: folder,
        encoding: 'utf8',
        env: env(),
      });
      return result.stdout.trim().split('\n');
    };
    execFileSync('git', ['init', '--quiet', folder]);
    execFileSync('git', ['-C', folder, 'config', 'remote.nasbox.url', '/nowhere']);
    expect(complete('git-annex-ts vers')).toEqual(['version\tshow version info']);
    expect(complete('git annex-ts version --ra')).toEqual([expect.stringMatching(/^--raw\t/)]);
    expect(complete('git annex-ts get --from nas')).toEqual([expect.stringMatching(/^nasbox\t/)]);
    addGateway(folder);
    expect(complete('git annex-ts get --from=server-other-').join()).toMatch(/^--from=server-other-attic/);
    expect(complete('git-annex-ts copy --to server-h').join()).toMatch(/^server-home/);
  });

  test('completes the same in zsh, as a subcommand of git', () => {
    const functions = join(folder, 'prefix/lib/node_modules/git-annex-ts/completion');
    execFileSync('git', ['init', '--quiet', folder]);
    execFileSync('git', ['-C', folder, 'config', 'remote.nasbox.url', '/nowhere']);
    const script = ['-f', 'test/support/zsh-completion.zsh', functions, folder];
    const listed = (line: string) =>
      execFileSync('zsh', [...script, line], {
        encoding: 'utf8',
        env: env(),
        timeout: 30_000,
        killSignal: 'SIGKILL',
      });
    expect(listed('git annex-ts get --from ')).toContain('nasbox');
    addGateway(folder);
    expect(listed('git annex-ts get --from=')).toContain('server-other-attic');
    expect(listed('git-annex-ts vers')).toContain('show version info');
  });

  test('installs few packages besides', () => {
    const modules = join(folder, 'prefix/lib/node_modules/git-annex-ts/node_modules');
    expect(readdirSync(modules)).not.toContain('@oclif');
  });
});
