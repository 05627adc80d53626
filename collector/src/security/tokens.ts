import { createHash, randomBytes } from 'node:crypto';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { AppError, errorMessage } from '../model/errors.js';
import { withFileLock } from './file-lock.js';
import { isRole, roles, type Principal, type Role } from './principal.js';

const formatVersion = 1;
const maxTokens = 1_000;
const secretBytes = 32;
const recheckMs = 1_000;

export interface TokenStoreConfig {
  /** tokens.json of the data directory */
  path: string;
}

/** A token as it is kept: its hash, never itself. */
export interface TokenEntry {
  id: string;
  role: Role;
  sha256: string;
  created: string;
}

/** A token as it is shown once, to whoever made it. */
export interface NewToken {
  id: string;
  role: Role;
  token: string;
}

/**
 * Bearer tokens, "wg_<role>_<256 random bits>". What is stored is SHA-256 of the token: with that much randomness a
 * slow hash would add nothing. Tokens that the command line makes or revokes count in a running service at once.
 */
export class TokenStore {
  private byHash = new Map<string, TokenEntry>();
  private version = '';
  private checkedAtMs = 0;

  constructor(private readonly config: TokenStoreConfig) {}

  /** Reads the tokens; where there is no file yet, makes one token per role and returns them, this once. */
  async start(): Promise<NewToken[]> {
    return withFileLock(this.lockPath, async () => {
      if (await this.reload()) return [];
      const made = roles.map((role) => makeToken(role));
      await this.write(made.map((each) => each.entry));
      return made.map((each) => each.token);
    });
  }

  /** Whose token this is; null where nobody's. */
  async authenticate(token: string): Promise<Principal | null> {
    const hash = sha256(token);
    if (!this.byHash.has(hash) || Date.now() - this.checkedAtMs > recheckMs) await this.reloadIfChanged();
    const entry = this.byHash.get(hash);
    return entry === undefined ? null : { name: `${entry.role}:${entry.id}`, role: entry.role };
  }

  /** Makes a token. Error: `too_many_tokens`. */
  async create(role: Role): Promise<NewToken> {
    return this.change((entries) => {
      if (entries.length >= maxTokens) throw new AppError('too_many_tokens', { limit: maxTokens });
      const { entry, token } = makeToken(role);
      return { entries: [...entries, entry], value: token };
    });
  }

  /** Revokes a token for good. Error: `token_unknown`. */
  async revoke(id: string): Promise<TokenEntry> {
    return this.change((entries) => {
      const revoked = entries.find((entry) => entry.id === id);
      if (revoked === undefined) throw new AppError('token_unknown', { id });
      return { entries: entries.filter((entry) => entry !== revoked), value: revoked };
    });
  }

  async list(): Promise<TokenEntry[]> {
    await this.reloadIfChanged();
    return [...this.byHash.values()];
  }

  private get lockPath(): string {
    return `${this.config.path}.lock`;
  }

  private async change<Value>(
    edit: (entries: TokenEntry[]) => { entries: TokenEntry[]; value: Value },
  ): Promise<Value> {
    return withFileLock(this.lockPath, async () => {
      await this.reload();
      const { entries, value } = edit([...this.byHash.values()]);
      await this.write(entries);
      return value;
    });
  }

  private async reloadIfChanged(): Promise<void> {
    this.checkedAtMs = Date.now();
    if ((await fileVersion(this.config.path)) !== this.version) await this.reload();
  }

  /** False where there is no file. */
  private async reload(): Promise<boolean> {
    const version = await fileVersion(this.config.path);
    let text: string;
    try {
      text = await readFile(this.config.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      this.adopt([], '');
      return false;
    }
    this.adopt(parseTokens(this.config.path, text), version);
    return true;
  }

  private async write(entries: TokenEntry[]): Promise<void> {
    const beside = `${this.config.path}.new`;
    const file = await open(beside, 'w', 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(`${JSON.stringify({ version: formatVersion, tokens: entries }, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, this.config.path);
    this.adopt(entries, await fileVersion(this.config.path));
  }

  private adopt(entries: TokenEntry[], version: string): void {
    this.byHash = new Map(entries.map((entry) => [entry.sha256, entry]));
    this.version = version;
    this.checkedAtMs = Date.now();
  }
}

function makeToken(role: Role): { entry: TokenEntry; token: NewToken } {
  const id = randomBytes(4).toString('hex');
  const token = `wg_${role}_${randomBytes(secretBytes).toString('base64url')}`;
  const entry = { id, role, sha256: sha256(token), created: new Date().toISOString() };
  return { entry, token: { id, role, token } };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Changes with every rename over the file. */
async function fileVersion(path: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(path);
    return `${ino}/${mtimeMs}/${size}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function parseTokens(path: string, text: string): TokenEntry[] {
  const damaged = (reason: string) =>
    new AppError('tokens_damaged', {
      path,
      reason: `${reason}; restore the file, or delete it to have new tokens made at the next start`,
    });
  let content: { version?: unknown; tokens?: unknown } | null;
  try {
    content = JSON.parse(text) as typeof content;
  } catch (error) {
    throw damaged(errorMessage(error));
  }
  if (content?.version !== formatVersion) throw damaged(`version ${formatVersion} is expected`);
  if (!Array.isArray(content.tokens)) throw damaged('"tokens" is no list');
  for (const entry of content.tokens as Partial<TokenEntry>[]) {
    const complete =
      typeof entry?.id === 'string' &&
      isRole(entry.role) &&
      /^[0-9a-f]{64}$/.test(entry.sha256 ?? '') &&
      typeof entry.created === 'string';
    if (!complete) throw damaged('an entry lacks id, role, sha256 or created');
  }
  return content.tokens as TokenEntry[];
}
