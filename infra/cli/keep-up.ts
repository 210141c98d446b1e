/** `cota up` in the foreground: what happens to the stack as lines of the terminal, and its end by a signal. */
import { atLeast, capLog, type Follower, followLog, type Level, showLogLine } from '../stack/logs.ts';
import type { StackSettings } from '../stack/settings.ts';
import { openStack, type Stack, type StackEvent } from '../stack/start.ts';
import { paint, say, seconds } from './terminal.ts';
import { welcome } from './welcome.ts';

const FOLLOW_EVERY_MS = 300;
/** Two files of each process: 64 MB in all. */
const LOG_BYTES = 32 * 1024 * 1024;

/** Runs the stack in this process until a signal ends it. */
export async function keepUp(settings: StackSettings, level: Level): Promise<number> {
  const stack = openStack(settings, (event) => {
    const line = eventText(event);
    if (line !== undefined) say(line);
  });
  const ended = endOnSignal(stack);
  const state = await stack.start();
  for (const line of welcome(settings, state, process.stdout.isTTY === true)) say(line);
  const stopFollowing = followLogs(stack, level);
  await ended;
  stopFollowing();
  return 0;
}

/**
 * Resolves when a signal has ended the stack. The second signal does not wait for steps under way.
 * @param onFirst called at once, before the stack stops
 */
export function endOnSignal(stack: Stack, onFirst?: () => void): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (asked) return stack.hurry();
        asked = true;
        onFirst?.();
        void stack.stop().then(resolve);
      });
    }
  });
}

const NAME = 12;

/** A line of the terminal for what happened; undefined where it is not worth one. */
export function eventText(event: StackEvent): string | undefined {
  switch (event.is) {
    case 'ready':
      return `${paint('green', 'ready')}    ${event.name.padEnd(NAME)}${seconds(event.inMs).padEnd(8)}${event.about}`.trimEnd();
    case 'ended': {
      if (event.againInMs === undefined) return `${paint('dim', 'stopped')}  ${event.name}`;
      return `${paint('yellow', 'died')}     ${event.name.padEnd(NAME)}it ${event.how}; starting it again in ${seconds(event.againInMs)}`;
    }
    case 'crash-loop': {
      const end = event.lines.map((line) => `\n           ${line}`).join('');
      return `${paint('red', 'failing')}  ${event.name.padEnd(NAME)}it died ${event.deaths} times in a row; the end of ${event.logFile}:${end}`;
    }
    case 'leftovers':
      return `${paint('yellow', 'ended')}    what a killed stack had left running: ${event.names.join(', ')}`;
    case 'stopping':
      return 'stopping: steps under way are finished first (Ctrl-C again to stop at once)';
    case 'started':
    case 'stopped':
      return undefined;
  }
}

function followLogs(stack: Stack, level: Level): () => void {
  const followers = new Map<string, Follower>();
  const timer = setInterval(() => {
    for (const { spec } of stack.processes) {
      const follower = followers.get(spec.name) ?? followLog(spec.logFile, 0);
      followers.set(spec.name, follower);
      for (const line of follower.read()) if (atLeast(line, level)) say(showLogLine(spec.name, line));
      capLog(spec.logFile, LOG_BYTES);
    }
  }, FOLLOW_EVERY_MS);
  return () => clearInterval(timer);
}
