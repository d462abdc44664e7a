import { entryPointUriPathToPermissionKeys } from "@commercetools-frontend/application-config/ssr";

// The entry point is chosen at registration, and the permission names follow from it.
const permissions = entryPointUriPathToPermissionKeys(process.env.ENTRY_POINT_URI_PATH ?? "");

/** @type {import('@commercetools-frontend/application-config').ConfigOptionsForCustomApplication} */
const config = {
  name: "IFS Cloud",
  description: "What runs between commercetools and IFS Cloud, what waits, and what somebody has to do.",
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: placeholders that mc-scripts fills in
  entryPointUriPath: "${env:ENTRY_POINT_URI_PATH}",
  cloudIdentifier: "${env:CLOUD_IDENTIFIER}",
  env: {
    development: { initialProjectKey: "${env:CTP_INITIAL_PROJECT_KEY}" },
    production: { applicationId: "${env:CUSTOM_APPLICATION_ID}", url: "${env:APPLICATION_URL}" },
  },
  icon: "${path:@commercetools-frontend/assets/application-icons/network.svg}",
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: placeholders that mc-scripts fills in
  // The gateway follows from the cloud identifier; only a run against another gateway names one.
  ...(process.env.MC_API_URL ? { mcApiUrl: process.env.MC_API_URL } : {}),
  // The page reads one document, the connector's service URL; everything else comes from the connector's own service.
  oAuthScopes: { view: ["view_key_value_documents"], manage: [] },
  mainMenuLink: {
    defaultLabel: "IFS Cloud",
    labelAllLocales: [],
    permissions: [permissions.View],
  },
  submenuLinks: [],
};

export default config;
