import { tellStories } from "./stories.ts";

tellStories("missing-grants");
