import { absentAsUndefined, type CtClient } from "./client.ts";

/** A cart as far as the availability of its lines is concerned. */
export type CartStock = {
  readonly id: string;
  /** Nothing can be ordered of it any more. */
  readonly isOver: boolean;
  readonly lines: readonly {
    readonly sku: string | undefined;
    readonly quantity: number;
    readonly supplyChannelId: string | undefined;
    /** Pieces that it has reserved. */
    readonly reserved: number;
  }[];
};

const isOver = (state: string): boolean => state === "Ordered" || state === "Merged";

export function createCarts({ root }: CtClient) {
  return {
    /** Of at most 500 ids: those of which nothing can be ordered any more, and those of no cart. */
    async over(ids: readonly string[]): Promise<ReadonlySet<string>> {
      const queryArgs = { where: "id in :ids", "var.ids": [...ids], limit: ids.length, withTotal: false };
      const { body } = await root.carts().get({ queryArgs }).execute();
      const open = new Set(body.results.filter(({ cartState }) => !isOver(cartState)).map(({ id }) => id));
      return new Set(ids.filter((id) => !open.has(id)));
    },
    /** Undefined: there is none. */
    async stockOf(id: string): Promise<CartStock | undefined> {
      const cart = await absentAsUndefined(root.carts().withId({ ID: id }).get().execute());
      return (
        cart && {
          id: cart.id,
          isOver: isOver(cart.cartState),
          lines: cart.lineItems.map((line) => ({
            sku: line.variant.sku,
            quantity: line.quantity,
            supplyChannelId: line.supplyChannel?.id,
            // Of a reservation that is not expanded: that of the line's quantity, for the platform changes both together.
            reserved: line.reservation ? (line.reservation.obj?.quantity ?? line.quantity) : 0,
          })),
        }
      );
    },
  };
}
