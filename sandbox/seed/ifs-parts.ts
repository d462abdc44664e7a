/**
 * The sales parts of the sandbox's company: a dealer in workshop supplies. Both platforms' seeds read this plain list, so
 * that a catalogue number of the ERP is a SKU of the shop. The first 270 are inventory parts, the last 30 are services.
 */
export type SeedPart = {
  /** Number of the sales part (IFS CatalogNo), unique. Spelled as ERPs spell: with `.`, `/` and blanks. */
  catalogNo: string;
  /** Inventory part, empty for services. Boxes share the part of the single piece. */
  partNo: string;
  description: string;
  /** IFS unit codes: `PCS`, `BOX`, `M`, `KG`, `HUR`. */
  salesUnit: string;
  inventoryUnit: string;
  /** Inventory units in one sales unit, as a decimal string. */
  convFactor: string;
  type: "inventory" | "nonInventory";
  /** Per sales unit, without tax, two decimals. */
  listPriceEur: string;
  listPriceSek: string;
  taxClass: "standard" | "reduced";
  /** Site numbers on which the sales part is active. */
  sites: string[];
};

type Family = {
  first: string[];
  second: string[];
  name: (first: string, second: string) => string;
  text: (first: string, second: string) => string;
  unit: string;
  inventoryUnit?: string;
  convFactor?: string;
  /** The stocked part where its number differs from the sales part's. */
  stockedAs?: (first: string, second: string) => string;
  cents: number;
  step: number;
  reduced?: boolean;
};

const families: Family[] = [
  {
    first: ["M5", "M6", "M8", "M10", "M12"],
    second: ["20", "40", "60"],
    name: (d, l) => `HB-${d}X${l}`,
    text: (d, l) => `Hexagon head bolt ${d} x ${l} mm, 8.8 zinc plated`,
    unit: "PCS",
    cents: 35,
    step: 7,
  },
  {
    first: ["M5", "M6", "M8", "M10", "M12"],
    second: ["20", "40", "60"],
    name: (d, l) => `HB-${d}X${l}-B12`,
    text: (d, l) => `Hexagon head bolt ${d} x ${l} mm, box of 12`,
    unit: "BOX",
    inventoryUnit: "PCS",
    convFactor: "12",
    stockedAs: (d, l) => `HB-${d}X${l}`,
    cents: 379,
    step: 77,
  },
  {
    first: ["M5", "M6", "M8", "M10", "M12"],
    second: ["A2", "A4", "ZN"],
    name: (d, m) => `HN.${d}.${m}`,
    text: (d, m) => `Hexagon nut ${d}, ${m}`,
    unit: "PCS",
    cents: 12,
    step: 5,
  },
  {
    first: ["5.3", "6.4", "8.4", "10.5", "13"],
    second: ["A2", "A4", "ZN"],
    name: (d, m) => `WSH ${d}/${m}`,
    text: (d, m) => `Flat washer ${d} mm, ${m}`,
    unit: "PCS",
    cents: 6,
    step: 2,
  },
  {
    first: ["2", "3", "4", "5", "7"],
    second: ["0.75", "1.5", "2.5"],
    name: (n, a) => `CBL-${n}G${a}`,
    text: (n, a) => `Control cable ${n} x ${a} mm², by the metre`,
    unit: "M",
    cents: 149,
    step: 63,
  },
  {
    first: ["10", "13", "16", "19", "25"],
    second: ["PUR", "PVC", "EPDM"],
    name: (d, m) => `HOSE ${d}MM/${m}`,
    text: (d, m) => `Compressed air hose ${d} mm, ${m}, by the metre`,
    unit: "M",
    stockedAs: (d, m) => `20-${d}-${m}`,
    cents: 289,
    step: 95,
  },
  {
    first: ["EP0", "EP1", "EP2", "MO", "CU"],
    second: ["STD", "FOOD", "MARINE"],
    name: (t, q) => `GRS-${t}/${q}`,
    text: (t, q) => `Grease ${t}, ${q.toLowerCase()} grade, by the kilogram`,
    unit: "KG",
    cents: 890,
    step: 145,
  },
  {
    first: ["6200", "6201", "6202", "6203", "6204"],
    second: ["2RS", "ZZ", "C3"],
    name: (b, s) => `BRG ${b}-${s}`,
    text: (b, s) => `Deep groove ball bearing ${b} ${s}`,
    unit: "PCS",
    stockedAs: (b, s) => `30.${b}.${s}`,
    cents: 415,
    step: 118,
  },
  {
    first: ["A", "B", "C", "SPZ", "SPA"],
    second: ["1000", "1250", "1600"],
    name: (p, l) => `VB-${p}${l}`,
    text: (p, l) => `V-belt profile ${p}, ${l} mm`,
    unit: "PCS",
    cents: 699,
    step: 133,
  },
  {
    first: ["FLEX", "GRIP", "CUT3", "CUT5", "WELD"],
    second: ["8", "9", "10"],
    name: (m, s) => `GLV-${m}-${s}.12`,
    text: (m, s) => `Work gloves ${m}, size ${s}, box of 12 pairs`,
    unit: "BOX",
    inventoryUnit: "PCS",
    convFactor: "12",
    stockedAs: (m, s) => `GLV-${m}-${s}`,
    cents: 3490,
    step: 410,
  },
  {
    first: ["S1P", "S2", "S3", "S3-HI", "S5"],
    second: ["41", "42", "43"],
    name: (m, s) => `SHOE.${m}.${s}`,
    text: (m, s) => `Safety shoe ${m}, size ${s}`,
    unit: "PCS",
    cents: 6990,
    step: 880,
  },
  {
    first: ["3.3", "4.2", "4.5", "6.8", "8.5"],
    second: ["HSS", "HSSCO", "VHM"],
    name: (d, m) => `DRL-${d}-${m}`,
    text: (d, m) => `Twist drill ${d} mm, ${m}`,
    unit: "PCS",
    cents: 189,
    step: 96,
  },
  {
    first: ["115", "125", "150", "180", "230"],
    second: ["40", "80", "120"],
    name: (d, g) => `SND/${d}/${g}`,
    text: (d, g) => `Sanding disc ${d} mm, grit ${g}`,
    unit: "PCS",
    cents: 99,
    step: 21,
  },
  {
    first: ["DN10", "DN15", "DN20", "DN25", "DN32"],
    second: ["MS", "VA", "PVC"],
    name: (d, m) => `VLV-${d}-${m}`,
    text: (d, m) => `Ball valve ${d}, ${m}`,
    unit: "PCS",
    cents: 1245,
    step: 365,
  },
  {
    first: ["ESP", "FIL", "BIO", "DEC", "ARA"],
    second: ["250", "500", "1000"],
    name: (r, g) => `COF/${r}-${g}`,
    text: (r, g) => `Workshop coffee ${r}, ${g} g`,
    unit: "PCS",
    cents: 449,
    step: 235,
    reduced: true,
  },
  {
    first: ["10", "20", "30", "50", "100"],
    second: ["IP44", "IP54", "IP67"],
    name: (w, p) => `LGT-${w}W-${p}`,
    text: (w, p) => `LED work light ${w} W, ${p}`,
    unit: "PCS",
    cents: 2495,
    step: 815,
  },
  {
    first: ["12V", "14.4V", "18V", "24V", "36V"],
    second: ["2AH", "4AH", "6AH"],
    name: (v, a) => `BAT.${v}.${a}`,
    text: (v, a) => `Tool battery ${v} ${a}`,
    unit: "PCS",
    cents: 4990,
    step: 1210,
  },
  {
    first: ["P1", "P2", "P3", "P5", "P8"],
    second: ["0.37", "0.75", "1.5"],
    name: (m, k) => `PMP-${m}/${k}`,
    text: (m, k) => `Transfer pump ${m}, ${k} kW`,
    unit: "PCS",
    cents: 18_900,
    step: 6150,
  },
];

