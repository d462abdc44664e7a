// Runs before the deployment is removed. The registration outlives it and would lead into nothing.
process.stdout.write(
  [
    "The Merchant Center application of this deployment is about to disappear.",
    "Uninstall it from the project (Merchant Center > Manage Organizations & Teams > Custom Applications), or its menu",
    "entry stays and leads into nothing. The registration itself can stay for the next deployment.",
    "",
  ].join("\n"),
);
