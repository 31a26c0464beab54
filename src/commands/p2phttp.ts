import { resolve } from 'node:path';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { currentDirectory } from './base/query-command.js';
import { jobsFlag } from './options/common.js';
import { anonymousRights, p2pHttpFlags, tlsOf } from './options/p2phttp.js';

/** Transfers at once without --jobs. They share one process, so that more cost little. */
const JOBS = 100;

export default class P2phttp extends BaseCommand {
  static override summary = 'communicate in P2P protocol over http';
  static override description =
    'Serves the repository of the current directory, or those below --directory, to git-annex and git-annex-ts. A remote ' +
    'that reaches it has an annexUrl such as annex+http://example.com/git-annex/. Any other program gets a content at ' +
    '/git-annex/UUID/key/KEY. The git repository itself is not served. Repositories and clusters that it is a gateway to ' +
    '(updateproxy, updatecluster) are served as well.\n\n' +
    'Without an option that says who may do what, nobody may do anything. Users come from the environment: ' +
    'GIT_ANNEX_P2PHTTP_PASSWORD_alice=foo123, and GIT_ANNEX_P2PHTTP_PERMISSIONS_alice=readonly (or appendonly) where alice ' +
    'may not do all.\n\n' +
    `Without --jobs, ${JOBS} transfers go on at once for each repository; others wait. Each request is logged on standard error, or ` +
    'in the file of --access-log; --quiet logs none. SIGTERM and SIGINT end the server in order. TLS ' +
    'certificates that are renewed are taken without a restart.';
  static override examples = [
    'git-annex-ts p2phttp --unauth-readonly',
    'git-annex-ts p2phttp --directory /srv/annexes --authenv --certfile cert.pem --privatekeyfile key.pem',
    'git-annex-ts p2phttp --socket /run/annex.sock --authenv-http --access-log /var/log/annex.log',
  ];
  static override flags = { ...p2pHttpFlags, ...jobsFlag };

  async run(): Promise<void> {
    const { flags, context } = await this.request(P2phttp);
    const { serveHttp } = await import('../operations/serve-http/serve-http.js');
    const outcome = await serveHttp(
      {
        here: currentDirectory(),
        directories: (flags.directory ?? []).map((folder) => fromText(resolve(folder))),
        port: flags.port ?? 9417,
        bind: flags.bind,
        socket: flags.socket === undefined ? undefined : resolve(flags.socket),
        tls: tlsOf(flags),
        passwords: flags['authenv-http'] ? 'always' : flags.authenv ? 'tls' : 'none',
        anonymous: anonymousRights(flags),
        jobs: flags.jobs ?? JOBS,
        clusterJobs: flags.clusterjobs,
        lockedFiles: flags.lockedfiles ?? 1000,
        accessLog: flags['access-log'] === undefined ? undefined : resolve(flags['access-log']),
        quiet: flags.quiet === true,
      },
      context,
    );
    await this.finish(outcome);
  }
}
