import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { AnnexError } from '../../domain/errors.js';
import type { TlsFiles } from '../../operations/serve-http/listen.js';
import type { Rights } from '../../operations/serve-http/permissions.js';

const ACCESS = 'WHO MAY DO WHAT';
const TLS = 'TLS';

/** The options of git-annex-p2phttp(1), those of newer versions included, and an access log. */
export const p2pHttpFlags = {
  port: whole('port to listen on (default: 9417); 0 takes a free one', 'PORT', 65_535),
  bind: Flags.string({ description: 'address to listen on (default: all)', helpValue: 'ADDRESS' }),
  socket: Flags.string({ description: 'unix socket to listen on, in place of a port', helpValue: 'PATH' }),
  directory: Flags.string({
    description: 'serve the repositories below that folder, those added later too',
    helpValue: 'PATH',
    multiple: true,
  }),
  certfile: tlsFile('TLS certificate'),
  privatekeyfile: tlsFile('TLS private key'),
  chainfile: Flags.string({
    description: 'further TLS certificates',
    helpValue: 'FILE',
    multiple: true,
    aliases: ['chaincertfile'],
    helpGroup: TLS,
  }),
  authenv: access('users and passwords from the environment, over TLS only'),
  'authenv-http': access('the same over connections that are not encrypted, too'),
  'unauth-readonly': access('let everybody read'),
  'unauth-appendonly': access('let everybody read and store'),
  'unauth-nolocking': access('do not let everybody lock content'),
  wideopen: access('let everybody read, store and remove'),
  lockedfiles: whole('contents that clients may keep locked at once (default: 1000)', 'NUMBER'),
  'access-log': Flags.string({ description: 'log requests to that file, not to stderr', helpValue: 'FILE' }),
  proxyconnections: whole('accepted for git-annex, has no effect', 'NUMBER'),
  clusterjobs: whole(
    'nodes of a cluster asked at once, for each request (default: annex.jobs of the gateway, else all)',
    'NUMBER',
  ),
  cpus: whole('accepted for git-annex, has no effect', 'NUMBER'),
};

/** The TLS files that options name. Throws `usage` for a certificate without its key, or the other way round. */
export function tlsOf(flags: {
  readonly certfile?: string | undefined;
  readonly privatekeyfile?: string | undefined;
  readonly chainfile?: readonly string[] | undefined;
}): TlsFiles | undefined {
  const { certfile, privatekeyfile, chainfile = [] } = flags;
  if (certfile === undefined && privatekeyfile === undefined && chainfile.length === 0) return undefined;
  if (certfile === undefined || privatekeyfile === undefined)
    throw new AnnexError('usage', 'TLS needs both --certfile and --privatekeyfile');
  const chain = chainfile.map((file) => resolve(file));
  return { certificate: resolve(certfile), privateKey: resolve(privatekeyfile), chain };
}

/** What may be done without a password. */
export function anonymousRights(flags: {
  readonly wideopen?: boolean;
  readonly 'unauth-appendonly'?: boolean;
  readonly 'unauth-readonly'?: boolean;
  readonly 'unauth-nolocking'?: boolean;
}): Rights | undefined {
  if (flags.wideopen) return { access: 'all', lock: true };
  const lock = flags['unauth-nolocking'] !== true;
  if (flags['unauth-appendonly']) return { access: 'append', lock };
  return flags['unauth-readonly'] ? { access: 'read', lock } : undefined;
}

function access(description: string) {
  return Flags.boolean({ description, helpGroup: ACCESS });
}

function tlsFile(description: string) {
  return Flags.string({ description, helpValue: 'FILE', helpGroup: TLS });
}

function whole(description: string, helpValue: string, max = 1e6) {
  return Flags.custom<number>({
    description,
    helpValue,
    parse: async (input, _context, flag) => {
      if (/^\d{1,7}$/.test(input) && Number(input) <= max) return Number(input);
      throw new AnnexError('usage', `option --${flag.name}: cannot parse value \`${input}'`);
    },
  })();
}
