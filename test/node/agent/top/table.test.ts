import { describe, expect, test } from "vitest";
import { python } from "./python.js";

/** The lines of a heading and of tables, with these numbers of rows. */
const laid = (tables: readonly number[], width: number | null, height: number | null) =>
  python<string[]>(
    `
made = [Table("", ["NAME", "STATE", "N"], [Row([f"server{n}", "up", str(n)]) for n in range(1, rows + 1)], ["NAME", "STATE"]) for rows in given[0]]
print(json.dumps([line.text for line in layout([Line("head"), *made], given[1], given[2])]))`,
    [tables, width, height],
  );

describe("tables", () => {
  test("align names at the left and numbers at the right", () => {
    expect(laid([10], null, null)).toEqual([
      "head",
      "",
      "NAME      STATE   N",
      ...Array.from({ length: 9 }, (_, index) => `server${index + 1}   up      ${index + 1}`),
      "server10  up     10",
    ]);
  });

  test("are cut where the screen ends, and say how many more there are", () => {
    expect(laid([40], 80, 7)).toEqual([
      ...["head", "", "NAME     STATE  N", "server1  up     1", "server2  up     2", "server3  up     3"],
      "and 37 more",
    ]);
  });

  test("share the screen: a short one is whole, long ones get as much as each other", () => {
    const lines = laid([1, 30, 30], 80, 20);
    expect(lines).toHaveLength(20);
    expect(lines.filter((line) => line.startsWith("and "))).toEqual(["and 25 more", "and 25 more"]);
    expect(laid([1, 5, 5], 80, 40).some((line) => line.startsWith("and "))).toBe(false);
  });

  test.each([1, 3, 5, 20, 40])("are never wider than %s columns, nor higher than the screen", (width) => {
    for (const height of [1, 2, 5, 24]) {
      const lines = laid([1_000, 40, 0], width, height);
      expect(lines.length).toBeLessThanOrEqual(height);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    }
  });

  test("shorten long names before numbers are lost", () => {
    const [, , , row] = python<string[]>(`
made = Table("", ["CLIENT", "QUERIES"], [Row(["2001:db8:1234:5678:9abc:def0:1234:5678", "1,234"])], ["CLIENT"])
print(json.dumps([line.text for line in layout([Line(""), made], 30, None)]))`);
    expect(row).toBe("2001:db8:1234:5678:..    1,234");
  });

  test("show the worst of what is cut in the last line", () => {
    const levels = (ill: number) =>
      python<string>(
        `
rows = [Row([str(n)], ILL if n == given else WELL) for n in range(9)]
print(json.dumps(layout([Table("", ["N"], rows, [])], 80, 6)[-1].level))`,
        ill,
      );
    expect([levels(8), levels(0)]).toEqual(["ill", ""]);
  });
});
