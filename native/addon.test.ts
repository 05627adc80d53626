import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { loadAddon } from './addon.js';
import { flowBatchCapacityRows, flowBatchSizeBytes, flowColumns } from './generated/flow-fields.js';

/** Methods that the interface `Addon` of addon.ts declares. */
function declaredFunctions(): string[] {
  const text = readFileSync(join(__dirname, 'addon.ts'), 'utf8');
  const source = ts.createSourceFile('addon.ts', text, ts.ScriptTarget.ES2022);
  const declaration = source.statements.find(
    (statement): statement is ts.InterfaceDeclaration =>
      ts.isInterfaceDeclaration(statement) && statement.name.text === 'Addon',
  );
  return (declaration?.members ?? []).map((member) => (member.name as ts.Identifier).text);
}

describe('the addon', () => {
  it('exports exactly the functions that are declared', () => {
    const exported = loadAddon() as unknown as Record<string, unknown>;
    expect(declaredFunctions().length).toBeGreaterThan(10);
    expect(Object.keys(exported).sort()).toEqual(declaredFunctions().sort());
    for (const name of declaredFunctions()) expect(typeof exported[name]).toBe('function');
  });

  it('hands out batches as large as the field table says', async () => {
    const addon = loadAddon();
    const sizes: number[] = [];
    const subscription = addon.subscribe((batch) => sizes.push(batch.columns.byteLength), 1);
    addon.requestSnapshot();
    await subscription.drained();
    subscription.close();
    expect(sizes).toEqual([flowBatchSizeBytes]);
    for (const { offset, width } of flowColumns) {
      expect(offset + width * flowBatchCapacityRows).toBeLessThanOrEqual(flowBatchSizeBytes);
    }
  });
});

describe('loading', () => {
  const before = process.env['WIREGLASS_ADDON'];
  afterEach(() => {
    if (before === undefined) delete process.env['WIREGLASS_ADDON'];
    else process.env['WIREGLASS_ADDON'] = before;
    jest.resetModules();
  });

  /** A fresh copy of the module: it keeps what it has loaded. */
  const load = async (addon: string): Promise<unknown> => {
    process.env['WIREGLASS_ADDON'] = addon;
    jest.resetModules();
    return (await import('./addon.js')).loadAddon();
  };

  it('names a file that is missing', async () => {
    await expect(load('/nowhere/x.node')).rejects.toMatchObject({
      code: 'addon_missing',
      message: expect.stringContaining('/nowhere/x.node') as string,
    });
  });

  it('says what to do about a file that is no addon', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'wireglass-test-'));
    const file = join(directory, 'x.node');
    writeFileSync(file, 'no addon');
    await expect(load(file)).rejects.toMatchObject({
      code: 'addon_unusable',
      message: expect.stringContaining('npm run build') as string,
    });
    rmSync(directory, { recursive: true });
  });
});
