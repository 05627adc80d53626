import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from './file-lock.js';
import { TokenStore } from './tokens.js';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wg-tokens-'));
  path = join(directory, 'tokens.json');
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('TokenStore', () => {
  it('makes one token per role at the first start and none at the second', async () => {
    const made = await new TokenStore({ path }).start();
    expect(made.map(({ role }) => role)).toEqual(['viewer', 'operator', 'admin']);
    for (const { role, token } of made) expect(token).toMatch(new RegExp(`^wg_${role}_[A-Za-z0-9_-]{43}$`));

    const again = new TokenStore({ path });
    expect(await again.start()).toEqual([]);
    for (const { id, role, token } of made) {
      expect(await again.authenticate(token)).toEqual({ name: `${role}:${id}`, role });
    }
  });

  it('keeps hashes only, in a file that nobody else may read', async () => {
    const made = await new TokenStore({ path }).start();
    const text = readFileSync(path, 'utf8');
    for (const { token } of made) {
      expect(text).not.toContain(token);
      expect(text).not.toContain(token.split('_')[2]);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each(['', 'wg_admin_', 'wg_admin_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'x'.repeat(100_000)])(
    'knows nobody by %.40p',
    async (token) => {
      const store = new TokenStore({ path });
      await store.start();
      expect(await store.authenticate(token)).toBeNull();
    },
  );

  it('does not take a token under another role', async () => {
    const store = new TokenStore({ path });
    const viewer = (await store.start()).find(({ role }) => role === 'viewer');
    expect(await store.authenticate((viewer?.token ?? '').replace('viewer', 'admin'))).toBeNull();
  });

  it('sees at once what another process makes', async () => {
    const service = new TokenStore({ path });
    await service.start();
    const made = await new TokenStore({ path }).create('operator');
    expect(await service.authenticate(made.token)).toEqual({ name: `operator:${made.id}`, role: 'operator' });
  });

  it('forgets what another process revokes within a second', async () => {
    const service = new TokenStore({ path });
    const [viewer] = await service.start();
    expect(await service.authenticate(viewer?.token ?? '')).not.toBeNull();
    await new TokenStore({ path }).revoke(viewer?.id ?? '');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await service.authenticate(viewer?.token ?? '')).toBeNull();
  });

  it('refuses to revoke what is not there', async () => {
    const store = new TokenStore({ path });
    await store.start();
    await expect(store.revoke('00000000')).rejects.toMatchObject({ code: 'token_unknown' });
    expect(await store.list()).toHaveLength(3);
  });

  it('loses none of the tokens that are made at once', async () => {
    await new TokenStore({ path }).start();
    await Promise.all(Array.from({ length: 8 }, () => new TokenStore({ path }).create('viewer')));
    expect(await new TokenStore({ path }).list()).toHaveLength(11);
  });

  it('stops at the limit', async () => {
    const entry = { id: 'x', role: 'viewer', sha256: '0'.repeat(64), created: '' };
    const tokens = Array.from({ length: 1_000 }, (_, index) => ({
      ...entry,
      sha256: index.toString(16).padStart(64, '0'),
    }));
    writeFileSync(path, JSON.stringify({ version: 1, tokens }));
    await expect(new TokenStore({ path }).create('viewer')).rejects.toMatchObject({
      code: 'too_many_tokens',
    });
  });

  it.each([
    ['', 'JSON'],
    ['{"version": 1', 'JSON'],
    ['null', 'version 1'],
    ['{"version": 2, "tokens": []}', 'version 1'],
    ['{"version": 1, "tokens": {}}', 'no list'],
    ['{"version": 1, "tokens": [null]}', 'an entry lacks'],
    [
      '{"version": 1, "tokens": [{"id": "a", "role": "root", "sha256": "", "created": ""}]}',
      'an entry lacks',
    ],
  ])('refuses the damaged file %p', async (text, reason) => {
    writeFileSync(path, text);
    const failure = await new TokenStore({ path }).start().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'tokens_damaged' });
    expect((failure as Error).message).toContain(reason);
    expect((failure as Error).message).toContain(path);
  });
});

describe('withFileLock', () => {
  it('takes over the lock of a process that is gone', async () => {
    const lock = join(directory, 'lock');
    writeFileSync(lock, '2147483646');
    expect(await withFileLock(lock, async () => 'done')).toBe('done');
    expect(() => statSync(lock)).toThrow('ENOENT');
  });

  it('releases the lock when the work fails', async () => {
    const lock = join(directory, 'lock');
    await expect(withFileLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withFileLock(lock, async () => 1)).toBe(1);
  });
});
