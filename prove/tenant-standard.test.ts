import { tellStories } from "./stories.ts";

tellStories("standard");
