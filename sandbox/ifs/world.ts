import type { Clock, Random } from "../kernel/types.ts";
import { logHistory } from "./business/history.ts";
import { enumMembers } from "./enums.ts";
import { queueEvents } from "./events/event-queue.ts";
import { text } from "./rows.ts";
import type { IfsSettings } from "./settings.ts";
import { createStore, type Row, type Store, type Table } from "./store.ts";
import { allTables } from "./tables/all-tables.ts";
import { siteDate, siteTimestamp } from "./time.ts";

/** Everything one running IFS has: its tables, number series, settings, clock and chance. */
export type World = {
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: IfsSettings;
  readonly store: Store;
  /** Users whose writes are being made, for the history log and the price query. */
  user: string;
  /** Projections whose cached metadata is stale since the last deployment: how many calls will still fail. */
  readonly staleProjections: Map<string, number>;
  table(name: string): Table;
  /** Next number of a series that begins at `start`. A rolled back use leaves a gap. */
  next(series: string, start: number): number;
  /** Members of an enumeration as this tenant spells them. */
  members(enumName: string): readonly string[];
  servedMember(enumName: string, stored: string): string;
  /** Undefined when the tenant has no such member. */
  storedMember(enumName: string, served: string): string | undefined;
  zoneOfSite(contract: string): string;
  /** Now as the digits of the site's clock. */
  siteNow(contract: string): string;
  siteToday(contract: string): string;
};

export type WorldOptions = { clock: Clock; random: Random; settings: IfsSettings };

export function createWorld(options: WorldOptions): World {
  const { clock, settings } = options;
  const series = new Map<string, number>();
  let writes = 0;
  const store = createStore({
    defs: allTables,
    objversion() {
      writes += 1;
      const stamp = siteTimestamp(clock.now(), settings.serverTimeZone).replace(/\D/g, "");
      return settings.objversionResolution === "unique" ? `${stamp}${String(writes).padStart(8, "0")}` : stamp;
    },
    changed(change) {
      logHistory(world, change);
      queueEvents(world, change);
    },
  });
  const storedMembers = (enumName: string) => enumMembers(settings)[enumName] ?? [];
  const world: World = {
    clock,
    random: options.random,
    settings,
    store,
    user: "IFSAPP",
    staleProjections: new Map(),
    table: (name) => store.table(name),
    next(name, start) {
      const value = series.get(name) ?? start;
      series.set(name, value + 1);
      return value;
    },
    members: (enumName) => storedMembers(enumName).map((member) => world.servedMember(enumName, member)),
    servedMember: (enumName, stored) => settings.memberNames[`${enumName}/${stored}`] ?? stored,
    storedMember: (enumName, served) =>
      storedMembers(enumName).find((member) => world.servedMember(enumName, member) === served),
    zoneOfSite(contract) {
      const moved = settings.siteTimeZones[contract];
      if (moved !== undefined) return moved;
      const site = store.table("CompanySite").get(contract);
      return site ? text(site, "TimeZone") : settings.serverTimeZone;
    },
    siteNow: (contract) => siteTimestamp(clock.now(), world.zoneOfSite(contract)),
    siteToday: (contract) => siteDate(clock.now(), world.zoneOfSite(contract)),
  };
  return world;
}

/** The row's site clock, or the server's for rows that belong to no site. */
export function zoneOfRow(world: World, siteColumn: string | undefined, row: Row): string {
  return siteColumn ? world.zoneOfSite(text(row, siteColumn)) : world.settings.serverTimeZone;
}
