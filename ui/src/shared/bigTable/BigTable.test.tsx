/** The big table: ten million rows by keyboard, ticks, failures. */
import { screen, waitFor, within } from "@testing-library/react";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { BackstayError } from "../../api/error";
import { axeFindings, render } from "../../test/render";
import { type BigColumn, BigTable, noTicks, type Ticks, tickCount } from "../BigTable";
import { MAX_HEIGHT, rowsAt, scaleOf, topFor } from "./scale";

interface Order {
  id: string;
  name: string;
}
const columns: BigColumn<Order>[] = [
  { id: "name", header: "Name", width: 200, grow: true, sortable: true, cell: (row) => row.name },
  { id: "id", header: "Id", width: 120, align: "right", cell: (row) => row.id },
];
const order = (index: number): Order => ({ id: `o-${index}`, name: `Order ${index}` });

function Table({
  total,
  rows,
  onOpen,
  onSort,
}: {
  total: number;
  rows?: (offset: number, limit: number) => Promise<Order[]>;
  onOpen?: (row: Order) => void;
  onSort?: (column: string) => void;
}) {
  const [ticks, setTicks] = useState<Ticks>(noTicks);
  const read =
    rows ??
    (async (offset: number, limit: number) =>
      Array.from({ length: Math.min(limit, total - offset) }, (_, at) => order(offset + at)));
  return (
    <>
      <BigTable
        label="Orders"
        total={total}
        columns={columns}
        rows={read}
        source="orders"
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        ticks={ticks}
        onTicks={setTicks}
        {...(onOpen ? { onOpen } : {})}
        sort={{ column: "name", descending: true }}
        {...(onSort ? { onSort } : {})}
      />
      <output>{tickCount(ticks, total)} ticked</output>
    </>
  );
}

describe("the scale", () => {
  it("leaves lists that fit as they are", () => {
    expect(scaleOf(1000, 36, 480)).toEqual({ content: 36_000, inner: 36_000, maxTop: 35_520, ratio: 1 });
  });
  it("shows the last of ten million rows at the end of the scroll bar, below the limit of WebKitGTK", () => {
    const scale = scaleOf(10_000_000, 36, 480);
    expect(scale.inner).toBe(MAX_HEIGHT);
    expect(scale.inner).toBeLessThan(2 ** 24);
    const end = (scale.inner - 480) * scale.ratio;
    expect(rowsAt(end, 10_000_000, 36, 480).last).toBe(10_000_000);
  });
  it("brings rows into view by the least movement", () => {
    expect(topFor(5, 0, 36, 480)).toBe(0);
    expect(topFor(20, 0, 36, 480)).toBe(21 * 36 - 480);
    expect(topFor(3, 1000, 36, 480)).toBe(108);
  });
});

describe("the big table", () => {
  it("goes to the very end of ten million rows and back by keyboard", async () => {
    const onOpen = vi.fn();
    const { user } = render(<Table total={10_000_000} onOpen={onOpen} />);
    const grid = screen.getByRole("grid", { name: "Orders" });
    expect(grid).toHaveAttribute("aria-rowcount", "10000001");
    expect(await screen.findByRole("row", { name: /Order 0 / })).toHaveAttribute("aria-rowindex", "2");
    grid.focus();
    await user.keyboard("{End}");
    const last = await screen.findByRole("row", { name: /Order 9999999 / });
    expect(grid).toHaveAttribute("aria-activedescendant", last.id);
    expect(last).toHaveAttribute("aria-rowindex", "10000001");
    expect(screen.queryByRole("row", { name: /Order 0 / })).toBeNull();
    expect(screen.getAllByRole("row").length).toBeLessThan(40);
    await user.keyboard("{ArrowUp}{Enter}");
    expect(onOpen).toHaveBeenCalledWith(order(9_999_998), 9_999_998);
    await user.keyboard("{Home}{PageDown}");
    expect(await screen.findByRole("row", { name: /Order 12 / })).toHaveAttribute("data-active", "true");
  });

  it("ticks single rows, ranges with Shift, and all", async () => {
    const { user } = render(<Table total={1000} />);
    await user.click(await screen.findByRole("checkbox", { name: "Select Order 2" }));
    expect(screen.getByText("1 ticked")).toBeVisible();
    await user.keyboard("{Shift>}");
    await user.click(screen.getByRole("checkbox", { name: "Select Order 6" }));
    await user.keyboard("{/Shift}");
    expect(await screen.findByText("5 ticked")).toBeVisible();
    await user.click(screen.getByRole("checkbox", { name: "Select all rows" }));
    expect(screen.getByText("1000 ticked")).toBeVisible();
    await user.click(screen.getByRole("checkbox", { name: "Select Order 3" }));
    expect(screen.getByText("999 ticked")).toBeVisible();
    screen.getByRole("grid").focus();
    await user.keyboard(" ");
    expect(await screen.findByText("998 ticked")).toBeVisible();
  });

  it("shows places for rows that are being read, and what could not be read", async () => {
    let broken = true;
    const rows = async (offset: number) => {
      if (broken) {
        throw new BackstayError({ code: "unreachable", message: "Office NAS did not answer.", retry: true });
      }
      return [order(offset)];
    };
    const { user } = render(<Table total={1} rows={rows} />);
    expect(screen.getByText("Loading row 1")).toBeInTheDocument();
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("Office NAS did not answer.");
    broken = false;
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("row", { name: /Order 0 / })).toBeInTheDocument();
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  });

  it("reads pages, not rows, and each only once", async () => {
    const rows = vi.fn(async (offset: number, limit: number) =>
      Array.from({ length: limit }, (_, at) => order(offset + at)),
    );
    const { user } = render(<Table total={100_000} rows={rows} />);
    await screen.findByRole("row", { name: /Order 0 / });
    screen.getByRole("grid").focus();
    await user.keyboard("{End}{Home}{PageDown}{PageUp}");
    await screen.findByRole("row", { name: /Order 0 / });
    expect(rows.mock.calls.filter(([offset]) => offset === 0)).toHaveLength(1);
  });

  it("sorts and resizes by keyboard, and axe finds nothing", async () => {
    const onSort = vi.fn();
    const { user } = render(<Table total={50} onSort={onSort} />);
    await screen.findByRole("row", { name: /Order 0 / });
    const head = screen.getByRole("columnheader", { name: /Name/ });
    expect(head).toHaveAttribute("aria-sort", "descending");
    await user.click(within(head).getByRole("button"));
    expect(onSort).toHaveBeenCalledWith("name");
    const handle = screen.getByRole("separator", { name: "Width of Name" });
    handle.focus();
    await user.keyboard("{ArrowRight}");
    expect(handle).toHaveAttribute("aria-valuenow", "216");
    expect(await axeFindings()).toEqual([]);
  });
});
