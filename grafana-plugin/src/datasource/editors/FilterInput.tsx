import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Input, useStyles2 } from '@grafana/ui';
import { useId } from 'react';
import type { WireglassDataSource } from '../datasource';
import type { Suggestion } from '../model/facts';
import { useFilterText } from './useFilterText';

interface Props {
  datasource: WireglassDataSource;
  value: string;
  onChange: (value: string) => void;
  id: string;
}

/** A filter expression, with what can stand at the cursor and what is wrong. Keyboard as of an ARIA combobox. */
export function FilterInput({ datasource, value, onChange, id }: Props) {
  const styles = useStyles2(getStyles);
  const listId = useId();
  const filter = useFilterText(datasource, value, onChange);
  const { mistake, shown, chosen, setCursor } = filter;
  return (
    <div className={styles.frame}>
      <Input
        ref={filter.field}
        id={id}
        value={filter.text}
        invalid={mistake !== null}
        placeholder="all traffic; e.g. src net 10.0.0.0/8 and dst port 443"
        spellCheck={false}
        autoComplete="off"
        role="combobox"
        aria-expanded={shown}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={shown && chosen >= 0 ? `${listId}-${chosen}` : undefined}
        aria-invalid={mistake !== null}
        aria-describedby={mistake === null ? undefined : `${listId}-mistake`}
        onChange={filter.onWrite}
        onSelect={({ currentTarget }) => setCursor(currentTarget.selectionStart ?? 0)}
        onKeyDown={filter.onKeyDown}
        onBlur={filter.commit}
      />
      <ul id={listId} role="listbox" aria-label="suggestions" className={styles.list} hidden={!shown}>
        {filter.suggestions.map((suggestion, index) => (
          <Offer
            key={`${suggestion.kind} ${suggestion.text}`}
            id={`${listId}-${index}`}
            suggestion={suggestion}
            selected={index === chosen}
            onTake={() => filter.take(index)}
          />
        ))}
      </ul>
      {mistake !== null && (
        <div id={`${listId}-mistake`} role="alert" className={styles.mistake}>
          {mistake}
        </div>
      )}
    </div>
  );
}

interface OfferProps {
  id: string;
  suggestion: Suggestion;
  selected: boolean;
  onTake: () => void;
}

function Offer({ id, suggestion: { text, description }, selected, onTake }: OfferProps) {
  return (
    <li
      id={id}
      role="option"
      aria-selected={selected}
      ref={(item) => {
        if (selected) item?.scrollIntoView({ block: 'nearest' });
      }}
      onMouseDown={(event) => {
        // The field keeps the focus; losing it would commit half a filter.
        event.preventDefault();
        onTake();
      }}
    >
      <b>{text}</b> <span>{description}</span>
    </li>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  frame: css({ position: 'relative', width: '100%' }),
  list: css({
    position: 'absolute',
    zIndex: theme.zIndex.dropdown,
    top: theme.spacing(4),
    left: 0,
    minWidth: '100%',
    maxHeight: theme.spacing(40),
    overflowY: 'auto',
    listStyle: 'none',
    background: theme.colors.background.elevated,
    boxShadow: theme.shadows.z3,
    borderRadius: theme.shape.radius.default,
    li: { padding: theme.spacing(0.5, 1), cursor: 'pointer', whiteSpace: 'nowrap' },
    'li[aria-selected=true], li:hover': { background: theme.colors.action.hover },
    span: { color: theme.colors.text.secondary },
  }),
  mistake: css({ color: theme.colors.error.text, fontSize: theme.typography.bodySmall.fontSize }),
});
