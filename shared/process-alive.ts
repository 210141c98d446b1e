/** Whether a process of this machine lives, somebody else's too. Its number may have passed on to another one meanwhile. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
