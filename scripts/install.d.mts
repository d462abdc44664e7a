export function installFolder(root: string, folder: string, progress: (line: string) => void): Promise<void>;
export function npm(args: string[], cwd: string, longestTry?: number): Promise<string>;
