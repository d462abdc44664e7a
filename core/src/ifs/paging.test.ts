import { describe, expect, test } from "vitest";
import { TransientError } from "../domain/failure.ts";
import { leastCap, type Page, readList } from "./paging.ts";

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
const read = (get: (url: string) => Promise<Page>, pageSize: number, limit?: number, memory = { mostRows: leastCap }) =>
  readList({ url: URL_, pageSize, limit, get, keyOf: (row) => String(row.K), memory });

describe("every row arrives once", () => {
  test.each([0, 1, 49, 50, 51, 99, 100, 101, 199, 200, 250])("%i rows, no nextLink", async (count) => {
    const { get } = serve(all(count));
    expect(await read(get, 100)).toEqual(all(count));
  });
  test.each([0, 1, 30, 31, 100, 101, 250])("%i rows, with nextLinks of an inner host", async (count) => {
    const { get } = serve(all(count), { linked: 30 });
    expect(await read(get, 100)).toEqual(all(count));
  });
  test.each([0, 60, 61, 250])("%i rows from a server that cuts pages to 60 without a word", async (count) => {
    const { get } = serve(all(count), { cap: 60 });
    expect(await read(get, 100)).toEqual(all(count));
  });
  test("relative nextLinks", async () => {
    const { get } = serve(all(80), { linked: 30, link: (query) => `Set?${query}` });
    expect(await read(get, 100)).toEqual(all(80));
  });
  test("a limit is kept, whatever the server's page is", async () => {
    expect(await read(serve(all(250), { cap: 60 }).get, 100, 100)).toEqual(all(250).slice(0, 100));
    expect(await read(serve(all(70), { cap: 60 }).get, 100, 100)).toEqual(all(70));
  });
});

test("pages overlap by one row, and a short list costs one request", async () => {
  const long = serve(all(150));
  await read(long.get, 100);
  expect(long.asked).toEqual(["?$orderby=K&$top=100", "?$orderby=K&$top=100&$skip=99"]);
  const short = serve(all(3));
  await read(short.get, 100);
  expect(short.asked).toEqual(["?$orderby=K&$top=100"]);
});

test("a page as long as the longest so far is verified, a shorter one is not", async () => {
  const memory = { mostRows: leastCap };
  const first = serve(all(70));
  await read(first.get, 100, undefined, memory);
  const second = serve(all(69));
  await read(second.get, 100, undefined, memory);
  expect([first.asked.length, second.asked.length, memory.mostRows]).toEqual([2, 1, 70]);
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
  expect(calls).toBe(4);
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
  test("a nextLink to another list is not followed", async () => {
    const get = async (): Promise<Page> => ({ rows: [], nextLink: "https://evil.example/P.svc/Other?$skiptoken=1" });
    await expect(read(get, 100)).rejects.toThrow(/another list/);
  });
});
