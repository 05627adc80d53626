import { InvalidArgumentError, type Command, type Option } from 'commander';

/** Makes a command leave with status 2 where it was called wrongly, 0 after help. */
export function usageErrorsExit2(command: Command): Command {
  return command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}

const completions = new WeakMap<Option, readonly string[]>();

/** Says what the shell offers for an option's value beside its choices; several of them may stand with commas between. */
export function completesWith(option: Option, words: readonly string[]): Option {
  completions.set(option, words);
  return option;
}

export const completionsOf = (option: Option): readonly string[] =>
  option.argChoices ?? completions.get(option) ?? [];

/** A parser for an option that takes a number within limits; `factor` makes the unit that is stored. */
export function numberWithin(minimum: number, maximum: number, factor = 1): (text: string) => number {
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
    if (value >= minimum && value <= maximum && Number.isInteger(value * factor)) return value * factor;
    const kind = factor === 1 ? 'a whole number' : 'a number';
    throw new InvalidArgumentError(`Expected ${kind} from ${minimum} to ${maximum}.`);
  };
}
