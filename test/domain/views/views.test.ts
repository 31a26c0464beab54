import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromText, type ByteString } from '../../../src/lib/bytes.js';
import { cycleView, filterView, refineView, type View, viewBranch } from '../../../src/domain/views/view.js';
import { formatViewLog, parseViewLog } from '../../../src/domain/views/view-log.js';
import {
  createViewPaths,
  directoryOf,
  fieldsOfViewPath,
  pathOfViewedName,
  valueOfDirectory,
  viewedName,
} from '../../../src/domain/views/view-paths.js';

const unset = '_' as ByteString;
const words = (...given: string[]) => given.map(fromText);
const refine = (view: View, ...given: string[]) => refineView(view, words(...given), unset);
const empty: View = { parent: 'refs/heads/main' as ByteString, components: [] };
const branchOf = (...given: string[]) => viewBranch(refine(empty, ...given).view).slice(17);

const byte = (none: string) =>
  fc
    .integer({ min: 1, max: 255 })
    .map((code) => String.fromCharCode(code))
    .filter((char) => !none.includes(char));
const name = fc
  .string({
    unit: fc.oneof(byte('/'), fc.constantFrom('%', '_', '\\', '.', 'a')),
    minLength: 1,
    maxLength: 12,
  })
  .filter((text) => text !== '.' && text !== '..');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/') as ByteString);
const bytes = fc.string({ unit: byte(''), maxLength: 8 }) as fc.Arbitrary<ByteString>;

/** What git-annex called these files (10.20250416). */
test.each([
  ['f1.txt', 'f1.txt'],
  ['d/f2.tar.gz', 'f2_%d%.tar.gz'],
  ['d/e/f3.mp3', 'f3_%d%e%.mp3'],
  ['per%cent.a_b', 'per\\%cent.a_b'],
  ['d/.dotfile', '.dotfile_%d%'],
  ['d/.dot.ext', '.dot_%d%.ext'],
  ['d/a.b.c.d', 'a.b_%d%.c.d'],
  ['d/..x', '._%d%.x'],
  ['d/a..x', 'a_%d%..x'],
  ['d/e/tr.', 'tr_%d%e%.'],
  ['d/a.verylongext', 'a.verylongext_%d%'],
  ['d/f6.\xc3\xb1\xc3\xa9\xc3\xb1', 'f6.\xc3\xb1\xc3\xa9\xc3\xb1_%d%'],
  ['we%ird/a_b/x.txt', 'x_%we\\%ird%a_b%.txt'],
  ['back\\sl/y.txt', 'y_%back\\\\sl%.txt'],
  ['d/x_%e%.txt', 'x_\\%e\\%_%d%.txt'],
])('%j is %j in a view', (before, after) => {
  expect(viewedName(before as ByteString)).toBe(after);
});

test('the name in a view tells the path, whatever it is', () => {
  fc.assert(
    fc.property(path, fc.nat(6), fc.nat(3), (file, length, count) => {
      const viewed = viewedName(file, { length, count });
      expect(viewed).not.toContain('/');
      expect(pathOfViewedName(viewed)).toBe(file);
    }),
  );
});

test('different values make directories that are no path of more parts', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      expect(directoryOf(value)).not.toMatch(/[/\\]/);
      if (!/[/\\]/.test(value)) expect(valueOfDirectory(directoryOf(value))).toBe(value);
    }),
  );
});

test('a file put where the view shows it keeps its values', () => {
  fc.assert(
    fc.property(fc.uniqueArray(bytes, { minLength: 1, maxLength: 4 }), (values) => {
      const { view } = refine(empty, 'a=*');
      for (const directory of createViewPaths(view).directories(new Map([['a', values]]))) {
        if (directory === '') continue;
        const [found] = fieldsOfViewPath(view, `${directory}/x` as ByteString, () => values);
        expect(values).toContain(found?.value);
      }
    }),
  );
});

