import { expect, test } from "vitest";
import { parseEdmx } from "./edmx.ts";

const document = (schema: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="IfsApp.BoatHandling">${schema}</Schema>
</edmx:DataServices></edmx:Edmx>`;

test("sets, keys, properties, arrays, enumerations and operations", () => {
  const edmx = parseEdmx(
    document(`
<EnumType Name="BoatState" IsFlags="false" UnderlyingType="Edm.Int32"><Member Name="Ashore" Value="0"/><Member Name="Afloat" Value="1"/></EnumType>
<EntityType Name="Boat"><Key><PropertyRef Name="BoatNo"/></Key>
 <Property Name="BoatNo" Type="Edm.String" MaxLength="12"/><Property Name="Objstate" Type="IfsApp.BoatHandling.BoatState"/>
 <NavigationProperty Name="OarsArray" Type="Collection(IfsApp.BoatHandling.Oar)"/>
 <NavigationProperty Name="OwnerRef" Type="IfsApp.BoatHandling.Owner"><ReferentialConstraint Property="Owner" ReferencedProperty="Id"/></NavigationProperty>
</EntityType>
<EntityType Name="Oar"><Key><PropertyRef Name="BoatNo"/><PropertyRef Name="OarNo"/></Key><Property Name="OarNo" Type="Edm.Decimal" Precision="130" Scale="65"/></EntityType>
<Action Name="Boat_Launch" IsBound="true"><Parameter Name="Entity" Type="IfsApp.BoatHandling.Boat"/><Parameter Name="Tide" Type="Edm.String"/></Action>
<Function Name="CountBoats"><Parameter Name="Harbour" Type="Edm.String"/><ReturnType Type="Edm.Decimal"/></Function>
<EntityContainer Name="DefaultContainer"><EntitySet Name="BoatSet" EntityType="IfsApp.BoatHandling.Boat"/></EntityContainer>`),
  );
  expect(edmx).toEqual({
    namespace: "IfsApp.BoatHandling",
    entities: new Map([
      [
        "Boat",
        {
          name: "Boat",
          key: ["BoatNo"],
          properties: new Map([
            ["BoatNo", { name: "BoatNo", type: "Edm.String", maxLength: 12 }],
            ["Objstate", { name: "Objstate", type: "IfsApp.BoatHandling.BoatState", maxLength: undefined }],
          ]),
          navigations: new Map([
            ["OarsArray", "Oar"],
            ["OwnerRef", "Owner"],
          ]),
        },
      ],
      [
        "Oar",
        {
          name: "Oar",
          key: ["BoatNo", "OarNo"],
          properties: new Map([["OarNo", { name: "OarNo", type: "Edm.Decimal", maxLength: undefined }]]),
          navigations: new Map(),
        },
      ],
    ]),
    sets: new Map([["BoatSet", "Boat"]]),
    enums: new Map([["IfsApp.BoatHandling.BoatState", ["Ashore", "Afloat"]]]),
    operations: [
      { name: "Boat_Launch", boundTo: "Boat", parameters: ["Tide"] },
      { name: "CountBoats", boundTo: undefined, parameters: ["Harbour"] },
    ],
  });
});

test("an empty container, an entity without key and MaxLength max", () => {
  const edmx = parseEdmx(
    document(
      '<EntityType Name="Note"><Property Name="Text" Type="Edm.String" MaxLength="max"/></EntityType><EntityContainer Name="DefaultContainer"/>',
    ),
  );
  expect(edmx.sets).toEqual(new Map());
  expect(edmx.entities.get("Note")).toMatchObject({ key: [], navigations: new Map() });
  expect(edmx.entities.get("Note")?.properties.get("Text")?.maxLength).toBeUndefined();
});

test.each([
  ["a gateway's page", "<html><body>Sign in</body></html>"],
  ["JSON", '{"error":{}}'],
  ["nothing", ""],
])("%s is not metadata", (_, text) => {
  expect(() => parseEdmx(text)).toThrow(/^not an OData metadata document/);
});

test("entities of the document are not expanded", () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>${document('<EntityType Name="&b;"/>').replace(/^<\?xml.*\?>\s*/, "")}`;
  expect([...parseEdmx(bomb).entities.keys()]).toEqual(["&b;"]);
});
