import type { ApolloClient } from "@apollo/client";
import type { Overview } from "core/domain/overview.ts";
import { type Asked, askService } from "../../service/ask-service.ts";
import { parseOverview } from "./parse-overview.ts";

export const loadOverview = (apollo: ApolloClient<unknown>): Promise<Asked<Overview>> =>
  askService(apollo, { path: "/mc/overview", parse: parseOverview });
