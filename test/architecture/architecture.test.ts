import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { above, forbidden, options } from './rules.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** The rules broken by the files in `src/` of a folder, as `rule: from -> to`. */
async function brokenRules(baseDir: string): Promise<string[]> {
  const result = await cruise(
    ['src'],
    { ...options, baseDir, ruleSet: { forbidden }, validate: true },
    undefined,
    { tsConfig: extractTSConfig(join(root, 'tsconfig.json')) },
  );
  if (typeof result.output === 'string') throw new Error(result.output);
  return result.output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

describe('the rooms of src/', () => {
  test('import only what the table in src/README.md allows', async () => {
    expect(await brokenRules(root)).toEqual([]);
  }, 300_000);

  test('are those of the table, and each has its rule', () => {
    const map = readFileSync(join(root, 'src/README.md'), 'utf8');
    const table = map.slice(0, map.indexOf('## Rules')).matchAll(/^\| `([a-z]+)\/` \|/gm);
    const rooms = [...table].map(([, room]) => room).sort();
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((one) =>
      one.isDirectory(),
    );
    expect(rooms).toEqual(folders.map(({ name }) => name).sort());
    expect([...Object.keys(above), 'commands'].sort()).toEqual(rooms);
  });
});

describe('the rules', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'architecture-'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module","dependencies":{"@oclif/core":"*"}}');
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const cases: { rule: string; files: Record<string, string> }[] = [
    { rule: 'lib-imports-downwards', files: { 'lib/a.ts': "import '../domain/a.js';", 'domain/a.ts': '' } },
    {
      rule: 'domain-imports-downwards',
      files: { 'domain/a.ts': "import '../repository/a.js';", 'repository/a.ts': '' },
    },
    {
      rule: 'planning-imports-downwards',
      files: {
        'planning/a.ts': "import type { A } from '../remotes/a.js';",
        'remotes/a.ts': 'export type A = 1;',
      },
    },
    {
      rule: 'protocol-imports-downwards',
      files: { 'protocol/a.ts': "import '../planning/a.js';", 'planning/a.ts': '' },
    },
    {
      rule: 'operations-imports-downwards',
      files: { 'operations/a.ts': "import '../report/a.js';", 'report/a.ts': '' },
    },
    {
      rule: 'report-imports-downwards',
      files: { 'report/a.ts': "import '../operations/a.js';", 'operations/a.ts': '' },
    },
    {
      rule: 'shell-imports-downwards',
      files: { 'shell/a.ts': "import '../report/a.js';", 'report/a.ts': '' },
    },
    {
      rule: 'commands-do-not-import-each-other',
      files: { 'commands/a.ts': "import './b.js';", 'commands/b.ts': '' },
    },
    { rule: 'pure-rooms-without-node', files: { 'domain/a.ts': "import 'node:fs';" } },
    {
      rule: 'pure-rooms-without-node-through-lib',
      files: { 'domain/a.ts': "import '../lib/a.js';", 'lib/a.ts': "import 'node:fs';" },
    },
    { rule: 'oclif-in-commands-only', files: { 'operations/a.ts': "import '@oclif/core';" } },
    {
      rule: 'shell-starts-without-oclif',
      files: { 'shell/a.ts': "import '../operations/a.js';", 'operations/a.ts': "import '@oclif/core';" },
    },
    { rule: 'lib-without-packages', files: { 'lib/a.ts': "import '@oclif/core';" } },
    { rule: 'no-cycles', files: { 'lib/a.ts': "import './b.js';", 'lib/b.ts': "import './a.js';" } },
    { rule: 'resolvable', files: { 'lib/a.ts': "import './nowhere.js';" } },
  ];

  test.each(cases)('catch $rule', async ({ rule, files }) => {
    rmSync(join(folder, 'src'), { recursive: true, force: true });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, 'src', path)), { recursive: true });
      writeFileSync(join(folder, 'src', path), `${text}\nexport {};\n`);
    }
    const broken = await brokenRules(folder);
    expect(broken.map((line) => line.split(':')[0])).toContain(rule);
  });
});