const services: Family = {
  first: ["INSTALL", "CALIB", "REPAIR", "TRAIN", "RENTAL", "PACK", "CUT", "ENGRAVE", "EXPRESS", "DISPOSE"],
  second: ["S", "M", "L"],
  name: (s, size) => `SRV-${s}-${size}`,
  text: (s, size) => `Service ${s.toLowerCase()}, size ${size}`,
  unit: "PCS",
  cents: 1500,
  step: 900,
};

const ORE_PER_EURO = 1137;

export const parts: SeedPart[] = [
  ...families.flatMap((family) => expand(family, "inventory")),
  ...expand(services, "nonInventory"),
].map((part, index) => ({ ...part, sites: sitesOf(index) }));

function expand(family: Family, type: SeedPart["type"]): SeedPart[] {
  return family.first.flatMap((first, i) =>
    family.second.map((second, j) => {
      const cents = family.cents + family.step * (i * family.second.length + j);
      const catalogNo = family.name(first, second);
      return {
        catalogNo,
        partNo: type === "inventory" ? (family.stockedAs ?? family.name)(first, second) : "",
        description: family.text(first, second),
        salesUnit: family.unit,
        inventoryUnit: family.inventoryUnit ?? family.unit,
        convFactor: family.convFactor ?? "1",
        type,
        listPriceEur: fromCents(cents),
        listPriceSek: fromCents(Math.round((cents * ORE_PER_EURO) / 100)),
        taxClass: family.reduced ? ("reduced" as const) : ("standard" as const),
        sites: [],
      };
    }),
  );
}

/** Most parts are sold on every site; a few on some only, so that a missing site has to be noticed. */
function sitesOf(index: number): string[] {
  if (index % 10 === 3) return ["101", "102"];
  if (index % 10 === 7) return ["101", "201"];
  if (index % 25 === 24) return ["201"];
  return ["101", "102", "201"];
}

function fromCents(cents: number): string {
  return `${Math.trunc(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
}
