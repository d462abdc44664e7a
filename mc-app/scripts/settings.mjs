/**
 * The settings of a deployment that are absent or still those of defaults.env.
 * @param {Record<string, string | undefined>} env
 * @returns {{ key: string, expects: string }[]}
 */
export function missingSettings(env) {
  const checks = [
    {
      key: "CUSTOM_APPLICATION_ID",
      expects: "the id that the Merchant Center shows after the application was registered",
      fits: (value) => value !== "not-registered-yet",
    },
    {
      key: "ENTRY_POINT_URI_PATH",
      expects: "2 to 64 lower-case letters, digits, - or _, as registered",
      fits: (value) => /^[a-z0-9_-]{2,64}$/.test(value),
    },
    {
      key: "CLOUD_IDENTIFIER",
      expects: "gcp-eu, gcp-us, gcp-au, aws-eu or aws-us",
      fits: (value) => ["gcp-eu", "gcp-us", "gcp-au", "aws-eu", "aws-us"].includes(value),
    },
  ];
  return checks.filter(({ key, fits }) => !env[key] || !fits(env[key])).map(({ key, expects }) => ({ key, expects }));
}
