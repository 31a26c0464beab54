import { expect, it } from 'vitest';
import { ascii, type ByteString } from '../../src/lib/bytes.js';
import type { RemoteCommand, Transport } from '../../src/remotes/transport/transport.js';

/** What every way to run commands must do; call it inside a `describe`. */
export function conformsAsTransport(transport: () => Transport): void {
  const run = (command: string) => transport().run(ascii(command));

  it('gives output, complaints and the exit code', async () => {
    const command = await run("printf 'out'; printf 'one\\033[2J\\ntwo\\n' >&2; exit 7");
    command.output.end();
    expect(await outputOf(command)).toBe('out');
    expect(await command.exited).toBe(7);
    expect(command.complaints()).toBe('one[2J\ntwo');
  });

  it('takes commands of any bytes', async () => {
    const command = await run(`printf %s '\xe9\xff\u0001"$x' | od -An -tx1 | tr -d ' \\n'`);
    expect(await outputOf(command)).toBe('e9ff01222478');
    expect(await command.exited).toBe(0);
  });

  it('has no exit code for a command that is killed', async () => {
    const command = await run('kill -9 $$');
    expect(await outputOf(command)).toBe('');
    expect(await command.exited).toBeUndefined();
  });

  it('carries much output, and much input, and the end of the input', async () => {
    const size = 8_000_000;
    const out = await run(`head -c ${size} /dev/zero; exit 3`);
    expect(await lengthOf(out)).toBe(size);
    expect(await out.exited).toBe(3);
    const counting = await run('wc -c; exit 4');
    await write(counting, size);
    expect((await outputOf(counting)).trim()).toBe(String(size));
    expect(await counting.exited).toBe(4);
  });

  it('gives back all that it was given while it is given', async () => {
    const size = 5_000_000;
    const echo = await run('cat');
    const [, length] = await Promise.all([write(echo, size), lengthOf(echo)]);
    expect(length).toBe(size);
    expect(await echo.exited).toBe(0);
  });

  it('runs many commands at once', async () => {
    const commands = await Promise.all(
      Array.from({ length: 14 }, (_, i) => run(`read word; echo "$word ${i}"; exit ${i}`)),
    );
    for (const command of commands) command.output.end('hello\n');
    expect(await Promise.all(commands.map(outputOf))).toEqual(commands.map((_, i) => `hello ${i}\n`));
    expect(await Promise.all(commands.map(({ exited }) => exited))).toEqual(commands.map((_, i) => i));
  });

  it('ends a command whose output nobody reads', async () => {
    const command = await run('head -c 50000000 /dev/zero');
    command.close();
    await command.exited;
    command.close();
  });

  it('ends what runs when it is closed, and starts again', async () => {
    const command = await run('cat');
    await transport().close();
    expect(await outputOf(command).catch(() => '')).toBe('');
    expect(await command.exited).not.toBe(0);
    const next = await run('echo again');
    expect(await outputOf(next)).toBe('again\n');
  });
}

export async function outputOf({ input }: RemoteCommand): Promise<ByteString> {
  const chunks: Buffer[] = [];
  for await (const chunk of input as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1') as ByteString;
}

async function lengthOf({ input }: RemoteCommand): Promise<number> {
  let length = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) length += chunk.length;
  return length;
}

async function write({ output }: RemoteCommand, size: number): Promise<void> {
  const block = Buffer.alloc(1 << 16, 'x');
  for (let left = size; left > 0; left -= block.length) {
    if (!output.write(block.subarray(0, left))) await new Promise((resolve) => output.once('drain', resolve));
  }
  output.end();
}
