import { Argument, type Command, type Option } from 'commander';
import { completionsOf, usageErrorsExit2 } from './usage.js';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

/** A command as a shell completes it: its words (`audit verify`), options and commands below it. */
interface Completed {
  path: string[];
  options: readonly Option[];
  commands: { name: string; description: string }[];
}

function completed(command: Command, path: string[] = []): Completed[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  return [
    {
      path,
      options: help.visibleOptions(command),
      commands: commands.map((below) => ({ name: below.name(), description: below.description() })),
    },
    ...command.commands.flatMap((below) => completed(below, [...path, below.name()])),
  ];
}

const flagsOf = ({ short, long }: Option): string[] => [short, long].filter((flag) => flag !== undefined);
const takesValue = ({ required, optional }: Option): boolean => required || optional;
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The value of an option: words, several with commas between them, or a file. */
function valueCase(path: string[], option: Option): string {
  const words = completionsOf(option);
  const reply =
    words.length === 0 ? 'compopt -o default; return' : `_wireglass_list ${quoted(words.join(' '))}; return`;
  return `    ${flagsOf(option)
    .map((flag) => quoted([...path, flag].join(' ')))
    .join('|')}) ${reply} ;;`;
}

function bashScript(commands: readonly Completed[]): string {
  const values = commands.flatMap(({ path, options }) =>
    options.filter(takesValue).map((option) => valueCase(path, option)),
  );
  const words = commands.map(({ path, options, commands: below }) => {
    const offered = [...below.map(({ name }) => name), ...options.flatMap(flagsOf)].join(' ');
    return `    ${quoted(path.join(' '))}) words=${quoted(offered)} ;;`;
  });
  const paths = commands.map(({ path }) => quoted(path.join(' '))).join('|');
  return `# bash completion of wireglass; put it where your shell finds it, or: source <(wireglass completion bash)
_wireglass_list() {
  local done='' last=$current
  if [[ $current == *,* ]]; then done=\${current%,*}, last=\${current##*,}; fi
  COMPREPLY=($(compgen -P "$done" -W "$1" -- "$last"))
}

_wireglass() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} path='' words='' word
  COMPREPLY=()
  # --option=value comes as three words
  if [[ $current == = ]]; then current='' before=\${COMP_WORDS[COMP_CWORD-1]}
  elif [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in ${paths}) path="\${path:+$path }$word" ;; esac
  done
  case "\${path:+$path }$before" in
${values.join('\n')}
  esac
  case "$path" in
${words.join('\n')}
  esac
  if [[ $current == -* || -z $path ]]; then COMPREPLY=($(compgen -W "$words" -- "$current")); return; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ -z $current || \${#COMPREPLY[@]} -eq 0 ]]; then COMPREPLY=(); compopt -o default; fi
}
complete -F _wireglass wireglass
`;
}

/** zsh runs completions of bash; its own would say the same with more words. */
const zshScript = (commands: readonly Completed[]): string =>
  `#compdef wireglass\n# zsh completion of wireglass: source <(wireglass completion zsh)\nautoload -Uz bashcompinit && bashcompinit\n${bashScript(commands)}`;

function fishScript(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ path, options, commands: below }) => {
    const [last] = path.slice(-1);
    const when =
      last === undefined
        ? '__fish_use_subcommand'
        : `__fish_seen_subcommand_from ${path.slice(0, 1).join(' ')}`;
    const begin = `complete -c wireglass -n ${quoted(when)}`;
    const names = below.map(({ name, description }) => `${begin} -f -a ${name} -d ${quoted(description)}`);
    const flags = options.map((option) => {
      const { short, long, description } = option;
      const words = completionsOf(option);
      const value = !takesValue(option)
        ? ''
        : words.length === 0
          ? ' -r'
          : ` -x -a ${quoted(words.join(' '))}`;
      const flag = `${short === undefined ? '' : ` -s ${short.slice(1)}`}${long === undefined ? '' : ` -l ${long.slice(2)}`}`;
      return `${begin}${flag}${value} -d ${quoted(description)}`;
    });
    return [...names, ...flags];
  });
  return `# fish completion of wireglass: wireglass completion fish | source\n${lines.join('\n')}\n`;
}

const scripts: Readonly<Record<Shell, (commands: readonly Completed[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** `wireglass completion SHELL`: a script that makes the shell complete what the commands take. */
export function registerCompletion(program: Command): void {
  const command = program
    .command('completion')
    .description('print a script that makes a shell complete commands and options');
  usageErrorsExit2(command)
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(wireglass completion bash)\n  wireglass completion fish | source',
    )
    .action((shell: Shell) => {
      process.stdout.write(scripts[shell](completed(program)));
    });
}
