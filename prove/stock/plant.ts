/** Loaded before everything else (`--import`): applies the mutation that the first argument names to the modules it is in. */
import { mutationNamed, plant } from "../plant.ts";
import { mutations } from "./mutations.ts";

plant(mutationNamed(mutations, process.argv[2]));
