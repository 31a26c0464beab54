import { Args, Flags } from '@oclif/core';
import { AnnexError } from '../domain/errors.js';
import { type ByteString, fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { currentDirectory, withRepository } from './base/query-command.js';
import { durationFlag, sizeFlag } from './options/units.js';
import { jsonFlags } from './options/common.js';

export default class Testremote extends BaseCommand {
  static override summary = 'test transfers to/from a remote';
  static override description =
    'Stores random contents on the remote, retrieves and removes them, interrupts transfers, locks contents, and so on. ' +
    'The contents of the repository and of the remote are not touched, and what was stored for the test is removed again, ' +
    'also after failures and interruptions. Exits with 1 when a test fails.';
  static override examples = [
    'git-annex-ts testremote backup',
    'git-annex-ts testremote backup --fast --size=10kB',
    'git-annex-ts testremote mirror --test-readonly=photo.jpg',
    'git-annex-ts testremote backup --only=resume --timeout=30s',
    'git-annex-ts testremote backup --junit=report.xml',
    'git-annex-ts testremote backup --bench --size=100MB',
  ];
  static override args = { remote: Args.string({ required: true }) };
  static override flags = {
    size: sizeFlag('base size of the random contents; 1 MiB by default, 32 MiB with --bench'),
    'test-readonly': Flags.string({
      description: 'read that annexed file, which is here and on the remote, and write nothing',
      helpValue: 'FILE',
      multiple: true,
    }),
    'ensure-readonly': Flags.boolean({ description: 'refuse to write anything to the remote' }),
    list: Flags.boolean({ description: 'list the tests instead of running them' }),
    only: Flags.string({
      description: 'run those tests only whose group and name hold that text, or match that /REGEX/',
      helpValue: 'PATTERN',
    }),
    bench: Flags.boolean({ description: 'measure latency and throughput instead of testing' }),
    tap: Flags.boolean({ description: 'report in the Test Anything Protocol' }),
    junit: Flags.string({ description: 'also write a JUnit report to that file', helpValue: 'FILE' }),
    timeout: durationFlag('a test that takes longer has failed; 5m by default'),
    ...jsonFlags,
  };

  async run(): Promise<void> {
    try {
      await this.test();
    } finally {
      // A remote that kept silent may have left connections that keep the process from ending.
      setTimeout(() => process.exit(), 2000).unref();
    }
  }

  private async test(): Promise<void> {
    const { flags, operands, context } = await this.request(Testremote);
    if (flags.list && flags.bench) throw new AnnexError('usage', 'Cannot combine --list with --bench');
    const { testRemote } = await import('../operations/testremote/testremote.js');
    const { openRepository } = await import('../operations/open-repository.js');
    const outcome = await withRepository((here) =>
      testRemote(
        here,
        {
          remote: operands[0] as ByteString,
          size: flags.size ?? (flags.bench ? 32 << 20 : 1 << 20),
          fast: flags.fast,
          readonlyFiles: (flags['test-readonly'] ?? []).map(fromText),
          ensureReadonly: flags['ensure-readonly'],
          instead: flags.list ? 'list' : flags.bench ? 'bench' : undefined,
          only: flags.only,
          tap: flags.tap,
          junit: flags.junit === undefined ? undefined : fromText(flags.junit),
          timeout: flags.timeout ?? 300_000,
          cwd: currentDirectory(),
          openRepository,
        },
        context,
      ),
    );
    await this.finish(outcome);
  }
}
