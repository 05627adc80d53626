import { EmbeddedDatabase, type DatabaseSettings } from './database.js';

/** A part of the store: it has connections of its own, for as long as the file is open. */
export interface DatabaseUser {
  /** The file was opened, at first or again after the engine gave it up: prepares tables, makes connections. */
  opened(database: EmbeddedDatabase): Promise<void>;
  /** The file is about to be closed: closes those connections. Called once for each opened() that was begun. */
  closing(): void;
}

/** Keeps the file open for all parts, and opens it again when the engine has given it up (see isFatal). */
export class DatabaseHost {
  private readonly users: DatabaseUser[] = [];
  private reopening: Promise<void> | null = null;

  private constructor(
    private readonly settings: DatabaseSettings,
    private database: EmbeddedDatabase | null,
  ) {}

  /** Throws `store_locked`, `store_incompatible` or `store_failed`. */
  static async open(settings: DatabaseSettings): Promise<DatabaseHost> {
    return new DatabaseHost(settings, await EmbeddedDatabase.open(settings));
  }

  get path(): string {
    return this.settings.path;
  }

  /** Whether it is open; it is not after an attempt to reopen it has failed. */
  get isOpen(): boolean {
    return this.database !== null;
  }

  /** Adds a part. Throws what its opened() throws. */
  async attach(user: DatabaseUser): Promise<void> {
    if (this.database === null) throw new Error('the database is closed');
    this.users.push(user);
    await user.opened(this.database);
  }

  /**
   * Closes the file for all parts and opens it again, unless it is another one than `failed` already; one attempt at a
   * time, whoever asks. Throws as open() does.
   */
  async reopen(failed: EmbeddedDatabase | null): Promise<void> {
    if (this.reopening === null && this.database !== null && this.database !== failed) return;
    this.reopening ??= this.openAgain().finally(() => (this.reopening = null));
    await this.reopening;
  }

  /** Closes the file for all parts: nothing can be read of it any more. reopen() opens it again. */
  close(): void {
    if (this.database === null) return;
    const { database } = this;
    this.database = null;
    for (const user of this.users) user.closing();
    database.close();
  }

  private async openAgain(): Promise<void> {
    this.close();
    const database = await EmbeddedDatabase.open(this.settings);
    this.database = database;
    try {
      for (const user of this.users) await user.opened(database);
    } catch (error) {
      this.close();
      throw error;
    }
  }
}
