/** A refusal as the OData provider words it; the model turns it into `{"error":{code,message,details}}`. */
export class OdataError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: { code: string; message: string }[];
  /** Refused by a business rule of the database layer; its status is a setting. */
  readonly business: boolean;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    code: string,
    message: string,
    options: { detail?: string; business?: boolean; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = options.detail === undefined ? [] : [{ code, message: options.detail }];
    this.business = options.business ?? false;
    this.headers = options.headers ?? {};
  }
}

export function malformed(detail: string): OdataError {
  return new OdataError(400, "ODP_MALFORMED_REQUEST", "Malformed Request.", { detail });
}

export function unreadableBody(detail: string): OdataError {
  return new OdataError(400, "ODP_DESERIALIZATION_ERROR", "Error while de-serializing contents.", { detail });
}

export function notImplemented(detail: string): OdataError {
  return new OdataError(501, "ODP_NOT_IMPLEMENTED", "Not implemented.", { detail });
}

export function notFound(detail: string): OdataError {
  return new OdataError(404, "ODP_RESOURCE_NOTFOUND", "Resource not found.", { detail });
}

export function unknownProjection(): OdataError {
  return new OdataError(404, "ODP_METADATA_NOTFOUND", "Metadata not found.");
}

/**
 * A business rule of a logical unit said no: `ORA-20110: CustomerOrder.NOCUSTOMER: text`.
 * The text is what people read; the key is what a client may recognise.
 */
export function refused(lu: string, key: string, text: string): OdataError {
  return oracle(20110, lu, key, text);
}

export function alreadyExists(lu: string, object: string): OdataError {
  return oracle(20112, lu, "FND_RECORD_EXIST", `The ${object} object already exists.`);
}

function oracle(number: number, lu: string, key: string, text: string): OdataError {
  return new OdataError(500, "DATABASE_ERROR", "Database error occurred. Contact administrator.", {
    detail: `ORA-${number}: ${lu}.${key}: ${text}`,
    business: true,
  });
}
