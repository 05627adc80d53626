/** One thing after the other: a connection of the engine runs one statement, or one appender, at a time. */
export class Serial {
  private turn: Promise<unknown> = Promise.resolve();

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}
