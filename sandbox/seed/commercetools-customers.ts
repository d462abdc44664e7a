/** Accounts of the shop: the ERP's businesses by name and registration, and consumers that it does not know one by one. */
export type SeedShopCustomer = {
  email: string;
  key: string;
  firstName: string;
  lastName: string;
  companyName?: string;
  vatId?: string;
  groupKey?: "b2b";
  storeKey: "de-store" | "se-store";
  address: {
    country: "DE" | "SE";
    streetName: string;
    streetNumber: string;
    postalCode: string;
    city: string;
    company?: string;
  };
};

type Business = [
  company: string,
  vatId: string,
  country: "DE" | "SE",
  street: string,
  no: string,
  zip: string,
  city: string,
];

const businesses: Business[] = [
  ["Werft am Südkai GmbH", "DE811234501", "DE", "Südkai", "12", "20457", "Hamburg"],
  ["Maschinenbau Isartal KG", "DE811234502", "DE", "Talstraße", "5", "80331", "München"],
  ["Gesperrt & Söhne OHG", "DE811234503", "DE", "Hof", "3", "20095", "Hamburg"],
  ["Hilfswerk Nord gGmbH", "DE811234504", "DE", "Allee", "9", "20354", "Hamburg"],
  ["Varvet i Göteborg AB", "SE556677001001", "SE", "Varvsgatan", "4", "417 64", "Göteborg"],
  ["Småländska Verktyg AB", "SE556677002001", "SE", "Industrivägen", "8", "352 46", "Växjö"],
];

const german = ["Lübeck", "Kiel", "Bremen", "Rostock", "Augsburg", "Ulm", "Jena"];
const swedish = ["Borås", "Kungälv", "Mölndal", "Alingsås", "Lerum", "Kungsbacka", "Varberg"];

export function shopCustomers(): SeedShopCustomer[] {
  return [
    ...businesses.map(business),
    ...german.map((city, index) => consumer("DE", city, `${23_000 + index * 111}`, index)),
    ...swedish.map((city, index) => consumer("SE", city, `43${index} 0${index}`, index)),
  ];
}

function business([company, vatId, country, street, no, zip, city]: Business, index: number): SeedShopCustomer {
  return {
    email: `einkauf-${index + 1}@business.example`,
    key: `business-${index + 1}`,
    firstName: "Purchasing",
    lastName: `Desk ${index + 1}`,
    companyName: company,
    vatId,
    groupKey: "b2b",
    storeKey: country === "DE" ? "de-store" : "se-store",
    address: { country, streetName: street, streetNumber: no, postalCode: zip, city, company },
  };
}

function consumer(country: "DE" | "SE", city: string, postalCode: string, index: number): SeedShopCustomer {
  const land = country.toLowerCase();
  return {
    email: `consumer-${land}-${index + 1}@shopper.example`,
    key: `consumer-${land}-${index + 1}`,
    firstName: country === "DE" ? "Kundin" : "Kund",
    lastName: `Number ${index + 1}`,
    storeKey: country === "DE" ? "de-store" : "se-store",
    address: {
      country,
      streetName: country === "DE" ? "Marktplatz" : "Storgatan",
      streetNumber: String(index + 20),
      postalCode,
      city,
    },
  };
}
