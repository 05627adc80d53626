import { useEffect, useLayoutEffect, useRef, useState, type ChangeEvent, type KeyboardEvent } from 'react';
import type { WireglassDataSource } from '../datasource';
import { useCompletion } from './useCompletion';

/** A filter that is being written: its text, cursor, suggestions and what keys do. */
export function useFilterText(
  datasource: WireglassDataSource,
  value: string,
  onChange: (value: string) => void,
) {
  const field = useRef<HTMLInputElement>(null);
  const caret = useRef<number | null>(null);
  const [text, setText] = useState(value);
  const [cursor, setCursor] = useState(value.length);
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  useEffect(() => setText(value), [value]);
  // A new text puts the caret at its end; it belongs behind what was inserted.
  useLayoutEffect(() => {
    if (caret.current !== null) field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  }, [text]);

  const completion = useCompletion(datasource, text, cursor);
  const current = completion?.text === text ? completion : null;
  const suggestions = current?.suggestions ?? [];
  const shown = open && suggestions.length > 0;

  const take = (index: number): void => {
    const suggestion = suggestions[index];
    if (suggestion === undefined || current === null) return;
    const head = `${text.slice(0, cursor - current.replaces)}${suggestion.text} `;
    caret.current = head.length;
    setText(head + text.slice(cursor).trimStart());
    setCursor(head.length);
    setChosen(-1);
  };
  const commit = (): void => {
    setOpen(false);
    if (text.trim() !== value) onChange(text.trim());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      setChosen(neighbour(chosen, event.key === 'ArrowDown' ? 1 : -1, suggestions.length));
    } else if (event.key === 'Escape' && shown) {
      event.stopPropagation();
      setOpen(false);
    } else if ((event.key === 'Enter' || event.key === 'Tab') && shown && chosen >= 0) {
      event.preventDefault();
      take(chosen);
    } else if (event.key === 'Enter') {
      commit();
    }
  };
  const onWrite = ({ currentTarget }: ChangeEvent<HTMLInputElement>): void => {
    setText(currentTarget.value);
    setCursor(currentTarget.selectionStart ?? currentTarget.value.length);
    setChosen(-1);
    setOpen(true);
  };
  const mistake = text.trim() === '' ? null : (current?.mistake ?? null);
  return { field, text, suggestions, shown, chosen, mistake, take, commit, onKeyDown, onWrite, setCursor };
}

/** The next or previous of `count` places, around the ends; −1 is none. */
function neighbour(place: number, step: 1 | -1, count: number): number {
  if (count === 0) return -1;
  if (place < 0) return step > 0 ? 0 : count - 1;
  return (place + step + count) % count;
}
