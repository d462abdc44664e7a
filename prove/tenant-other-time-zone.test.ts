import { tellStories } from "./stories.ts";

tellStories("other-time-zone");
