import { describe, expect, test } from "vitest";
import { TransientError } from "../domain/failure.ts";
import { type Page, readList, visitList, walkList } from "./paging.ts";

const URL_ = "http://ifs/main/ifsapplications/projection/v1/P.svc/Set?$orderby=K";
const all = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ K: `k${String(index).padStart(4, "0")}` }));

/** A set of rows behind `$top` and `$skip`; `cap` cuts pages silently, `linked` cuts them with a nextLink. */
function serve(
  rows: { K: string }[],
  options: { cap?: number; linked?: number; link?: (query: string) => string } = {},
) {
  const asked: string[] = [];
  const get = async (url: string): Promise<Page> => {
    const query = new URL(url).searchParams;
    asked.push(new URL(url).search);
    const skip = Number(query.get("$skip") ?? 0);
    const offset = Number(query.get("$skiptoken") ?? 0);
    const top = Number(query.get("$top"));
    const window = rows.slice(skip, skip + Math.min(top, options.cap ?? top));
    if (options.linked === undefined) return { rows: window, nextLink: undefined };
    const page = window.slice(offset, offset + options.linked);
    const more = offset + options.linked < window.length;
    const next = `$orderby=K&$top=${top}${skip ? `&$skip=${skip}` : ""}&$skiptoken=${offset + options.linked}`;
    const link =
      options.link ??
      ((text: string) => `https://inner-host:8443/main/ifsapplications/projection/v1/P.svc/Set?${text}`);
    return { rows: page, nextLink: more ? link(next) : undefined };
  };
  return { asked, get };
}
const read = (get: (url: string) => Promise<Page>, pageSize: number, limit?: number) =>
  readList({ url: URL_, pageSize, limit, get, keyOf: (row) => String(row.K) });

describe("every row arrives once", () => {
  test.each([0, 1, 49, 50, 51, 99, 100, 101, 199, 200, 250])("%i rows, no nextLink", async (count) => {
    const { get } = serve(all(count));
    expect(await read(get, 100)).toEqual(all(count));
  });
  test.each([0, 1, 30, 31, 100, 101, 250])("%i rows, with nextLinks of an inner host", async (count) => {
    const { get } = serve(all(count), { linked: 30 });
    expect(await read(get, 100)).toEqual(all(count));
  });
  test.each([2, 3, 7, 40, 60].flatMap((cap) => [0, 1, 2, 39, 40, 41, 60, 61, 119, 250].map((count) => [cap, count])))(
    "from a server that cuts pages to %i without a word: %i rows",
    async (cap, count) => {
      const { get } = serve(all(count), { cap });
      expect(await read(get, 100)).toEqual(all(count));
    },
  );
  test("from a server that cuts pages shorter than it did a moment ago", async () => {
    const options = { cap: 100 };
    const { get, asked } = serve(all(250), options);
    expect(await read(get, 100)).toEqual(all(250));
    options.cap = 30;
    expect(await read(get, 100)).toEqual(all(250));
    const lowered = async (url: string) => {
      const page = await get(url);
      options.cap = asked.length > 40 ? 13 : 30;
      return page;
    };
    asked.length = 36;
    expect(await read(lowered, 100)).toEqual(all(250));
  });
  test.each(["Set", "P.svc/Set", "/main/ifsapplications/projection/v1/P.svc/Set", ""])(
    "relative nextLinks: %j",
    async (path) => {
      const { get } = serve(all(80), { linked: 30, link: (query) => `${path}?${query}` });
      expect(await read(get, 100)).toEqual(all(80));
    },
  );
  test("a nextLink of another host is asked of ours", async () => {
    const { get } = serve(all(80), { linked: 30, link: (query) => `https://evil.example/P.svc/Set?${query}` });
    const hosts = new Set<string>();
    await read((url) => {
      hosts.add(new URL(url).host);
      return get(url);
    }, 100);
    expect([...hosts]).toEqual(["ifs"]);
  });
  test("a limit is kept, whatever the server's page is", async () => {
    expect(await read(serve(all(250), { cap: 60 }).get, 100, 100)).toEqual(all(250).slice(0, 100));
    expect(await read(serve(all(70), { cap: 60 }).get, 100, 100)).toEqual(all(70));
  });
});

test("pages overlap by one row, and the end of a list costs one small request", async () => {
  const long = serve(all(150));
  await read(long.get, 100);
  expect(long.asked).toEqual(["?$orderby=K&$top=100", "?$orderby=K&$top=100&$skip=99", "?$orderby=K&$top=2&$skip=149"]);
  const short = serve(all(3));
  await read(short.get, 100);
  expect(short.asked).toEqual(["?$orderby=K&$top=100", "?$orderby=K&$top=2&$skip=2"]);
  const single = serve(all(1));
  await read(single.get, 100);
  expect(single.asked).toEqual(["?$orderby=K&$top=100", "?$orderby=K&$top=2"]);
});

