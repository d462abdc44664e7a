import { type Check, found, holds, reading, same } from "./check.ts";
import { LINES_OF_ORDER, ORDERS, quoted, SITES, STOCK } from "./names.ts";
import { NotApplicable } from "./outcome.ts";
import { messageOf, type Probe } from "./probe.ts";

const METADATA_NOT_FOUND = "Metadata not found.";

async function metadata(probe: Probe, projection: string) {
  return probe.ask("GET", `${probe.names.of(projection)}.svc/$metadata`, { headers: { accept: "application/xml" } });
}

/** Takes grants away from the client for as long as `look` takes. */
async function withGrants<T>(probe: Probe, changes: object, look: () => Promise<T>): Promise<T> {
  const { clientId } = probe.target;
  const controls = probe.controls();
  const grants = (await controls.call("GET", "grants")).json.list as { clientId: string }[];
  const before = found(
    grants.find((grant) => grant.clientId === clientId),
    "grants of the client",
  );
  await controls.call("POST", `grants/${clientId}`, changes);
  try {
    return await look();
  } finally {
    const { clientId: _same, ...rest } = before;
    await controls.call("POST", `grants/${clientId}`, rest);
  }
}

/** Tokens, addresses, metadata and grants. */
export const accessChecks: readonly Check[] = [
  {
    id: "token.client-credentials",
    title: "Client credentials by POST body give a bearer token with its life in seconds",
    confidence: "documented",
    kind: "read-only",
    async run(probe) {
      const answer = await probe.token({ scope: "openid microprofile-jwt" });
      same("status and type", [answer.status, answer.json.token_type], [200, "Bearer"]);
      holds(String(answer.json.access_token).length > 20, "an access token came", typeof answer.json.access_token);
      return reading(probe, "tokenSeconds", Number(answer.json.expires_in));
    },
  },
  {
    id: "token.scope-optional",
    title: "The scope may be left out, and the granted one is wider than asked",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const [without, asked] = [await probe.token(), await probe.token({ scope: "openid" })];
      same("status without scope", without.status, 200);
      const granted = String(asked.json.scope).split(" ");
      return holds(granted.length > 1 && granted.includes("openid"), "more than openid was granted", granted);
    },
  },
  {
    id: "token.refused",
    title: "An unknown client gets no token",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const answer = await probe.token({ client_id: "no-such-client", client_secret: "none" });
      same("token", answer.json.access_token, undefined);
      return holds([400, 401].includes(answer.status), "status is 400 or 401", answer.status);
    },
  },
  {
    id: "token.discovery",
    title: "The realm publishes its discovery document, which names the token endpoint",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const realm = probe.target.tokenUrl.replace(/\/protocol\/openid-connect\/token$/, "");
      const answer = await probe.raw("GET", `${realm}/.well-known/openid-configuration`);
      return same("token endpoint", answer.json.token_endpoint, probe.target.tokenUrl);
    },
  },
  {
    id: "token.none-or-forged",
    title: "Without a token, or with a forged one, every projection is 401",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const path = `/main/ifsapplications/projection/v1/${probe.names.url(STOCK)}?$top=1`;
      const none = await probe.raw("GET", path);
      const headers = { authorization: "Bearer eyJhbGciOiJub25lIn0.e30." };
      const forged = await probe.raw("GET", path, { headers });
      return same("statuses", [none.status, forged.status], [401, 401]);
    },
  },
  {
    id: "token.expires",
    title: "A token that outlived its seconds is 401",
    confidence: "documented",
    kind: "read-only",
    needs: "sandbox",
    async run(probe) {
      const controls = probe.controls();
      const before = (await controls.call("GET", "settings")).json.tokenSeconds;
      await controls.call("POST", "settings", { tokenSeconds: 2 });
      const answer = await probe.token();
      await controls.call("POST", "settings", { tokenSeconds: before });
      const headers = { authorization: `Bearer ${String(answer.json.access_token)}` };
      const path = `/main/ifsapplications/projection/v1/${probe.names.url(SITES)}`;
      const fresh = await probe.raw("GET", path, { headers });
      await new Promise((done) => setTimeout(done, 2100));
      const stale = await probe.raw("GET", path, { headers });
      return same("statuses before and after", [fresh.status, stale.status], [200, 401]);
    },
  },
  {
    id: "path.unknown-projection",
    title: "An unknown projection is 404 with 'Metadata not found.'",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const answer = await probe.ask("GET", "NoSuchProjectionHandling.svc/NoSuchSet");
      return same("answer", [answer.status, messageOf(answer)], [404, METADATA_NOT_FOUND]);
    },
  },
  {
    id: "path.page-projection-under-int",
    title: "A page's projection is not under /int",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { access_token } = (await probe.token()).json;
      const headers = { authorization: `Bearer ${String(access_token)}` };
      const path = `/int/ifsapplications/projection/v1/${probe.names.url("CustomerHandling/CustomerInfoSet")}`;
      return same("status", (await probe.raw("GET", path, { headers })).status, 404);
    },
  },
  {
    id: "path.service-document",
    title: "The service document lists the projection's sets, child arrays left out",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const { rows } = await probe.ask("GET", `${names.of("CustomerOrderHandling")}.svc/`);
      const listed = rows.map((row) => String(row.name));
      holds(listed.includes(names.of(ORDERS)), "the orders are listed", listed);
      holds(!listed.includes(names.of(LINES_OF_ORDER)), "the child array is not listed", listed);
      const odd = rows.filter((row) => row.url !== row.name);
      same("sets whose address is not their name", odd, []);
      return holds(
        listed.some((name) => name.startsWith("Reference_")),
        "lists of values are among them",
        listed,
      );
    },
  },
  {
    id: "metadata.shape",
    title: "EDMX has the projection's namespace, one container, Decimal(130,65), lengths and no Nullable",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const { text, headers } = await metadata(probe, "CustomerOrderHandling");
      same("content type", (headers.get("content-type") ?? "").split(";")[0], "application/xml");
      const order = names.of(`${ORDERS}/OrderNo`);
      for (const piece of [
        `Namespace="IfsApp.${names.of("CustomerOrderHandling")}"`,
        'Type="Edm.Decimal" Precision="130" Scale="65"',
        '<EntityContainer Name="DefaultContainer">',
        'UnderlyingType="Edm.Int32"',
        '<ComplexType Name="EntityDec">',
        '<ComplexType Name="ConfigEntityDec">',
        '<ComplexType Name="StreamInfoRec">',
        '<Property Name="luname" Type="Edm.String" MaxLength="80"/>',
        `<NavigationProperty Name="${names.of(LINES_OF_ORDER)}"`,
      ]) {
        holds(text.includes(piece), `the metadata has ${piece}`, text.slice(0, 200));
      }
      holds(new RegExp(`Name="${order}" Type="Edm.String" MaxLength="\\d+"`).test(text), "texts have lengths", order);
      return same("'Nullable' in the metadata", text.includes("Nullable"), false);
    },
  },
  {
    id: "metadata.bookkeeping",
    title: "Objid, Objversion and Rowversion are no properties",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { text } = await metadata(probe, "InventoryPartInStockHandling");
      return same("found", /Name="(Objid|Objversion|Rowversion)"/i.exec(text)?.[1], undefined);
    },
  },
  {
    id: "metadata.actions",
    title: "The release and cancel actions are bound actions of the order, under the names the tenant gives them",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const { text } = await metadata(probe, "CustomerOrderHandling");
      const bound = [...text.matchAll(/<Action Name="(\w+)" IsBound="true">/g)].map(([, name]) => name ?? "");
      const { releaseActionName, cancelActionName, lineCancelActionName } = probe.tenant;
      for (const name of [releaseActionName, cancelActionName, lineCancelActionName]) {
        if (name !== undefined) holds(bound.includes(name), `${name} is a bound action`, bound);
      }
      return holds(
        bound.some((name) => /release/i.test(name)),
        "one of them releases",
        bound,
      );
    },
  },
  {
    id: "metadata.single-occurrence-address",
    title: "The address of one order is a child array of the order, or fields of its header",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const { text } = await metadata(probe, "CustomerOrderHandling");
      const array = probe.tenant.addressArrayName ?? "CustomerOrderAddressArray";
      const inArray = text.includes(`<NavigationProperty Name="${array}"`);
      const inFields = /Name="SingleOcc\w+"/.test(text);
      return reading(probe, "singleOccurrenceAddress", inArray ? "childArray" : inFields ? "headerFields" : undefined);
    },
  },
  {
    id: "path.catalogue",
    title: "AllProjections lists the projections",
    confidence: "documented",
    kind: "read-only",
    async run(probe) {
      const name = probe.names.of("CustomerOrderHandling");
      const path = `AllProjections.svc/Projections?$filter=ProjectionName eq ${quoted(name)}`;
      const { rows } = await probe.ask("GET", path);
      return same(
        "found",
        rows.map((row) => row.ProjectionName),
        [name],
      );
    },
  },
  {
    id: "grants.other-site",
    title: "Rows of a site the client does not see are an empty list with 200",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const contract = probe.names.of(`${STOCK}/Contract`);
      const { status, rows } = await probe.ask(
        "GET",
        `${probe.names.url(STOCK)}?$filter=${contract} eq 'NOSIT'&$top=1`,
      );
      return same("answer", [status, rows], [200, []]);
    },
  },
  {
    id: "grants.site-taken",
    title: "Without the grant of a site its lists are empty with 200, and its rows are not there",
    confidence: "seen",
    kind: "read-only",
    needs: "sandbox",
    async run(probe) {
      const order = await probe.order();
      const { names } = probe;
      const key = names.of(`${ORDERS}/OrderNo`);
      const path = `${names.url(ORDERS)}(${key}=${quoted(order[key])})`;
      const seen = await withGrants(probe, { sites: [], companies: [] }, async () => {
        const list = await probe.ask("GET", `${names.url(STOCK)}?$top=5`);
        const row = await probe.ask("GET", path);
        return [list.status, list.rows.length, row.status];
      });
      const back = (await probe.ask("GET", path)).status;
      return same("list, its rows, row, and the row with the grant again", [...seen, back], [200, 0, 404, 200]);
    },
  },
  {
    id: "grants.projection-taken",
    title: "A projection that is not granted is 403",
    confidence: "seen",
    kind: "read-only",
    needs: "sandbox",
    async run(probe) {
      const url = `${probe.names.url(STOCK)}?$top=1`;
      const seen = await withGrants(probe, { projections: ["AllProjections"] }, async () =>
        probe.ask("GET", url, { allowForbidden: true }),
      );
      return same("status", seen.status, 403);
    },
  },
  {
    id: "grants.projections",
    title: "What is known to be granted answers, what is known not to be is 403",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const granted = probe.tenant.grants?.projections;
      if (granted === undefined) throw new NotApplicable("the tenant's description names no grants");
      const looked = [SITES, STOCK, "HistoryLogHandling/HistoryLogOverviewSet", "PaymentTermsHandling/PaymentTermSet"];
      const seen = [];
      for (const set of looked) {
        seen.push((await probe.ask("GET", `${probe.names.url(set)}?$top=1`, { allowForbidden: true })).status);
      }
      const expected = looked.map((set) =>
        granted === "all" || granted.includes(probe.names.of(set.split("/")[0] ?? "")) ? 200 : 403,
      );
      return same("statuses", seen, expected);
    },
  },
];
