import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createScene, type Ended, killGroup, type Repository, type Scene } from '../support/scene.js';
import { type HttpServer, startHttpServer } from '../support/http-server.js';
import { stdoutOf } from '../support/output.js';
import { startSshd, type Sshd } from '../support/sshd.js';

const OUR_SHELL = fileURLToPath(new URL('../../bin/git-annex-ts-shell', import.meta.url));

let scene: Scene;
let sshd: Sshd;
let server: Repository;
let client: Repository;
let http: HttpServer | undefined;

beforeAll(async () => {
  scene = createScene();
  server = scene.create('server');
  server.write('f', 'content of f\n');
  server.must('real', 'add', '-q', '.');
  server.git('commit', '-qm', 'f');
  client = scene.clone('server', 'client');
  client.must('real', 'get', '-q', 'f');
  mkdirSync(scene.path('sshd'));
  sshd = await startSshd(scene.path('sshd'));
});
afterAll(async () => {
  await http?.stop();
  sshd?.stop();
  scene.remove();
});

/** All that a test may leave behind on either side. */
function traces() {
  return [server, client].map((repository) => ({
    branch: repository.git('rev-parse', 'git-annex'),
    contents: files(repository, 'objects'),
    partial: files(repository, 'tmp'),
    journal: files(repository, 'journal'),
    scratch: existsSync(`${repository.gitDirectory}/annex/annex-ts/testremote`),
    status: repository.git('status', '--porcelain'),
  }));
}

function files({ gitDirectory }: Repository, folder: string): string[] {
  const path = `${gitDirectory}/annex/${folder}`;
  return existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }).sort() : [];
}

/** Lines of a group, without times. */
function group(stdout: string, name: string): string[] {
  const lines = stdout.split('\n');
  const start = lines.findIndex((line) => line.endsWith(name));
  const end = lines.findIndex((line, i) => i > start && !line.startsWith('    '));
  return lines.slice(start, end).map((line) => line.replace(/: +/, ': ').replace(/ \(\d+\.\d+s\)$/, ''));
}

function passed({ status, stdout, stderr }: Ended): void {
  expect(stdout.split('\n').filter((line) => /FAIL/.test(line))).toEqual([]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/\n\nAll \d+ tests passed \(\d+\.\d\ds\)\nok\n$/);
}

describe('testremote of a good remote', () => {
  it('on a local path says what git-annex says, and leaves nothing', () => {
    const before = traces();
    const ours = client.ours('testremote', 'origin', '--fast', '--size=10kB');
    passed(ours);
    expect(traces()).toEqual(before);
    scene.copy('client', 'judge');
    const real = scene.repository('judge').real('testremote', 'origin', '--fast', '--size=10kB');
    expect(ours.stdout.split('\n')[0]).toBe(real.stdout.split('\n')[0]);
    for (const size of [10_000, 9999]) {
      const name = `key size Just ${size}; remote chunksize=0 encryption=none`;
      expect(group(ours.stdout, name)).toEqual(group(real.stdout, name));
      expect(group(ours.stdout, name)).toHaveLength(17);
    }
    const unavailable = group(real.stdout, 'unavailable remote').filter((line) => !line.includes('Cheap'));
    expect(group(ours.stdout, 'unavailable remote').slice(0, -1)).toEqual(unavailable);
  });

  it('that may only be read', () => {
    const before = traces();
    const { status, stdout } = client.ours('testremote', 'origin', '--test-readonly=f', '--only=key size');
    expect(status).toBe(0);
    expect(group(stdout, 'key size Just 13; remote')).toContain('    retrieveKeyFile resume from 33%: OK');
    expect(stdout).not.toMatch(/storeKey|removeKey/);
    expect(traces()).toEqual(before);
  });
});

