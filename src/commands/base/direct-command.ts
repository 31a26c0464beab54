import { Command } from '@oclif/core';

/**
 * What git starts runs without oclif (`DIRECT` in `main.ts`); a command of this kind is there for `--help`, the manual and
 * the manifest.
 */
export abstract class DirectCommand extends Command {
  static override strict = false;
  static override hidden = false;

  async run(): Promise<void> {
    throw new Error(`${this.id} is started without oclif`);
  }
}
