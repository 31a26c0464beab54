import { Command, type Interfaces, Parser } from '@oclif/core';
import { AnnexError } from '../../domain/errors.js';
import type { Emit } from '../../domain/events.js';
import type { ByteString } from '../../lib/bytes.js';
import type { OperationContext, Outcome } from '../../operations/context.js';
import { BUSY, FAILED, LIMIT_REACHED, OUT_OF_STEP } from '../../report/exit-codes.js';
import type { Reporter } from '../../report/reporter.js';
import { commonFlags } from '../options/common.js';
import type { MatchingToken } from '../options/matching.js';
import { rawArguments } from '../options/raw-arguments.js';
import { splitArgv } from '../options/split-argv.js';
import { applyConfigOverrides } from './config-overrides.js';
import { openReporter } from './open-reporter.js';
import { watchSignals } from './signals.js';

/** A command's arguments, read and checked. */
export interface Request<F extends Interfaces.FlagInput> {
  readonly flags: Interfaces.InferredFlags<F> & Interfaces.InferredFlags<typeof commonFlags>;
  /** What is no option, as bytes: files, remotes, descriptions. */
  readonly operands: readonly ByteString[];
  /** The matching options in the order given. */
  readonly matching: readonly MatchingToken[];
  /** What every operation gets. */
  readonly context: OperationContext;
}

/** The static side of a command class, as far as arguments go. */
interface CommandShape<F extends Interfaces.FlagInput> {
  readonly flags: F;
  readonly args: Interfaces.ArgInput;
}

/**
 * What all commands share: git-annex's way of reading arguments, the common options, a reporter that fits the options
 * and the terminal, an abort signal for SIGINT and SIGTERM, and the exit code. It opens no repository.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags = commonFlags;

  #reporter: Reporter | undefined;
  #stopWatching: (() => void) | undefined;

  /** Runs the command with the arguments it was made with, without oclif's hooks, which it has none of. */
  async execute(): Promise<void> {
    try {
      await this.run();
    } finally {
      await this.#close();
    }
  }

  /** Reads the arguments by the class's `flags` and `args`, and opens the reporter they ask for. */
  protected async request<F extends Interfaces.FlagInput>(shape: CommandShape<F>): Promise<Request<F>> {
    const split = splitArgv(rawArguments(this.argv), { ...commonFlags, ...shape.flags });
    checkOperands(split.operands, shape.args);
    const parsed = await Parser.parse([...split.flags], {
      context: this,
      flags: { ...commonFlags, ...shape.flags },
      strict: false,
    });
    const rebalance = parsed.flags['rebalance'] ? ['annex-ts.rebalance=true'] : [];
    applyConfigOverrides([...(parsed.flags.config ?? []), ...rebalance]);
    // A command without flags of its own has none here, whatever the type says.
    const jobs = await jobsOf(parsed.flags, 'jobs' in { ...shape.flags });
    this.#reporter = await openReporter(parsed.flags, jobs);
    const flags = parsed.flags as Request<F>['flags'];
    const { signal, stop } = watchSignals();
    this.#stopWatching = stop;
    const emit: Emit = this.#reporter.emit;
    return { flags, operands: split.operands, matching: split.matching, context: { emit, signal, jobs } };
  }

  /** Turns an operation's outcome into the exit code and git-annex's closing line on stderr. */
  protected async finish(outcome: Outcome): Promise<void> {
    await this.#close();
    if (outcome.failed > 0) process.stderr.write(`${this.id}: ${outcome.failed} failed\n`);
    if (outcome.stoppedByLimit) process.exitCode = LIMIT_REACHED;
    else if (outcome.failed > 0) process.exitCode = FAILED;
    else if (outcome.busy) process.exitCode = BUSY;
    else if (outcome.outOfStep) process.exitCode = OUT_OF_STEP;
  }

  async #close(): Promise<void> {
    const reporter = this.#reporter;
    this.#reporter = undefined;
    this.#stopWatching?.();
    await reporter?.close();
  }
}

/** `-J`, else `annex.jobs`, which does not count with `--batch`, as in git-annex. */
async function jobsOf(flags: { readonly [name: string]: unknown }, known: boolean): Promise<number> {
  if (typeof flags['jobs'] === 'number') return flags['jobs'];
  if (!known || flags['batch'] === true || flags['batch-keys'] === true) return 1;
  const { jobsSetting } = await import('./jobs-setting.js');
  return jobsSetting();
}

/** Refuses operands that the class does not declare, and asks for those it requires. */
function checkOperands(operands: readonly ByteString[], args: Interfaces.ArgInput): void {
  const declared = Object.entries(args);
  const surplus = operands[declared.length];
  if (surplus !== undefined && !declared.some(([, arg]) => arg.multiple)) {
    throw new AnnexError('usage', `Invalid argument \`${surplus}'`);
  }
  const missing = declared.slice(operands.length).find(([, arg]) => arg.required);
  if (missing !== undefined) throw new AnnexError('usage', `Missing: ${missing[0].toUpperCase()}`);
}