test("what proves the end costs nothing: no rows, a limit that is reached", async () => {
  const empty = serve([]);
  await read(empty.get, 100);
  const limited = serve(all(70));
  await read(limited.get, 70, 70);
  expect([empty.asked.length, limited.asked.length]).toEqual([1, 1]);
});

test("links that end are doubted once: one of them may have got lost, and none of the rows behind it is", async () => {
  const linked = serve(all(70), { linked: 30 });
  await read(linked.get, 100);
  expect(linked.asked).toHaveLength(3 + 1);
  const lost = serve(all(250), { linked: 30 });
  const get = async (url: string): Promise<Page> => {
    const page = await lost.get(url);
    return url.includes("$skiptoken") ? { ...page, nextLink: undefined } : page;
  };
  expect(await read(get, 100)).toEqual(all(250));
});

test("an empty page in the middle is no end: the list is read again, and given up where the page stays empty", async () => {
  const served = serve(all(250));
  let empty = 0;
  const empties = (times: number) => async (url: string) =>
    url.includes("$skip=99") && empty++ < times ? { rows: [], nextLink: undefined } : served.get(url);
  expect(await read(empties(1), 100)).toEqual(all(250));
  empty = 0;
  await expect(read(empties(Number.POSITIVE_INFINITY), 100)).rejects.toThrow(TransientError);
});

test("a server that cuts pages is asked for as many as it gives, so that only its last page is doubted", async () => {
  const cut = serve(all(118), { cap: 40 });
  await read(cut.get, 100);
  expect(cut.asked.map((query) => query.replace("?$orderby=K&", ""))).toEqual([
    "$top=100",
    "$top=2&$skip=39",
    "$top=40&$skip=40",
    "$top=40&$skip=79",
    "$top=2&$skip=117",
  ]);
});

test("rows that move between pages make the list start again", async () => {
  const rows = all(150);
  const served = serve(rows);
  let calls = 0;
  const get = async (url: string) => {
    calls += 1;
    if (calls === 2) rows.splice(5, 1);
    return served.get(url);
  };
  expect(await read(get, 100)).toEqual(all(150).filter((_, index) => index !== 5));
  expect(calls).toBe(5);
});

describe("no cursor may stand still", () => {
  test("a server that ignores $skip", async () => {
    let calls = 0;
    const get = async (): Promise<Page> => {
      calls += 1;
      return { rows: all(100), nextLink: undefined };
    };
    await expect(read(get, 100)).rejects.toBeInstanceOf(TransientError);
    expect(calls).toBe(6);
  });
  test("a nextLink that leads to itself", async () => {
    let calls = 0;
    const get = async (): Promise<Page> => {
      calls += 1;
      return { rows: [{ K: `${calls}` }], nextLink: "Set?$skiptoken=1" };
    };
    await expect(read(get, 100)).rejects.toThrow(/circle/);
    expect(calls).toBe(2);
  });
  test("nextLinks that differ and lead to the same rows", async () => {
    let calls = 0;
    const get = async (): Promise<Page> => {
      calls += 1;
      return { rows: all(3), nextLink: `Set?$skiptoken=${calls}` };
    };
    await expect(read(get, 100)).rejects.toThrow(/a page repeats/);
    expect(calls).toBe(2);
  });
  test("a nextLink to another list is not followed", async () => {
    const get = async (): Promise<Page> => ({ rows: [], nextLink: "https://evil.example/P.svc/Other?$skiptoken=1" });
    await expect(read(get, 100)).rejects.toThrow(/another list/);
  });
});

describe("page by page", () => {
  const visit = async (get: (url: string) => Promise<Page>, pageSize: number) => {
    const pages: string[][] = [];
    await visitList({ url: URL_, pageSize, get, keyOf: (row) => String(row.K) }, (rows) => {
      pages.push(rows.map((row) => String(row.K)));
    });
    return pages;
  };

  test.each([0, 1, 99, 100, 101, 199, 250])("every row of %i once, no page longer than asked for", async (count) => {
    const pages = await visit(serve(all(count)).get, 100);
    expect(pages.flat()).toEqual(all(count).map(({ K }) => K));
    expect(Math.max(0, ...pages.map((rows) => rows.length))).toBeLessThanOrEqual(100);
  });

  test("all come again when rows move between two pages", async () => {
    const rows = all(5);
    const { get } = serve(rows);
    let calls = 0;
    const moving = async (url: string) => {
      calls += 1;
      if (calls === 2) rows.unshift({ K: "first" });
      return get(url);
    };
    expect((await visit(moving, 3)).flat()).toEqual(["k0000", "k0001", "k0002", ...rows.map(({ K }) => K)]);
  });
});

