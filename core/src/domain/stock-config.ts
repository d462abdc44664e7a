/** The `stock` section of the configuration: pools, what of a stock row can be sold, buffers, and the guards of a run. */
import { z } from "zod";

const text = z.string().min(1);
const share = z.number().min(0).max(1);
const shelfLife = z.int().min(0).max(3650);

const inTransit = z.enum(["leaveOut", "count"]);

const whole = z.int32().min(0);
const atLeastOne = z.int32().min(1);

const bufferSettings = {
  buffer: z.int().min(0).describe("Sales units held back."),
  bufferShare: share.describe(
    "Part of the channel's units held back, such as 0.05; what is left is rounded down. With a buffer, the larger counts.",
  ),
};

/** What is sold out of one pool is counted in one pool. */
export const poolSchema = z.strictObject({
  name: text,
  site: text,
  warehouses: z.array(text).default([]).describe("Only these IFS warehouses; all of the site when empty."),
  locations: z
    .array(text)
    .default([])
    .describe("Only these IFS locations (LocationNo), within the warehouses; all of them when empty."),
  rules: z
    .strictObject({
      pickingLocationTypes: z.array(text).optional(),
      ownOwnership: z.array(text).optional(),
      blockedAvailabilityControls: z.array(text).optional(),
      minShelfLifeDays: shelfLife.optional(),
      inTransit: inTransit.optional(),
    })
    .prefault({})
    .describe("What can be sold of this pool, where it differs from the settings of the same name under `stock`."),
  channels: z
    .array(
      z.strictObject({
        supplyChannel: text.describe(
          "Key of the commercetools channel with role InventorySupply. Pools of several sites may name the same one: its entries then show the sum of what they give.",
        ),
        live: z
          .boolean()
          .default(true)
          .describe(
            "`false`: nobody can buy from this channel yet. No run writes its entries; `npm run stock -- load` fills them in bulk. What it may sell of the pool stays its own.",
          ),
        share: share.default(1).describe("Part of the pool that this channel may sell."),
        buffer: bufferSettings.buffer.default(0),
        bufferShare: bufferSettings.bufferShare.default(0),
      }),
    )
    .min(1),
});
export type Pool = z.infer<typeof poolSchema>;

/** What is sold as one and made of several sales parts. */
const kitSchema = z.strictObject({
  catalogNo: text.describe("Sales part number of the kit, which the site has to have."),
  sites: z.array(text).default([]).describe("Only at these sites; at all when empty."),
  components: z
    .array(
      z.strictObject({
        catalogNo: text.describe("Sales part number of the component."),
        quantity: z.number().positive().default(1).describe("Sales units of it in one kit."),
      }),
    )
    .min(1),
});

/** What some SKUs have of their own. Of each setting the first class counts that fits and has it. */
export const stockClassSchema = z.strictObject({
  name: text.describe("For people: the derivation of a quantity names it."),
  skus: z
    .array(text)
    .default([])
    .describe("SKUs; one that ends with * stands for all that begin like it. Every SKU when empty."),
  supplyChannels: z.array(text).default([]).describe("Only in these supply channels (keys); in all when empty."),
  sites: z.array(text).default([]).describe("Only of these sites; of all when empty."),
  buffer: bufferSettings.buffer.optional(),
  bufferShare: bufferSettings.bufferShare.optional(),
  weight: z
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe(
      "How much of an inventory part falls to the SKU where several SKUs draw on it (pieces and boxes, kits and their components), beside the weights of the others; 1 when no class says so. 0: only what the others leave.",
    ),
  restockableInDays: z
    .union([whole, z.literal("supply")])
    .nullable()
    .optional()
    .describe(
      "Lets the class be ordered at zero: commercetools accepts an order without stock as soon as an entry has this, and so does the check at checkout. `supply`: the days until IFS expects goods that nobody has ordered yet, with their date as expectedDelivery, and neither while IFS expects none; see `stock.supply`. A number takes expectedDelivery off, null takes both off the entries again.",
    ),
  minCartQuantity: atLeastOne.nullable().optional().describe("Least pieces of a cart. null: none."),
  maxCartQuantity: atLeastOne.nullable().optional().describe("Most pieces of a cart. null: none."),
  reorderPoint: whole.nullable().optional().describe("commercetools sends a message at this quantity. null: none."),
  safetyStock: whole.nullable().optional().describe("commercetools sends a message at this quantity. null: none."),
});
export type StockClass = z.infer<typeof stockClassSchema>;

const supplySources = ["purchaseOrders", "shopOrders"] as const;
export type SupplySource = (typeof supplySources)[number];

export type KitRow = z.infer<typeof kitSchema>;

