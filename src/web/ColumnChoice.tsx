/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** Which columns the list has: those that every list knows, configuration, figures. */
import { Dialog } from './parts.tsx';
import { useColumns } from './use-list.ts';

export function ColumnChoice({
  chosen,
  onChoose,
  onClose,
}: {
  chosen: readonly string[];
  /** Null: the usual ones. */
  onChoose: (columns: string[] | null) => void;
  onClose: () => void;
}) {
  const known = useColumns();
  const toggle = (name: string) =>
    onChoose(chosen.includes(name) ? chosen.filter(other => other !== name) : [...chosen, name]);
  const choices = (title: string, names: readonly { name: string; text: string; label?: string }[]) =>
    names.length > 0 && (
      <fieldset class="column-choice">
        <legend>{title}</legend>
        {names.map(({ name, text, label }) => (
          <label key={name} title={label}>
            <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} /> {text}
          </label>
        ))}
      </fieldset>
    );
  const plain = (names: readonly string[]) => names.map(name => ({ name, text: name }));
  return (
    <Dialog title="Columns" onClose={onClose}>
      {known === null ? (
        <p class="loading" role="status">
          Looking for columns…
        </p>
      ) : (
        <>
          {choices('Runs', plain(known.columns.filter(name => name !== 'name')))}
          {choices(
            'Configuration',
            known.config.map(key => ({ name: `config.${key}`, text: key })),
          )}
          {choices(
            'Figures, as they were last',
            known.figures.map(figure => ({ ...figure, text: figure.name })),
          )}
          <p>
            <button type="button" onClick={() => onChoose(null)}>
              The usual ones
            </button>
          </p>
        </>
      )}
    </Dialog>
  );
}
