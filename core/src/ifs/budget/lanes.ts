/** Who may go first. The order of the list is the order of urgency. */
export const lanes = ["checkout", "orders", "statuses", "stock", "prices", "reports"] as const;
export type Lane = (typeof lanes)[number];

/** Lanes of one class never leave room for each other: what is not a checkout or an order can wait a minute. */
export const laneClasses = ["checkout", "orders", "bulk"] as const;
export type LaneClass = (typeof laneClasses)[number];

export const classOf = (lane: Lane): LaneClass => (lane === "checkout" || lane === "orders" ? lane : "bulk");

/** How many classes of this process are more urgent than the lane's: it leaves something for each of them. */
export function moreUrgent(lane: Lane, served: readonly Lane[]): number {
  const classes = new Set(served.map(classOf));
  return laneClasses.slice(0, laneClasses.indexOf(classOf(lane))).filter((name) => classes.has(name)).length;
}

/** Places that only checkouts may use, even if nothing is left for the others. */
export const keptForCheckout = (served: readonly Lane[]): number => (served.includes("checkout") ? 1 : 0);

/**
 * Nobody is kept waiting by what the orders that wait together need: a process that serves them and, at most, changes of
 * customers and statuses, which are few and can wait. Where checkouts, stock or prices run beside them it may not.
 */
export const servesMainlyOrders = (served: readonly Lane[]): boolean =>
  served.includes("orders") && served.every((lane) => lane === "orders" || lane === "statuses");
