import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProxies } from '../../../src/domain/logs/proxy-log.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import { ascii, type ByteString } from '../../../src/lib/bytes.js';
import { type ProxyFacts, proxiedSettings } from '../../../src/remotes/list/proxied-settings.js';
import type { RemoteSettings } from '../../../src/remotes/list/remote-settings.js';

const CLUSTER = 'acae2ff6-6c1e-8bec-b8b9-397a3755f397' as Uuid;

function remote(name: string, over: Partial<RemoteSettings> = {}): RemoteSettings {
  const address = { kind: 'ssh', url: ascii(`ssh://host/${name}`) } as const;
  return {
    name: ascii(name),
    address,
    contents: address,
    uuid: `uuid-${name}` as Uuid,
    cost: 200,
    ignore: false,
    sync: true,
    checkUuid: true,
    readonly: false,
    verify: true,
    ...over,
  };
}

const nowhere = { address: { kind: 'none' }, contents: { kind: 'none' }, uuid: undefined } as const;

/** @param log lines of proxy.log without the time */
function facts(log: readonly string[], nodes: readonly string[] = []): ProxyFacts {
  return {
    here: 'uuid-here' as Uuid,
    proxies: parseProxies(log.map((line) => `1s ${line}\n`).join('') as ByteString),
    clusters: new Map([[CLUSTER, new Set(nodes as Uuid[])]]),
  };
}

const named = (found: readonly RemoteSettings[]) => found.map(({ name, uuid }) => `${name}=${uuid}`);

describe('remotes behind a gateway', () => {
  it('have its name and settings, and nodes of a cluster cost more than the cluster', () => {
    const gateway = remote('gw', { readonly: true, cost: 210 });
    const log = [`uuid-gw n1:node1 n2:node2 ${CLUSTER}:mine`, 'uuid-other x:y'];
    const found = proxiedSettings([gateway], facts(log, ['n1']));
    const shared = { ...gateway, gateway: 'gw', nodeOf: [] };
    expect(found).toEqual([
      { ...shared, name: 'gw-node1', uuid: 'n1', cost: 210.1, nodeOf: [CLUSTER] },
      { ...shared, name: 'gw-node2', uuid: 'n2' },
      { ...shared, name: 'gw-mine', uuid: CLUSTER },
    ]);
  });

  it('are there for ssh, annex+http, and peers that say they lead on', () => {
    const at = (kind: 'local' | 'http', url: string) =>
      remote('gw', {
        contents: kind === 'local' ? { kind, path: ascii(url) } : { kind, url: ascii(url) },
      });
    const log = facts(['uuid-gw n:n']);
    expect(proxiedSettings([at('local', '/gw')], log)).toEqual([]);
    const peer = remote('gw', { contents: { kind: 'p2p', url: ascii('p2p-annex::net:address') } });
    expect(proxiedSettings([peer], log)).toEqual([]);
    expect(proxiedSettings([{ ...peer, leadsOn: true }], log)).toHaveLength(1);
    expect(proxiedSettings([at('http', 'https://host/gw')], log)).toEqual([]);
    expect(named(proxiedSettings([at('http', 'annex+http://host/git-annex/')], log))).toEqual(['gw-n=n']);
  });

  it('give way to remotes of git config, but not to mere settings, which they follow', () => {
    const configured = [
      remote('gw'),
      remote('gw-a'),
      remote('gw-b', { ...nowhere, ignore: true }),
      remote('gw-c', { ...nowhere, uuid: 'some' as Uuid }),
    ];
    const found = proxiedSettings(configured, facts(['uuid-gw 1:a 2:b 3:c']));
    expect(named(found)).toEqual(['gw-b=2']);
    expect(found[0]?.ignore).toBe(true);
  });

  it('come in the order of the gateways on the way, under the shortest of their names', () => {
    const log = [
      `uuid-ams a:a1 ${CLUSTER}:mine n:ams-syd-nyc-n1 n:nyc-n1 n:syd-nyc-n1 s:nyc-syd-s1`,
      'uuid-nyc a:ams-a1 n:n1 s:syd-s1',
      'uuid-syd s:s1',
    ];
    const found = proxiedSettings([remote('ams'), remote('nyc')], facts(log));
    expect(named(found)).toEqual([
      'ams-a1=a',
      `ams-mine=${CLUSTER}`,
      'nyc-n1=n',
      'ams-nyc-n1=n',
      'nyc-ams-a1=a',
      'nyc-syd-s1=s',
      'ams-nyc-syd-s1=s',
    ]);
  });

  it('are found through further gateways by the shortest way, and cycles end', () => {
    const log = [
      'uuid-gw b:b here:x uuid-gw:self uuid-here:me',
      'b uuid-gw:gw c:c',
      'c b:b n:n uuid-gw:again',
      'n c:c b:b n:n',
    ];
    expect(named(proxiedSettings([remote('gw')], facts(log)))).toEqual([
      'gw-b=b',
      'gw-x=here',
      'gw-b-c=c',
      'gw-b-c-n=n',
    ]);
  });

  it('are as many as can be used, with names that can be', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `n${i}:node${i}`);
    expect(proxiedSettings([remote('gw')], facts([`uuid-gw ${many.join(' ')}`]))).toHaveLength(1000);
    const bad = ['a/b', '..', 'a..b', '-x', '$(id)', 'a;b', "a'b", 'x.lock', '', '\x1b[2J', 'n'.repeat(300)];
    const log = `uuid-gw ${bad.map((name, i) => `n${i}:${name}`).join(' ')} ok:fine`;
    expect(named(proxiedSettings([remote('gw')], facts([log])))).toEqual(['gw-fine=ok']);
    expect(named(proxiedSettings([remote('gw')], facts(['uuid-gw n:a b c:d'])))).toEqual(['gw-a=n']);
  });

  it('have names of their own and never end anywhere else, whatever the logs say', () => {
    const uuid = fc.constantFrom('uuid-gw', 'uuid-gx', 'uuid-here', 'a', 'b', 'c', CLUSTER, '');
    const entry = fc.tuple(uuid, fc.constantFrom('x', 'y', 'x-y', '..', 'a/b', 'gw')).map((e) => e.join(':'));
    const line = fc.tuple(uuid, fc.array(entry, { maxLength: 6 })).map(([u, e]) => [u, ...e].join(' '));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (log) => {
        const configured = [remote('gw'), remote('gx'), remote('gw-x', nowhere)];
        const found = proxiedSettings(configured, facts(log));
        const names = [...found.map(({ name }) => name), 'gw', 'gx'];
        expect(new Set(names).size).toBe(names.length);
        for (const one of found) {
          expect(one.name).toMatch(/^g[wx](-\w+)+$/);
          expect(one.uuid).not.toBe('uuid-here');
          expect(one.contents).toEqual(configured.find(({ name }) => name === one.gateway)?.contents);
        }
      }),
    );
  });
});
