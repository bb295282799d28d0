/** A chart's values as a table, for screen readers. */

/** The table. */
export function ChartTable({ caption, head, rows }: { caption: string; head: string[]; rows: string[][] }) {
  return (
    <table className="visually-hidden">
      <caption>{caption}</caption>
      <thead>
        <tr>
          {head.map((one) => (
            <th key={one} scope="col">
              {one}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([first, ...others]) => (
          <tr key={first}>
            <th scope="row">{first}</th>
            {others.map((one, at) => (
              <td key={`${first} ${at}`}>{one}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
