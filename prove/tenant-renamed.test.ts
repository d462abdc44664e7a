import { tellStories } from "./stories.ts";

tellStories("renamed");
