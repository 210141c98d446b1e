/** Which files of the top folder a .dockerignore lets into a build: the last line that fits a file or a folder above it. */

/** @returns whether a path, relative to the top folder and with `/` between, goes to the builder */
export function openDockerignore(text: string): (path: string) => boolean {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ lets: line.startsWith('!'), fits: globOf(line.replace(/^!/, '')) }));
  return (path) => {
    const parts = path.split('/');
    const selfAndAbove = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    let lets = true;
    for (const rule of rules) if (selfAndAbove.some((one) => rule.fits.test(one))) lets = rule.lets;
    return lets;
  };
}

/** `*` stands for any name, `**` and a slash for any folders or none. */
function globOf(pattern: string): RegExp {
  const source = pattern
    .replace(/\/$/, '')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*\*|\*|\?/g, (sign) => ({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*' })[sign] ?? '[^/]');
  return new RegExp(`^${source}$`);
}