export const stockSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe(
      "`false`: no entry is written, neither by the schedule nor by hints. Dry run and derivations work all the same.",
    ),
  direction: z
    .enum(["ifs", "commercetools"])
    .default("ifs")
    .describe(
      "Which system is the record for stock. `commercetools`: runs read and plan as ever, but write no inventory entry; they report what differs, and the check at checkout refuses nothing for IFS's figures. IFS stock is written in neither direction.",
    ),
  adoptKeys: z
    .enum(["missing", "all"])
    .default("missing")
    .describe(
      "Entries that the connector finds in its supply channels get its own key, by which it knows them when their sales part ends: then they go to zero. `missing`: those without a key. `all`: also those with somebody else's key, which is replaced; without it these stay as they are when their part ends, and are named.",
    ),
  pools: z.array(poolSchema).default([]),
  pickingLocationTypes: z
    .array(text)
    .default(["PICKING", "F", "MANUFACTURING"])
    .describe("IFS LocationTypeDb values whose stock can be sold. Rows without a location type count as well."),
  ownOwnership: z
    .array(text)
    .default(["COMPANY OWNED", "CONSIGNMENT"])
    .describe("IFS PartOwnershipDb values that can be sold."),
  blockedAvailabilityControls: z
    .array(text)
    .default([])
    .describe("AvailabilityControlId values whose rows must not be sold."),
  minShelfLifeDays: shelfLife
    .default(0)
    .describe("A lot is not sold any more this many days before it expires. 0: up to and including its date."),
  inTransit: inTransit
    .default("leaveOut")
    .describe(
      "Goods on their way between places of IFS (QtyInTransit), at the place where they will arrive. `leaveOut`: they are sold once they are there. `count`: at once, so a buyer may wait for them.",
    ),
  demandStates: z
    .array(text)
    .default(["Planned", "Released", "Blocked", "Reserved", "Picked", "PartiallyDelivered"])
    .describe("States of IFS order lines whose open quantity is taken off."),
  classes: z
    .array(stockClassSchema)
    .default([])
    .describe(
      "Settings of SKU classes. A class that has `buffer` or `bufferShare` replaces both of the channel for its SKUs. In a channel that pools of several sites feed, a class that names `sites` holds back at each of them, one that names none once on the sum. Terms of an entry that no class names are left alone.",
    ),
  supply: z
    .strictObject({
      sources: z
        .array(z.enum(supplySources))
        .default([])
        .describe(
          "What IFS expects: lines of purchase orders (`ifs.binding.purchaseOrderLine`), shop orders (`shopOrder`). Their names are unverified; the doctor compares them.",
        ),
      handlingDays: whole.default(0).describe("Days from the date of the supply until the goods can be sold."),
      horizonDays: atLeastOne.default(90).describe("Supply that comes later is not told."),
    })
    .prefault({})
    .describe("For classes with `restockableInDays: supply`."),
  kits: z
    .strictObject({
      list: z.array(kitSchema).default([]),
      fromIfs: z
        .boolean()
        .default(false)
        .describe(
          "Read the components of package parts from IFS (`ifs.binding.packageComponent`); a kit in `list` comes before the package of the same number.",
        ),
    })
    .prefault({})
    .describe(
      "Kits show the least that their components allow, and share them with whoever else sells them. A stock of the kit's own is not counted.",
    ),
  maxChangePercent: z
    .number()
    .min(0)
    .max(100)
    .default(60)
    .describe(
      "A run that would set more than this share of a site's tracked entries to zero is held. 100 switches it off.",
    ),
  minEntriesForHold: z
    .int()
    .min(1)
    .default(50)
    .describe("Below this many entries a run is never held for its share of zeros."),
  writesAtATime: z
    .int()
    .min(1)
    .max(50)
    .default(8)
    .describe(
      "Most writes of stock to commercetools at a time; fewer while it throttles or becomes slow. commercetools asks for about 20 parallel requests of all its clients at most.",
    ),
  bounds: z
    .strictObject({
      largePercent: z
        .number()
        .min(0)
        .max(100)
        .default(50)
        .describe("A change is large when it moves an entry by more than this share of what it shows"),
      largeUnits: whole
        .default(20)
        .describe("and by more than this many sales units. Changes to zero have bounds of their own."),
      maxCutsPercent: z
        .number()
        .min(0)
        .max(100)
        .default(60)
        .describe(
          "A run with large cuts in more than this share of a site's tracked entries holds them. 100 switches it off.",
        ),
      maxCuts: whole
        .optional()
        .describe("The same as a number of entries, however many there are. 0 holds every large cut."),
      maxRaisesPercent: z
        .number()
        .min(0)
        .max(100)
        .default(100)
        .describe("The same for large raises; new entries are none."),
      maxRaises: whole.optional(),
    })
    .prefault({})
    .describe(
      "Large changes of a run that are held until a person releases them; all else is written. While cuts are held, the check at checkout asks IFS about their SKUs.",
    ),
  maxAgeSeconds: z
    .int()
    .min(60)
    .default(1800)
    .describe(
      "A site that no run has brought up to date for so long is an exception and an alarm; three intervals of the schedule at least.",
    ),
  maxZeros: z
    .int()
    .min(0)
    .optional()
    .describe("A run that would set more than this many entries of a site to zero is held, however many there are."),
});
export type StockConfig = z.infer<typeof stockSchema>;
