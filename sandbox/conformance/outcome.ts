/** What the server did is not what IFS does. */
export class Deviation extends Error {}

/** Nothing could be seen: it is not there, or it cannot be provoked from outside. */
export class NotApplicable extends Error {}

/** A projection answered 403. Whether that is right is known to the tenant's description only. */
export class NotGranted extends Error {
  readonly projection: string;
  constructor(projection: string) {
    super(`403: the client is not granted ${projection}`);
    this.projection = projection;
  }
}