describe("as fast as they are taken", () => {
  const walked = async (get: (url: string) => Promise<Page>, from = 0) => {
    const seen: string[] = [];
    for await (const rows of walkList({ url: URL_, pageSize: 10, get, keyOf: (row) => String(row.K) }, from)) {
      seen.push(...rows.map((row) => String(row.K)));
    }
    return seen;
  };

  test.each([0, 9, 10, 11, 35])("%i rows, each once; from a number of rows on", async (count) => {
    const keys = all(count).map(({ K }) => K);
    expect(await walked(serve(all(count)).get)).toEqual(keys);
    expect(await walked(serve(all(count)).get, 10)).toEqual(keys.slice(10));
  });

  test("rows that move come twice, and none is passed", async () => {
    const rows = all(40);
    const { get } = serve(rows);
    let calls = 0;
    const seen = await walked(async (url) => {
      if (++calls === 3) rows.splice(2, 5);
      return get(url);
    });
    expect(new Set(seen)).toEqual(new Set(all(40).map(({ K }) => K)));
  });

  test("where so many were deleted that nothing is at the place any more, what moved before it still comes", async () => {
    const rows = all(20);
    const { get } = serve(rows);
    let calls = 0;
    const seen = await walked(async (url) => {
      if (++calls === 2) rows.splice(0, 12);
      return get(url);
    });
    expect(rows).toHaveLength(8);
    expect(new Set(seen)).toEqual(new Set([...all(10), ...rows].map(({ K }) => K)));
  });

  test("a list that never rests is an outage", async () => {
    let calls = 0;
    const restless = async (url: string): Promise<Page> => {
      calls += 1;
      const skip = Number(new URL(url).searchParams.get("$skip") ?? 0);
      return { rows: all(10).map(({ K }) => ({ K: `${K}-${skip}-${calls}` })), nextLink: undefined };
    };
    await expect(walked(restless)).rejects.toThrow("rows move while the list is read");
    expect(calls).toBeLessThan(60);
  });
});

describe("a list whose last row is asked for beside it", () => {
  const beside = (rows: { K: string }[], options: Parameters<typeof serve>[1] = {}) => {
    const served = serve(rows, options);
    let lastRows = 0;
    const lastRow = async () => {
      lastRows += 1;
      return { row: rows.at(-1) };
    };
    const keyOf = (row: Readonly<Record<string, unknown>>) => String(row.K);
    return {
      ...{ rows, served, lastRows: () => lastRows },
      read: (how: Partial<Parameters<typeof readList>[0]> = {}) =>
        readList({ url: URL_, pageSize: 100, get: served.get, keyOf, lastRow, ...how }),
    };
  };

  test.each([0, 1, 99, 100])("of %i rows takes one page", async (count) => {
    const list = beside(all(count));
    expect(await list.read()).toEqual(all(count));
    expect([list.served.asked.length, list.lastRows()]).toEqual([1, 1]);
  });
  test.each([2, 7, 40].flatMap((cap) => [1, 2, 39, 40, 41, 250].map((count) => [cap, count])))(
    "from a server that cuts pages to %i without a word: %i rows",
    async (cap, count) => {
      const list = beside(all(count), { cap });
      expect(await list.read()).toEqual(all(count));
      expect(list.lastRows()).toBe(1);
    },
  );
  test("a row that comes behind the last one is found all the same", async () => {
    const list = beside(all(5));
    const lastRow = async () => ({ row: { K: "k0005" } });
    list.rows.push({ K: "k0005" });
    const get = async (url: string): Promise<Page> => {
      const page = await list.served.get(url);
      return list.served.asked.length === 1 ? { ...page, rows: page.rows.slice(0, 5) } : page;
    };
    expect(await list.read({ get, lastRow })).toEqual(all(6));
  });
  test("the first row of a list that was empty is found all the same", async () => {
    const list = beside([]);
    const lastRow = async () => {
      // After the page was read.
      await Promise.resolve();
      list.rows.splice(0, 1, { K: "k0000" });
      return { row: list.rows[0] };
    };
    expect(await list.read({ lastRow })).toEqual(all(1));
  });
  test("where nothing can be told of it, the row behind is asked for", async () => {
    const list = beside(all(5));
    expect(await list.read({ lastRow: async () => undefined })).toEqual(all(5));
    expect(list.served.asked).toHaveLength(2);
  });
});
