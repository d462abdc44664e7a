import { TransientError } from "../../domain/failure.ts";

/** commercetools did not answer what a line that IFS is asked about needs of it as well. */
export class ShopFailure extends TransientError {
  constructor(cause: TransientError) {
    super(cause.message, { cause });
    this.name = "ShopFailure";
  }
}

/** The outcome of a read of commercetools; where that fails, it is not told as a failure of IFS. */
export async function fromShop<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    throw error instanceof TransientError ? new ShopFailure(error) : error;
  }
}