describe('views', () => {
  test.each([
    [['tag=*'], 'main(tag=_)'],
    [['year=*', 'tag=*'], 'main(year=_;tag=_)'],
    [['a', 'b'], 'main(tag=a,b)'],
    [['tag=*', 'a'], 'main(tag=_)'],
    [['a', 'tag=*'], 'main(tag=a)'],
    [['x=1', 'y=2', 'x=3', 'y=*'], 'main(x=1,3;y=2)'],
    [['year!=2014', '?q'], 'main(year!=2014;tag=q)'],
  ])('%j', (given, branch) => expect(branchOf(...given)).toBe(branch));

  test('refs git would refuse are made of letters, digits and _', () => {
    expect(branchOf('d/=*', 'bad/f=x', 's=q\'u"o', '?tag=*', 'x=a b')).toBe(
      'main(d_=_;bad/f=x;s=q\'u"o;_tag=_;x=a_b)',
    );
  });

  test('what narrows and what widens', () => {
    const change = (first: string[], ...more: string[]) =>
      refine(refine(empty, ...first).view, ...more).change;
    expect(change(['y=*'], 'y=1')).toBe('narrowing');
    expect(change(['y=*'], 'y=1', 'y=2')).toBe('widening');
    expect(change(['y=1', 'y=2'], 'y=1')).toBe('unchanged');
    expect(change(['y=1'], 'y=*')).toBe('widening');
    expect(change(['y?=*'], 'y=*')).toBe('narrowing');
    expect(change(['y=*'], 'y?=*')).toBe('widening');
    expect(change(['y!=1'], 'y=2')).toBe('widening');
    expect(change(['y=1'], 'y!=1')).toBe('narrowing');
    expect(change(['y=1'], 'x=1')).toBe('narrowing');
  });

  test('cycling moves the first level of directories to the end', () => {
    const view = refine(empty, 'a=1', 'b=*', 'c=2', 'd=*').view;
    expect(viewBranch(cycleView(view)).slice(17)).toBe('main(a=1;c=2;d=_;b=_)');
    const flat = filterView(refine(empty, 'a=1').view, words('b=2'), unset);
    expect(viewBranch(cycleView(flat)).slice(17)).toBe('main(a=1;b=2)');
  });
});

describe('the log of views', () => {
  const filter = fc.oneof(
    fc.record({ type: fc.constantFrom('values' as const, 'exclude' as const), values: fc.array(bytes) }),
    fc.record({ type: fc.constant('glob' as const), glob: bytes }),
    fc.record({ type: fc.constant('glob-or-unset' as const), glob: bytes, unset: bytes }),
    fc.record({ type: fc.constant('values-or-unset' as const), values: fc.array(bytes), unset: bytes }),
  );
  const view = fc.record({
    parent: bytes,
    components: fc.array(fc.record({ field: bytes, filter, visible: fc.boolean() }), { maxLength: 3 }),
  });

  test('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.array(view, { maxLength: 3 }), (views) => {
        expect(parseViewLog(formatViewLog(views))).toEqual(views);
      }),
    );
  });

  test('is written as git-annex writes it', () => {
    const line =
      'View {viewParentBranch = Ref "refs/heads/main", viewComponents = [ViewComponent {viewField = MetaField "tag", ' +
      'viewFilter = FilterGlobOrUnset "*" (ViewUnset "_"), viewVisible = True},ViewComponent {viewField = MetaField "a\\241o", ' +
      'viewFilter = FilterValues (fromList [MetaValue (CurrentlySet True) "\\195\\177\\"\\\\\\n\\SO\\&H\\1\\&2"]), viewVisible = False}]}\n';
    const views = parseViewLog(line as ByteString);
    expect(views[0]?.components[1]).toMatchObject({
      field: 'a\xc3\xb1o',
      filter: { values: ['\xc3\xb1"\\\n\x0eH\x012'] },
    });
    expect(formatViewLog(views)).toBe(line.replace('\\1\\&2', '\\SOH2'));
  });

  test('passes over what it cannot read', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseViewLog(text as ByteString)));
    expect(parseViewLog('View {viewParentBranch = Ref "x", viewComponents = [}\n' as ByteString)).toEqual([]);
  });
});