describe('testremote of a remote that cannot store', () => {
  beforeAll(() => void server.git('config', 'annex.diskreserve', '1 exabyte'));
  afterAll(() => void server.git('config', '--unset', 'annex.diskreserve'));

  it('fails in each way of telling it', () => {
    const report = scene.path('report.xml');
    const args = ['testremote', 'origin', '--only=/^key size Just 5;.*(storeKey|present True)$/', '--size=5'];
    const text = client.ours(...args, `--junit=${report}`);
    expect(text.status).toBe(1);
    expect(text.stderr).toBe('testremote: 1 failed\n');
    expect(text.stdout).toMatch(/ {4}storeKey: +FAIL.*\n {6}not enough free space/);
    expect(text.stdout).toMatch(/ {4}present True: +FAIL.*\n {6}it said that the content is not there/);
    expect(text.stdout).toMatch(/\n\n3 out of 3 tests failed \(\d+\.\d\ds\)\n\nfailed\n$/);

    const xml = readFileSync(report, 'utf8');
    expect(xml).toContain('<testsuites name="testremote origin" tests="3" failures="3"');
    const parse = 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])';
    expect(scene.run('python3', ['-c', parse, report], scene.directory).status).toBe(0);

    const tap = client.ours(...args, '--tap').stdout;
    expect(tap).toMatch(
      /^TAP version 13\n# key size Just 5; .*\nnot ok 1 - key size.*: storeKey\n# not enough/,
    );
    expect(tap).toMatch(/\n1\.\.3\n$/);

    const json = client
      .ours(...args, '--json')
      .stdout.trimEnd()
      .split('\n');
    const records = json.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records[0]).toMatchObject({ name: 'storeKey', remote: 'origin', success: false, hung: false });
    expect(records[3]).toMatchObject({ summary: { failed: 3, passed: 0, total: 3 }, success: false });
  });
});

describe('testremote that is stopped', () => {
  it('cleans up', async () => {
    const before = traces();
    const running = scene.start('ours', ['testremote', 'origin', '--size=40MB'], client.path);
    const { child, ended } = running;
    await stdoutOf(running, /storeKey when already/);
    child.kill('SIGTERM');
    const { status, stdout, stderr } = await ended;
    expect(status).toBe(130);
    expect(stdout).toMatch(/\nStopped after \d+ tests, of which 0 failed/);
    expect(stderr).toContain('interrupted by SIGTERM');
    expect(traces()).toEqual(before);
  });

  it('removes what a killed run left', async () => {
    const before = traces();
    const running = scene.start('ours', ['testremote', 'origin', '--size=40MB'], client.path);
    const { child, ended } = running;
    await stdoutOf(running, /storeKey when already/);
    killGroup(child.pid as number);
    await ended;
    expect(files(server, 'objects')).not.toEqual(before[0]?.contents);
    passed(client.ours('testremote', 'origin', '--only=lockContent', '--size=10'));
    expect(traces()).toEqual(before);
  });
});

describe('testremote', () => {
  it('measures, and says what it can test', () => {
    const before = traces();
    const { status, stdout } = client.ours('testremote', 'origin', '--bench', '--test-readonly=f');
    expect(status).toBe(0);
    expect(stdout).toMatch(/\npresence +1 +13 B +\d+\.\d+ s +\d+\.\d+ ms\n/);
    expect(stdout).toMatch(/\nget, resumed from 50% +1 +13 B .*\/s .*\n/);
    const list = client.ours('testremote', 'origin', '--list').stdout;
    expect(list).toContain('locks and proofs; remote chunksize=0 encryption=none.removeKey while locked\n');
    expect(traces()).toEqual(before);
  });
});

describe('testremote of a good server', () => {
  it.each([
    ['theirs', 'git-annex-shell', '/^(unavailable|key size Just 300000;|interr|locks|unusual)/'],
    ['ours', OUR_SHELL, '/^(interr|locks)/'],
  ])('over ssh, served by %s', (name, shell, only) => {
    client.git('remote', 'add', name, `${sshd.address}${server.path}`);
    client.git('config', `remote.${name}.annex-ssh-options`, sshd.options);
    client.git('config', `remote.${name}.annex-shell`, shell);
    const contents = files(server, 'objects');
    passed(client.ours('testremote', name, '--fast', '--size=300kB', `--only=${only}`));
    expect(files(server, 'objects')).toEqual(contents);
    expect(files(server, 'tmp')).toEqual([]);
  });

  it('over http, served by our p2phttp', async () => {
    http = await startHttpServer(scene, 'ours', server.path, ['--wideopen']);
    client.git('config', 'annex.security.allowed-ip-addresses', '127.0.0.1');
    client.git('remote', 'add', 'http', `annex+http://127.0.0.1:${http.port}/git-annex/`);
    client.git('config', 'remote.http.annex-uuid', server.git('config', 'annex.uuid'));
    const contents = files(server, 'objects');
    passed(
      client.ours('testremote', 'http', '--fast', '--size=300kB', '--only=/^(unav|key|interr|locks|unus)/'),
    );
    expect(files(server, 'objects')).toEqual(contents);
  });
});
