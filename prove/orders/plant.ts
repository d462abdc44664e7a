/** Loaded before everything else (`--import`): applies the mutation that the first argument names to the module it is in. */
import { mutationNamed, plant } from "../plant.ts";
import { mutations } from "./mutations.ts";

const { name, ...edit } = mutationNamed(mutations, process.argv[2]);
plant({ name, edits: [edit] });
