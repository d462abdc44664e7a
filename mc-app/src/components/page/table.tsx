import { designTokens } from "@commercetools-uikit/design-system";
import type { ReactNode } from "react";

export type TableColumn<Row> = {
  key: string;
  label: string;
  /** Figures stand right, so that their digits line up. */
  align?: "right";
  /** Share of the width; columns without one take what their text needs. */
  width?: string;
  /** Names the row for screen readers. One column has it. */
  isRowHeader?: boolean;
  cell(row: Row): ReactNode;
};

type Props<Row> = {
  /** Id of the heading that names the table. */
  labelledBy: string;
  rows: readonly Row[];
  columns: readonly TableColumn<Row>[];
};

const frame = {
  overflowX: "auto",
  border: `1px solid ${designTokens.colorNeutral90}`,
  borderRadius: designTokens.borderRadius8,
} as const;

const table = {
  width: "100%",
  borderCollapse: "collapse",
  background: designTokens.colorSurface,
  fontVariantNumeric: "tabular-nums",
} as const;

const padding = `${designTokens.spacing25} ${designTokens.spacing25}`;

const head = {
  padding: `${designTokens.spacing20} ${designTokens.spacing25}`,
  background: designTokens.colorNeutral98,
  color: designTokens.colorNeutral40,
  fontSize: designTokens.fontSize20,
  fontWeight: 500,
  textAlign: "left",
  verticalAlign: "bottom",
} as const;

const body = {
  padding,
  borderTop: `1px solid ${designTokens.colorNeutral90}`,
  fontWeight: "inherit",
  textAlign: "left",
  verticalAlign: "top",
} as const;

/**
 * A plain table whose text wraps where the window is narrow. The kit's DataTable lets columns of a narrow window
 * disappear behind its edge, and its rows have no headers for screen readers.
 */
export function Table<Row extends { id: string }>({ labelledBy, rows, columns }: Props<Row>) {
  return (
    <div css={frame}>
      <table css={table} aria-labelledby={labelledBy}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                css={{ ...head, textAlign: column.align ?? "left", width: column.width }}
              >
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              {columns.map((column) => (
                <Cell key={column.key} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell<Row>({ column, row }: { column: TableColumn<Row>; row: Row }) {
  const css = { ...body, textAlign: column.align ?? "left" } as const;
  return column.isRowHeader ? (
    <th scope="row" css={css}>
      {column.cell(row)}
    </th>
  ) : (
    <td css={css}>{column.cell(row)}</td>
  );
}
