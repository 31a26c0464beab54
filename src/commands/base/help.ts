import { Help } from '@oclif/core';
import type { Command } from '@oclif/core';

/** oclif's help with a usage line that fits on a line: options are listed below it anyway. */
export class AnnexHelp extends Help {
  protected override formatCommand(command: Command.Loadable): string {
    return super.formatCommand({ ...command, usage: command.usage ?? usageOf(command) });
  }
}

/** `get [OPTIONS] [PATH...]` */
export function usageOf(command: Pick<Command.Loadable, 'id' | 'args'>): string {
  const operands = Object.entries(command.args).map(([name, arg]) => {
    const shown = `${name.toUpperCase()}${arg.multiple ? '...' : ''}`;
    return arg.required ? shown : `[${shown}]`;
  });
  return [command.id, '[OPTIONS]', ...operands].join(' ');
}
