import { tellStories } from "./stories.ts";

tellStories("no-change-sets");
