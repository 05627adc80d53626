/** Does one thing after the other, in the order in which it was asked for; what fails stops nothing behind it. */
export class Serial {
  private turn: Promise<unknown> = Promise.resolve();

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  /** Returns when what was asked for so far is done, or has failed. */
  async settled(): Promise<void> {
    await this.turn;
  }
}
